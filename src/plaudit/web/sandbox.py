"""The sandbox provider's own site: its hosted checkout, disputes, and the same for programs.

Whoever has a checkout's address may pay, say that the payment wasn't right, and play the bank that decides about that.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from hmac import compare_digest
from html import escape
from importlib.resources import files
from string import Template
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from plaudit.foundation.money import format_minor
from plaudit.providers import Card, DisputeState, Sandbox, SandboxCheckout, SandboxDispute, WebhookNotGenuine
from plaudit.providers.sandbox_rules import SIGNATURE, CannotDispute, CheckoutClosed
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
_DISPUTE = {"dispute": "Dispute this payment at my bank"}
_DECISIONS = {"lost": "The bank decides for whoever paid", "won": "The bank decides for the shop"}
_SENTENCES = {
    "open": "Choose how this payment goes.",
    "confirming": "Your bank asks: is it you?",
    "pending": "The payment is on its way. You may close this page.",
    "paid": "Paid. Your coins are in your wallet; you may close this page.",
    "failed": "The payment was declined. Nothing was charged.",
    "expired": "This checkout is over. Nothing was charged.",
}
_ABOUT_DISPUTES = {
    DisputeState.OPENED: "This payment is disputed. You are the bank now: how does it end?",
    DisputeState.WON: "The bank decided for the shop: the payment stands.",
    DisputeState.LOST: "The bank decided for whoever paid: the money is back.",
}
_NOT_KEPT = {"cache-control": "no-store"}
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


class DisputeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is disputed: the whole payment, or so much; it may be more than was paid."""

    amount_minor: Annotated[int, Meta(ge=1, le=10**12)] | None = None
    reason: Annotated[str, Meta(min_length=1, max_length=200)] = "fraudulent"


class OutcomeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the bank decides: `won` by the shop, or `lost`."""

    outcome: Literal["won", "lost"]


class DisputeAnswer(Struct, frozen=True, kw_only=True):
    """A dispute; `state` is opened, won or lost."""

    id: UUID
    state: str
    amount_minor: int
    fee_minor: int
    currency: str


class ChoiceForm(Struct, frozen=True, kw_only=True):
    """What was pressed on the page: a card's name, `approve` or `refuse`, `dispute`, and `won` or `lost`."""

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
    disputes = await _sandbox(state).list_disputes_of(checkout_id)
    return Response(_page(checkout, disputes), media_type=MediaType.HTML, headers=_HEADERS)


@post("/sandbox/checkouts/{checkout_id:uuid}/choose", include_in_schema=False)
async def choose(checkout_id: FromPath[UUID], data: URLEncodedBody[ChoiceForm], state: State) -> Redirect:
    """A button of the page."""
    checkout = await _choose(_sandbox(state), checkout_id, data.choice, now=desk_of(state).now)
    await deliver_webhooks(state)
    is_over = checkout.state not in _CHOICES and data.choice not in (*_DISPUTE, *_DECISIONS)
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


@post(
    "/sandbox/payments/{checkout_id:uuid}/dispute",
    status_code=200,
    responses=refusals(404, 409, 422),
    security=[{}],
)
async def dispute(checkout_id: FromPath[UUID], data: JSONBody[DisputeBody], state: State) -> DisputeAnswer:
    """Say, as whoever paid, that a payment isn't right: the money is taken back until the bank decides."""
    opened = await _sandbox(state).open_dispute(
        checkout_id, amount_minor=data.amount_minor, reason=data.reason, now=desk_of(state).now
    )
    await deliver_webhooks(state)
    return _show_dispute(opened)


@post("/sandbox/disputes/{dispute_id:uuid}/close", status_code=200, responses=refusals(404, 409, 422), security=[{}])
async def close_dispute(dispute_id: FromPath[UUID], data: JSONBody[OutcomeBody], state: State) -> DisputeAnswer:
    """Decide about a dispute, as the bank."""
    closed = await _sandbox(state).close_dispute(dispute_id, DisputeState(data.outcome), now=desk_of(state).now)
    await deliver_webhooks(state)
    return _show_dispute(closed)


@get("/sandbox/reports/{day:date}", media_type="text/csv", responses=refusals(401, 404), security=[{}])
async def get_report(day: FromPath[date], request: Request[Any, Any, State], state: State) -> Response[bytes]:
    """What happened on a day (UTC), as CSV; the header `sandbox-signature` is the body's, as a webhook's.

    The request has to be signed the same way, over its path, as only the house can.
    """
    sandbox = _sandbox(state)
    asked = await sandbox.sign(f"/sandbox/reports/{day}".encode())
    if not compare_digest(asked.encode(), request.headers.get(SIGNATURE, "").encode(errors="surrogatepass")):
        raise WebhookNotGenuine("A report is only for whoever can sign the request for it.")
    body = await sandbox.daily_report(day)
    return Response(body, media_type="text/csv", headers={SIGNATURE: await sandbox.sign(body), **_NOT_KEPT})


async def _choose(sandbox: Sandbox, checkout_id: UUID, choice: str, *, now: datetime) -> SandboxCheckout:
    # A second click finds closed what the first one closed: the page says how it stands, and that is all.
    with suppress(CheckoutClosed, CannotDispute):
        if choice in (*_DISPUTE, *_DECISIONS):
            await _quarrel(sandbox, checkout_id, choice, now=now)
        if choice in ("approve", "refuse"):
            return await sandbox.confirm(checkout_id, approved=choice == "approve", now=now)
        if choice in set(Card):
            return await sandbox.pay(checkout_id, Card(choice), now=now)
    return await sandbox.get_checkout(checkout_id)


async def _quarrel(sandbox: Sandbox, checkout_id: UUID, choice: str, *, now: datetime) -> None:
    disputes = await sandbox.list_disputes_of(checkout_id)
    if choice in _DISPUTE and not disputes:
        await sandbox.open_dispute(checkout_id, reason="fraudulent", now=now)
    elif choice in _DECISIONS and disputes:
        await sandbox.close_dispute(disputes[-1].id, DisputeState(choice), now=now)


def _sandbox(state: State) -> Sandbox:
    return state.sandbox


def _show(checkout: SandboxCheckout) -> CheckoutAnswer:
    return CheckoutAnswer(
        id=checkout.id, state=checkout.state, amount_minor=checkout.amount_minor, currency=checkout.currency
    )


def _show_dispute(dispute: SandboxDispute) -> DisputeAnswer:
    return DisputeAnswer(
        id=dispute.id,
        state=dispute.state,
        amount_minor=dispute.amount_minor,
        fee_minor=dispute.fee_minor,
        currency=dispute.currency,
    )


def _choices(checkout: SandboxCheckout, last: SandboxDispute | None) -> Mapping[str, str]:
    if last is not None:
        return _DECISIONS if last.state is DisputeState.OPENED else {}
    return _DISPUTE if checkout.state is CheckoutState.PAID else _CHOICES.get(checkout.state, {})


def _page(checkout: SandboxCheckout, disputes: Sequence[SandboxDispute] = ()) -> str:
    last = disputes[-1] if disputes else None
    buttons = [
        f'<button name="choice" value="{escape(name)}">{escape(text)}</button>'
        for name, text in _choices(checkout, last).items()
    ]
    back = f'<a class="back" href="{escape(checkout.return_url)}">Back to the shop</a>' if checkout.return_url else ""
    return _template().substitute(
        amount=escape(format_minor(checkout.amount)),
        description=escape(checkout.description),
        sentence=escape(_ABOUT_DISPUTES[last.state] if last else _SENTENCES[checkout.state]),
        state=escape(checkout.state),
        action=f"/sandbox/checkouts/{checkout.id}/choose",
        buttons="\n".join(buttons),
        back=back,
    )


@cache
def _template() -> Template:
    return Template(files("plaudit.web").joinpath("sandbox.html").read_text("utf-8"))
