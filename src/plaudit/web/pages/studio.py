"""The studio: going live, the room from the creator's side, and every gift that ever came."""

from collections.abc import Mapping
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.earnings import Received, Story, Sum, Takings
from plaudit.foundation.errors import Conflict, Invalid, PlauditError
from plaudit.foundation.ids import new_id
from plaudit.people.model import Place
from plaudit.rooms import Live, LivePlace, LiveWish, Playback, eligibility, lives, overlays
from plaudit.rooms.eligibility_rules import Requirement, is_eligible
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.gift_shapes import ShareAnswer, show_share
from plaudit.web.api.lives import answer_live
from plaudit.web.api.overlays import show_overlay
from plaudit.web.api.paging import After, read_number, read_place, write_place
from plaudit.web.api.received import ReceivedGift, ReceivedSum, creator_of, get_own_live, show_received, show_takings
from plaudit.web.pages.accounts import ProvenForm
from plaudit.web.pages.shell import show_page
from plaudit.web.pages.visits import fans_only, require_own_form

_LIVES_ON_A_PAGE = 8
_GIFTS_ON_A_PAGE = 60
_TOP_FANS = 10
_MOST_FANS = 100

Playing = Annotated[str, QueryParameter(max_length=10)]


class LiveForm(Struct, frozen=True, kw_only=True):
    """What going live sends. `id` was made with the page; without `playback_url` the room shows its stage."""

    id: str = ""
    title: str = ""
    cover_url: str = ""
    playback_kind: str = "hls"
    playback_url: str = ""
    csrf: str = ""

    def wish(self) -> LiveWish:
        """As the rooms package takes it. Raises Invalid."""
        try:
            live_id = UUID(self.id)
        except ValueError:
            raise Invalid("This page is out of date: load it again.") from None
        address = self.playback_url.strip()
        playback = Playback(kind=self.playback_kind, url=address) if address else None
        return LiveWish(id=live_id, title=self.title, cover_url=self.cover_url.strip() or None, playback=playback)


class PastLive(Struct, frozen=True, kw_only=True):
    """A live that is over, and what it brought."""

    live: Live
    minutes: int
    total: ReceivedSum


class GiftLine(Struct, frozen=True, kw_only=True):
    """A gift that came, or all taps of a combo that stand together; `live_title` is None for one in a message."""

    gift: ReceivedGift
    quantity: int
    coins: int
    share: ShareAnswer | None
    live_title: str | None


class GiftLines(Struct, frozen=True, kw_only=True):
    """Some gifts, the newest first; `after` leads to older ones."""

    items: list[GiftLine]
    after: int | None


@get("/studio", guards=[fans_only], include_in_schema=False)
async def show_studio(request: Visit, state: State, after: After = None) -> Response[str]:
    """The room while one is live, else going live and what was; for those who aren't creators, an invitation."""
    desk, visitor = desk_of(state), visitor_of(request)
    if not visitor.is_creator:
        return show_page(request, "studio_invite.html")
    live = await lives.find_on(desk.db, visitor.person_id)
    if live is not None:
        return await _show_on_air(request, desk, live)
    return await _show_backstage(request, desk, LiveForm(id=str(new_id())), after=read_place(after))


@post("/studio/live", guards=[fans_only], include_in_schema=False)
async def go_live(data: URLEncodedBody[LiveForm], request: Visit, state: State) -> Response[Any]:
    """Go live. The same form again, from whatever click, is the same live."""
    require_own_form(request, data.csrf)
    desk, visitor = desk_of(state), visitor_of(request)
    if not visitor.is_creator:
        return Redirect("/studio", status_code=303)
    try:
        live = await lives.start_live(desk.rooms, data.wish(), visitor, now=desk.now)
    except (Invalid, Conflict) as problem:
        # An id that was used may be the fault: what is corrected here is a wish of its own.
        fresh = msgspec.structs.replace(data, id=str(new_id()))
        return await _show_backstage(request, desk, fresh, problem=problem)
    return Redirect("/studio" if live.ended_at is None else f"/studio/lives/{live.id}", status_code=303)


@post("/studio/lives/{live_id:uuid}/end", guards=[fans_only], include_in_schema=False)
async def end_live(live_id: FromPath[UUID], data: URLEncodedBody[ProvenForm], request: Visit, state: State) -> Redirect:
    """End one's live, and see what it was."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    await lives.end_live(desk.rooms, live_id, by=visitor_of(request).person_id, now=desk.now)
    return Redirect(f"/studio/lives/{live_id}", status_code=303)


@get("/studio/lives/{live_id:uuid}", guards=[fans_only], include_in_schema=False)
async def show_past_live(live_id: FromPath[UUID], request: Visit, state: State, after: After = None) -> Response[Any]:
    """What one of one's lives brought."""
    desk, visitor = desk_of(state), visitor_of(request)
    live = await get_own_live(desk, live_id, visitor)
    if live.ended_at is None:
        return Redirect("/studio", status_code=303)
    story = await desk.stories.get(creator_of(visitor))
    past = await _tell(desk, live, story, top=_TOP_FANS)
    lines = await _list_gifts(request, desk, live=live, after=read_number(after))
    return show_page(request, "studio_live_past.html", past=past, lines=lines)


@get("/studio/gifts", guards=[fans_only], include_in_schema=False)
async def show_gifts(request: Visit, state: State, after: After = None) -> Response[Any]:
    """Every gift that one ever received, and who gave how much."""
    desk, visitor = desk_of(state), visitor_of(request)
    if not visitor.is_creator:
        return Redirect("/studio", status_code=303)
    story = await desk.stories.get(creator_of(visitor))
    ever = await show_takings(desk, story.ever, top=_MOST_FANS, is_whole=story.is_whole)
    lines = await _list_gifts(request, desk, live=None, after=read_number(after))
    return show_page(request, "studio_gifts.html", ever=ever, lines=lines)


async def _show_on_air(request: Visit, desk: Desk, live: Live) -> Response[str]:
    answer = answer_live(desk, request, live)
    requirements = await eligibility.get_requirements(desk.db, live.creator_id, now=desk.now)
    past = await _tell(desk, live, await desk.stories.get(creator_of(visitor_of(request))), top=0)
    return show_page(
        request,
        "studio_on_air.html",
        live=answer,
        total=past.total,
        start=msgspec.to_builtins({"watch": answer.watch, "started_at": live.started_at}),
        may_receive=is_eligible(requirements),
    )


async def _show_backstage(
    request: Visit, desk: Desk, form: LiveForm, *, after: Place | None = None, problem: PlauditError | None = None
) -> Response[str]:
    visitor = visitor_of(request)
    requirements = await eligibility.get_requirements(desk.db, visitor.person_id, now=desk.now)
    story = await desk.stories.get(creator_of(visitor))
    past = await _list_past(desk, visitor.person_id, story, after)
    connected = [show_overlay(desk, each) for each in await overlays.list_overlays(desk.db, visitor.person_id)]
    return show_page(
        request,
        "studio.html",
        status=problem.status if problem else 200,
        form=form,
        problem=problem,
        requirements=_by_need(requirements),
        may_receive=is_eligible(requirements),
        ever=await show_takings(desk, story.ever, top=0, is_whole=story.is_whole),
        past=past[:_LIVES_ON_A_PAGE],
        after=_place_of(past[_LIVES_ON_A_PAGE - 1].live) if len(past) > _LIVES_ON_A_PAGE else None,
        overlays=len(connected),
        overlays_connected=sum(1 for each in connected if each.connections),
    )


async def _list_past(desk: Desk, creator_id: UUID, story: Story, after: Place | None) -> list[PastLive]:
    """One more than fits on a page: that one only tells that there is more."""
    place = LivePlace(started_at=after.since, id=after.id) if after else None
    found = await lives.list_ended(desk.db, creator_id, after=place, limit=_LIVES_ON_A_PAGE + 1)
    return [await _tell(desk, live, story, top=0) for live in found]


async def _tell(desk: Desk, live: Live, story: Story, *, top: int) -> PastLive:
    minutes = int(((live.ended_at or desk.now) - live.started_at).total_seconds() // 60)
    takings: Takings = story.in_live(live.id)
    total = await show_takings(desk, takings, top=top, is_whole=story.is_whole)
    return PastLive(live=live, minutes=minutes, total=total)


async def _list_gifts(request: Visit, desk: Desk, *, live: Live | None, after: int | None) -> GiftLines:
    visitor = visitor_of(request)
    found = await desk.stories.list_received(creator_of(visitor), live=live, after=after, limit=_GIFTS_ON_A_PAGE + 1)
    shown = found[:_GIFTS_ON_A_PAGE]
    titles = await lives.list_titles(desk.db, {id for each in shown if (id := each.sent.sending.live_id)})
    items = [
        _show_line(await show_received(desk, taps[0], visitor), taps, titles)
        for taps in (list(taps) for _, taps in groupby(shown, key=_combo_of))
    ]
    return GiftLines(items=items, after=shown[-1].sent.timestamp if len(found) > _GIFTS_ON_A_PAGE else None)


def _combo_of(received: Received) -> tuple[UUID, UUID, str]:
    """The same for gifts that are shown as one: those of one combo."""
    sending = received.sent.sending
    return (received.fan_id, sending.combo_id or sending.id, sending.gift)


def _show_line(gift: ReceivedGift, taps: list[Received], titles: Mapping[UUID, str]) -> GiftLine:
    total = Sum()
    for tap in taps:
        total.add(tap)
    return GiftLine(
        gift=gift,
        quantity=sum(tap.sent.sending.quantity for tap in taps),
        coins=total.coins,
        share=show_share(total.share) if total.share else None,
        live_title=titles.get(gift.live_id) if gift.live_id else None,
    )


def _by_need(requirements: list[Requirement]) -> list[Requirement]:
    """What is still to do first."""
    return sorted(requirements, key=lambda requirement: requirement.is_met)


def _place_of(live: Live) -> str:
    return write_place(live.started_at, live.id)


ROUTES: list[ControllerRouterHandler] = [show_studio, go_live, end_live, show_past_live, show_gifts]
"""All of them, for the pages' router."""
