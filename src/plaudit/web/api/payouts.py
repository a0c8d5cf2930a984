"""/v1/payout-methods, /v1/payouts and /v1/tax-form: earnings become money in a bank or a wallet."""

from typing import Annotated
from uuid import UUID

from litestar import delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from plaudit.foundation.errors import Invalid
from plaudit.payouts import methods, requests, tax
from plaudit.payouts.details import check_details
from plaudit.people import Scope
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.guards import creators_only, may, may_change_account
from plaudit.web.api.paging import After, Limit, read_place
from plaudit.web.api.payout_shapes import (
    CheckAnswer,
    CheckBody,
    MethodAnswer,
    MethodBody,
    MethodCodeBody,
    MethodList,
    PayoutAnswer,
    PayoutBody,
    PayoutList,
    QuoteAnswer,
    SignedAnswer,
    TaxAnswer,
    TaxFormBody,
    ask_for,
    show_check,
    show_method,
    show_payout,
    show_payouts,
    show_quote,
    show_signed,
    show_standing,
)

_READ = [creators_only, may(Scope.READ)]
_CREATE = [creators_only, may(Scope.CREATE)]
_CHANGE = [creators_only, may_change_account]

MethodId = Annotated[UUID, QueryParameter(name="method", description="Where it would go.")]
AmountText = Annotated[
    str, QueryParameter(name="amount_minor", description='In whole minor units, or "all".', max_length=20)
]
EarnedIn = Annotated[
    str | None, QueryParameter(name="currency", description="Of the earnings; one's own unless said.", max_length=3)
]


@get("/payout-methods", guards=_READ, responses=refusals_to_visitors(), security=BEARER)
async def list_methods(request: Visit, state: State) -> MethodList:
    """Where one's money can go."""
    found = await methods.list_methods(desk_of(state).pay, visitor_of(request).person_id)
    return MethodList(items=[show_method(method) for method in found])


@post("/payout-methods", guards=_CHANGE, responses=refusals_to_visitors(404, 409, 422), security=BEARER)
async def add_method(data: JSONBody[MethodBody], request: Visit, state: State) -> MethodAnswer:
    """Add a method. It needs a code of the second factor, then the code of the letter, and 48 hours of patience."""
    desk, visitor = desk_of(state), visitor_of(request)
    wish = data.wish(visitor.person_id, visitor.currency)
    return show_method(await methods.add_method(desk.pay, wish, now=desk.now))


@post("/payout-methods/check", status_code=200, guards=_READ, responses=refusals_to_visitors(404, 422), security=BEARER)
async def check_method(data: JSONBody[CheckBody], request: Visit) -> CheckAnswer:
    """Whether details can be right, before they are sent; nothing of them is kept."""
    return show_check(check_details(data.details.details(), currency=visitor_of(request).currency))


@post(
    "/payout-methods/{method_id:uuid}/verify",
    status_code=200,
    guards=_CREATE,
    responses=refusals_to_visitors(404, 409, 422),
    security=BEARER,
)
async def verify_method(
    method_id: FromPath[UUID], data: JSONBody[MethodCodeBody], request: Visit, state: State
) -> MethodAnswer:
    """The code of the letter."""
    desk, person_id = desk_of(state), visitor_of(request).person_id
    return show_method(await methods.verify_method(desk.pay, method_id, data.code, of=person_id, now=desk.now))


@post(
    "/payout-methods/{method_id:uuid}/code",
    status_code=200,
    guards=_CREATE,
    responses=refusals_to_visitors(404, 409),
    security=BEARER,
)
async def resend_code(method_id: FromPath[UUID], request: Visit, state: State) -> MethodAnswer:
    """Mail another code; the one before isn't good any more."""
    desk, person_id = desk_of(state), visitor_of(request).person_id
    return show_method(await methods.resend_code(desk.pay, method_id, of=person_id, now=desk.now))


@delete("/payout-methods/{method_id:uuid}", guards=_CREATE, responses=refusals_to_visitors(404), security=BEARER)
async def retire_method(method_id: FromPath[UUID], request: Visit, state: State) -> None:
    """Use it no more. Payouts on their way still arrive there."""
    desk, person_id = desk_of(state), visitor_of(request).person_id
    await methods.retire_method(desk.pay, method_id, of=person_id, now=desk.now)


@get("/payouts/quote", guards=_READ, responses=refusals_to_visitors(404, 409, 422), security=BEARER)
async def get_quote(
    method_id: MethodId, amount_minor: AmountText, request: Visit, state: State, currency: EarnedIn = None
) -> QuoteAnswer:
    """What would become of an amount: fee, tax, exchange, what arrives, and when."""
    desk, visitor = desk_of(state), visitor_of(request)
    asked = ask_for(read_amount(amount_minor), currency or visitor.currency)
    available = await requests.get_available(desk.pay, visitor.person_id, asked.currency)
    quote = await requests.quote_payout(desk.pay, visitor.person_id, method_id, asked, now=desk.now)
    return show_quote(quote, available)


def read_amount(text: str) -> int | None:
    """A number of minor units, or None for "all". Raises Invalid."""
    if text == "all":
        return None
    if not (text.isascii() and text.isdigit()):
        raise Invalid('An amount is a whole number of minor units, or "all".', field="amount_minor")
    return int(text)


@post("/payouts", guards=_CREATE, responses=refusals_to_visitors(404, 409, 422), security=BEARER)
async def request_payout(data: JSONBody[PayoutBody], request: Visit, state: State) -> PayoutAnswer:
    """Withdraw: the money is held at once. The same id again answers how it stands."""
    desk, visitor = desk_of(state), visitor_of(request)
    wish = data.wish(visitor.person_id, visitor.currency)
    await requests.request_payout(desk.pay, wish, now=desk.now)
    return show_payout(await requests.get_payout(desk.pay, wish.id, of=visitor.person_id))


@get("/payouts", guards=_READ, responses=refusals_to_visitors(422), security=BEARER)
async def list_payouts(request: Visit, state: State, after: After = None, limit: Limit = 30) -> PayoutList:
    """One's payouts, the newest first."""
    found = await requests.list_payouts(
        desk_of(state).pay, visitor_of(request).person_id, after=read_place(after), limit=limit + 1
    )
    return show_payouts(found, limit)


@get("/payouts/{payout_id:uuid}", guards=_READ, responses=refusals_to_visitors(404), security=BEARER)
async def get_payout(payout_id: FromPath[UUID], request: Visit, state: State) -> PayoutAnswer:
    """One's own payout, with every step."""
    return show_payout(await requests.get_payout(desk_of(state).pay, payout_id, of=visitor_of(request).person_id))


@post(
    "/payouts/{payout_id:uuid}/cancel",
    status_code=200,
    guards=_CREATE,
    responses=refusals_to_visitors(404, 409),
    security=BEARER,
)
async def cancel_payout(payout_id: FromPath[UUID], request: Visit, state: State) -> PayoutAnswer:
    """Take it back before it is sent."""
    desk = desk_of(state)
    return show_payout(
        await requests.cancel_payout(desk.pay, payout_id, of=visitor_of(request).person_id, now=desk.now)
    )


@get("/tax-form", guards=_READ, responses=refusals_to_visitors(), security=BEARER)
async def get_standing(request: Visit, state: State) -> TaxAnswer:
    """Which form is needed, what was signed, and what is withheld."""
    desk = desk_of(state)
    return show_standing(await tax.get_standing(desk.pay, visitor_of(request).person_id, now=desk.now))


@post("/tax-form", guards=_CREATE, responses=refusals_to_visitors(409, 422), security=BEARER)
async def sign_form(data: JSONBody[TaxFormBody], request: Visit, state: State) -> SignedAnswer:
    """Sign the form of the country that one lives in. The newest counts."""
    desk, person_id = desk_of(state), visitor_of(request).person_id
    return show_signed(await tax.sign_facts(desk.pay, data.id, person_id, data.details(), now=desk.now))


ROUTES: list[ControllerRouterHandler] = [
    list_methods,
    add_method,
    check_method,
    verify_method,
    resend_code,
    retire_method,
    get_quote,
    request_payout,
    list_payouts,
    get_payout,
    cancel_payout,
    get_standing,
    sign_form,
]
"""All of them, for the API's router."""
