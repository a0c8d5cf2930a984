"""Methods, payouts and their steps: frozen values."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.currencies import Currency, get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.envelopes import Vault
from plaudit.foundation.money import MICROS_PER_MINOR, Micros, Money
from plaudit.ledger import Ledger
from plaudit.people import Hasher
from plaudit.providers import Mail


class PayDesk(Struct, frozen=True):
    """What payouts work with. `vault` seals and opens what only rails and tax offices may read."""

    db: Database
    ledger: Ledger
    vault: Vault
    hasher: Hasher
    mail: Mail


class Rail(StrEnum):
    """How money leaves the house."""

    SEPA = "sepa"
    ACH = "ach"
    WALLET = "wallet"


class State(StrEnum):
    """How far a payout came; which may follow which is in `rules.LEGAL_STEPS`."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SUBMITTED = "submitted"
    """In a batch, or told to a wallet provider: the money is on its way."""
    PAID = "paid"
    RETURNED = "returned"
    """It came back after it was paid."""
    FAILED = "failed"
    """It never left: refused by the ledger or by the rail."""
    CANCELLED = "cancelled"


class Actor(StrEnum):
    """Who takes a step."""

    CREATOR = "creator"
    OPERATOR = "operator"
    HOUSE = "house"
    """A rule decided."""
    RAIL = "rail"
    """A bank or a wallet provider told."""


class SepaDetails(Struct, frozen=True, kw_only=True, tag="sepa"):
    """A bank account in the Single Euro Payments Area; `iban` and `bic` without spaces."""

    holder_name: str
    iban: str
    bic: str | None = None


class AchDetails(Struct, frozen=True, kw_only=True, tag="ach"):
    """A bank account in the United States."""

    holder_name: str
    routing: str
    account: str
    is_savings: bool = False


class WalletDetails(Struct, frozen=True, kw_only=True, tag="wallet"):
    """A digital wallet that is found by an e-mail address, as PayPal's."""

    holder_name: str
    email: str


Details = SepaDetails | AchDetails | WalletDetails


class Method(Struct, frozen=True, kw_only=True):
    """Where somebody wants their money. `shown` is all that may be seen of the details, which are `sealed`."""

    id: UUID
    person_id: UUID
    kind: Rail
    currency: str
    holder_name: str
    sealed: bytes
    shown: str
    created_at: datetime
    usable_from: datetime
    verified_at: datetime | None = None
    retired_at: datetime | None = None
    code_hash: bytes | None = None
    code_until: datetime | None = None
    code_tries: int = 0


class Payout(Struct, frozen=True, kw_only=True):
    """One wish to be paid, and how far it came.

    `amount_minor` leaves the creator's available money in `currency`; `paid_minor` of `paid_currency` arrives. `rail`
    is the method's kind. `operators` is how many must approve, `why` the stable word for the reason.
    """

    id: UUID
    person_id: UUID
    method_id: UUID
    rail: Rail
    currency: str
    amount_minor: int
    takes_all: bool
    fee_minor: int
    withheld_minor: int
    spread_micros: Micros
    paid_currency: str
    paid_minor: int
    rate_id: UUID | None
    keeps_fee: bool
    residence: str | None
    form: str | None
    operators: int
    why: str
    asked_at: datetime
    state_at: datetime
    state: State = State.REQUESTED
    held_at: datetime | None = None
    ledger_due_at: datetime | None = None
    reference: str | None = None
    paid_at: datetime | None = None
    paused_at: datetime | None = None
    paused_by: UUID | None = None
    paused_reason: str | None = None

    @property
    def earned_in(self) -> Currency:
        """The currency of the earnings."""
        return get_currency(self.currency)

    @property
    def paid_in(self) -> Currency:
        """The currency of what arrives."""
        return get_currency(self.paid_currency)

    @property
    def amount(self) -> Money:
        """What leaves the creator's available money."""
        return Money(self.amount_minor, self.earned_in)

    @property
    def paid(self) -> Money:
        """What arrives."""
        return Money(self.paid_minor, self.paid_in)

    @property
    def passed_on_micros(self) -> Micros:
        """What is left of the amount after fee, tax and spread: paid as it is, or exchanged."""
        left = self.amount_minor - self.fee_minor - self.withheld_minor
        return Micros(left * MICROS_PER_MINOR - self.spread_micros)


class Step(Struct, frozen=True, kw_only=True):
    """One step of a payout: numbered from 1, with who took it and why."""

    payout_id: UUID
    number: int
    state: State
    at: datetime
    actor_kind: Actor
    actor_id: UUID | None
    reason: str


class Approved(Struct, frozen=True, kw_only=True):
    """An approved payout with its method, ready for a rail; `payout.paid` is what the rail sends."""

    payout: Payout
    method: Method


class Rules(Struct, frozen=True, kw_only=True):
    """What holds for payouts of earnings in a currency from `valid_from` on; amounts in its minor units."""

    currency: str
    minimum_minor: int
    maximum_day_minor: int
    """Of everything that one creator asks for on one day (UTC)."""
    code_above_minor: int
    """Above it a payout needs a code of the second factor."""
    automatic_below_minor: int
    """Below it no operator looks, if the method was paid before."""
    two_operators_above_minor: int
    tax_form_above_minor: int
    """Above it (all payouts of a calendar year together) the tax form must be there."""
    spread_bps: int
    keeps_fee: bool
    valid_from: datetime


class Fee(Struct, frozen=True, kw_only=True):
    """What one payout by a rail costs, in the currency of the earnings, from `valid_from` on."""

    rail: Rail
    currency: str
    fee_minor: int
    valid_from: datetime


class ExchangeRate(Struct, frozen=True, kw_only=True):
    """One unit of `base` is numerator / denominator units of `quote`, from `valid_from` on, says `source`."""

    id: UUID
    base: str
    quote: str
    numerator: int
    denominator: int
    source: str
    valid_from: datetime


class Withholding(Struct, frozen=True, kw_only=True):
    """What is withheld for the tax office, in basis points; an empty residence is where no other row holds."""

    residence: str
    form: str
    has_id: bool
    rate_bps: int
    valid_from: datetime


class Quote(Struct, frozen=True, kw_only=True):
    """What becomes of an amount: what goes off, at which rate the rest is exchanged, and what arrives.

    `arrives_on` is the day by which it usually is there, once it was sent.
    """

    rail: Rail
    currency: str
    amount_minor: int
    fee_minor: int
    withheld_minor: int
    withheld_bps: int
    spread_micros: Micros
    spread_bps: int
    rate: ExchangeRate | None
    paid_currency: str
    paid_minor: int
    arrives_on: date
    needs_code: bool
    operators: int
    why: str


class Asked(Struct, frozen=True, kw_only=True):
    """How much somebody wants of their earnings in a currency: so much, or all (None)."""

    currency: str
    amount_minor: int | None


class PayoutWish(Struct, frozen=True, kw_only=True):
    """A wish to be paid. `shown_minor` is what the quote said would arrive; `code` is of the second factor."""

    id: UUID
    person_id: UUID
    method_id: UUID
    asked: Asked
    shown_minor: int | None = None
    code: str | None = None


class MethodWish(Struct, frozen=True, kw_only=True):
    """A wish to add a method; `code` is of the second factor. `currency` counts for wallets only."""

    id: UUID
    person_id: UUID
    details: Details
    currency: str
    code: str | None = None


class Payee(Struct, frozen=True, kw_only=True):
    """Who would be paid, as far as it matters for that."""

    id: UUID
    email: str
    handle: str
    display_name: str
    region: str
    currency: str
    legal_name: str | None
    verified_at: datetime | None
    is_operator: bool = False
