"""Payment: the port that every payment provider is behind."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.errors import PlauditError
from plaudit.foundation.money import Money
from plaudit.providers.reports import ReportLine


class WebhookNotGenuine(PlauditError):
    """The signature of a webhook isn't its provider's, or its body can't be read."""

    code = "webhook_not_genuine"
    title = "This webhook isn't signed by its provider."
    status = 401


class PaymentState(StrEnum):
    """What became of a payment, as far as its provider knows."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


class CheckoutWish(Struct, frozen=True, kw_only=True):
    """What is to be paid. `reference` is our id of it; `total` is what is charged, tax included.

    `return_url` is where the provider leads whoever has paid, or won't; one that begins with a slash is on our server.
    """

    reference: UUID
    total: Money
    description: str
    return_url: str | None = None


class Checkout(Struct, frozen=True):
    """Where somebody pays. A `url` that begins with a slash is on our own server."""

    id: str
    url: str


class Payment(Struct, frozen=True, kw_only=True):
    """One payment as its provider tells it; `fee` is what the provider keeps of what was `charged`."""

    id: str
    reference: UUID
    state: PaymentState
    charged: Money
    fee: Money
    at: datetime


class RefundState(StrEnum):
    """What became of a refund, as far as its provider knows. `failed`: nothing went back."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RefundWish(Struct, frozen=True, kw_only=True):
    """What is to go back to whoever paid. `reference` is our id of it: the same again is the same refund."""

    reference: UUID
    payment_id: str
    amount: Money


class Refund(Struct, frozen=True, kw_only=True):
    """One refund as its provider tells it."""

    id: str
    reference: UUID
    payment_id: str
    amount: Money
    state: RefundState
    at: datetime


class DisputeState(StrEnum):
    """Where a dispute stands. `opened`: the money was taken from us; `won`: it came back; `lost`: it is gone."""

    OPENED = "opened"
    WON = "won"
    LOST = "lost"


class Dispute(Struct, frozen=True, kw_only=True):
    """One dispute (chargeback) as its provider tells it; every telling holds all of it.

    `amount` was taken from us and may be more or less than was paid; `fee` is what the provider takes for it, however
    it ends. `opened_at` never changes, `at` is when it came to its state.
    """

    id: str
    payment_id: str
    amount: Money
    fee: Money
    reason: str
    state: DisputeState
    opened_at: datetime
    at: datetime


class Kind(StrEnum):
    """What an event is about."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"


class Event(Struct, frozen=True):
    """What a webhook says. The same event may come twice, late, or after one that happened later."""

    id: str
    about: Payment | Refund | Dispute

    @property
    def kind(self) -> Kind:
        """What it is about."""
        match self.about:
            case Payment():
                return Kind.PAYMENT
            case Refund():
                return Kind.REFUND
            case Dispute():
                return Kind.DISPUTE


class PaymentProvider(Protocol):
    """A payment provider. Every call that leaves the house may raise Unavailable."""

    @property
    def checkout_origins(self) -> Sequence[str]:
        """Where its checkouts are but on our own server, as "https://pay.example.org": a page's form may lead there.

        A star may stand for a part of the host, as Content-Security-Policy has it.
        """
        ...

    async def make_checkout(self, wish: CheckoutWish, *, now: datetime) -> Checkout:
        """Where to pay for this; the same reference again gives the same checkout."""
        ...

    async def find_payment(self, checkout_id: str, *, now: datetime) -> Payment | None:
        """What became of a checkout's payment; None when the provider doesn't know the checkout."""
        ...

    async def refund(self, wish: RefundWish, *, now: datetime) -> Refund:
        """Give money back to where it came from; the same reference again gives the same refund.

        A refusal is a refund that failed. After Unavailable or OutcomeUnknown it may have been taken or not: ask
        `find_refund`, and with the same reference again.
        """
        ...

    async def find_refund(self, reference: UUID, *, now: datetime) -> Refund | None:
        """What became of a refund; None when the provider never heard of it."""
        ...

    async def find_dispute(self, dispute_id: str, *, now: datetime) -> Dispute | None:
        """Where a dispute stands; None when the provider doesn't know it."""
        ...

    async def list_disputes(self, *, since: datetime) -> Sequence[Dispute]:
        """Every dispute that was opened, or came to another state, at or after this instant."""
        ...

    async def daily_report(self, day: date) -> bytes:
        """What it took, kept and gave back on a day (UTC) that is over, as it writes it."""
        ...

    def read_report(self, body: bytes) -> Sequence[ReportLine]:
        """The lines of such a report. Raises ReportUnreadable."""
        ...

    async def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> Event:
        """What the webhook says, if it is genuine: raises WebhookNotGenuine. Names of headers are in lower case."""
        ...

    def read_event(self, body: bytes) -> Event:
        """The same of a body that was verified before. Raises WebhookNotGenuine when it can't be read."""
        ...
