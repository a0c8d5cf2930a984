"""/operator/rates: what creators get, and changes that one operator proposes and another approves."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.earnings import proposals, rates
from plaudit.earnings.proposal_rules import Proposal
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import Invalid, PlauditError
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import INTERNAL_DIGITS
from plaudit.people.rules import take_currency
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.pages.operating.console import (
    GUARDS,
    Done,
    go_to,
    read_bps,
    read_decimal,
    read_id,
    read_instant,
    rename_field,
    show_console,
)
from plaudit.web.pages.visits import require_own_form

_LAST = 20


class RateForm(Struct, frozen=True, kw_only=True):
    """A rate as it is proposed: `share` is in percent, `per_coin` in whole units of the currency; one of the two."""

    csrf: str = ""
    id: str = ""
    tier: str = "standard"
    region: str = ""
    currency: str = ""
    share: str = ""
    per_coin: str = ""
    valid_from: str = ""
    reason: str = ""


class DecisionForm(Struct, frozen=True, kw_only=True):
    """Approve or refuse, and why."""

    csrf: str = ""
    reason: str = ""


@get("/operator/rates", guards=GUARDS, include_in_schema=False)
async def list_rates(request: Visit, state: State, done: Done = "") -> Response[str]:
    """What creators get, what they will get, and what waits for a second person."""
    return await _show(request, desk_of(state), RateForm(id=str(new_id())), done=done)


@post("/operator/rates", guards=GUARDS, include_in_schema=False)
async def propose_rate(data: URLEncodedBody[RateForm], request: Visit, state: State) -> Response[Any]:
    """Propose a rate for later. The same form again is the same proposal."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    try:
        await proposals.propose_rate(desk.db, _read(data, visitor_of(request).person_id, desk), now=desk.now)
    except PlauditError as problem:
        named = rename_field(problem, share_bps="share", micros_per_coin="per_coin")
        return await _show(request, desk, data, problem=named)
    return go_to("/operator/rates", "proposed")


@post("/operator/rates/{proposal_id:uuid}/approve", guards=GUARDS, include_in_schema=False)
async def approve_rate(
    proposal_id: FromPath[UUID], data: URLEncodedBody[DecisionForm], request: Visit, state: State
) -> Response[Any]:
    """It will hold from its instant on."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    by = visitor_of(request).person_id
    try:
        await proposals.approve_rate(desk.db, by, proposal_id, data.reason, now=desk.now)
    except PlauditError as problem:
        return await _show(request, desk, RateForm(id=str(new_id())), problem=_beside(problem, proposal_id))
    return go_to("/operator/rates", "approved")


@post("/operator/rates/{proposal_id:uuid}/refuse", guards=GUARDS, include_in_schema=False)
async def refuse_rate(
    proposal_id: FromPath[UUID], data: URLEncodedBody[DecisionForm], request: Visit, state: State
) -> Response[Any]:
    """It won't hold."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    by = visitor_of(request).person_id
    try:
        await proposals.refuse_rate(desk.db, by, proposal_id, data.reason, now=desk.now)
    except PlauditError as problem:
        return await _show(request, desk, RateForm(id=str(new_id())), problem=_beside(problem, proposal_id))
    return go_to("/operator/rates", "refused")


async def _show(
    request: Visit, desk: Desk, form: RateForm, *, problem: PlauditError | None = None, done: str = ""
) -> Response[str]:
    return show_console(
        request,
        "rates.html",
        problem=problem,
        done=done,
        rates=await rates.list_rates(desk.db, now=desk.now),
        waiting=await proposals.list_changes(desk.db, is_waiting=True),
        decided=await proposals.list_changes(desk.db, is_waiting=False, limit=_LAST),
        operator_id=visitor_of(request).person_id,
        form=form,
    )


def _beside(problem: PlauditError, proposal_id: UUID) -> PlauditError:
    """The refusal at its own proposal, of which there may be several on the page."""
    return Invalid(problem.detail, field=f"reason-{proposal_id}") if isinstance(problem, Invalid) else problem


def _read(form: RateForm, operator_id: UUID, desk: Desk) -> Proposal:
    """Raises Invalid naming the form's field."""
    valid_from = read_instant(form.valid_from, "valid_from")
    if valid_from is None:
        raise Invalid("Say from when it holds.", field="valid_from")
    return Proposal(
        id=read_id(form.id, "id"),
        region=form.region.strip(),
        currency=form.currency.strip(),
        tier=form.tier.strip(),
        share_bps=read_bps(form.share.strip(), "share") if form.share.strip() else None,
        micros_per_coin=_read_per_coin(form) if form.per_coin.strip() else None,
        valid_from=valid_from,
        reason=form.reason,
        proposed_by=operator_id,
        proposed_at=desk.now,
    )


def _read_per_coin(form: RateForm) -> int:
    if not form.currency.strip():
        raise Invalid("A price per coin counts in one currency.", field="currency")
    unit = get_currency(take_currency(form.currency.strip()))
    micros = read_decimal(form.per_coin, "per_coin").scaleb(unit.exponent + INTERNAL_DIGITS)
    if micros != micros.to_integral_value():
        raise Invalid("This has more decimal places than we count.", field="per_coin")
    return int(micros)


ROUTES: list[ControllerRouterHandler] = [list_rates, propose_rate, approve_rate, refuse_rate]
"""All of them, for the pages' router."""
