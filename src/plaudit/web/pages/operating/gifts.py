"""/operator/gifts: what was given lately, by whom and to whom, and one gift with what it was worth."""

from collections.abc import Sequence
from uuid import UUID

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.coins import Buyer, Offer, packs
from plaudit.coins import rules as coin_rules
from plaudit.earnings import Estimate
from plaudit.earnings.told import tell_parts, tell_share
from plaudit.foundation.errors import NotFound, Unavailable
from plaudit.foundation.money import Money
from plaudit.gifts import Sent, operating
from plaudit.gifts.chains import creator_account, fan_account
from plaudit.people.regions import CURRENCY_BY_REGION
from plaudit.rooms.model import Face
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.paging import After, read_number
from plaudit.web.pages.operating.console import GUARDS, ON_A_PAGE, Page, show_console


class GiftLine(Struct, frozen=True, kw_only=True):
    """A gift with its two people, whoever gave anonymously included; `worth` is what was paid for its coins."""

    sent: Sent
    sender: Face
    receiver: Face
    worth: Money | None


@get("/operator/gifts", guards=GUARDS, include_in_schema=False)
async def list_gifts(request: Visit, state: State, after: After = None) -> Response[str]:
    """The newest gifts of all lives and messages."""
    desk = desk_of(state)
    found, next_after = await operating.list_newest(
        desk.rooms.gifting, visitor_of(request).person_id, after=read_number(after), limit=ON_A_PAGE, now=desk.now
    )
    page = Page(items=await _lines(desk, found), after=None if next_after is None else str(next_after))
    return show_console(request, "gifts.html", gifts=page)


@get("/operator/gifts/{gift_id:uuid}", guards=GUARDS, include_in_schema=False)
async def show_gift(gift_id: FromPath[UUID], request: Visit, state: State) -> Response[str]:
    """One gift."""
    desk = desk_of(state)
    sent = await operating.see_sent(desk.rooms.gifting, visitor_of(request).person_id, gift_id, now=desk.now)
    (line,) = await _lines(desk, [sent])
    return show_console(
        request,
        "gift.html",
        line=line,
        share=await _find_share(desk, sent),
        accounts=(fan_account(sent.sending.sender_id), creator_account(sent.sending.creator_id)),
    )


async def _lines(desk: Desk, found: Sequence[Sent]) -> list[GiftLine]:
    offers: dict[str, Offer | None] = {}
    lines: list[GiftLine] = []
    for sent in found:
        sender = await desk.rooms.known.get_person(sent.sending.sender_id)
        receiver = await desk.rooms.known.get_person(sent.sending.creator_id)
        if sender.region not in offers:
            offers[sender.region] = await _find_offer(desk, sent.sending.sender_id, sender.region)
        worth = await _worth(desk, sent, offers[sender.region])
        lines.append(GiftLine(sent=sent, sender=sender.face, receiver=receiver.face, worth=worth))
    return lines


async def _find_offer(desk: Desk, person_id: UUID, region: str) -> Offer | None:
    buyer = Buyer(person_id=person_id, region=region, currency=CURRENCY_BY_REGION.get(region, "USD"))
    try:
        return await packs.get_offer(desk.db, buyer, now=desk.now)
    except NotFound:
        return None


async def _worth(desk: Desk, sent: Sent, offer: Offer | None) -> Money | None:
    if offer is None:
        return None
    return coin_rules.worth_of(await tell_parts(desk.estimates, sent), offer)


async def _find_share(desk: Desk, sent: Sent) -> Estimate | None:
    creator = await desk.rooms.known.get_person(sent.sending.creator_id)
    try:
        return await tell_share(desk.estimates, sent, creator_region=creator.region)
    except Unavailable:
        return None


ROUTES: list[ControllerRouterHandler] = [list_gifts, show_gift]
"""All of them, for the pages' router."""
