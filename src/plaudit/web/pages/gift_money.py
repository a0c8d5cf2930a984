"""What gifts are in money: in messages to who gave, what they cost; to who received, about what comes of it.

And on leaderboards, where coins of many people stand, what they'd cost whoever looks.
"""

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct

from plaudit.coins import Buyer, Offer, packs, rules
from plaudit.earnings.told import tell_parts, tell_share
from plaudit.foundation.errors import NotFound, Unavailable
from plaudit.foundation.money import Money
from plaudit.gifts import Sent
from plaudit.gifts.sending import find_sent
from plaudit.people import Visitor
from plaudit.people.regions import CURRENCY_BY_REGION
from plaudit.web.api.desk import Desk


async def money_of_gifts(desk: Desk, visitor: Visitor, gift_ids: Iterable[UUID]) -> dict[UUID, Money]:
    """By the gift's id; one whose money can't be told now is left out."""
    found = [await find_sent(desk.rooms.gifting, gift_id) for gift_id in gift_ids]
    sent = [each for each in found if each is not None]
    if not sent:
        return {}
    try:
        buyer = Buyer(person_id=visitor.person_id, region=visitor.region, currency=visitor.currency)
        offer = await packs.get_offer(desk.db, buyer, now=desk.now)
        return {each.sending.id: await _money_of(desk, visitor, each, offer) for each in sent}
    except (NotFound, Unavailable):
        return {}


class Prices(Struct, frozen=True, kw_only=True):
    """What coins cost now, before tax: packs from the smallest up, as coins and minor units."""

    currency: str
    packs: list[tuple[int, int]]


async def prices_for(desk: Desk, visitor: Visitor | None, creator_id: UUID) -> Prices | None:
    """For telling about what coins are worth: as the visitor would pay, a stranger as where the creator lives."""
    try:
        region = visitor.region if visitor else (await desk.rooms.known.get_person(creator_id)).region
        buyer = Buyer(
            person_id=visitor.person_id if visitor else creator_id,
            region=region,
            currency=visitor.currency if visitor else CURRENCY_BY_REGION[region],
        )
        offer = await packs.get_offer(desk.db, buyer, now=desk.now)
    except NotFound:
        return None
    return Prices(currency=offer.currency, packs=[(pack.coins, pack.price_minor) for pack in offer.packs])


async def _money_of(desk: Desk, visitor: Visitor, sent: Sent, offer: Offer) -> Money:
    if sent.sending.sender_id == visitor.person_id:
        # As the tray told it before: rounded up.
        return rules.cost_of(offer, await tell_parts(desk.estimates, sent))
    return (await tell_share(desk.estimates, sent, creator_region=visitor.region)).share
