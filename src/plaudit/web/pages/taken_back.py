"""/studio/taken-back: what lost disputes took from a creator, from where, and why."""

from typing import Any

from litestar import Response, get
from litestar.datastructures import State
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from plaudit.reversals import list_unwound
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.paging import After, read_place, write_place
from plaudit.web.pages.shell import show_page
from plaudit.web.pages.visits import fans_only

_ON_A_PAGE = 30


@get("/studio/taken-back", guards=[fans_only], include_in_schema=False)
async def show_taken_back(request: Visit, state: State, after: After = None) -> Response[Any]:
    """The newest first."""
    desk, visitor = desk_of(state), visitor_of(request)
    if not visitor.is_creator:
        return Redirect("/studio", status_code=303)
    found = await list_unwound(desk.db, visitor.person_id, after=read_place(after), limit=_ON_A_PAGE + 1)
    last = found[_ON_A_PAGE - 1] if len(found) > _ON_A_PAGE else None
    return show_page(
        request,
        "studio_taken_back.html",
        taken=found[:_ON_A_PAGE],
        after=write_place(last.at, last.dispute_id) if last else None,
    )


ROUTES: list[ControllerRouterHandler] = [show_taken_back]
"""All of them, for the pages' router."""
