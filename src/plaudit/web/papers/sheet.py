"""CSV (RFC 4180, UTF-8 with the mark that spreadsheets look for) in which no cell is a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.money import INTERNAL_DIGITS

Cell = str | int | Decimal | None

# What spreadsheets take for the beginning of a formula; the wide forms too, which some of them read alike.
_BEGINS_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
_BYTE_ORDER_MARK = "\ufeff"


def write_sheet(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The whole file. Text that could be taken for a formula gets an apostrophe before it; numbers stay numbers."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
    return (_BYTE_ORDER_MARK + file.getvalue()).encode()


def in_units(micros: int, currency: str) -> Decimal:
    """An amount of internal units as a number of whole units of the currency, with all its decimal places."""
    return Decimal(micros).scaleb(-get_currency(currency).exponent - INTERNAL_DIGITS)


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        # Never with an exponent, which means something else to every reader.
        return f"{cell:f}"
    if isinstance(cell, int):
        return str(cell)
    return f"'{cell}" if cell[:1] in _BEGINS_FORMULA or cell.lstrip()[:1] in _BEGINS_FORMULA else cell
