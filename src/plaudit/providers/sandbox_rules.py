"""What the sandbox provider decides: which card leads where, what it keeps, what it gives back."""

import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import Conflict, NotFound
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import Money
from plaudit.providers.payment import (
    Dispute,
    DisputeState,
    Event,
    Payment,
    PaymentState,
    Refund,
    RefundState,
    RefundWish,
)

SIGNATURE = "sandbox-signature"
OPEN_FOR = timedelta(minutes=30)
# What a card costs: 2.9 % of what is charged, rounded up in the provider's favour, and 30 minor units.
FEE_BPS, FEE_MINOR = 290, 30
# What a dispute costs, however it ends.
DISPUTE_FEE_MINOR = 1_500


class Card(StrEnum):
    """The cards that the sandbox takes, each named by what comes of it."""

    SUCCESS = "success"
    DECLINED = "declined"
    CONFIRM = "confirm"
    PENDING = "pending"
    TIMEOUT = "timeout"


class RefundAnswer(StrEnum):
    """What the sandbox does when it is asked for a refund."""

    SUCCESS = "success"
    PENDING = "pending"
    """It succeeds after a while."""
    FAILED = "failed"
    LOST = "lost"
    """It is done, but the answer never arrives."""
    DOWN = "down"
    """The sandbox can't be reached."""


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


class NoSuchDispute(NotFound):
    """The sandbox has no dispute with this id."""

    code = "no_such_dispute"
    title = "There is no such dispute."


class CannotDispute(Conflict):
    """There is nothing to dispute: it wasn't paid, or its dispute isn't decided yet, or was decided already."""

    code = "cannot_dispute"
    title = "This can't be disputed, or its dispute was decided already."


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


class SandboxDispute(Struct, frozen=True, kw_only=True):
    """A dispute as the sandbox keeps it."""

    id: UUID
    checkout_id: UUID
    amount_minor: int
    fee_minor: int
    currency: str
    reason: str
    state: DisputeState
    opened_at: datetime
    at: datetime


class SandboxRefund(Struct, frozen=True, kw_only=True):
    """A refund as the sandbox keeps it."""

    reference: UUID
    payment_id: str
    amount_minor: int
    currency: str
    state: RefundState
    at: datetime
    settles_at: datetime | None = None


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
        id=payment_id_of(checkout.id),
        reference=checkout.reference,
        state=_TOLD.get(checkout.state, PaymentState.PENDING),
        charged=checkout.amount,
        fee=fee_of(checkout.amount),
        at=checkout.ended_at or now,
    )


def event_id_of(checkout: SandboxCheckout) -> str:
    """The id of the event that the checkout came to its state."""
    return f"evt_{checkout.id.hex}_{checkout.state}"


def payment_id_of(checkout_id: UUID) -> str:
    """The id of a checkout's payment."""
    return f"pay_{checkout_id.hex}"


def checkout_id_of(payment_id: str) -> UUID | None:
    """The checkout of a payment; None for a payment that isn't the sandbox's."""
    try:
        return UUID(payment_id.removeprefix("pay_"))
    except ValueError:
        return None


def answer_refund(wish: RefundWish, checkout: SandboxCheckout | None, *, refunded_minor: int, disputed: bool) -> bool:
    """Whether this can be given back: it was paid, there is so much left of it, and nobody disputes it."""
    if checkout is None or checkout.state is not State.PAID or disputed:
        return False
    same = wish.amount.currency.code == checkout.currency
    return same and 0 < wish.amount.minor <= checkout.amount_minor - refunded_minor


def make_refund(
    wish: RefundWish, answer: RefundAnswer, *, possible: bool, now: datetime, settle_seconds: int
) -> SandboxRefund:
    """The refund as it stands just after it was asked for."""
    state = RefundState.SUCCEEDED if possible and answer is not RefundAnswer.FAILED else RefundState.FAILED
    waits = state is RefundState.SUCCEEDED and answer is RefundAnswer.PENDING
    return SandboxRefund(
        reference=wish.reference,
        payment_id=wish.payment_id,
        amount_minor=wish.amount.minor,
        currency=wish.amount.currency.code,
        state=RefundState.PENDING if waits else state,
        at=now,
        settles_at=now + timedelta(seconds=settle_seconds) if waits else None,
    )


def make_dispute(checkout: SandboxCheckout, amount_minor: int | None, reason: str, *, now: datetime) -> SandboxDispute:
    """A dispute of a payment, or of so much of it."""
    return SandboxDispute(
        id=new_id(),
        checkout_id=checkout.id,
        amount_minor=checkout.amount_minor if amount_minor is None else amount_minor,
        fee_minor=DISPUTE_FEE_MINOR,
        currency=checkout.currency,
        reason=reason,
        state=DisputeState.OPENED,
        opened_at=now,
        at=now,
    )


def refund_of(refund: SandboxRefund) -> Refund:
    """The refund as a provider tells it."""
    return Refund(
        id=f"ref_{refund.reference.hex}",
        reference=refund.reference,
        payment_id=refund.payment_id,
        amount=Money(refund.amount_minor, get_currency(refund.currency)),
        state=refund.state,
        at=refund.at,
    )


def dispute_of(dispute: SandboxDispute) -> Dispute:
    """The dispute as a provider tells it."""
    currency = get_currency(dispute.currency)
    return Dispute(
        id=f"dis_{dispute.id.hex}",
        payment_id=payment_id_of(dispute.checkout_id),
        amount=Money(dispute.amount_minor, currency),
        fee=Money(dispute.fee_minor, currency),
        reason=dispute.reason,
        state=dispute.state,
        opened_at=dispute.opened_at,
        at=dispute.at,
    )


def event_of_refund(refund: SandboxRefund) -> Event:
    """The event that a refund came to its state."""
    return Event(f"evt_{refund.reference.hex}_{refund.state}", refund_of(refund))


def event_of_dispute(dispute: SandboxDispute) -> Event:
    """The event that a dispute came to its state."""
    return Event(f"evt_{dispute.id.hex}_{dispute.state}", dispute_of(dispute))


def sign(secret: bytes, body: bytes) -> str:
    """The signature of a body: HMAC-SHA256, as hexadecimal digits."""
    return hmac.new(secret, body, sha256).hexdigest()


def is_signed(secret: bytes, body: bytes, signature: str) -> bool:
    """Whether the signature is that of this body; takes the same time whatever is wrong with it."""
    return hmac.compare_digest(sign(secret, body).encode(), signature.encode(errors="surrogatepass"))
