"""What gifts in messages are in money: to who gave, what they cost; to who received, about what comes of it."""

from collections.abc import Iterable
from uuid import UUID

from plaudit.coins import Buyer, Offer, packs, rules
from plaudit.earnings import estimate_share
from plaudit.foundation.errors import NotFound, Unavailable
from plaudit.foundation.money import Money
from plaudit.gifts import Sent
from plaudit.gifts.sending import find_sent
from plaudit.people import Visitor
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


async def _money_of(desk: Desk, visitor: Visitor, sent: Sent, offer: Offer) -> Money:
    first, fan = sent.spent_before, sent.sending.sender_id
    if fan == visitor.person_id:
        lots = await desk.estimates.lots.of(fan, first, first + sent.sending.coins, now=desk.now)
        # As the tray told it before: rounded up.
        return rules.cost_of_next(offer, lots, sent.sending.coins, spent=first, received=first + sent.sending.coins)
    estimate = await estimate_share(
        desk.estimates,
        fan_id=fan,
        creator_region=visitor.region,
        spent_before=first,
        coins=sent.sending.coins,
        now=sent.at,
    )
    return estimate.share
