"""The outside world, each part behind a port: mail, payment, NATS; and of each a twin that needs nothing outside."""

from plaudit.providers.line import Line, MemoryLine, NatsLine, nats_line
from plaudit.providers.mail import Letter, Mail, Mailbox
from plaudit.providers.payment import (
    Checkout,
    CheckoutWish,
    Event,
    Payment,
    PaymentProvider,
    PaymentState,
    WebhookNotGenuine,
)
from plaudit.providers.sandbox import Sandbox, SandboxSettings
from plaudit.providers.sandbox_rules import Card, SandboxCheckout

__all__ = [
    "Card",
    "Checkout",
    "CheckoutWish",
    "Event",
    "Letter",
    "Line",
    "Mail",
    "Mailbox",
    "MemoryLine",
    "NatsLine",
    "Payment",
    "PaymentProvider",
    "PaymentState",
    "Sandbox",
    "SandboxCheckout",
    "SandboxSettings",
    "WebhookNotGenuine",
    "nats_line",
]
