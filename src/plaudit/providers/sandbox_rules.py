"""What the sandbox provider decides: which card leads where, what it keeps, and how its webhooks are written."""

import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import Conflict, NotFound, PlauditError
from plaudit.foundation.money import Money
from plaudit.providers.payment import Event, Payment, PaymentState, WebhookNotGenuine

SIGNATURE = "sandbox-signature"
OPEN_FOR = timedelta(minutes=30)
# What a card costs: 2.9 % of what is charged, rounded up in the provider's favour, and 30 minor units.
FEE_BPS, FEE_MINOR = 290, 30


class Card(StrEnum):
    """The cards that the sandbox takes, each named by what comes of it."""

    SUCCESS = "success"
    DECLINED = "declined"
    CONFIRM = "confirm"
    PENDING = "pending"
    TIMEOUT = "timeout"


class State(StrEnum):
    """Where a checkout stands. `confirming`: the bank asks whether it was really its customer."""

    OPEN = "open"
    CONFIRMING = "confirming"
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


ENDED = frozenset({State.PAID, State.FAILED, State.EXPIRED})

_AFTER_CARD = {
    Card.SUCCESS: State.PAID,
    Card.DECLINED: State.FAILED,
    Card.CONFIRM: State.CONFIRMING,
    Card.PENDING: State.PENDING,
    # The bank never answers, and the provider gives up.
    Card.TIMEOUT: State.EXPIRED,
}
_TOLD = {
    State.PENDING: PaymentState.PENDING,
    State.PAID: PaymentState.PAID,
    State.FAILED: PaymentState.FAILED,
    State.EXPIRED: PaymentState.EXPIRED,
}


class NoSuchCheckout(NotFound):
    """The sandbox has no checkout with this id."""

    code = "no_such_checkout"
    title = "There is no such checkout."


class CheckoutClosed(Conflict):
    """The checkout isn't waiting for this: it was paid, it failed, or its time is over."""

    code = "checkout_closed"
    title = "This checkout isn't waiting for that any more."


class SandboxCheckout(Struct, frozen=True, kw_only=True):
    """A checkout as the sandbox keeps it."""

    id: UUID
    reference: UUID
    description: str
    amount_minor: int
    currency: str
    state: State
    opened_at: datetime
    expires_at: datetime
    settles_at: datetime | None = None
    ended_at: datetime | None = None
    return_url: str | None = None

    @property
    def amount(self) -> Money:
        """What is to be paid."""
        return Money(self.amount_minor, get_currency(self.currency))


class _Told(Struct, frozen=True, kw_only=True):
    """The body of a webhook."""

    id: str
    payment: str
    reference: UUID
    state: PaymentState
    amount_minor: int
    fee_minor: int
    currency: str
    at: datetime


def take_card(state: State, card: Card) -> State:
    """Where the card leads. Raises CheckoutClosed unless the checkout is open."""
    if state is not State.OPEN:
        raise CheckoutClosed
    return _AFTER_CARD[card]


def take_confirmation(state: State, *, approved: bool) -> State:
    """Where the bank's question leads. Raises CheckoutClosed unless it was asked."""
    if state is not State.CONFIRMING:
        raise CheckoutClosed
    return State.PAID if approved else State.FAILED


def take_time(checkout: SandboxCheckout, now: datetime) -> State:
    """Where time alone leads: what was pending settles, and what nobody paid is over."""
    if checkout.state is State.PENDING and checkout.settles_at is not None and checkout.settles_at <= now:
        return State.PAID
    if checkout.state in (State.OPEN, State.CONFIRMING) and checkout.expires_at <= now:
        return State.EXPIRED
    return checkout.state


def fee_of(charged: Money) -> Money:
    """What the provider keeps; never more than was charged."""
    share = -(-charged.minor * FEE_BPS // 10_000)
    return Money(min(charged.minor, share + FEE_MINOR), charged.currency)


def payment_of(checkout: SandboxCheckout, now: datetime) -> Payment:
    """The checkout's payment as a provider tells it. A checkout has one payment."""
    return Payment(
        id=f"pay_{checkout.id.hex}",
        reference=checkout.reference,
        state=_TOLD.get(checkout.state, PaymentState.PENDING),
        charged=checkout.amount,
        fee=fee_of(checkout.amount),
        at=checkout.ended_at or now,
    )


def event_id_of(checkout: SandboxCheckout) -> str:
    """The id of the event that the checkout came to its state."""
    return f"evt_{checkout.id.hex}_{checkout.state}"


def write_event(event: Event) -> bytes:
    """The body of a webhook."""
    payment = event.payment
    told = _Told(
        id=event.id,
        payment=payment.id,
        reference=payment.reference,
        state=payment.state,
        amount_minor=payment.charged.minor,
        fee_minor=payment.fee.minor,
        currency=payment.charged.currency.code,
        at=payment.at,
    )
    return msgspec.json.encode(told)


def read_event(body: bytes) -> Event:
    """What `write_event` wrote. Raises WebhookNotGenuine."""
    try:
        told = msgspec.json.decode(body, type=_Told)
        currency = get_currency(told.currency)
    except (msgspec.DecodeError, PlauditError, UnicodeDecodeError):
        raise WebhookNotGenuine("This webhook's body can't be read.") from None
    payment = Payment(
        id=told.payment,
        reference=told.reference,
        state=told.state,
        charged=Money(told.amount_minor, currency),
        fee=Money(told.fee_minor, currency),
        at=told.at,
    )
    return Event(told.id, payment)


def sign(secret: bytes, body: bytes) -> str:
    """The signature of a body: HMAC-SHA256, as hexadecimal digits."""
    return hmac.new(secret, body, sha256).hexdigest()


def is_signed(secret: bytes, body: bytes, signature: str) -> bool:
    """Whether the signature is that of this body; takes the same time whatever is wrong with it."""
    return hmac.compare_digest(sign(secret, body).encode(), signature.encode(errors="surrogatepass"))
