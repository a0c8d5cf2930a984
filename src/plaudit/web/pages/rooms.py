"""The first page, with who is live, and the live room."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from plaudit.people import following
from plaudit.rooms import lives
from plaudit.web.api.desk import Visit, desk_of
from plaudit.web.api.live_shapes import show_listed
from plaudit.web.api.lives import answer_live
from plaudit.web.pages import tour
from plaudit.web.pages.gift_money import prices_for
from plaudit.web.pages.shell import show_page

_LIVES_SHOWN = 60


@get("/", include_in_schema=False)
async def show_home(request: Visit, state: State) -> Response[str]:
    """Who is live now, those with the most viewers first."""
    desk = desk_of(state)
    found = await lives.list_on(desk.db, after=None, limit=_LIVES_SHOWN)
    shown = [show_listed(live, desk.rooms.presence.viewers_of(live.id)) for live in found]
    shown.sort(key=lambda live: -live.viewers)
    told = await tour.find_tour(request)
    return tour.remember(request, show_page(request, "home.html", lives=shown, told=told), told)


@get("/live/{live_id:uuid}", include_in_schema=False)
async def show_room(live_id: FromPath[UUID], request: Visit, state: State) -> Response[str]:
    """The room; what a viewer needs to watch stands in the page, so that nothing has to be asked for first."""
    desk = desk_of(state)
    live = await lives.get_live(desk.db, live_id)
    viewer_id = request.user.person_id if request.user else None
    _, relation = await following.get_profile(desk.db, live.creator_handle, viewer_id=viewer_id)
    answer = answer_live(desk, request, live)
    prices = await prices_for(desk, request.user, live.creator_id)
    start: dict[str, Any] = {"watch": answer.watch, "playback": answer.playback, "prices": prices}
    page = show_page(
        request,
        "room.html",
        live=answer,
        viewers=answer.viewers,
        is_following=relation is not None and relation.following,
        start=msgspec.to_builtins(start),
    )
    return tour.note_room(request, page)


ROUTES: list[ControllerRouterHandler] = [show_home, show_room]
"""All of them, for the pages' router."""
