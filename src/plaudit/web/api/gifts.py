"""/v1/gifts: what can be given, giving it, and what was given."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from plaudit.coins import Buyer, packs
from plaudit.coins import rules as coin_rules
from plaudit.earnings import Estimate, estimate_each_before, estimate_share
from plaudit.foundation.errors import OutcomeUnknown, Unavailable
from plaudit.gifts import Gift, Sender, Sent, operating, rules
from plaudit.gifts import sending as gift_sending
from plaudit.gifts.chains import fan_account
from plaudit.ledger.model import ZERO
from plaudit.people import Scope, Visitor
from plaudit.rooms import sending
from plaudit.rooms.model import Face
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors, refused_as
from plaudit.web.api.gift_shapes import (
    CannotAffordProblem,
    CatalogueAnswer,
    GiftAnswer,
    GiftBody,
    show_catalogue,
    show_sent,
)
from plaudit.web.api.guards import may
from plaudit.web.api.quick import quickly

_READ = [may(Scope.READ)]
_SENDING = {**refusals_to_visitors(404, 409, 422), **refused_as(CannotAffordProblem, 402)}

LiveId = Annotated[UUID | None, QueryParameter(description="The live in which it would be given.")]
To = Annotated[str | None, QueryParameter(description="The handle of the person to whom.", max_length=50)]


@get("/gifts/catalogue", guards=_READ, responses=refusals_to_visitors(404, 422), security=BEARER)
async def show_offered(request: Visit, state: State, live_id: LiveId = None, to: To = None) -> CatalogueAnswer:
    """What one may give now, what it costs in coins and in money, and what the creator would get of it."""
    desk, visitor = desk_of(state), visitor_of(request)
    region = await _region_of_receiver(desk, live_id, to)
    shelf = await desk.rooms.gifting.catalogue.get_shelf()
    level = rules.level_of(shelf.levels, await gift_sending.get_spent(desk.rooms.gifting, visitor.person_id))
    return await _price(desk, visitor, rules.list_gifts(shelf, visitor.region, level, desk.now), region, level)


async def _give(desk: Desk, visitor: Visitor, body: GiftBody) -> GiftAnswer:
    sender = _sender_of(visitor)
    sent = await sending.send_gift(desk.rooms, body.wish(), sender, live_id=body.live_id, to=body.to, now=desk.now)
    try:
        return await _show(desk, sent, visitor)
    except Unavailable as error:
        # It was sent, so nobody must hear that nothing happened.
        raise OutcomeUnknown from error


_QUICK = quickly(GiftBody, _give, grant=Scope.SPEND)


@post("/gifts", guards=[may(Scope.SPEND)], middleware=[_QUICK], responses=_SENDING, security=BEARER)
async def send_gift(data: JSONBody[GiftBody], request: Visit, state: State) -> GiftAnswer:
    """Give. The same id again answers the same; `cannot_afford` may be tried again with the same id."""
    return await _give(desk_of(state), visitor_of(request), data)


@get("/gifts/{gift_id:uuid}", guards=_READ, responses=refusals_to_visitors(404), security=BEARER)
async def get_gift(gift_id: FromPath[UUID], request: Visit, state: State) -> GiftAnswer:
    """A gift that one sent or received."""
    desk, visitor = desk_of(state), visitor_of(request)
    return await _show(desk, await _find(desk, gift_id, visitor), visitor)


async def _find(desk: Desk, gift_id: UUID, visitor: Visitor) -> Sent:
    gifting = desk.rooms.gifting
    if Scope.OPERATE in visitor.scopes:
        return await operating.see_sent(gifting, visitor.person_id, gift_id, now=desk.now)
    return await gift_sending.get_sent(gifting, gift_id, of=visitor.person_id)


def _sender_of(visitor: Visitor) -> Sender:
    return Sender(
        person_id=visitor.person_id,
        handle=visitor.handle,
        name=visitor.name,
        picture_url=visitor.picture_url,
        region=visitor.region,
        currency=visitor.currency,
    )


async def _show(desk: Desk, sent: Sent, visitor: Visitor) -> GiftAnswer:
    creator = await desk.rooms.known.get_person(sent.sending.creator_id)
    share = await _estimate(desk, sent, creator.region)
    is_own = sent.sending.sender_id == visitor.person_id
    face = await _face_of_sender(desk, sent, visitor)
    return show_sent(sent, share, sender=face, to=creator.face, with_wallet=is_own)


async def _face_of_sender(desk: Desk, sent: Sent, visitor: Visitor) -> Face | None:
    """Whoever gave anonymously is shown to themselves, and to operators, who must be able to help."""
    if sent.sending.sender_id == visitor.person_id:
        return Face(handle=visitor.handle, name=visitor.name, picture_url=visitor.picture_url)
    if sent.sending.is_anonymous and Scope.OPERATE not in visitor.scopes:
        return None
    return (await desk.rooms.known.get_person(sent.sending.sender_id)).face


async def _estimate(desk: Desk, sent: Sent, region: str) -> Estimate | None:
    """The gift was sent, whether or not its share can be told now."""
    try:
        return await estimate_share(
            desk.estimates,
            fan_id=sent.sending.sender_id,
            creator_region=region,
            spent_before=sent.spent_before,
            coins=sent.sending.coins,
            now=sent.at,
        )
    except Unavailable:
        return None


async def _region_of_receiver(desk: Desk, live_id: UUID | None, to: str | None) -> str:
    if live_id is None and to is None:
        return ""
    receiver = await sending.find_receiver(desk.rooms, live_id=live_id, to=to)
    return (await desk.rooms.known.get_person(receiver)).region


async def _price(desk: Desk, visitor: Visitor, gifts: list[Gift], region: str, level: int) -> CatalogueAnswer:
    """Each as if it were the fan's next: coins are spent in the order in which they were bought."""
    fan, prices, now = visitor.person_id, {gift.price_coins for gift in gifts}, desk.now
    buyer = Buyer(person_id=fan, region=visitor.region, currency=visitor.currency)
    offer = await packs.get_offer(desk.db, buyer, now=now)
    shares = await estimate_each_before(
        desk.estimates, fan_id=fan, creator_region=region, prices=prices, offer=offer, now=now
    )
    account = fan_account(fan)
    balances = (await desk.rooms.gifting.ledger.balances([account])).get(account, ZERO)
    spent, received = balances.debits_posted + balances.debits_pending, balances.credits_posted
    lots = await desk.estimates.lots.of(fan, spent, max(spent, received), now=now) if spent < received else ()
    costs = {coins: coin_rules.cost_of_next(offer, lots, coins, spent=spent, received=received) for coins in prices}
    return show_catalogue(gifts, costs, shares, level=level)


ROUTES: list[ControllerRouterHandler] = [show_offered, send_gift, get_gift]
"""All of them, for the API's router."""
