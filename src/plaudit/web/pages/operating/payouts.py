"""/operator/payouts: what waits and why, one payout with everything to decide by, and the days' totals."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.foundation.errors import PlauditError
from plaudit.ledger import Filter
from plaudit.payouts import PayDesk, Payout, operating
from plaudit.payouts import State as PayoutState
from plaudit.payouts.chains import accounts_of
from plaudit.payouts.errors import NoSuchPayout
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.paging import After, read_place, write_place
from plaudit.web.pages.operating.console import GUARDS, ON_A_PAGE, Done, Page, ProvenForm, go_to, show_console
from plaudit.web.pages.visits import require_own_form

_LEGS = 20
_DAYS = 7
_ALL = "all"

Wanted = Annotated[str, QueryParameter(name="state", max_length=20)]
Decide = Callable[[PayDesk, UUID, UUID, str], Awaitable[Payout]]


class ReasonForm(Struct, frozen=True, kw_only=True):
    """Why something is decided."""

    reason: str = ""
    csrf: str = ""


@get("/operator/payouts", guards=GUARDS, include_in_schema=False)
async def list_payouts(
    request: Visit, state: State, wanted: Wanted = "requested", after: After = None, done: Done = ""
) -> Response[str]:
    """Those that wait for somebody, unless others are asked for."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    chosen = PayoutState(wanted) if wanted in list(PayoutState) else None
    found = await operating.list_files(
        desk.db, operator_id, chosen, after=read_place(after), limit=ON_A_PAGE + 1, now=desk.now
    )
    last = found[ON_A_PAGE - 1].payout if len(found) > ON_A_PAGE else None
    since = desk.now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=_DAYS - 1)
    return show_console(
        request,
        "payouts.html",
        done=done,
        payouts=Page(items=found[:ON_A_PAGE], after=write_place(last.asked_at, last.id) if last else None),
        wanted=chosen.value if chosen else _ALL,
        choices=[each.value for each in PayoutState],
        days=await operating.list_days(desk.db, since=since),
    )


@get("/operator/payouts/{payout_id:uuid}", guards=GUARDS, include_in_schema=False)
async def show_payout(payout_id: FromPath[UUID], request: Visit, state: State, done: Done = "") -> Response[str]:
    """One payout: whose, where to, what it costs, its way, and what can be done about it."""
    return await _show(request, desk_of(state), payout_id, done=done)


@post("/operator/payouts/{payout_id:uuid}/approve", guards=GUARDS, include_in_schema=False)
async def approve(
    payout_id: FromPath[UUID], data: URLEncodedBody[ProvenForm], request: Visit, state: State
) -> Response[Any]:
    """Say yes; what was to wait goes on."""

    async def decide(desk: PayDesk, operator_id: UUID, payout_id: UUID, _: str) -> Payout:
        return await operating.approve_payout(desk, operator_id, payout_id, now=desk_of(state).now)

    return await _decide(request, payout_id, ReasonForm(csrf=data.csrf), decide, done="payout_approved")


@post("/operator/payouts/{payout_id:uuid}/hold", guards=GUARDS, include_in_schema=False)
async def pause(
    payout_id: FromPath[UUID], data: URLEncodedBody[ReasonForm], request: Visit, state: State
) -> Response[Any]:
    """Let it wait."""

    async def decide(desk: PayDesk, operator_id: UUID, payout_id: UUID, reason: str) -> Payout:
        return await operating.pause_payout(desk, operator_id, payout_id, reason, now=desk_of(state).now)

    return await _decide(request, payout_id, data, decide, done="payout_held")


@post("/operator/payouts/{payout_id:uuid}/cancel", guards=GUARDS, include_in_schema=False)
async def cancel(
    payout_id: FromPath[UUID], data: URLEncodedBody[ReasonForm], request: Visit, state: State
) -> Response[Any]:
    """Give the money back to the creator."""

    async def decide(desk: PayDesk, operator_id: UUID, payout_id: UUID, reason: str) -> Payout:
        return await operating.cancel_payout(desk, operator_id, payout_id, reason, now=desk_of(state).now)

    return await _decide(request, payout_id, data, decide, done="payout_cancelled")


@post("/operator/payouts/{payout_id:uuid}/return", guards=GUARDS, include_in_schema=False)
async def send_back(
    payout_id: FromPath[UUID], data: URLEncodedBody[ReasonForm], request: Visit, state: State
) -> Response[Any]:
    """The bank sent it back, and no file says so."""

    async def decide(desk: PayDesk, operator_id: UUID, payout_id: UUID, reason: str) -> Payout:
        return await operating.return_payout(desk, operator_id, payout_id, reason, now=desk_of(state).now)

    return await _decide(request, payout_id, data, decide, done="payout_returned")


async def _decide(request: Visit, payout_id: UUID, form: ReasonForm, decide: Decide, *, done: str) -> Response[Any]:
    require_own_form(request, form.csrf)
    desk = desk_of(request.app.state)
    try:
        await decide(desk.pay, visitor_of(request).person_id, payout_id, form.reason)
    except NoSuchPayout:
        raise
    except PlauditError as problem:
        return await _show(request, desk, payout_id, problem=problem, reason=form.reason)
    return go_to(f"/operator/payouts/{payout_id}", done)


async def _show(
    request: Visit,
    desk: Desk,
    payout_id: UUID,
    *,
    problem: PlauditError | None = None,
    reason: str = "",
    done: str = "",
) -> Response[str]:
    seen = await operating.see_payout(desk.db, visitor_of(request).person_id, payout_id, now=desk.now)
    payout = seen.file.payout
    return show_console(
        request,
        "payout.html",
        problem=problem,
        done=done,
        seen=seen,
        payout=payout,
        reason=reason,
        is_own=payout.person_id == visitor_of(request).person_id,
        has_approved=visitor_of(request).handle in {each.operator for each in seen.approvals},
        legs=await desk.till.ledger.list_transfers(Filter(ref_128=payout.id), limit=_LEGS),
        names={account.id: account for account in accounts_of(payout)},
    )


ROUTES: list[ControllerRouterHandler] = [list_payouts, show_payout, approve, pause, cancel, send_back]
"""All of them, for the pages' router."""
