"""/operator/acts: who did what, and whose things they looked at."""

from typing import Annotated

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from plaudit.people import operators
from plaudit.people.rules import is_storable
from plaudit.web.api.desk import Visit, desk_of
from plaudit.web.api.paging import After, read_number
from plaudit.web.pages.operating.console import GUARDS, ON_A_PAGE, Page, show_console

ActKind = Annotated[str, QueryParameter(name="act", max_length=40)]
By = Annotated[str, QueryParameter(name="by", max_length=40)]


@get("/operator/acts", guards=GUARDS, include_in_schema=False)
async def list_acts(request: Visit, state: State, act: ActKind = "", by: By = "", after: After = None) -> Response[str]:
    """The newest first; only some acts, or only one operator's, when asked for."""
    desk, operator = desk_of(state), by.strip().removeprefix("@").lower()
    wanted = (act, operator) if is_storable(act) and is_storable(operator) else ("", "")
    found = await operators.list_acts(
        desk.db,
        act=wanted[0] or None,
        operator=wanted[1] or None,
        after=read_number(after),
        limit=ON_A_PAGE + 1,
    )
    page = Page(items=found[:ON_A_PAGE], after=str(found[ON_A_PAGE - 1].id) if len(found) > ON_A_PAGE else None)
    kinds = await operators.list_kinds_of_acts(desk.db)
    return show_console(request, "acts.html", acts=page, act=act, by=by, kinds=kinds)


ROUTES: list[ControllerRouterHandler] = [list_acts]
"""All of them, for the pages' router."""
