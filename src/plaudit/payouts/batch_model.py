"""Batches, their items, and what banks said: frozen values."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.money import Money
from plaudit.payouts.model import PayDesk, Rail
from plaudit.providers.ach import Ach
from plaudit.providers.payouts import ApiRail, FileRail, HouseAccount, ItemState
from plaudit.providers.sepa import Sepa


class Dispatch(Struct, frozen=True, kw_only=True):
    """What batches are sent with: what payouts work with, and the rails."""

    pay: PayDesk
    wallet: ApiRail
    files: Mapping[Rail, FileRail] = MappingProxyType({Rail.SEPA: Sepa(), Rail.ACH: Ach()})

    def rail(self, rail: Rail) -> FileRail | ApiRail:
        """The rail of that name."""
        return self.files.get(rail, self.wallet)


class BatchState(StrEnum):
    """How far a batch came."""

    WRITTEN = "written"
    """All of it is stored, and nothing has left the house as far as we know."""
    SENT = "sent"
    DONE = "done"
    """It is known of every item how it ended. What was paid may still come back."""
    DISCARDED = "discarded"
    """It never left, and never will."""


class Verdict(StrEnum):
    """What came of one line of a bank's file."""

    APPLIED = "applied"
    SAME = "same"
    """It says what was known."""
    UNMATCHED = "unmatched"
    """It names no payment of ours."""
    AMOUNT_DIFFERS = "amount_differs"
    CONTRADICTS = "contradicts"
    """It says what can't be, after what was told before."""
    CORRECTION = "correction"
    """The payment went well, and something should be written differently next time."""


TO_LOOK_AT = (Verdict.UNMATCHED, Verdict.AMOUNT_DIFFERS, Verdict.CONTRADICTS, Verdict.CORRECTION)


class BatchWish(Struct, frozen=True, kw_only=True):
    """A wish for a batch of what is approved; `pay_on` is the next working day where it is None."""

    id: UUID
    rail: Rail
    currency: str
    pay_on: date | None = None


class Batch(Struct, frozen=True, kw_only=True):
    """A batch without its bytes. `note` says what somebody must look at."""

    id: UUID
    rail: Rail
    currency: str
    state: BatchState
    made_at: datetime
    made_by: UUID | None
    pay_on: date
    items: int
    total_minor: int
    file_name: str
    sha256: bytes
    fetched_at: datetime | None = None
    sent_at: datetime | None = None
    sent_by: UUID | None = None
    provider_id: str | None = None
    ask_at: datetime | None = None
    asks: int = 0
    refused_at: datetime | None = None
    unknown_at: datetime | None = None
    note: str | None = None
    done_at: datetime | None = None

    @property
    def total(self) -> Money:
        """What all of its items pay together."""
        return Money(self.total_minor, get_currency(self.currency))

    @property
    def may_be_discarded(self) -> bool:
        """Whether it surely never left the house: nobody fetched its file, and no provider may have taken it.

        A provider that refused a batch after an answer of it was lost may have taken it before.
        """
        was_refused = self.refused_at is not None and self.unknown_at is None
        has_left = self.fetched_at is not None or (self.asks > 0 and not was_refused)
        return self.state is BatchState.WRITTEN and not has_left


class Draft(Struct, frozen=True, kw_only=True):
    """A payment as it is to be stored with its batch."""

    payout_id: UUID
    number: int
    end_to_end_id: str
    trace: str | None
    amount_minor: int


class Item(Struct, frozen=True, kw_only=True):
    """A payment of a batch, whom it is for, and what was told of it."""

    batch_id: UUID
    payout_id: UUID
    rail: Rail
    number: int
    end_to_end_id: str
    trace: str | None
    currency: str
    amount_minor: int
    state: ItemState
    reason: str | None
    reference: str | None
    told_at: datetime | None
    handle: str
    shown: str

    @property
    def amount(self) -> Money:
        """What it pays."""
        return Money(self.amount_minor, get_currency(self.currency))


class LeftOut(Struct, frozen=True, kw_only=True):
    """An approved payout that no rail can carry as it is, and why: somebody must end it, or mend what is wrong."""

    payout_id: UUID
    why: str


class MadeBatch(Struct, frozen=True, kw_only=True):
    """A batch, and which payouts were not taken into it."""

    batch: Batch
    left_out: Sequence[LeftOut] = ()


class SetHouseAccount(Struct, frozen=True, kw_only=True):
    """Where the house pays a rail's currency from, and since when that is set."""

    rail: Rail
    currency: str
    account: HouseAccount
    set_at: datetime


class BankFile(Struct, frozen=True, kw_only=True):
    """A file that a bank sent, with how many of its lines wait, and how many somebody must look at."""

    id: UUID
    rail: Rail
    name: str
    sha256: bytes
    bank_id: str
    uploaded_at: datetime
    lines: int
    waiting: int
    to_look_at: int


class BankLine(Struct, frozen=True, kw_only=True):
    """What a file says of one payment (`kind` item or correction) or of a whole batch; see `Verdict`."""

    file_id: UUID
    number: int
    kind: str
    at: datetime
    end_to_end_id: str | None = None
    trace: str | None = None
    batch: str | None = None
    state: ItemState | None = None
    reason: str | None = None
    reference: str | None = None
    currency: str | None = None
    amount_minor: int | None = None
    corrected: str | None = None
    payout_id: UUID | None = None
    verdict: Verdict | None = None

    @property
    def amount(self) -> Money | None:
        """The amount, where it was told."""
        known = self.currency is not None and self.amount_minor is not None
        return Money(self.amount_minor or 0, get_currency(self.currency or "")) if known else None


class DayTotal(Struct, frozen=True, kw_only=True):
    """A day and a currency: what batches were to pay, and what the bank's statements booked.

    `booked_minor` left the account for our batches, `returned_minor` came back of them, `other_minor` is what else
    left. `open_minor` is what batches up to this day paid less what was booked for them up to it.
    """

    day: date
    currency: str
    sent_minor: int
    booked_minor: int
    returned_minor: int
    other_minor: int
    open_minor: int

    @property
    def difference_minor(self) -> int:
        """What was to be paid on this day less what was booked on it."""
        return self.sent_minor - self.booked_minor
