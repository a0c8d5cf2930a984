"""What goes over the wire about batches, banks' files and the house's accounts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from plaudit.foundation.currencies import get_currency
from plaudit.payouts import Rail
from plaudit.payouts.batch_model import (
    BankFile,
    BankLine,
    Batch,
    BatchWish,
    DayTotal,
    Item,
    MadeBatch,
    SetHouseAccount,
)
from plaudit.providers.payouts import HouseAccount
from plaudit.web.api import fields
from plaudit.web.api.coin_shapes import Amount, show_amount
from plaudit.web.api.paging import write_place

RailName = Literal["sepa", "ach", "wallet"]


class BatchBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A batch of what is approved. `pay_on` is the next working day when left out."""

    id: UUID
    rail: RailName
    currency: fields.Currency
    pay_on: date | None = None

    def wish(self) -> BatchWish:
        """As the payouts package takes it. Raises UnknownCurrency."""
        code = get_currency(self.currency.upper()).code
        return BatchWish(id=self.id, rail=Rail(self.rail), currency=code, pay_on=self.pay_on)


class BatchAnswer(Struct, frozen=True, kw_only=True):
    """A batch; `state` is written, sent, done or discarded. `note` says what somebody must look at."""

    id: UUID
    rail: str
    state: str
    items: int
    total: Amount
    pay_on: date
    file_name: str
    sha256: str
    made_at: datetime
    fetched_at: datetime | None
    sent_at: datetime | None
    done_at: datetime | None
    provider_id: str | None
    note: str | None
    may_be_discarded: bool


class LeftOutAnswer(Struct, frozen=True, kw_only=True):
    """An approved payout that couldn't be taken into the batch, and why."""

    payout_id: UUID
    why: str


class MadeBatchAnswer(Struct, frozen=True, kw_only=True):
    """A batch that was just made, with what was left out of it."""

    batch: BatchAnswer
    left_out: list[LeftOutAnswer]


class BatchList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[BatchAnswer]
    next: str | None


class ItemAnswer(Struct, frozen=True, kw_only=True):
    """One payment of a batch; `state` is pending, unclaimed, paid, returned or failed, `reason` the rail's own code."""

    payout_id: UUID
    number: int
    end_to_end_id: str
    trace: str | None
    handle: str
    shown: str
    amount: Amount
    state: str
    reason: str | None
    reference: str | None
    told_at: datetime | None


class ItemList(Struct, frozen=True, kw_only=True):
    """A page in the order of the file; `next` goes into `after`, and is null on the last page."""

    items: list[ItemAnswer]
    next: str | None


class BankFileAnswer(Struct, frozen=True, kw_only=True):
    """What a bank sent: how many lines it has, how many wait to be applied, and how many somebody must look at."""

    id: UUID
    rail: str
    name: str
    sha256: str
    bank_id: str
    uploaded_at: datetime
    lines: int
    waiting: int
    to_look_at: int


class BankFileList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[BankFileAnswer]
    next: str | None


class BankLineAnswer(Struct, frozen=True, kw_only=True):
    """What a bank said that fits nothing of ours, or not what was known; `verdict` says which of these.

    unmatched, amount_differs, contradicts, or correction: then `corrected` is what the bank wants written next time.
    """

    file_id: UUID
    number: int
    kind: str
    verdict: str
    at: datetime
    end_to_end_id: str | None
    trace: str | None
    batch: str | None
    state: str | None
    reason: str | None
    reference: str | None
    amount: Amount | None
    corrected: str | None
    payout_id: UUID | None


class BankLineList(Struct, frozen=True, kw_only=True):
    """The newest 200 lines that somebody must look at; there is never a next page."""

    items: list[BankLineAnswer]
    next: None = None


class TotalAnswer(Struct, frozen=True, kw_only=True):
    """A day and a currency: what batches were to pay, and what the bank's statements booked, in minor units.

    `difference_minor` is of this day; `open_minor` of all days up to it. `other_minor` left the account for something
    else, `returned_minor` came back.
    """

    day: date
    currency: str
    sent_minor: int
    booked_minor: int
    returned_minor: int
    other_minor: int
    difference_minor: int
    open_minor: int


class TotalList(Struct, frozen=True, kw_only=True):
    """Every day of the span on which something was, the newest first; there is never a next page."""

    items: list[TotalAnswer]
    next: None = None


class HouseAccountBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the house pays from. SEPA needs `iban` and `bic`; ACH `company_id`, `odfi` and `destination`."""

    rail: Literal["sepa", "ach"]
    name: str
    iban: str | UnsetType = UNSET
    bic: str | UnsetType = UNSET
    company_id: str | UnsetType = UNSET
    odfi: str | UnsetType = UNSET
    origin: str | UnsetType = UNSET
    destination: str | UnsetType = UNSET
    destination_name: str | UnsetType = UNSET

    def account(self) -> HouseAccount:
        """As the payouts package takes it."""
        return HouseAccount(
            name=self.name,
            iban=self.iban or None,
            bic=self.bic or None,
            company_id=self.company_id or None,
            odfi=self.odfi or None,
            origin=self.origin or None,
            destination=self.destination or None,
            destination_name=self.destination_name or None,
        )


class HouseAccountAnswer(Struct, frozen=True, kw_only=True):
    """Where the house pays a rail's currency from."""

    rail: str
    currency: str
    account: HouseAccount
    set_at: datetime


class HouseAccountList(Struct, frozen=True, kw_only=True):
    """Every account that is set; there is never a next page."""

    items: list[HouseAccountAnswer]
    next: None = None


def show_batch(batch: Batch) -> BatchAnswer:
    """A batch for operators."""
    return BatchAnswer(
        id=batch.id,
        rail=batch.rail,
        state=batch.state,
        items=batch.items,
        total=show_amount(batch.total),
        pay_on=batch.pay_on,
        file_name=batch.file_name,
        sha256=batch.sha256.hex(),
        made_at=batch.made_at,
        fetched_at=batch.fetched_at,
        sent_at=batch.sent_at,
        done_at=batch.done_at,
        provider_id=batch.provider_id,
        note=batch.note,
        may_be_discarded=batch.may_be_discarded,
    )


def show_made(made: MadeBatch) -> MadeBatchAnswer:
    """A batch that was just made."""
    left_out = [LeftOutAnswer(payout_id=each.payout_id, why=each.why) for each in made.left_out]
    return MadeBatchAnswer(batch=show_batch(made.batch), left_out=left_out)


def show_batches(found: Sequence[Batch], limit: int) -> BatchList:
    """A page from one more than `limit` that were asked for."""
    items = found[:limit]
    more = len(found) > limit
    after = write_place(items[-1].made_at, items[-1].id) if more else None
    return BatchList(items=[show_batch(each) for each in items], next=after)


def show_items(found: Sequence[Item], limit: int) -> ItemList:
    """A page from one more than `limit` that were asked for."""
    items = found[:limit]
    return ItemList(
        items=[
            ItemAnswer(
                payout_id=each.payout_id,
                number=each.number,
                end_to_end_id=each.end_to_end_id,
                trace=each.trace,
                handle=each.handle,
                shown=each.shown,
                amount=show_amount(each.amount),
                state=each.state,
                reason=each.reason,
                reference=each.reference,
                told_at=each.told_at,
            )
            for each in items
        ],
        next=str(items[-1].number) if len(found) > limit else None,
    )


def show_bank_file(file: BankFile) -> BankFileAnswer:
    """A bank's file."""
    return BankFileAnswer(
        id=file.id,
        rail=file.rail,
        name=file.name,
        sha256=file.sha256.hex(),
        bank_id=file.bank_id,
        uploaded_at=file.uploaded_at,
        lines=file.lines,
        waiting=file.waiting,
        to_look_at=file.to_look_at,
    )


def show_bank_files(found: Sequence[BankFile], limit: int) -> BankFileList:
    """A page from one more than `limit` that were asked for."""
    items = found[:limit]
    after = write_place(items[-1].uploaded_at, items[-1].id) if len(found) > limit else None
    return BankFileList(items=[show_bank_file(each) for each in items], next=after)


def show_lines(found: Sequence[BankLine]) -> BankLineList:
    """What somebody must look at."""
    return BankLineList(
        items=[
            BankLineAnswer(
                file_id=each.file_id,
                number=each.number,
                kind=each.kind,
                verdict=each.verdict or "",
                at=each.at,
                end_to_end_id=each.end_to_end_id,
                trace=each.trace,
                batch=each.batch,
                state=each.state,
                reason=each.reason,
                reference=each.reference,
                amount=show_amount(each.amount) if each.amount else None,
                corrected=each.corrected,
                payout_id=each.payout_id,
            )
            for each in found
        ]
    )


def show_totals(found: Sequence[DayTotal]) -> TotalList:
    """Days against the bank."""
    return TotalList(
        items=[
            TotalAnswer(
                day=each.day,
                currency=each.currency,
                sent_minor=each.sent_minor,
                booked_minor=each.booked_minor,
                returned_minor=each.returned_minor,
                other_minor=each.other_minor,
                difference_minor=each.difference_minor,
                open_minor=each.open_minor,
            )
            for each in found
        ]
    )


def show_house_account(account: SetHouseAccount) -> HouseAccountAnswer:
    """Where a rail is paid from."""
    return HouseAccountAnswer(
        rail=account.rail, currency=account.currency, account=account.account, set_at=account.set_at
    )
