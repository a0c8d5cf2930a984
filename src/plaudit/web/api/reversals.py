"""/v1/refunds: coins that weren't spent are given back for what was paid."""

from uuid import UUID

from litestar import get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from plaudit.people import Scope
from plaudit.reversals import refunds
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.guards import may
from plaudit.web.api.paging import After, Limit, read_place
from plaudit.web.api.reversal_shapes import (
    RefundableList,
    RefundAnswer,
    RefundBody,
    RefundList,
    show_refund,
    show_refundable,
    show_refunds,
)

_READ = [may(Scope.READ)]


@post("/refunds", guards=[may(Scope.SPEND)], responses=refusals_to_visitors(404, 409, 422), security=BEARER)
async def start_refund(data: JSONBody[RefundBody], request: Visit, state: State) -> RefundAnswer:
    """Give back what is left of a purchase, to where the money came from. The same id again answers how it stands."""
    desk = desk_of(state)
    refund = await refunds.start_refund(
        desk.reversing, data.id, data.top_up_id, of=visitor_of(request).person_id, now=desk.now
    )
    return show_refund(refund)


@get("/refunds", guards=_READ, responses=refusals_to_visitors(422), security=BEARER)
async def list_refunds(request: Visit, state: State, after: After = None, limit: Limit = 30) -> RefundList:
    """One's own refunds, the newest first."""
    found = await refunds.list_refunds(
        desk_of(state).reversing, visitor_of(request).person_id, after=read_place(after), limit=limit + 1
    )
    return show_refunds(found, limit)


@get("/refunds/possible", guards=_READ, responses=refusals_to_visitors(), security=BEARER)
async def list_refundable(request: Visit, state: State) -> RefundableList:
    """What could be given back now, and for how much exactly."""
    desk = desk_of(state)
    return show_refundable(await refunds.list_refundable(desk.reversing, visitor_of(request).person_id, now=desk.now))


@get("/refunds/{refund_id:uuid}", guards=_READ, responses=refusals_to_visitors(404), security=BEARER)
async def get_refund(refund_id: FromPath[UUID], request: Visit, state: State) -> RefundAnswer:
    """How one's own refund stands."""
    desk = desk_of(state)
    return show_refund(await refunds.get_refund(desk.reversing, refund_id, of=visitor_of(request).person_id))


ROUTES: list[ControllerRouterHandler] = [start_refund, list_refunds, list_refundable, get_refund]
"""All of them, for the API's router."""
