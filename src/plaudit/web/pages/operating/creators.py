"""/operator/creators: who applied to be a creator, and who waits for an operator's word."""

from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.types import ControllerRouterHandler

from plaudit.people import operators
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.paging import After, read_place, write_place
from plaudit.web.pages.operating.console import GUARDS, ON_A_PAGE, Done, Page, VerifyForm, go_to, show_console
from plaudit.web.pages.visits import require_own_form

CreatorState = Annotated[Literal["waiting", "verified", "all"], QueryParameter(name="state")]

_WANTED = {"waiting": False, "verified": True, "all": None}


@get("/operator/creators", guards=GUARDS, include_in_schema=False)
async def list_creators(
    request: Visit, state: State, wanted: CreatorState = "waiting", after: After = None, done: Done = ""
) -> Response[str]:
    """Those who wait for it, unless others are asked for."""
    found = await operators.list_creators(
        desk_of(state).db, verified=_WANTED[wanted], after=read_place(after), limit=ON_A_PAGE + 1
    )
    last = found[ON_A_PAGE - 1] if len(found) > ON_A_PAGE else None
    page = Page(items=found[:ON_A_PAGE], after=write_place(last.applied_at, last.id) if last else None)
    return show_console(request, "creators.html", done=done, creators=page, wanted=wanted)


@post("/operator/creators/{handle:str}/verify", guards=GUARDS, include_in_schema=False)
async def verify_here(
    handle: FromPath[str], data: URLEncodedBody[VerifyForm], request: Visit, state: State
) -> Response[Any]:
    """Verify somebody, and go on with the next who waits."""
    require_own_form(request, data.csrf)
    desk, name = desk_of(state), data.legal_name.strip() or None
    found = await operators.verify_creator(
        desk.db, visitor_of(request).person_id, handle, legal_name=name, now=desk.now
    )
    desk.rooms.forget_person(found.id)
    return go_to("/operator/creators", "verified")


ROUTES: list[ControllerRouterHandler] = [list_creators, verify_here]
"""All of them, for the pages' router."""
