"""How the sandbox provider's webhooks are written: one JSON object each, which holds all of what it is about."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.money import Money
from plaudit.providers.payment import (
    Dispute,
    DisputeState,
    Event,
    Kind,
    Payment,
    PaymentState,
    Refund,
    RefundState,
    WebhookNotGenuine,
)


class _Told(Struct, frozen=True, kw_only=True):
    """What every body of a webhook begins with."""

    id: str
    kind: Kind = Kind.PAYMENT


class _ToldPayment(_Told, frozen=True, kw_only=True):
    payment: str
    reference: UUID
    state: PaymentState
    amount_minor: int
    fee_minor: int
    currency: str
    at: datetime


class _ToldRefund(_Told, frozen=True, kw_only=True):
    refund: str
    payment: str
    reference: UUID
    state: RefundState
    amount_minor: int
    currency: str
    at: datetime


class _ToldDispute(_Told, frozen=True, kw_only=True):
    dispute: str
    payment: str
    state: DisputeState
    reason: str
    amount_minor: int
    fee_minor: int
    currency: str
    opened_at: datetime
    at: datetime


def write_event(event: Event) -> bytes:
    """The body of a webhook."""
    match event.about:
        case Payment() as payment:
            told = _ToldPayment(
                id=event.id,
                payment=payment.id,
                reference=payment.reference,
                state=payment.state,
                amount_minor=payment.charged.minor,
                fee_minor=payment.fee.minor,
                currency=payment.charged.currency.code,
                at=payment.at,
            )
        case Refund() as refund:
            told = _ToldRefund(
                id=event.id,
                kind=Kind.REFUND,
                refund=refund.id,
                payment=refund.payment_id,
                reference=refund.reference,
                state=refund.state,
                amount_minor=refund.amount.minor,
                currency=refund.amount.currency.code,
                at=refund.at,
            )
        case Dispute() as dispute:
            told = _write_dispute(event.id, dispute)
    return msgspec.json.encode(told)


def _write_dispute(event_id: str, dispute: Dispute) -> _ToldDispute:
    return _ToldDispute(
        id=event_id,
        kind=Kind.DISPUTE,
        dispute=dispute.id,
        payment=dispute.payment_id,
        state=dispute.state,
        reason=dispute.reason,
        amount_minor=dispute.amount.minor,
        fee_minor=dispute.fee.minor,
        currency=dispute.amount.currency.code,
        opened_at=dispute.opened_at,
        at=dispute.at,
    )


def read_event(body: bytes) -> Event:
    """What `write_event` wrote. Raises WebhookNotGenuine."""
    try:
        told = msgspec.json.decode(body, type=_Told)
        return Event(told.id, _READERS[told.kind](body))
    except (msgspec.DecodeError, PlauditError, UnicodeDecodeError):
        raise WebhookNotGenuine("This webhook's body can't be read.") from None


def _read_payment(body: bytes) -> Payment:
    told = msgspec.json.decode(body, type=_ToldPayment)
    currency = get_currency(told.currency)
    return Payment(
        id=told.payment,
        reference=told.reference,
        state=told.state,
        charged=Money(told.amount_minor, currency),
        fee=Money(told.fee_minor, currency),
        at=told.at,
    )


def _read_refund(body: bytes) -> Refund:
    told = msgspec.json.decode(body, type=_ToldRefund)
    return Refund(
        id=told.refund,
        reference=told.reference,
        payment_id=told.payment,
        amount=Money(told.amount_minor, get_currency(told.currency)),
        state=told.state,
        at=told.at,
    )


def _read_dispute(body: bytes) -> Dispute:
    told = msgspec.json.decode(body, type=_ToldDispute)
    currency = get_currency(told.currency)
    return Dispute(
        id=told.dispute,
        payment_id=told.payment,
        amount=Money(told.amount_minor, currency),
        fee=Money(told.fee_minor, currency),
        reason=told.reason,
        state=told.state,
        opened_at=told.opened_at,
        at=told.at,
    )


_READERS: dict[Kind, Callable[[bytes], Payment | Refund | Dispute]] = {
    Kind.PAYMENT: _read_payment,
    Kind.REFUND: _read_refund,
    Kind.DISPUTE: _read_dispute,
}
