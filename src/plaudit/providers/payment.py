"""Payment: the port that every payment provider is behind."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.errors import PlauditError
from plaudit.foundation.money import Money


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


class Event(Struct, frozen=True):
    """What a webhook says. The same event may come twice, late, or after one that happened later."""

    id: str
    payment: Payment


class PaymentProvider(Protocol):
    """A payment provider. Every call that leaves the house may raise Unavailable."""

    async def make_checkout(self, wish: CheckoutWish, *, now: datetime) -> Checkout:
        """Where to pay for this; the same reference again gives the same checkout."""
        ...

    async def find_payment(self, checkout_id: str, *, now: datetime) -> Payment | None:
        """What became of a checkout's payment; None when the provider doesn't know the checkout."""
        ...

    async def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> Event:
        """What the webhook says, if it is genuine: raises WebhookNotGenuine. Names of headers are in lower case."""
        ...

    def read_event(self, body: bytes) -> Event:
        """The same of a body that was verified before. Raises WebhookNotGenuine when it can't be read."""
        ...
