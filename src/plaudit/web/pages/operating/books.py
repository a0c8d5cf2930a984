"""/operator/books: how the books stand, and what providers' reports and we don't agree on."""

from typing import Annotated, Any, Literal

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.audit import reconciliation
from plaudit.audit.health import find_health
from plaudit.foundation.errors import Invalid
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.paging import After, read_number
from plaudit.web.pages.operating.console import GUARDS, ON_A_PAGE, Done, Page, go_to, show_console
from plaudit.web.pages.visits import require_own_form

CaseState = Annotated[Literal["open", "closed"], QueryParameter(name="state")]


class CloseForm(Struct, frozen=True, kw_only=True):
    """What was found out about a case."""

    csrf: str = ""
    note: str = ""


@get("/operator/books", guards=GUARDS, include_in_schema=False)
async def show_books(
    request: Visit, state: State, wanted: CaseState = "open", after: After = None, done: Done = ""
) -> Response[str]:
    """Health, and cases that are open or closed."""
    return await _show(request, desk_of(state), wanted, after=after, done=done)


@post("/operator/books/cases/{case_id:int}/close", guards=GUARDS, include_in_schema=False)
async def close_case(
    case_id: FromPath[int], data: URLEncodedBody[CloseForm], request: Visit, state: State
) -> Response[Any]:
    """Close a case with a note."""
    require_own_form(request, data.csrf)
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    try:
        await reconciliation.close_case(desk.db, operator_id, case_id, data.note, now=desk.now)
    except Invalid as problem:
        return await _show(request, desk, "open", problem=problem, closing=case_id)
    return go_to("/operator/books", "case_closed")


async def _show(
    request: Visit,
    desk: Desk,
    wanted: str,
    *,
    after: str | None = None,
    done: str = "",
    problem: Invalid | None = None,
    closing: int | None = None,
) -> Response[str]:
    found = await reconciliation.list_cases(
        desk.db, is_open=wanted == "open", after=read_number(after), limit=ON_A_PAGE + 1
    )
    more = str(found[ON_A_PAGE - 1].id) if len(found) > ON_A_PAGE else None
    return show_console(
        request,
        "books.html",
        problem=problem,
        done=done,
        health=await find_health(desk.db),
        cases=Page(items=found[:ON_A_PAGE], after=more),
        wanted=wanted,
        closing=closing,
    )


ROUTES: list[ControllerRouterHandler] = [show_books, close_case]
"""All of them, for the pages' router."""
