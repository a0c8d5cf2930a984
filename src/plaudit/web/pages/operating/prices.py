"""/operator/packs, taxes and exact-amounts: what holds and what will, and changes from an instant on."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.coins import operating
from plaudit.coins.model import ExactAmounts, PackPrice, TaxRate
from plaudit.coins.operating_rules import CHANNELS
from plaudit.foundation.errors import PlauditError
from plaudit.people.operators import take_start
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.pages.operating.console import (
    GUARDS,
    Done,
    go_to,
    read_bps,
    read_instant,
    read_minor,
    read_whole,
    rename_field,
    show_console,
)
from plaudit.web.pages.visits import require_own_form


class PackForm(Struct, frozen=True, kw_only=True):
    """A pack as it is to be sold; the price is in whole units of its currency, like 4.99."""

    csrf: str = ""
    id: str = ""
    coins: str = ""
    price: str = ""
    currency: str = "USD"
    channel: str = "web"
    region: str = ""
    is_offered: str = "yes"
    valid_from: str = ""


class TaxForm(Struct, frozen=True, kw_only=True):
    """A region's tax in percent."""

    csrf: str = ""
    region: str = ""
    name: str = ""
    rate: str = ""
    valid_from: str = ""


class ExactForm(Struct, frozen=True, kw_only=True):
    """How exact amounts are sold; the minimum is in whole units of the currency."""

    csrf: str = ""
    currency: str = "USD"
    channel: str = "web"
    minimum: str = ""
    least_coins: str = ""
    most_coins: str = ""
    valid_from: str = ""


@get("/operator/packs", guards=GUARDS, include_in_schema=False)
async def list_packs(request: Visit, state: State, done: Done = "") -> Response[str]:
    """Every pack, in every region, currency and channel."""
    return await _show_packs(request, desk_of(state), PackForm(), done=done)


@post("/operator/packs", guards=GUARDS, include_in_schema=False)
async def set_pack(data: URLEncodedBody[PackForm], request: Visit, state: State) -> Response[Any]:
    """Sell a pack like this from an instant on, or no longer offer it."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    try:
        await operating.set_pack(desk.db, visitor_of(request).person_id, _read_pack(data, desk.now), now=desk.now)
    except PlauditError as problem:
        return await _show_packs(request, desk, data, problem=rename_field(problem, price_minor="price"))
    return go_to("/operator/packs", "set")


@get("/operator/taxes", guards=GUARDS, include_in_schema=False)
async def list_taxes(request: Visit, state: State, done: Done = "") -> Response[str]:
    """Every region's tax."""
    return await _show_taxes(request, desk_of(state), TaxForm(), done=done)


@post("/operator/taxes", guards=GUARDS, include_in_schema=False)
async def set_tax(data: URLEncodedBody[TaxForm], request: Visit, state: State) -> Response[Any]:
    """Add this tax to prices in a region from an instant on."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    try:
        await operating.set_tax(desk.db, visitor_of(request).person_id, _read_tax(data, desk.now), now=desk.now)
    except PlauditError as problem:
        return await _show_taxes(request, desk, data, problem=rename_field(problem, rate_bps="rate"))
    return go_to("/operator/taxes", "set")


@get("/operator/exact-amounts", guards=GUARDS, include_in_schema=False)
async def list_exact(request: Visit, state: State, done: Done = "") -> Response[str]:
    """How exact amounts are sold."""
    return await _show_exact(request, desk_of(state), ExactForm(), done=done)


@post("/operator/exact-amounts", guards=GUARDS, include_in_schema=False)
async def set_exact(data: URLEncodedBody[ExactForm], request: Visit, state: State) -> Response[Any]:
    """Sell exact amounts like this from an instant on."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    try:
        await operating.set_exact(desk.db, visitor_of(request).person_id, _read_exact(data, desk.now), now=desk.now)
    except PlauditError as problem:
        return await _show_exact(request, desk, data, problem=rename_field(problem, minimum_minor="minimum"))
    return go_to("/operator/exact-amounts", "set")


async def _show_packs(
    request: Visit, desk: Desk, form: PackForm, *, problem: PlauditError | None = None, done: str = ""
) -> Response[str]:
    packs = await operating.list_packs(desk.db, now=desk.now)
    return show_console(request, "packs.html", problem=problem, done=done, packs=packs, channels=CHANNELS, form=form)


async def _show_taxes(
    request: Visit, desk: Desk, form: TaxForm, *, problem: PlauditError | None = None, done: str = ""
) -> Response[str]:
    taxes = await operating.list_taxes(desk.db, now=desk.now)
    return show_console(request, "taxes.html", problem=problem, done=done, taxes=taxes, form=form)


async def _show_exact(
    request: Visit, desk: Desk, form: ExactForm, *, problem: PlauditError | None = None, done: str = ""
) -> Response[str]:
    exact = await operating.list_exact(desk.db, now=desk.now)
    return show_console(
        request, "exact_amounts.html", problem=problem, done=done, exact=exact, channels=CHANNELS, form=form
    )


def _read_pack(form: PackForm, now: datetime) -> PackPrice:
    return PackPrice(
        region=form.region.strip(),
        currency=form.currency,
        channel=form.channel,
        id=form.id.strip(),
        coins=read_whole(form.coins, "coins"),
        price_minor=read_minor(form.price, form.currency, "price"),
        is_offered=form.is_offered == "yes",
        valid_from=take_start(read_instant(form.valid_from, "valid_from"), now=now),
    )


def _read_tax(form: TaxForm, now: datetime) -> TaxRate:
    return TaxRate(
        region=form.region.strip(),
        name=form.name,
        rate_bps=read_bps(form.rate.strip(), "rate"),
        valid_from=take_start(read_instant(form.valid_from, "valid_from"), now=now),
    )


def _read_exact(form: ExactForm, now: datetime) -> ExactAmounts:
    return ExactAmounts(
        currency=form.currency,
        channel=form.channel,
        minimum_minor=read_minor(form.minimum, form.currency, "minimum"),
        least_coins=read_whole(form.least_coins, "least_coins"),
        most_coins=read_whole(form.most_coins, "most_coins"),
        valid_from=take_start(read_instant(form.valid_from, "valid_from"), now=now),
    )


ROUTES: list[ControllerRouterHandler] = [
    list_packs,
    set_pack,
    list_taxes,
    set_tax,
    list_exact,
    set_exact,
]
"""All of them, for the pages' router."""
