"""The studio's way out: what can be withdrawn, where to, how each payout goes, and the tax form."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.foundation.currencies import Currency, get_currency
from plaudit.foundation.errors import Conflict, Invalid, PlauditError
from plaudit.foundation.ids import new_id
from plaudit.payouts import Method, methods, requests, tax
from plaudit.payouts.tax_model import TaxDetails
from plaudit.people import second_factor
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.paging import After, read_place, write_place
from plaudit.web.pages.operating.console import Done, read_day
from plaudit.web.pages.regions import list_regions
from plaudit.web.pages.shell import show_page
from plaudit.web.pages.visits import fans_only, require_own_form

_ON_A_PAGE = 12


class Purse(Struct, frozen=True, kw_only=True):
    """What is available of one currency, in its internal units; `minor` is what of it can be paid."""

    currency: Currency
    micros: int

    @property
    def minor(self) -> int:
        """Whole minor units."""
        return self.micros // 10_000


class TaxForm(Struct, frozen=True, kw_only=True):
    """The tax form as it was sent. `id` was made with the page."""

    id: str = ""
    name: str = ""
    residence: str = ""
    address: str = ""
    tax_id: str = ""
    birth_on: str = ""
    csrf: str = ""

    def details(self) -> TaxDetails:
        """As the package takes it. Raises Invalid."""
        return TaxDetails(
            name=self.name,
            residence=self.residence,
            address=self.address,
            tax_id=self.tax_id or None,
            birth_on=read_day(self.birth_on, "birth_on"),
        )


@get("/studio/payouts", guards=[fans_only], include_in_schema=False)
async def show_payouts(request: Visit, state: State, after: After = None, done: Done = "") -> Response[Any]:
    """What can be withdrawn and where to, and every payout that was."""
    desk, visitor = desk_of(state), visitor_of(request)
    if not visitor.is_creator:
        return Redirect("/studio", status_code=303)
    found = await methods.list_methods(desk.pay, visitor.person_id)
    payouts = await requests.list_payouts(desk.pay, visitor.person_id, after=read_place(after), limit=_ON_A_PAGE + 1)
    last = payouts[_ON_A_PAGE - 1].payout if len(payouts) > _ON_A_PAGE else None
    return show_page(
        request,
        "payouts.html",
        done=done,
        purses=await _list_purses(desk, visitor.person_id, visitor.currency),
        methods=found,
        ready=[method for method in found if _is_ready(method, desk)],
        payouts=payouts[:_ON_A_PAGE],
        after=write_place(last.asked_at, last.id) if last else None,
        standing=await tax.get_standing(desk.pay, visitor.person_id, now=desk.now),
        payee=await requests.get_payee(desk.pay, visitor.person_id),
        has_second_factor=await second_factor.is_on(desk.db, visitor.person_id),
    )


def _is_ready(method: Method, desk: Desk) -> bool:
    return method.verified_at is not None and method.usable_from <= desk.now


async def _list_purses(desk: Desk, person_id: UUID, own: str) -> list[Purse]:
    """The largest first; one's own currency where there is nothing at all."""
    found = await requests.list_available(desk.pay, person_id)
    purses = [Purse(currency=get_currency(code), micros=micros) for code, micros in found.items() if micros]
    return sorted(purses, key=lambda purse: -purse.micros) or [Purse(currency=get_currency(own), micros=0)]


@get("/studio/payouts/tax", guards=[fans_only], include_in_schema=False)
async def show_tax_form(request: Visit, state: State) -> Response[Any]:
    """What the tax office wants to know, and what was signed."""
    desk, visitor = desk_of(state), visitor_of(request)
    if not visitor.is_creator:
        return Redirect("/studio", status_code=303)
    payee = await requests.get_payee(desk.pay, visitor.person_id)
    form = TaxForm(id=str(new_id()), name=payee.legal_name or "", residence=payee.region)
    return await _show_form(request, desk, form)


@post("/studio/payouts/tax", guards=[fans_only], include_in_schema=False)
async def sign_tax_form(data: URLEncodedBody[TaxForm], request: Visit, state: State) -> Response[Any]:
    """Sign it. The same form again, from whatever click, is the same signature."""
    require_own_form(request, data.csrf)
    desk, visitor = desk_of(state), visitor_of(request)
    try:
        await tax.sign_facts(desk.pay, _read_id(data.id), visitor.person_id, data.details(), now=desk.now)
    except (Invalid, Conflict) as problem:
        return await _show_form(request, desk, data, problem=problem)
    return Redirect("/studio/payouts?done=signed", status_code=303)


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("This page is out of date: load it again.") from None


async def _show_form(
    request: Visit, desk: Desk, form: TaxForm, *, problem: PlauditError | None = None
) -> Response[str]:
    return show_page(
        request,
        "payouts_tax.html",
        status=problem.status if problem else 200,
        form=form,
        problem=problem,
        regions=list_regions(request),
        standing=await tax.get_standing(desk.pay, visitor_of(request).person_id, now=desk.now),
    )


ROUTES: list[ControllerRouterHandler] = [show_payouts, show_tax_form, sign_tax_form]
"""All of them, for the pages' router."""
