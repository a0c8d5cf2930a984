"""What a bank sends back by ACH: returns, which undo a payment, and notifications of change, which don't."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec
from achkit import RECORD_LEN, AchError, parse
from msgspec import Struct

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.money import Money
from plaudit.providers.payouts import BankReport, Correction, ItemOutcome, ItemState, StatusFileUnreadable

MOST_BYTES = 32 * 1024 * 1024
_RETURN, _CHANGE = "99", "98"


class _Addendum(Struct, frozen=True):
    """`info` is columns 4 to 83: reason, trace of the first entry, and from column 36 on what was told beside it."""

    type: str
    info: str

    @property
    def code(self) -> str:
        return self.info[:3]

    @property
    def trace(self) -> str:
        return self.info[3:18]

    @property
    def corrected(self) -> str:
        return self.info[32:61].strip()


class _Entry(Struct, frozen=True):
    txn_code: int
    routing: str
    amount_cents: int
    id_number: str
    addenda: Sequence[_Addendum]

    @property
    def is_credit(self) -> bool:
        # 21 and 31 are returned credits, 22 and 32 credits; 26, 27, 36 and 37 the same for debits.
        return self.txn_code % 10 < 5


class _Totals(Struct, frozen=True):
    entry_addenda_count: int
    entry_hash: str
    total_debit: int
    total_credit: int


class _Batch(Struct, frozen=True):
    entries: Sequence[_Entry]
    control: _Totals | None


class _File(Struct, frozen=True):
    creation_date: str
    creation_time: str
    file_id_modifier: str
    origin_routing: str
    batches: Sequence[_Batch]
    control: _Totals | None = None


def read_returns(content: bytes) -> BankReport:
    """What a file of returns and changes says. Raises StatusFileUnreadable, also when its totals don't add up."""
    file = _parse(content)
    at = _instant(file)
    addenda = [(entry, each) for batch in file.batches for entry in batch.entries for each in entry.addenda]
    outcomes = [_outcome(entry, each, at) for entry, each in addenda if each.type == _RETURN]
    corrections = [_correction(entry, each, at) for entry, each in addenda if each.type == _CHANGE]
    if not outcomes and not corrections and any(batch.entries for batch in file.batches):
        raise StatusFileUnreadable("This ACH file has neither returns nor changes: is it one that we sent?")
    id = f"{file.origin_routing}/{file.creation_date}{file.creation_time}{file.file_id_modifier}"
    return BankReport(id=id, outcomes=outcomes, corrections=corrections)


def _parse(content: bytes) -> _File:
    if len(content) > MOST_BYTES:
        raise StatusFileUnreadable(f"This file is larger than {MOST_BYTES // 1024 // 1024} MiB.")
    text = "".join(f"{line}\n" for line in _records(content))
    try:
        file = msgspec.convert(parse(text), _File)
        for batch in file.batches:
            _require_sum(batch.entries, batch.control)
        _require_sum([entry for batch in file.batches for entry in batch.entries], file.control)
    except (AchError, ValueError, KeyError, msgspec.ValidationError) as problem:
        raise StatusFileUnreadable(f"This ACH file can't be read ({problem}).") from None
    return file


def _require_sum(entries: Sequence[_Entry], told: _Totals | None) -> None:
    """The library's own check leaves returned credits out of its sums, so it can't be asked. Raises ValueError, too."""
    sums = (
        len(entries) + sum(len(entry.addenda) for entry in entries),
        sum(int(entry.routing[:8]) for entry in entries) % 10**10,
        sum(entry.amount_cents for entry in entries if not entry.is_credit),
        sum(entry.amount_cents for entry in entries if entry.is_credit),
    )
    if told is None:
        raise StatusFileUnreadable("This ACH file doesn't add up: a control record is missing.")
    if sums != (told.entry_addenda_count, int(told.entry_hash), told.total_debit, told.total_credit):
        raise StatusFileUnreadable("This ACH file doesn't add up: its entries aren't what its control records count.")


def _records(content: bytes) -> Iterator[str]:
    """Its lines, as long as they were before somebody's program cut the blanks off."""
    try:
        lines = content.decode("ascii").splitlines()
    except UnicodeDecodeError:
        raise StatusFileUnreadable("An ACH file is plain ASCII, and this isn't.") from None
    if not all(line.isprintable() for line in lines):
        raise StatusFileUnreadable("An ACH file is plain ASCII, and this isn't.")
    if not lines or not lines[0].startswith("101"):
        raise StatusFileUnreadable("This isn't an ACH file: it doesn't begin with a file header (101).")
    return (line.ljust(RECORD_LEN) for line in lines if line.strip())


def _outcome(entry: _Entry, told: _Addendum, at: datetime) -> ItemOutcome:
    return ItemOutcome(
        end_to_end_id=entry.id_number or None,
        trace=told.trace,
        state=ItemState.RETURNED,
        at=at,
        reason=told.code,
        reference=told.trace,
        amount=Money(entry.amount_cents, get_currency("USD")),
    )


def _correction(entry: _Entry, told: _Addendum, at: datetime) -> Correction:
    return Correction(
        end_to_end_id=entry.id_number or None, trace=told.trace, code=told.code, corrected=told.corrected, at=at
    )


def _instant(file: _File) -> datetime:
    clock = file.creation_time if file.creation_time.strip() else "0000"
    try:
        return datetime.strptime(file.creation_date + clock, "%y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        raise StatusFileUnreadable("The header of this ACH file has no date.") from None
