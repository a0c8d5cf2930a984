"""Refunds, disputes, and what they take back from whom: frozen values.

Amounts in `_minor` are whole minor units of the currency, amounts in `_micros` its internal units.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from plaudit.coins import Till
from plaudit.coins.model import TopUp
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.money import Money
from plaudit.ledger import Ledger
from plaudit.providers import DisputeState, Mail


class Reversing(Struct, frozen=True, kw_only=True):
    """What refunds and disputes are seen to with: what top-ups are taken with, and the mail to people."""

    till: Till
    mail: Mail

    @property
    def db(self) -> Database:
        """The database."""
        return self.till.db

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        return self.till.ledger


class RefundState(StrEnum):
    """Where a refund stands. `held`: coins and value are set apart; `sent`: the provider was or will be asked."""

    ASKED = "asked"
    HELD = "held"
    SENT = "sent"
    REFUNDED = "refunded"
    FAILED = "failed"


class Answer(StrEnum):
    """What the provider said to a refund, or what we said for it before it was asked."""

    YES = "yes"
    NO = "no"


class Refund(Struct, frozen=True, kw_only=True):
    """A refund of what is left of a lot. What it comes to is known from `held` on; `reason` is why it failed."""

    id: UUID
    person_id: UUID
    top_up_id: UUID
    currency: str
    state: RefundState
    asked_at: datetime
    coins: int | None = None
    value_micros: int | None = None
    net_minor: int | None = None
    tax_minor: int | None = None
    answer: Answer | None = None
    reason: str | None = None
    note: str | None = None
    held_at: datetime | None = None
    sent_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def amount(self) -> Money | None:
        """What goes back, tax included; None while that isn't known."""
        if self.net_minor is None or self.tax_minor is None:
            return None
        return Money(self.net_minor + self.tax_minor, get_currency(self.currency))


class RefundFile(Refund, frozen=True, kw_only=True):
    """A refund as operators see it, with the handle of whose it is."""

    handle: str


class Sums(Struct, frozen=True, kw_only=True):
    """What giving back so many coins of a lot comes to. `net_minor` is the whole part of their value."""

    coins: int
    value_micros: int
    net_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        """What the provider is to give back."""
        return self.net_minor + self.tax_minor


class Refundable(Struct, frozen=True, kw_only=True):
    """A top-up of which something can be given back until an instant: so many coins, for so much."""

    top_up: TopUp
    sums: Sums
    until: datetime

    @property
    def amount(self) -> Money:
        """What would go back, tax included."""
        return Money(self.sums.total_minor, get_currency(self.top_up.currency))


class Hold(Struct, frozen=True, kw_only=True):
    """The intent of a hold on coins of a lot, for a refund or a dispute."""

    id: UUID
    lot_id: UUID
    refund_id: UUID | None
    dispute_id: UUID | None
    attempt: int
    made_at: datetime
    dropped_at: datetime | None = None

    @property
    def owner_id(self) -> UUID:
        """The refund or the dispute that it is for."""
        owner_id = self.refund_id or self.dispute_id
        assert owner_id is not None, "a hold is for a refund or a dispute"
        return owner_id


class Dispute(Struct, frozen=True, kw_only=True):
    """A dispute as its provider told it, and how far it was seen to; `coins` are those of the lot that it holds.

    One whose payment isn't known has no top-up. `note` says what is odd about it. Of the amount of a lost one,
    `covered_micros` are paid back out of the payment: by the tax, by the coins that are left (`rest_micros`) and by
    gifts. What those didn't bring is the house's loss.
    """

    id: UUID
    provider: str
    dispute_id: str
    payment_id: str
    top_up_id: UUID | None
    person_id: UUID | None
    currency: str
    amount_minor: int
    fee_minor: int
    reason: str
    state: DisputeState
    opened_at: datetime
    heard_at: datetime
    decided_at: datetime | None = None
    booked_at: datetime | None = None
    held_at: datetime | None = None
    planned_at: datetime | None = None
    closed_at: datetime | None = None
    coins: int = 0
    value_micros: int = 0
    covered_micros: int | None = None
    tax_minor: int | None = None
    rest_micros: int | None = None
    loss_micros: int | None = None
    note: str | None = None

    @property
    def amount(self) -> Money:
        """What the provider took from us."""
        return Money(self.amount_minor, get_currency(self.currency))

    @property
    def fee(self) -> Money:
        """What the provider takes for the dispute, however it ends."""
        return Money(self.fee_minor, get_currency(self.currency))


class DisputeFile(Dispute, frozen=True, kw_only=True):
    """A dispute as operators see it, with the handle of who had paid, where that is known."""

    handle: str | None


class Taken(Struct, frozen=True, kw_only=True):
    """What earlier refunds and lost disputes took of a payment: of the coins' value, and of the tax."""

    value_micros: int = 0
    tax_minor: int = 0


class Claim(Struct, frozen=True, kw_only=True):
    """What a dispute asks for: so much of the tax, and so much of what was paid for the coins."""

    tax_minor: int
    value_micros: int


class Slice(Struct, frozen=True, kw_only=True):
    """What no dispute has taken yet of a gift's part of a lot: its value, and the creator's share of it."""

    timestamp: int
    place: int
    gift_id: UUID
    creator_id: UUID
    value_micros: int
    share_micros: int


class Part(Struct, frozen=True, kw_only=True):
    """What one creator's gifts are to pay back: of the value, the creator's share, and what of it was promotion."""

    creator_id: UUID
    gifts: int
    value_micros: int
    share_micros: int
    promotion_micros: int

    @property
    def paid_share_micros(self) -> int:
        """The part of the share that came out of what was paid."""
        return self.share_micros - self.promotion_micros


class Policy(Struct, frozen=True, kw_only=True):
    """Who bears a lost dispute: the creators so much of their share, and no more than the cap in all of them."""

    creator_bears_bps: int
    cap_minor: int | None = None


class RefundPolicy(Struct, frozen=True, kw_only=True):
    """For how many days after they came coins can be given back, from `valid_from` on."""

    days: int
    valid_from: datetime


class DisputePolicy(Struct, frozen=True, kw_only=True):
    """Who bears lost disputes from `valid_from` on; an empty currency is for all without a row, and has no cap.

    Creators bear `creator_bears_bps` of their share, and at most `cap_minor` for one dispute, where there is a cap.
    """

    currency: str
    creator_bears_bps: int
    cap_minor: int | None
    valid_from: datetime


class Sources(Struct, frozen=True, kw_only=True):
    """Where a creator's money is taken from, in this order."""

    pending_micros: int = 0
    available_micros: int = 0
    reserve_micros: int = 0
    owed_micros: int = 0


class Unwinding(Struct, frozen=True, kw_only=True):
    """What a lost dispute takes from one creator's gifts, and from where: the intent of one chain."""

    dispute_id: UUID
    creator_id: UUID
    attempt: int
    currency: str
    gifts: int
    value_micros: int
    share_micros: int
    platform_micros: int
    absorbed_micros: int
    promotion_micros: int
    pending_micros: int
    available_micros: int
    reserve_micros: int
    owed_micros: int
    planned_at: datetime
    posted_at: datetime | None = None

    @property
    def borne_micros(self) -> int:
        """What is taken from the creator."""
        return self.pending_micros + self.available_micros + self.reserve_micros + self.owed_micros


class Unwound(Struct, frozen=True, kw_only=True):
    """What a lost dispute took from a creator, and from where, as they are told it."""

    dispute_id: UUID
    at: datetime
    currency: str
    gifts: int
    share_micros: int
    borne_micros: int
    absorbed_micros: int
    pending_micros: int
    available_micros: int
    reserve_micros: int
    owed_micros: int
