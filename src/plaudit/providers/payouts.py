"""Payouts: the port that every rail is behind, and what goes over it.

File rails make the file of a batch, which an operator takes to the bank, and read what the bank sends back. API rails
are asked by the worker. Neither knows why anybody is paid.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.errors import Invalid, PlauditError
from plaudit.foundation.money import Money


class CannotInstruct(PlauditError):
    """A rail can't carry out one payment as it is: the text says why. The others of its batch can still go."""

    code = "cannot_instruct"
    title = "This payment can't go by this rail."
    status = 422


class HouseAccountMissing(PlauditError):
    """It isn't known from which account of the house such payments go, or by which ids a bank knows the house."""

    code = "house_account_missing"
    title = "The account of the house that pays this isn't set."
    status = 409


class StatusFileUnreadable(Invalid):
    """What was uploaded as a bank's answer can't be one; the text says what is wrong with it."""

    code = "status_file_unreadable"
    title = "This file can't be read."


class WalletRefused(PlauditError):
    """The wallet's provider won't take a batch, and nothing of it was paid; the text is the provider's."""

    code = "wallet_refused"
    title = "The wallet's provider refused this batch."
    status = 502


class BankAccount(Struct, frozen=True, kw_only=True):
    """An account with an IBAN, without spaces; the BIC is only needed outside of the European Economic Area."""

    iban: str
    bic: str | None = None


class UsAccount(Struct, frozen=True, kw_only=True):
    """An account in the United States: the bank's nine digits, and up to seventeen characters of the account."""

    routing: str
    account: str
    is_savings: bool = False


class WalletAddress(Struct, frozen=True, kw_only=True):
    """The e-mail address that a digital wallet is found by."""

    email: str


class HouseAccount(Struct, frozen=True, kw_only=True):
    """Where the house pays from, and how its bank knows it. Which fields are needed depends on the rail.

    `origin` and `destination` are the immediate origin (10 characters) and destination (9 digits) of NACHA files,
    `odfi` the nine digits of the bank that sends the entries, `company_id` what the bank calls the house there.
    """

    name: str
    iban: str | None = None
    bic: str | None = None
    company_id: str | None = None
    odfi: str | None = None
    origin: str | None = None
    destination: str | None = None
    destination_name: str | None = None


class References(Struct, frozen=True, kw_only=True):
    """By what a payment is found again in what a bank sends back; `trace` where a rail has such numbers."""

    end_to_end_id: str
    trace: str | None = None


class Instruction(Struct, frozen=True, kw_only=True):
    """One payment as a rail is to make it. `number` counts payments for ever; `end_to_end_id` names this one."""

    end_to_end_id: str
    number: int
    amount: Money
    creditor: str
    account: BankAccount | UsAccount | WalletAddress
    remittance: str


class BatchOrder(Struct, frozen=True, kw_only=True):
    """What a file is made of: the same order always gives the same bytes.

    `made_at` is UTC; `pay_on` the day on which the bank is to pay; `modifier` (A-Z, 0-9) tells files of a day apart.
    """

    id: UUID
    house: HouseAccount
    instructions: Sequence[Instruction]
    made_at: datetime
    pay_on: date
    modifier: str = "A"


class BatchFile(Struct, frozen=True, kw_only=True):
    """The file of a batch, or the body of a request, exactly as it leaves the house."""

    name: str
    content: bytes


class ItemState(StrEnum):
    """What a rail tells of one payment."""

    PAID = "paid"
    RETURNED = "returned"
    """It came back, after it was paid or without having been."""
    FAILED = "failed"
    """It was never paid."""
    UNCLAIMED = "unclaimed"
    """It waits for whoever it is for to take it; if they don't, it comes back."""
    PENDING = "pending"
    UNKNOWN = "unknown"


class ItemOutcome(Struct, frozen=True, kw_only=True):
    """What became of one payment. `reason` is the rail's own code (AC04, R03); `at` is UTC.

    It is found by `end_to_end_id`, or by `trace` where a bank kept only that. `amount` is None where it wasn't told.
    """

    end_to_end_id: str | None
    state: ItemState
    at: datetime
    reason: str | None = None
    reference: str | None = None
    trace: str | None = None
    amount: Money | None = None


class BatchOutcome(Struct, frozen=True, kw_only=True):
    """What became of all payments of a batch at once. `batch` is what `batch_reference` made of its id."""

    batch: str
    state: ItemState
    at: datetime
    reason: str | None = None
    reference: str | None = None
    amount: Money | None = None


class Booking(Struct, frozen=True, kw_only=True):
    """One line of the bank's statement: `amount` is what came to the account or (`is_debit`) left it.

    The payments of the line are `ids`; `batch` is the reference of a batch that was booked as a whole.
    """

    on: date
    amount: Money
    is_debit: bool
    account: str
    reference: str
    ids: Sequence[str] = ()
    batch: str | None = None


class Correction(Struct, frozen=True, kw_only=True):
    """A bank paid, and tells what should be written differently next time (a NOC): `code` C01, `corrected` the new."""

    end_to_end_id: str | None
    trace: str | None
    code: str
    corrected: str
    at: datetime


class BankReport(Struct, frozen=True, kw_only=True):
    """All that a status file says. `id` is the bank's own for it."""

    id: str
    outcomes: Sequence[ItemOutcome] = ()
    batches: Sequence[BatchOutcome] = ()
    bookings: Sequence[Booking] = ()
    corrections: Sequence[Correction] = ()


class Rail(Protocol):
    """What every rail can do with a batch before it leaves the house. Nothing here reaches out."""

    most_items: int
    """How many payments fit one batch."""

    def refer(self, payout_id: UUID, number: int, house: HouseAccount) -> References:
        """How a payment is called by this rail. Raises HouseAccountMissing."""
        ...

    def check(self, instruction: Instruction) -> None:
        """Raises CannotInstruct when the rail couldn't carry this out."""
        ...

    def write(self, order: BatchOrder) -> BatchFile:
        """The file or body. Raises HouseAccountMissing, and CannotInstruct for what `check` refuses."""
        ...


class FileRail(Rail, Protocol):
    """A rail whose files go to a bank by hand, or by a program that fetches them."""

    def read(self, content: bytes) -> BankReport:
        """What the bank tells. Raises StatusFileUnreadable."""
        ...


class ApiRail(Rail, Protocol):
    """A rail that is asked over the network. Every call may raise Unavailable."""

    async def submit(self, content: bytes) -> str:
        """Have a batch taken, and the provider's id of it; a batch that was taken before gives the same id.

        Raises OutcomeUnknown when no answer came: ask again with the same content, which pays nobody twice. Raises
        WalletRefused when it surely wasn't taken.
        """
        ...

    async def poll(self, provider_id: str) -> BankReport:
        """How every payment of a batch stands now."""
        ...


def batch_reference(batch_id: UUID) -> str:
    """What a batch is called in files: 32 characters."""
    return batch_id.hex


def item_reference(payout_id: UUID) -> str:
    """What a payment is called in files, for ever: 32 characters, so that it fits an EndToEndId (35)."""
    return payout_id.hex
