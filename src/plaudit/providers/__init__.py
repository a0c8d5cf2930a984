"""The outside world, each part behind a port: mail and payment, and of each a twin that needs no outside world."""

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
    "Mail",
    "Mailbox",
    "Payment",
    "PaymentProvider",
    "PaymentState",
    "Sandbox",
    "SandboxCheckout",
    "SandboxSettings",
    "WebhookNotGenuine",
]
