"""The outside world, each part behind a port: mail, payment, NATS; and of each a twin that needs nothing outside."""

from plaudit.providers.line import Line, MemoryLine, NatsLine, nats_line
from plaudit.providers.mail import Letter, Mail, Mailbox
from plaudit.providers.payment import (
    Checkout,
    CheckoutWish,
    Dispute,
    DisputeState,
    Event,
    Kind,
    Payment,
    PaymentProvider,
    PaymentState,
    Refund,
    RefundState,
    RefundWish,
    WebhookNotGenuine,
)
from plaudit.providers.reports import ReportLine, ReportUnreadable, What
from plaudit.providers.sandbox import Sandbox, SandboxSettings
from plaudit.providers.sandbox_rules import Card, SandboxCheckout, SandboxDispute

__all__ = [
    "Card",
    "Checkout",
    "CheckoutWish",
    "Dispute",
    "DisputeState",
    "Event",
    "Kind",
    "Letter",
    "Line",
    "Mail",
    "Mailbox",
    "MemoryLine",
    "NatsLine",
    "Payment",
    "PaymentProvider",
    "PaymentState",
    "Refund",
    "RefundState",
    "RefundWish",
    "ReportLine",
    "ReportUnreadable",
    "Sandbox",
    "SandboxCheckout",
    "SandboxDispute",
    "SandboxSettings",
    "WebhookNotGenuine",
    "What",
    "nats_line",
]
