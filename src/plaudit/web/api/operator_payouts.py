"""/v1/operator/payouts and what is set for them: rules, fees, exchange rates, withholding; and the tax reports."""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from plaudit.payouts import State as PayoutState
from plaudit.payouts import operating, settings, tax_reports
from plaudit.payouts.model import Fee, Rules, Withholding
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.guards import operators_only
from plaudit.web.api.operator_payout_shapes import (
    DayList,
    ExchangeRateBody,
    ExchangeRateList,
    FeeBody,
    PayoutFileAnswer,
    PayoutFileList,
    ReasonBody,
    RulesBody,
    RulesList,
    SeenAnswer,
    WithholdingBody,
    show_days,
    show_file,
    show_files,
    show_seen,
)
from plaudit.web.api.paging import After, Limit, read_place
from plaudit.web.api.payout_shapes import ExchangeRateAnswer, show_rate

_GUARDS = [operators_only]
_LISTED = refusals_to_visitors(422)
_SEEN = refusals_to_visitors(404)
_SET = refusals_to_visitors(404, 409, 422)
_DECIDED = refusals_to_visitors(404, 409, 422)

StateFilter = Annotated[
    PayoutState | None, QueryParameter(name="state", description="Only those that stand like this.")
]
Days = Annotated[int, QueryParameter(description="How many days, today included.", ge=1, le=366)]
Year = Annotated[int, QueryParameter(description="A calendar year (UTC).", ge=2020, le=2200)]
Form = Annotated[Literal["1099k", "dac7"], QueryParameter(name="format", description="In which shape.")]


@get("/operator/payouts", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def list_payouts(
    request: Visit, state: State, payout_state: StateFilter = None, after: After = None, limit: Limit = 30
) -> PayoutFileList:
    """Everyone's payouts, and why each waits: of one state the oldest first, of all the newest."""
    desk = desk_of(state)
    found = await operating.list_files(
        desk.db, visitor_of(request).person_id, payout_state, after=read_place(after), limit=limit + 1, now=desk.now
    )
    return show_files(found, limit)


@get("/operator/payouts/days", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def list_days(state: State, days: Days = 30) -> DayList:
    """What was asked for, paid and sent back on each day (UTC)."""
    desk = desk_of(state)
    since = desk.now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
    return show_days(await operating.list_days(desk.db, since=since))


@get("/operator/payouts/tax", guards=_GUARDS, responses=_LISTED, security=BEARER, media_type="text/csv")
async def export_tax(year: Year, form: Form, request: Visit, state: State) -> Response[str]:
    """The year's totals of each creator as CSV. It holds tax ids in full: keep it where only few may read."""
    desk = desk_of(state)
    text = await tax_reports.export_tax(desk.pay, visitor_of(request).person_id, year, form, now=desk.now)
    disposition = f'attachment; filename="plaudit-{form}-{year}.csv"'
    return Response(text, media_type="text/csv", headers={"Content-Disposition": disposition})


@get("/operator/payouts/{payout_id:uuid}", guards=_GUARDS, responses=_SEEN, security=BEARER)
async def see_payout(payout_id: FromPath[UUID], request: Visit, state: State) -> SeenAnswer:
    """Anybody's payout, with its steps and who approved it."""
    desk = desk_of(state)
    return show_seen(await operating.see_payout(desk.db, visitor_of(request).person_id, payout_id, now=desk.now))


@post(
    "/operator/payouts/{payout_id:uuid}/approve", status_code=200, guards=_GUARDS, responses=_DECIDED, security=BEARER
)
async def approve(payout_id: FromPath[UUID], request: Visit, state: State) -> PayoutFileAnswer:
    """Say yes. Above a threshold another operator must as well; what was paused goes on."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    await operating.approve_payout(desk.pay, operator_id, payout_id, now=desk.now)
    return await _show(payout_id, request, state)


@post("/operator/payouts/{payout_id:uuid}/hold", status_code=200, guards=_GUARDS, responses=_DECIDED, security=BEARER)
async def pause(
    payout_id: FromPath[UUID], data: JSONBody[ReasonBody], request: Visit, state: State
) -> PayoutFileAnswer:
    """Let it wait until somebody approves it."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    await operating.pause_payout(desk.pay, operator_id, payout_id, data.reason, now=desk.now)
    return await _show(payout_id, request, state)


@post("/operator/payouts/{payout_id:uuid}/cancel", status_code=200, guards=_GUARDS, responses=_DECIDED, security=BEARER)
async def cancel(
    payout_id: FromPath[UUID], data: JSONBody[ReasonBody], request: Visit, state: State
) -> PayoutFileAnswer:
    """Give the money back to the creator, who reads the reason."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    await operating.cancel_payout(desk.pay, operator_id, payout_id, data.reason, now=desk.now)
    return await _show(payout_id, request, state)


@post("/operator/payouts/{payout_id:uuid}/return", status_code=200, guards=_GUARDS, responses=_DECIDED, security=BEARER)
async def send_back(
    payout_id: FromPath[UUID], data: JSONBody[ReasonBody], request: Visit, state: State
) -> PayoutFileAnswer:
    """The bank sent it back, and no file says so."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    await operating.return_payout(desk.pay, operator_id, payout_id, data.reason, now=desk.now)
    return await _show(payout_id, request, state)


async def _show(payout_id: UUID, request: Visit, state: State) -> PayoutFileAnswer:
    desk = desk_of(state)
    seen = await operating.see_payout(desk.db, visitor_of(request).person_id, payout_id, now=desk.now)
    return show_file(seen.file)


@get("/operator/payout-rules", guards=_GUARDS, responses=refusals_to_visitors(), security=BEARER)
async def list_rules(state: State) -> RulesList:
    """What holds for payouts, and what will."""
    desk = desk_of(state)
    return RulesList(
        items=list(await settings.list_rules(desk.db, now=desk.now)),
        fees=list(await settings.list_fees(desk.db, now=desk.now)),
        withholdings=list(await settings.list_withholdings(desk.db, now=desk.now)),
    )


@post("/operator/payout-rules", guards=_GUARDS, responses=_SET, security=BEARER)
async def set_rules(data: JSONBody[RulesBody], request: Visit, state: State) -> Rules:
    """Pay a currency like this from an instant on."""
    desk, rules = desk_of(state), data.rules(desk_of(state).now)
    return await settings.set_rules(desk.db, visitor_of(request).person_id, rules, now=desk.now)


@post("/operator/payout-fees", guards=_GUARDS, responses=_SET, security=BEARER)
async def set_fee(data: JSONBody[FeeBody], request: Visit, state: State) -> Fee:
    """What a payout by a rail costs from an instant on."""
    desk, fee = desk_of(state), data.fee(desk_of(state).now)
    return await settings.set_fee(desk.db, visitor_of(request).person_id, fee, now=desk.now)


@post("/operator/withholdings", guards=_GUARDS, responses=_SET, security=BEARER)
async def set_withholding(data: JSONBody[WithholdingBody], request: Visit, state: State) -> Withholding:
    """What is withheld for the tax office from an instant on."""
    desk, withholding = desk_of(state), data.withholding(desk_of(state).now)
    return await settings.set_withholding(desk.db, visitor_of(request).person_id, withholding, now=desk.now)


@get("/operator/exchange-rates", guards=_GUARDS, responses=refusals_to_visitors(), security=BEARER)
async def list_exchange_rates(state: State) -> ExchangeRateList:
    """The rate between each pair of currencies: what holds, and what will."""
    desk = desk_of(state)
    return ExchangeRateList(
        items=[show_rate(rate) for rate in await settings.list_exchange_rates(desk.db, now=desk.now)]
    )


@post("/operator/exchange-rates", guards=_GUARDS, responses=_SET, security=BEARER)
async def set_exchange_rate(data: JSONBody[ExchangeRateBody], request: Visit, state: State) -> ExchangeRateAnswer:
    """Exchange at this rate from an instant on. What holds already is never replaced."""
    desk, rate = desk_of(state), data.rate(desk_of(state).now)
    return show_rate(await settings.set_exchange_rate(desk.db, visitor_of(request).person_id, rate, now=desk.now))


ROUTES: list[ControllerRouterHandler] = [
    list_payouts,
    list_days,
    export_tax,
    see_payout,
    approve,
    pause,
    cancel,
    send_back,
    list_rules,
    set_rules,
    set_fee,
    set_withholding,
    list_exchange_rates,
    set_exchange_rate,
]
"""All of them, for the API's router."""
