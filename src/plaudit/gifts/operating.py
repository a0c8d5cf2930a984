"""What operators change about the catalogue, without a deploy, and see of gifts. Nothing is ever removed from it.

Each call that changes something, or looks at a gift between others, leaves an act (`people.operators.note_act`).
"""

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict, replace

from plaudit.foundation.errors import Invalid
from plaudit.gifts import queries, sending
from plaudit.gifts.art import Picture, add_picture
from plaudit.gifts.errors import GiftUnknown
from plaudit.gifts.gifting import Gifting
from plaudit.gifts.model import Entry, Gift, Sent, Tier
from plaudit.ledger import Filter
from plaudit.ledger.chart import TransferCode
from plaudit.people.operators import note_act, take_start
from plaudit.people.regions import CURRENCY_BY_REGION

MOST_COINS = 10_000_000
MOST_LEVEL = 1_000
NAME_LIMIT = 50

_SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}")


class NewGift(Struct, frozen=True, kw_only=True):
    """A gift to be added; `art` is its id and `offered_from` is now where they are None."""

    id: str
    name: str
    tier: Tier
    price_coins: int
    art: str | None = None
    regions: tuple[str, ...] | None = None
    least_level: int = 1
    offered_from: datetime | None = None
    offered_until: datetime | None = None


async def list_entries(gifting: Gifting) -> list[Entry]:
    """The whole catalogue, retired gifts and prices to come included."""
    return list((await gifting.catalogue.refresh()).entries.values())


async def add_gift(
    gifting: Gifting, operator_id: UUID, wish: NewGift, *, picture: Picture | None = None, now: datetime
) -> Entry:
    """At the catalogue's end, at a price from now on; a `picture` that was uploaded is its art.

    Raises Invalid naming the field, or GiftExists.
    """
    gift = take_gift(replace(wish, art=picture.name) if picture else wish, now=now)
    async with gifting.db.transaction() as tx:
        if picture:
            await add_picture(tx, picture, now=now)
        await queries.add_gift(tx, gift)
        await queries.add_price(tx, gift.id, gift.price_coins, valid_from=now)
        await note_act(tx, operator_id, "gift_added", gift.id, asdict(gift), now=now)
    return await _entry(gifting, gift.id)


async def set_price(
    gifting: Gifting, operator_id: UUID, gift_id: str, price_coins: int, *, valid_from: datetime | None, now: datetime
) -> Entry:
    """From an instant on, or from now. Raises Invalid naming the field, GiftUnknown, or PriceExists."""
    take_price(price_coins)
    start = take_start(valid_from, now=now)
    await _require(gifting, gift_id)
    async with gifting.db.transaction() as tx:
        await queries.add_price(tx, gift_id, price_coins, valid_from=start)
        detail = {"price_coins": price_coins, "valid_from": start}
        await note_act(tx, operator_id, "gift_priced", gift_id, detail, now=now)
    return await _entry(gifting, gift_id)


async def retire_gift(gifting: Gifting, operator_id: UUID, gift_id: str, *, now: datetime) -> Entry:
    """From now on nobody gives it; what was given stays. Again, it changes nothing. Raises GiftUnknown."""
    async with gifting.db.transaction() as tx:
        if not await queries.retire_gift(tx, gift_id, now=now):
            raise GiftUnknown
        await note_act(tx, operator_id, "gift_retired", gift_id, {}, now=now)
    return await _entry(gifting, gift_id)


async def see_sent(gifting: Gifting, operator_id: UUID, sending_id: UUID, *, now: datetime) -> Sent:
    """A gift between anybody. Raises NoSuchSending."""
    sent = await sending.get_sent(gifting, sending_id, of=None)
    async with gifting.db.transaction() as tx:
        await note_act(tx, operator_id, "gift_seen", str(sending_id), {"sender": sent.sending.sender_id}, now=now)
    return sent


async def list_newest(
    gifting: Gifting, operator_id: UUID, *, after: int | None, limit: int, now: datetime
) -> tuple[list[Sent], int | None]:
    """What was given lately by anybody, the newest first, and what `after` is for the page of older ones, if any.

    `after` is the timestamp that the page before ended at.
    """
    records = await gifting.ledger.list_transfers(
        Filter(code=TransferCode.GIFT), after=after, limit=limit + 1, newest_first=True
    )
    async with gifting.db.transaction() as tx:
        await note_act(tx, operator_id, "gifts_seen", "all", {"after": after}, now=now)
    found = await sending.list_sent(gifting, records[:limit])
    return found, records[limit - 1].timestamp if len(records) > limit else None


async def _require(gifting: Gifting, gift_id: str) -> None:
    if gift_id not in (await gifting.catalogue.refresh()).entries:
        raise GiftUnknown


async def _entry(gifting: Gifting, gift_id: str) -> Entry:
    return (await gifting.catalogue.refresh()).entries[gift_id]


def take_gift(wish: NewGift, *, now: datetime) -> Gift:
    """The gift as it is stored. Raises Invalid naming the field."""
    name = wish.name.strip()
    if not 1 <= len(name) <= NAME_LIMIT or not name.isprintable():
        raise Invalid(f"A gift's name has 1 to {NAME_LIMIT} printable characters.", field="name")
    if not 1 <= wish.least_level <= MOST_LEVEL:
        raise Invalid(f"Levels go from 1 to {MOST_LEVEL}.", field="least_level")
    offered_from = wish.offered_from or now
    if wish.offered_until is not None and wish.offered_until < offered_from:
        raise Invalid("A gift can't be retired before it is offered.", field="offered_until")
    return Gift(
        id=_take_slug(wish.id, "id"),
        name=name,
        tier=wish.tier,
        art=_take_slug(wish.art or wish.id, "art"),
        price_coins=take_price(wish.price_coins),
        regions=_take_regions(wish.regions),
        least_level=wish.least_level,
        offered_from=offered_from,
        offered_until=wish.offered_until,
    )


def take_price(price_coins: int) -> int:
    """Raises Invalid naming the field."""
    if not 1 <= price_coins <= MOST_COINS:
        raise Invalid(f"A gift costs from 1 to {MOST_COINS:,} coins.", field="price_coins")
    return price_coins


def _take_slug(slug: str, field: str) -> str:
    if not _SLUG.fullmatch(slug):
        raise Invalid("This begins with a letter and has up to 40 of a to z, digits and _.", field=field)
    return slug


def _take_regions(regions: Iterable[str] | None) -> frozenset[str] | None:
    if regions is None:
        return None
    taken = frozenset(region.upper() for region in regions)
    if not taken or not taken <= CURRENCY_BY_REGION.keys():
        raise Invalid("These are ISO 3166-1 codes, one at least; without any list it is for all.", field="regions")
    return taken
