"""/operator/refunds and /operator/disputes: what was given back and taken back, step by step and leg by leg."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler

from plaudit.coins.model import TopUp
from plaudit.ledger import Account
from plaudit.providers import DisputeState
from plaudit.reversals import RefundState, Unwinding, chains, operating
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.paging import After, read_place, write_place
from plaudit.web.pages.operating.console import GUARDS, ON_A_PAGE, Page, show_console
from plaudit.web.pages.operating.top_ups import lay_out

WantedRefund = Annotated[RefundState | None, QueryParameter(name="state")]
WantedDispute = Annotated[DisputeState | None, QueryParameter(name="state")]


@get("/operator/refunds", guards=GUARDS, include_in_schema=False)
async def list_refunds(request: Visit, state: State, wanted: WantedRefund = None, after: After = None) -> Response[str]:
    """The newest first; those that stand somewhere when it is asked for."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    found = await operating.list_refunds(
        desk.reversing, operator_id, wanted, after=read_place(after), limit=ON_A_PAGE + 1, now=desk.now
    )
    last = found[ON_A_PAGE - 1] if len(found) > ON_A_PAGE else None
    page = Page(items=found[:ON_A_PAGE], after=write_place(last.asked_at, last.id) if last else None)
    return show_console(request, "refunds.html", refunds=page, wanted=wanted, states=list(RefundState))


@get("/operator/refunds/{refund_id:uuid}", guards=GUARDS, include_in_schema=False)
async def show_refund(refund_id: FromPath[UUID], request: Visit, state: State) -> Response[str]:
    """One refund with its legs, and what its provider told."""
    desk = desk_of(state)
    seen = await operating.see_refund(desk.reversing, visitor_of(request).person_id, refund_id, now=desk.now)
    return show_console(
        request, "refund.html", seen=seen, refund=seen.refund, names=_names(seen.top_up, ()), lay_out=lay_out
    )


@get("/operator/disputes", guards=GUARDS, include_in_schema=False)
async def list_disputes(
    request: Visit, state: State, wanted: WantedDispute = None, after: After = None
) -> Response[str]:
    """The newest first; those that stand somewhere when it is asked for."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    found = await operating.list_disputes(
        desk.reversing, operator_id, wanted, after=read_place(after), limit=ON_A_PAGE + 1, now=desk.now
    )
    last = found[ON_A_PAGE - 1] if len(found) > ON_A_PAGE else None
    page = Page(items=found[:ON_A_PAGE], after=write_place(last.opened_at, last.id) if last else None)
    return show_console(request, "disputes.html", disputes=page, wanted=wanted, states=list(DisputeState))


@get("/operator/disputes/{dispute_id:uuid}", guards=GUARDS, include_in_schema=False)
async def show_dispute(dispute_id: FromPath[UUID], request: Visit, state: State) -> Response[str]:
    """One dispute with what it took from whom, its legs, and what its provider told."""
    desk = desk_of(state)
    seen = await operating.see_dispute(desk.reversing, visitor_of(request).person_id, dispute_id, now=desk.now)
    return show_console(
        request,
        "dispute.html",
        seen=seen,
        dispute=seen.dispute,
        creators=await _creators(desk, seen.parts),
        names=_names(seen.top_up, seen.parts),
        lay_out=lay_out,
    )


async def _creators(desk: Desk, parts: Sequence[Unwinding]) -> Mapping[UUID, str]:
    return {part.creator_id: (await desk.rooms.known.get_person(part.creator_id)).face.handle for part in parts}


def _names(top_up: TopUp | None, parts: Sequence[Unwinding]) -> Mapping[UUID, Account]:
    """The accounts that legs may touch, by their ids."""
    house = chains.accounts_of(top_up) if top_up else ()
    theirs = [each for part in parts for each in chains.accounts_of_creator(part.creator_id, part.currency)]
    return {account.id: account for account in (*house, *theirs)}


ROUTES: list[ControllerRouterHandler] = [list_refunds, show_refund, list_disputes, show_dispute]
"""All of them, for the pages' router."""
