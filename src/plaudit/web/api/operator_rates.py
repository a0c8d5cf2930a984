"""/v1/operator/rates/proposals: one operator proposes what creators get, and another approves it or not."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from plaudit.earnings import proposals
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.guards import operators_only
from plaudit.web.api.rate_shapes import (
    ApproveBody,
    ProposalAnswer,
    ProposalBody,
    ProposalList,
    RefuseBody,
    show_change,
    show_changes,
)

_GUARDS = [operators_only]
_DECIDED = refusals_to_visitors(404, 409, 422)

Standing = Annotated[
    Literal["waiting", "decided"], QueryParameter(name="state", description="Those that wait, or the others.")
]


@get("/operator/rates/proposals", guards=_GUARDS, responses=refusals_to_visitors(422), security=BEARER)
async def list_proposals(state: State, standing: Standing = "waiting") -> ProposalList:
    """Rates that somebody proposed, each beside the one that would hold without it."""
    return show_changes(await proposals.list_changes(desk_of(state).db, is_waiting=standing == "waiting"))


@post("/operator/rates/proposals", guards=_GUARDS, responses=refusals_to_visitors(409, 422), security=BEARER)
async def propose_rate(data: JSONBody[ProposalBody], request: Visit, state: State) -> ProposalAnswer:
    """Propose a rate for later. It holds only if another operator approves it in time."""
    desk = desk_of(state)
    made = await proposals.propose_rate(desk.db, data.wish(visitor_of(request).person_id, desk.now), now=desk.now)
    return show_change(await proposals.get_change(desk.db, made.id))


@post(
    "/operator/rates/proposals/{proposal_id:uuid}/approve",
    status_code=200,
    guards=_GUARDS,
    responses=_DECIDED,
    security=BEARER,
)
async def approve_rate(
    proposal_id: FromPath[UUID], data: JSONBody[ApproveBody], request: Visit, state: State
) -> ProposalAnswer:
    """It will hold from its instant on. Whoever proposed it can't be the one who approves."""
    desk = desk_of(state)
    by = visitor_of(request).person_id
    await proposals.approve_rate(desk.db, by, proposal_id, data.reason, now=desk.now)
    return show_change(await proposals.get_change(desk.db, proposal_id))


@post(
    "/operator/rates/proposals/{proposal_id:uuid}/refuse",
    status_code=200,
    guards=_GUARDS,
    responses=_DECIDED,
    security=BEARER,
)
async def refuse_rate(
    proposal_id: FromPath[UUID], data: JSONBody[RefuseBody], request: Visit, state: State
) -> ProposalAnswer:
    """It won't hold. Whoever proposed it takes it back so."""
    desk = desk_of(state)
    by = visitor_of(request).person_id
    await proposals.refuse_rate(desk.db, by, proposal_id, data.reason, now=desk.now)
    return show_change(await proposals.get_change(desk.db, proposal_id))


ROUTES: list[ControllerRouterHandler] = [list_proposals, propose_rate, approve_rate, refuse_rate]
"""All of them, for the API's router."""
