"""/operator/lives: which lives are on, which were, and the end of one for a reason."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.foundation.errors import Invalid
from plaudit.rooms import LivePlace, lives
from plaudit.rooms.model import LiveFile
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.paging import After, read_place, write_place
from plaudit.web.pages.operating.console import GUARDS, ON_A_PAGE, Done, Page, find_coin_rate, go_to, show_console
from plaudit.web.pages.visits import require_own_form

LiveState = Annotated[Literal["on", "past"], QueryParameter(name="state")]


class EndForm(Struct, frozen=True, kw_only=True):
    """Why a live is ended; everyone in the room reads it."""

    csrf: str = ""
    reason: str = ""


class LiveLine(Struct, frozen=True, kw_only=True):
    """A live, and how many watch it now."""

    live: LiveFile
    viewers: int


@get("/operator/lives", guards=GUARDS, include_in_schema=False)
async def list_lives(
    request: Visit, state: State, wanted: LiveState = "on", after: After = None, done: Done = ""
) -> Response[str]:
    """Those that are on, or those that are over."""
    return await _show(request, desk_of(state), wanted, after=after, done=done)


@post("/operator/lives/{live_id:uuid}/end", guards=GUARDS, include_in_schema=False)
async def end_live(
    live_id: FromPath[UUID], data: URLEncodedBody[EndForm], request: Visit, state: State
) -> Response[Any]:
    """End anybody's live."""
    require_own_form(request, data.csrf)
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    try:
        await lives.end_live_of_anyone(desk.rooms, live_id, data.reason, by=operator_id, now=desk.now)
    except Invalid as problem:
        return await _show(request, desk, "on", problem=problem, ending=live_id)
    return go_to("/operator/lives", "ended")


async def _show(
    request: Visit,
    desk: Desk,
    wanted: str,
    *,
    after: str | None = None,
    done: str = "",
    problem: Invalid | None = None,
    ending: UUID | None = None,
) -> Response[str]:
    place = read_place(after)
    begun = None if place is None else LivePlace(started_at=place.since, id=place.id)
    listing = lives.list_files_on if wanted == "on" else lives.list_past
    found = await listing(desk.db, after=begun, limit=ON_A_PAGE + 1)
    lines = [LiveLine(live=live, viewers=desk.rooms.presence.viewers_of(live.id)) for live in found[:ON_A_PAGE]]
    last = found[ON_A_PAGE - 1] if len(found) > ON_A_PAGE else None
    page = Page(items=lines, after=write_place(last.started_at, last.id) if last else None)
    return show_console(
        request,
        "lives.html",
        problem=problem,
        done=done,
        lives=page,
        wanted=wanted,
        ending=ending,
        rate=await find_coin_rate(request, desk),
    )


ROUTES: list[ControllerRouterHandler] = [list_lives, end_live]
"""All of them, for the pages' router."""
