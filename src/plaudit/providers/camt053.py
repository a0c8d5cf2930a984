"""camt.053, the bank's statement of an account: what it booked, and what came back."""

from collections.abc import Iterator
from datetime import date, datetime
from xml.etree.ElementTree import Element

from msgspec import Struct

from plaudit.foundation.money import Money
from plaudit.providers.bank_xml import day_of, find_money, first_text, instant_of, reasons_of, text_of
from plaudit.providers.payouts import (
    BankReport,
    BatchOutcome,
    Booking,
    ItemOutcome,
    ItemState,
    StatusFileUnreadable,
)

_NO_ID = frozenset({"NOTPROVIDED", "NONREF"})
_RETURNED = "RRTN"


class _Line(Struct, frozen=True, kw_only=True):
    """An entry with what all of its details share."""

    element: Element
    amount: Money
    is_debit: bool
    is_reversal: bool
    on: date
    at: datetime
    account: str
    reference: str


def read_statement(body: Element) -> BankReport:
    """What a statement says; only what is booked counts. Raises StatusFileUnreadable."""
    outcomes: list[ItemOutcome] = []
    batches: list[BatchOutcome] = []
    bookings: list[Booking] = []
    for line in _lines(body):
        details = list(line.element.iter("TxDtls"))
        items = [found for detail in details for found in _item(line, detail, is_only=len(details) == 1)]
        batch = [] if items else _batch(line)
        outcomes += items
        batches += batch
        bookings.append(_booking(line, items, batch))
    return BankReport(
        id=first_text(body, "GrpHdr/MsgId", "Stmt/Id") or "",
        outcomes=outcomes,
        batches=batches,
        bookings=bookings,
    )


def _lines(body: Element) -> Iterator[_Line]:
    for statement in body.findall("Stmt"):
        account = first_text(statement, "Acct/Id/IBAN", "Acct/Id/Othr/Id") or ""
        name = text_of(statement, "Id") or ""
        for number, entry in enumerate(statement.findall("Ntry"), start=1):
            if first_text(entry, "Sts/Cd", "Sts") == "BOOK":
                yield _line(entry, account, f"{name}/{number}")


def _line(entry: Element, account: str, place: str) -> _Line:
    amount, direction = find_money(entry, "Amt"), text_of(entry, "CdtDbtInd")
    on, at = day_of(entry, "BookgDt"), instant_of(entry, "BookgDt")
    if amount is None or on is None or at is None or direction not in ("CRDT", "DBIT"):
        raise StatusFileUnreadable(f"Entry {place} of the statement lacks its amount, direction or booking date.")
    return _Line(
        element=entry,
        amount=amount,
        is_debit=direction == "DBIT",
        is_reversal=text_of(entry, "RvslInd") == "true",
        on=on,
        at=at,
        account=account,
        reference=first_text(entry, "AcctSvcrRef", "NtryRef") or place,
    )


def _item(line: _Line, detail: Element, *, is_only: bool) -> Iterator[ItemOutcome]:
    """A debit pays; a credit is one of ours that came back only where the bank says so. Others' money isn't told."""
    name = text_of(detail, "Refs/EndToEndId")
    is_return = line.is_reversal or _says_returned(detail) or _says_returned(line.element)
    is_debit = (text_of(detail, "CdtDbtInd") or ("DBIT" if line.is_debit else "CRDT")) == "DBIT"
    if name is None or name in _NO_ID or (not is_debit and not is_return):
        return
    yield ItemOutcome(
        end_to_end_id=name,
        state=ItemState.PAID if is_debit else ItemState.RETURNED,
        at=line.at,
        reason=next(reasons_of(detail), None),
        reference=first_text(detail, "Refs/AcctSvcrRef", "Refs/TxId") or line.reference,
        amount=find_money(detail, "Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
        or (line.amount if is_only else None),
    )


def _says_returned(element: Element) -> bool:
    return element.find("RtrInf") is not None or text_of(element, "BkTxCd/Domn/Fmly/SubFmlyCd") == _RETURNED


def _batch(line: _Line) -> list[BatchOutcome]:
    """A batch that was booked as one line, without its payments."""
    name = _batch_name(line.element)
    if name is None or not line.is_debit:
        return []
    return [BatchOutcome(batch=name, state=ItemState.PAID, at=line.at, reference=line.reference, amount=line.amount)]


def _batch_name(entry: Element) -> str | None:
    """Some banks name the batch beside the details, others in the only one; two names are no batch of ours."""
    name = first_text(entry, "NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId")
    if name is not None:
        return name
    names = {first_text(each, "Refs/PmtInfId", "Refs/MsgId") for each in entry.iter("TxDtls")} - {None, *_NO_ID}
    return names.pop() if len(names) == 1 else None


def _booking(line: _Line, items: list[ItemOutcome], batch: list[BatchOutcome]) -> Booking:
    return Booking(
        on=line.on,
        amount=line.amount,
        is_debit=line.is_debit,
        account=line.account,
        reference=line.reference,
        ids=[item.end_to_end_id for item in items if item.end_to_end_id],
        batch=batch[0].batch if batch else _batch_name(line.element),
    )
