"""What may be given, what it costs, and whether it is the same again: pure functions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from plaudit.foundation.errors import IdReused, Invalid
from plaudit.gifts.errors import CannotGiftYourself, GiftNotAvailable, QuantityOutOfRange
from plaudit.gifts.model import Entry, Gift, Level, Sender, Sending, Sent, Shelf, Tier, Wish
from plaudit.ledger import Record

MOST_AT_ONCE = 999
MOST_LARGE_AT_ONCE = 10
MESSAGE_LIMIT = 200

PRICE_HELD = timedelta(minutes=10)
"""How long an intent that wasn't paid for holds its price: longer than any attempt at it can be under way."""


def take_wish(wish: Wish) -> Wish:
    """The wish with its message in normal form. Raises Invalid naming the field."""
    if wish.message is None:
        return wish
    message = wish.message.strip()
    if len(message) > MESSAGE_LIMIT:
        raise Invalid(f"A message has at most {MESSAGE_LIMIT} characters.", field="message")
    if not all(_is_plain(letter) for letter in message):
        raise Invalid("A message can't hold control characters.", field="message")
    return wish if message == wish.message and message else replace(wish, message=message or None)


def _is_plain(letter: str) -> bool:
    """Neither a control character nor half of a pair. What joins letters or emoji may stay."""
    return letter >= " " and not "\x7f" <= letter <= "\x9f" and not "\ud800" <= letter <= "\udfff"


def at_price(entry: Entry, now: datetime) -> Gift | None:
    """The gift at the price that holds now; None before its first."""
    for valid_from, gift in entry.versions:
        if valid_from <= now:
            return gift
    return None


def is_offered(gift: Gift, region: str, now: datetime) -> bool:
    """Whether it is given in this region now, whatever the sender's level."""
    return (
        gift.offered_from <= now
        and (gift.offered_until is None or now < gift.offered_until)
        and (gift.regions is None or region in gift.regions)
    )


def get_gift(shelf: Shelf, gift_id: str, region: str, now: datetime) -> Gift:
    """The gift at today's price. Raises GiftNotAvailable."""
    entry = shelf.entries.get(gift_id)
    gift = at_price(entry, now) if entry else None
    if gift is None or not is_offered(gift, region, now):
        raise GiftNotAvailable
    return gift


def list_gifts(shelf: Shelf, region: str, level: int, now: datetime) -> list[Gift]:
    """Everything that a fan in this region, at this level, may give now, in the catalogue's order."""
    gifts = (at_price(entry, now) for entry in shelf.entries.values())
    return [gift for gift in gifts if gift and gift.least_level <= level and is_offered(gift, region, now)]


def level_of(levels: Sequence[Level], coins_spent: int) -> int:
    """The level of a fan who has ever spent so many coins; `levels` from the first up."""
    return max((each.level for each in levels if each.coins_spent <= coins_spent), default=1)


def require_level(gift: Gift, level: int) -> None:
    """Raises GiftNotAvailable for a fan below the gift's level."""
    if level < gift.least_level:
        raise GiftNotAvailable(f"This gift is for fans from level {gift.least_level} on; yours is {level}.")


def most_at_once(gift: Gift) -> int:
    """The largest quantity: what fills the screen isn't given by the hundred."""
    return MOST_LARGE_AT_ONCE if gift.tier is Tier.LARGE else MOST_AT_ONCE


def require_quantity(gift: Gift, quantity: int) -> None:
    """Raises QuantityOutOfRange."""
    most = most_at_once(gift)
    if not 1 <= quantity <= most:
        raise QuantityOutOfRange(most)


def make_sending(
    wish: Wish, gift: Gift, sender: Sender, *, creator_id: UUID, live_id: UUID | None, now: datetime
) -> Sending:
    """The intent. Raises CannotGiftYourself and QuantityOutOfRange."""
    if sender.person_id == creator_id:
        raise CannotGiftYourself
    require_quantity(gift, wish.quantity)
    return Sending(
        id=wish.id,
        sender_id=sender.person_id,
        creator_id=creator_id,
        live_id=live_id,
        gift=gift.id,
        price_coins=gift.price_coins,
        quantity=wish.quantity,
        coins=gift.price_coins * wish.quantity,
        combo_id=wish.combo_id,
        message=wish.message,
        is_anonymous=wish.is_anonymous,
        asked_at=now,
    )


def difference(sending: Sending, wish: Wish, sender_id: UUID, creator_id: UUID, live_id: UUID | None) -> str | None:
    """The field of the request that differs from what was asked with this id before; None when it is the same again.

    Of somebody else's gift only the id is named. The price is no part of what is asked.
    """
    pairs = (
        ("id", sending.sender_id, sender_id),
        ("live_id", sending.live_id, live_id),
        ("to", sending.creator_id, creator_id),
        ("gift", sending.gift, wish.gift),
        ("quantity", sending.quantity, wish.quantity),
        ("combo_id", sending.combo_id, wish.combo_id),
        ("message", sending.message, wish.message),
        ("visibility", sending.is_anonymous, wish.is_anonymous),
    )
    return next((field for field, before, now in pairs if before != now), None)


def require_same(sending: Sending, wish: Wish, sender_id: UUID, creator_id: UUID, live_id: UUID | None) -> None:
    """Raises IdReused naming the field, when the id was used by somebody else or for something else."""
    field = difference(sending, wish, sender_id, creator_id, live_id)
    if field is not None:
        raise IdReused(f"This id was used before, with another {field}." if field != "id" else None, field=field)


def holds_price(sending: Sending, now: datetime) -> bool:
    """Whether an intent of before may still be paid at the price that it was made with."""
    return now - sending.asked_at <= PRICE_HELD


def make_sent(sending: Sending, gift: Gift, record: Record) -> Sent:
    """What came of an intent that the ledger has; the gift at the price that was paid."""
    balances = record.debit_balances
    return Sent(
        sending=sending,
        gift=gift if gift.price_coins == sending.price_coins else replace(gift, price_coins=sending.price_coins),
        timestamp=record.timestamp,
        at=record.at,
        wallet_coins=balances.spendable,
        spent_before=balances.debits_posted + balances.debits_pending - record.transfer.amount,
    )
