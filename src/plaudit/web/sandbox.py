"""The sandbox provider's own site: its hosted checkout, and the same for programs. Whoever has an address may pay."""

from contextlib import suppress
from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from uuid import UUID

from litestar import MediaType, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, URLEncodedBody
from litestar.response import Redirect
from msgspec import Struct

from plaudit.foundation.money import format_minor
from plaudit.providers import Card, Sandbox, SandboxCheckout
from plaudit.providers.sandbox_rules import CheckoutClosed
from plaudit.providers.sandbox_rules import State as CheckoutState
from plaudit.web.api.desk import desk_of
from plaudit.web.api.documents import refusals
from plaudit.web.payments import deliver_webhooks

_CARDS = {
    Card.SUCCESS: "A card that works",
    Card.DECLINED: "A card that is declined",
    Card.CONFIRM: "A card whose bank asks first",
    Card.PENDING: "A payment that takes a while",
    Card.TIMEOUT: "A bank that never answers",
}
_CHOICES = {
    CheckoutState.OPEN: {str(card): text for card, text in _CARDS.items()},
    CheckoutState.CONFIRMING: {"approve": "Yes, it is me", "refuse": "No, stop this payment"},
}
_SENTENCES = {
    "open": "Choose how this payment goes.",
    "confirming": "Your bank asks: is it you?",
    "pending": "The payment is on its way. You may close this page.",
    "paid": "Paid. Your coins are in your wallet; you may close this page.",
    "failed": "The payment was declined. Nothing was charged.",
    "expired": "This checkout is over. Nothing was charged.",
}
# The page has one form and no script; what isn't named here it can't load.
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
}


class CardBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The card to pay with."""

    card: Card


class ConfirmBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the bank's customer answers."""

    approved: bool


class ChoiceForm(Struct, frozen=True, kw_only=True):
    """What was pressed on the page: a card's name, or `approve` or `refuse`."""

    choice: str = ""


class CheckoutAnswer(Struct, frozen=True, kw_only=True):
    """A checkout; `state` is open, confirming, pending, paid, failed or expired."""

    id: UUID
    state: str
    amount_minor: int
    currency: str


@get("/sandbox/checkouts/{checkout_id:uuid}", media_type=MediaType.HTML, include_in_schema=False)
async def show_checkout(checkout_id: FromPath[UUID], state: State) -> Response[str]:
    """The hosted page."""
    checkout = await _sandbox(state).get_checkout(checkout_id)
    return Response(_page(checkout), media_type=MediaType.HTML, headers=_HEADERS)


@post("/sandbox/checkouts/{checkout_id:uuid}/choose", include_in_schema=False)
async def choose(checkout_id: FromPath[UUID], data: URLEncodedBody[ChoiceForm], state: State) -> Redirect:
    """A button of the page."""
    checkout = await _choose(_sandbox(state), checkout_id, data.choice, now=desk_of(state).now)
    await deliver_webhooks(state)
    is_over = checkout.state not in _CHOICES
    return Redirect((is_over and checkout.return_url) or f"/sandbox/checkouts/{checkout_id}", status_code=303)


@post("/sandbox/checkouts/{checkout_id:uuid}/pay", status_code=200, responses=refusals(404, 409, 422), security=[{}])
async def pay(checkout_id: FromPath[UUID], data: JSONBody[CardBody], state: State) -> CheckoutAnswer:
    """Pay with a card, as a program."""
    checkout = await _sandbox(state).pay(checkout_id, data.card, now=desk_of(state).now)
    await deliver_webhooks(state)
    return _show(checkout)


@post(
    "/sandbox/checkouts/{checkout_id:uuid}/confirm", status_code=200, responses=refusals(404, 409, 422), security=[{}]
)
async def confirm(checkout_id: FromPath[UUID], data: JSONBody[ConfirmBody], state: State) -> CheckoutAnswer:
    """Answer the bank's question after the card `confirm`, as a program."""
    checkout = await _sandbox(state).confirm(checkout_id, approved=data.approved, now=desk_of(state).now)
    await deliver_webhooks(state)
    return _show(checkout)


async def _choose(sandbox: Sandbox, checkout_id: UUID, choice: str, *, now: datetime) -> SandboxCheckout:
    # A second click finds closed what the first one closed: the page says how it stands, and that is all.
    with suppress(CheckoutClosed):
        if choice in ("approve", "refuse"):
            return await sandbox.confirm(checkout_id, approved=choice == "approve", now=now)
        if choice in set(Card):
            return await sandbox.pay(checkout_id, Card(choice), now=now)
    return await sandbox.get_checkout(checkout_id)


def _sandbox(state: State) -> Sandbox:
    return state.sandbox


def _show(checkout: SandboxCheckout) -> CheckoutAnswer:
    return CheckoutAnswer(
        id=checkout.id, state=checkout.state, amount_minor=checkout.amount_minor, currency=checkout.currency
    )


def _page(checkout: SandboxCheckout) -> str:
    buttons = [
        f'<button name="choice" value="{escape(name)}">{escape(text)}</button>'
        for name, text in _CHOICES.get(checkout.state, {}).items()
    ]
    back = f'<a class="back" href="{escape(checkout.return_url)}">Back to the shop</a>' if checkout.return_url else ""
    return _template().substitute(
        amount=escape(format_minor(checkout.amount)),
        description=escape(checkout.description),
        sentence=escape(_SENTENCES[checkout.state]),
        state=escape(checkout.state),
        action=f"/sandbox/checkouts/{checkout.id}/choose",
        buttons="\n".join(buttons),
        back=back,
    )


@cache
def _template() -> Template:
    return Template(files("plaudit.web").joinpath("sandbox.html").read_text("utf-8"))
