"""/operator: is everything well, what came today, who did what last; and the pace of the demo's crowd."""

import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.coins import operating
from plaudit.coins.model import Bought
from plaudit.foundation.errors import Conflict, Invalid, PlauditError, Unavailable
from plaudit.foundation.settings import Settings
from plaudit.ledger import Filter, totals
from plaudit.ledger.chart import TransferCode
from plaudit.ledger.totals import Checked, CodeTotals, Flow
from plaudit.people import operators
from plaudit.people.model import Act
from plaudit.providers import Line
from plaudit.rooms import lives
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.demo_pace import QUICKEST, SLOWEST, read_pace, store_pace
from plaudit.web.pages.operating.console import GUARDS, Done, find_coin_rate, go_to, show_console
from plaudit.web.pages.visits import require_own_form

_LAST_ACTS = 8


class PaceForm(Struct, frozen=True, kw_only=True):
    """Gifts a second over all rooms."""

    csrf: str = ""
    pace: str = ""


class AssetSums(Struct, frozen=True, kw_only=True):
    """All accounts of one asset: whatever was debited was credited, or something is badly wrong."""

    ledger: int
    accounts: int
    debits: int
    credits: int


class Health(Struct, frozen=True, kw_only=True):
    """How everything stands; `programs` tell their viewers, and none means that no gateway is heard."""

    database_ms: float | None
    nats_is_reached: bool
    programs: int
    viewers: int
    last_timestamp: int | None
    assets: list[AssetSums]
    checked: Checked | None


class Today(Struct, frozen=True, kw_only=True):
    """What came since midnight (UTC)."""

    bought: list[Bought]
    given: Flow
    lives_on: int


@get("/operator", guards=GUARDS, include_in_schema=False)
async def show_overview(request: Visit, state: State, done: Done = "") -> Response[str]:
    """Health, today's figures, the last acts."""
    return await _show(request, state, done=done)


@post("/operator/demo", guards=GUARDS, include_in_schema=False)
async def set_pace(data: URLEncodedBody[PaceForm], request: Visit, state: State) -> Response[Any]:
    """From now on the demo's crowd gives so much."""
    require_own_form(request, data.csrf)
    desk, file = desk_of(state), _demo_file(state)
    if file is None:
        raise Conflict("No demo runs here.")
    try:
        pace = _read_pace(data.pace)
    except Invalid as problem:
        return await _show(request, state, problem=problem)
    async with desk.db.transaction() as tx:
        operator_id = visitor_of(request).person_id
        await operators.note_act(tx, operator_id, "demo_pace_set", "demo", {"pace": pace}, now=desk.now)
        store_pace(file, pace)
    return go_to("/operator", "paced")


async def _show(request: Visit, state: State, *, problem: PlauditError | None = None, done: str = "") -> Response[str]:
    desk, file = desk_of(state), _demo_file(state)
    return show_console(
        request,
        "overview.html",
        problem=problem,
        done=done,
        health=await _look(desk, state.nats),
        today=await _find_today(desk),
        acts=await _list_acts(desk),
        rate=await find_coin_rate(request, desk),
        pace=None if file is None else read_pace(file),
        paces=(SLOWEST, QUICKEST),
    )


async def _look(desk: Desk, line: Line) -> Health:
    programs, viewers = desk.rooms.presence.count_all()
    nats_is_reached = await line.is_reached()
    try:
        began = time.perf_counter()
        last = await desk.till.ledger.last_timestamp()
        took = time.perf_counter() - began
        sums, checked = await totals.list_totals(desk.db), await totals.find_last_check(desk.db)
    except Unavailable:
        took, last, sums, checked = None, None, [], None
    return Health(
        database_ms=None if took is None else took * 1000,
        nats_is_reached=nats_is_reached,
        programs=programs,
        viewers=viewers,
        last_timestamp=last,
        assets=_add_up(sums),
        checked=checked,
    )


def _add_up(sums: list[CodeTotals]) -> list[AssetSums]:
    by_asset: dict[int, list[CodeTotals]] = defaultdict(list)
    for each in sums:
        by_asset[each.ledger].append(each)
    return [
        AssetSums(
            ledger=ledger,
            accounts=sum(each.accounts for each in group),
            debits=sum(each.debits_posted + each.debits_pending for each in group),
            credits=sum(each.credits_posted + each.credits_pending for each in group),
        )
        for ledger, group in sorted(by_asset.items())
    ]


async def _find_today(desk: Desk) -> Today | None:
    """None when it can't be told for the moment: the rest of the page is there all the same."""
    midnight = desk.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        return Today(
            bought=await operating.sum_bought(desk.db, since=midnight),
            given=await totals.sum_flow(desk.db, TransferCode.GIFT, after=await _last_before(desk, midnight)),
            lives_on=await lives.count_on(desk.db),
        )
    except Unavailable:
        return None


async def _last_before(desk: Desk, at: datetime) -> int:
    found = await desk.till.ledger.list_transfers(Filter(before=at), limit=1, newest_first=True)
    return found[0].timestamp if found else 0


async def _list_acts(desk: Desk) -> list[Act]:
    try:
        return await operators.list_acts(desk.db, after=None, limit=_LAST_ACTS)
    except Unavailable:
        return []


def _read_pace(text: str) -> float:
    try:
        pace = float(text)
    except ValueError:
        pace = -1.0
    if not SLOWEST <= pace <= QUICKEST:
        raise Invalid(f"This is a number from {SLOWEST:g} to {QUICKEST:g}.", field="pace")
    return pace


def _demo_file(state: State) -> Path | None:
    settings: Settings = state.settings
    return settings.demo_pace_file


ROUTES: list[ControllerRouterHandler] = [show_overview, set_pace]
"""All of them, for the pages' router."""
