"""/v1/operator/refunds and /v1/operator/disputes: what was given back and taken back, with all that belongs to it."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from plaudit.providers import DisputeState
from plaudit.reversals import RefundState, operating
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.guards import operators_only
from plaudit.web.api.paging import After, Limit, read_place
from plaudit.web.api.reversal_shapes import (
    DisputeFileList,
    DisputeSeenAnswer,
    RefundFileList,
    RefundSeenAnswer,
    show_dispute_files,
    show_dispute_seen,
    show_refund_files,
    show_refund_seen,
)

_GUARDS = [operators_only]

RefundStateWished = Annotated[
    RefundState | None, QueryParameter(name="state", description="Only those that stand there.")
]
DisputeStateWished = Annotated[
    DisputeState | None, QueryParameter(name="state", description="Only those that stand there.")
]


@get("/operator/refunds", guards=_GUARDS, responses=refusals_to_visitors(422), security=BEARER)
async def list_refunds(
    request: Visit, state: State, wanted: RefundStateWished = None, after: After = None, limit: Limit = 30
) -> RefundFileList:
    """Everyone's refunds, the newest first."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    found = await operating.list_refunds(
        desk.reversing, operator_id, wanted, after=read_place(after), limit=limit + 1, now=desk.now
    )
    return show_refund_files(found, limit)


@get("/operator/refunds/{refund_id:uuid}", guards=_GUARDS, responses=refusals_to_visitors(404), security=BEARER)
async def see_refund(refund_id: FromPath[UUID], request: Visit, state: State) -> RefundSeenAnswer:
    """Anybody's refund."""
    desk = desk_of(state)
    return show_refund_seen(
        await operating.see_refund(desk.reversing, visitor_of(request).person_id, refund_id, now=desk.now)
    )


@get("/operator/disputes", guards=_GUARDS, responses=refusals_to_visitors(422), security=BEARER)
async def list_disputes(
    request: Visit, state: State, wanted: DisputeStateWished = None, after: After = None, limit: Limit = 30
) -> DisputeFileList:
    """All disputes, the newest first."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    found = await operating.list_disputes(
        desk.reversing, operator_id, wanted, after=read_place(after), limit=limit + 1, now=desk.now
    )
    return show_dispute_files(found, limit)


@get("/operator/disputes/{dispute_id:uuid}", guards=_GUARDS, responses=refusals_to_visitors(404), security=BEARER)
async def see_dispute(dispute_id: FromPath[UUID], request: Visit, state: State) -> DisputeSeenAnswer:
    """One dispute, and what it took from whom."""
    desk = desk_of(state)
    return show_dispute_seen(
        await operating.see_dispute(desk.reversing, visitor_of(request).person_id, dispute_id, now=desk.now)
    )


ROUTES: list[ControllerRouterHandler] = [list_refunds, see_refund, list_disputes, see_dispute]
"""All of them, for the API's router."""
