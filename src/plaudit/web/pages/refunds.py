"""Giving back what wasn't spent of a purchase: the exact amount, a confirmation, and where that stands."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.coins import top_ups
from plaudit.foundation.errors import Conflict
from plaudit.foundation.ids import new_id
from plaudit.reversals import refunds
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.pages.operating.console import read_id
from plaudit.web.pages.shell import show_page
from plaudit.web.pages.visits import fans_only, require_own_form


class RefundForm(Struct, frozen=True, kw_only=True):
    """The confirmation. `id` was made with the page: sent twice, it is one refund."""

    id: str = ""
    top_up_id: str = ""
    csrf: str = ""


@get("/top-ups/{top_up_id:uuid}/refund", guards=[fans_only], include_in_schema=False)
async def show_refund(top_up_id: FromPath[UUID], request: Visit, state: State) -> Response[str]:
    """What would go back, to be confirmed; or where the refund stands; or why there can't be one."""
    desk, person_id = desk_of(state), visitor_of(request).person_id
    top_up = await top_ups.get_top_up(desk.till, top_up_id, of=person_id)
    found = await refunds.list_refunds_of(desk.reversing, [top_up_id])
    possible, problem = None, None
    try:
        possible = await refunds.find_refundable(desk.reversing, top_up_id, of=person_id, now=desk.now)
    except Conflict as refused:
        problem = refused
    return show_page(
        request,
        "refund.html",
        top_up=top_up,
        refund=found[-1] if found else None,
        possible=possible,
        problem=problem,
        form_id=new_id(),
    )


@post("/refunds", guards=[fans_only], include_in_schema=False)
async def start_refund(data: URLEncodedBody[RefundForm], request: Visit, state: State) -> Response[Any]:
    """It was confirmed."""
    require_own_form(request, data.csrf)
    desk, top_up_id = desk_of(state), read_id(data.top_up_id, "top_up_id")
    # Where something came between the page and its button, the page says what.
    with suppress(Conflict):
        await refunds.start_refund(
            desk.reversing, read_id(data.id, "id"), top_up_id, of=visitor_of(request).person_id, now=desk.now
        )
    return Redirect(f"/top-ups/{top_up_id}/refund", status_code=303)


ROUTES: list[ControllerRouterHandler] = [show_refund, start_refund]
"""All of them, for the pages' router."""
