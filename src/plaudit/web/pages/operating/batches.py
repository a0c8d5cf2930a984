"""/operator/batches: what is on its way to banks and wallets, the files for banks, and each payment in them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.ids import new_id
from plaudit.payouts import Rail, batches
from plaudit.payouts.batch_model import Batch, BatchState, BatchWish, Dispatch
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.operator_batches import send_file
from plaudit.web.api.paging import After, read_number, read_place, write_place
from plaudit.web.pages.operating.console import (
    GUARDS,
    ON_A_PAGE,
    Done,
    Page,
    ProvenForm,
    go_to,
    read_day,
    read_id,
    show_console,
)
from plaudit.web.pages.visits import require_own_form

_PAYS_IN = {Rail.SEPA: "EUR", Rail.ACH: "USD"}

Wanted = Annotated[str, QueryParameter(name="state", max_length=20)]
Act = Callable[[Dispatch, UUID, UUID], Awaitable[Batch]]


class BatchForm(Struct, frozen=True, kw_only=True):
    """A wish for a batch. The form brings its id along, so that a second click makes no second batch."""

    id: str = ""
    rail: str = Rail.SEPA.value
    currency: str = ""
    pay_on: str = ""
    csrf: str = ""


@get("/operator/batches", guards=GUARDS, include_in_schema=False)
async def list_batches(
    request: Visit, state: State, wanted: Wanted = "", after: After = None, done: Done = ""
) -> Response[str]:
    """The newest first; those that stand like this when that is asked for."""
    return await _show_list(request, state, wanted, after=after, done=done)


@post("/operator/batches", guards=GUARDS, include_in_schema=False)
async def make_batch(data: URLEncodedBody[BatchForm], request: Visit, state: State) -> Response[Any]:
    """Write what is approved into one file, and go there."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    try:
        wish = _read_wish(data)
        made = await batches.make_batch(
            desk.dispatch, wish, house_name=desk.house_name, by=visitor_of(request).person_id, now=desk.now
        )
    except PlauditError as problem:
        return await _show_list(request, state, "", problem=problem, form=data)
    return go_to(f"/operator/batches/{made.batch.id}", "batch_made")


def _read_wish(form: BatchForm) -> BatchWish:
    rail = Rail(form.rail) if form.rail in list(Rail) else Rail.SEPA
    currency = _PAYS_IN.get(rail) or get_currency(form.currency.strip().upper()).code
    return BatchWish(id=read_id(form.id, "id"), rail=rail, currency=currency, pay_on=read_day(form.pay_on, "pay_on"))


async def _show_list(
    request: Visit,
    state: State,
    wanted: str,
    *,
    after: str | None = None,
    done: str = "",
    problem: PlauditError | None = None,
    form: BatchForm | None = None,
) -> Response[str]:
    chosen = BatchState(wanted) if wanted in list(BatchState) else None
    found = await batches.list_batches(desk_of(state).dispatch, chosen, after=read_place(after), limit=ON_A_PAGE + 1)
    last = found[ON_A_PAGE - 1] if len(found) > ON_A_PAGE else None
    return show_console(
        request,
        "batches.html",
        problem=problem,
        done=done,
        batches=Page(items=found[:ON_A_PAGE], after=write_place(last.made_at, last.id) if last else None),
        wanted=chosen.value if chosen else "",
        choices=[each.value for each in BatchState],
        form=form or BatchForm(),
        fresh_id=new_id(),
    )


@get("/operator/batches/{batch_id:uuid}", guards=GUARDS, include_in_schema=False)
async def show_batch(
    batch_id: FromPath[UUID], request: Visit, state: State, after: After = None, done: Done = ""
) -> Response[str]:
    """One batch with its payments."""
    return await _show_one(request, state, batch_id, after=after, done=done)


async def _show_one(
    request: Visit,
    state: State,
    batch_id: UUID,
    *,
    after: str | None = None,
    done: str = "",
    problem: PlauditError | None = None,
) -> Response[str]:
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    batch = await batches.get_batch(desk.dispatch, batch_id)
    found = await batches.list_items(
        desk.dispatch, batch_id, operator_id, after=read_number(after), limit=ON_A_PAGE + 1, now=desk.now
    )
    last = found[ON_A_PAGE - 1] if len(found) > ON_A_PAGE else None
    page = Page(items=found[:ON_A_PAGE], after=str(last.number) if last else None)
    return show_console(request, "batch.html", problem=problem, done=done, batch=batch, items=page)


@get("/operator/batches/{batch_id:uuid}/file", guards=GUARDS, include_in_schema=False)
async def fetch_file(batch_id: FromPath[UUID], request: Visit, state: State) -> Response[bytes]:
    """The file for the bank."""
    desk = desk_of(state)
    return send_file(await batches.fetch_file(desk.dispatch, batch_id, visitor_of(request).person_id, now=desk.now))


@post("/operator/batches/{batch_id:uuid}/{act:str}", guards=GUARDS, include_in_schema=False)
async def act_on_batch(
    batch_id: FromPath[UUID], act: FromPath[str], data: URLEncodedBody[ProvenForm], request: Visit, state: State
) -> Response[Any]:
    """Say that it was sent, send it again, or give it back."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    acting = _acts(desk.now).get(act)
    if acting is None:
        return go_to(f"/operator/batches/{batch_id}")
    done, run = acting
    try:
        await run(desk.dispatch, batch_id, visitor_of(request).person_id)
    except PlauditError as problem:
        if problem.status == 404:
            raise
        return await _show_one(request, state, batch_id, problem=problem)
    return go_to(f"/operator/batches/{batch_id}", done)


def _acts(now: datetime) -> dict[str, tuple[str, Act]]:
    return {
        "sent": ("batch_sent", lambda dispatch, id, by: batches.mark_sent(dispatch, id, by, now=now)),
        "again": ("batch_again", lambda dispatch, id, by: batches.send_again(dispatch, id, by, now=now)),
        "discard": ("batch_discarded", lambda dispatch, id, by: batches.discard_batch(dispatch, id, by, now=now)),
    }


ROUTES: list[ControllerRouterHandler] = [list_batches, make_batch, show_batch, fetch_file, act_on_batch]
"""All of them, for the pages' router."""
