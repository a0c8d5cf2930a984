"""A provider's report of a day: what it took for us, what it kept, and what it gave back."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.money import Money


class ReportUnreadable(PlauditError):
    """A provider's report isn't in the form that it should be."""

    code = "report_unreadable"
    title = "This provider's report can't be read."
    status = 422


class What(StrEnum):
    """What a line is about. A dispute takes the money when it is opened, and gives it back when it is won."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    DISPUTE_WON = "dispute_won"


class ReportLine(Struct, frozen=True, kw_only=True):
    """One line: `reference` is the provider's id of the payment or the dispute, and our own id of a refund."""

    what: What
    reference: str
    amount: Money
    fee: Money
    at: datetime


class _Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    what: What
    reference: str
    amount_minor: int
    fee_minor: int
    currency: str
    at: datetime


def write_csv(lines: Iterable[ReportLine]) -> bytes:
    """The lines as the sandbox writes them, below a line with the names of the columns."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_Row.__struct_fields__)
    for line in lines:
        amounts = (line.amount.minor, line.fee.minor, line.amount.currency.code)
        writer.writerow((line.what, line.reference, *amounts, line.at.isoformat()))
    return text.getvalue().encode()


def read_csv(body: bytes) -> Sequence[ReportLine]:
    """What `write_csv` wrote. Raises ReportUnreadable, which names the line."""
    try:
        reader = csv.DictReader(io.StringIO(body.decode()), strict=True)
        rows = list(reader)
    except (csv.Error, UnicodeDecodeError):
        raise ReportUnreadable from None
    if reader.fieldnames is None or set(reader.fieldnames) != set(_Row.__struct_fields__):
        raise ReportUnreadable("This report doesn't begin with the names of its columns.")
    lines: list[ReportLine] = []
    for number, row in enumerate(rows, start=2):
        try:
            told = msgspec.convert(row, _Row, strict=False)
            currency = get_currency(told.currency)
        except (msgspec.ValidationError, PlauditError):
            raise ReportUnreadable(f"Line {number} of this report can't be read.") from None
        amount, fee = Money(told.amount_minor, currency), Money(told.fee_minor, currency)
        lines.append(ReportLine(what=told.what, reference=told.reference, amount=amount, fee=fee, at=told.at))
    return lines
