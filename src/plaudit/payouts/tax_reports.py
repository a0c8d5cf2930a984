"""The year's totals of each creator, in the shapes that tax offices take: 1099-K by month, DAC7 by quarter, as CSV.

What counts is what was paid in the year (UTC) and stayed paid. Gross is before fees and tax.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import StringIO
from itertools import groupby
from typing import Literal
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.envelopes import Vault
from plaudit.payouts import tax_report_queries as queries
from plaudit.payouts.model import PayDesk
from plaudit.payouts.rules import form_for
from plaudit.payouts.tax import open_facts
from plaudit.payouts.tax_model import Form, TaxDetails
from plaudit.payouts.tax_report_queries import Taken
from plaudit.people.operators import note_act

Shape = Literal["1099k", "dac7"]

_MONTHS = "january february march april may june july august september october november december".split()
# A form is owed above both (26 U.S.C. 6050W(e)); the file lists everyone, and says who is above.
_THRESHOLD_MINOR, _THRESHOLD_PAYMENTS = 20_000_00, 200


class Line(Struct, frozen=True, kw_only=True):
    """One creator's year in one currency; `details` are None for who signed nothing."""

    months: Sequence[Taken]
    details: TaxDetails | None

    @property
    def whose(self) -> Taken:
        """Who and in which currency."""
        return self.months[0]

    def gross(self, *months: int) -> int:
        """What was paid in these months, or in all."""
        return sum(each.gross_minor for each in self.of(*months))

    def of(self, *months: int) -> list[Taken]:
        """These months, or all."""
        return [each for each in self.months if not months or each.month in months]


async def export_tax(desk: PayDesk, operator_id: UUID, year: int, shape: Shape, *, now: datetime) -> str:
    """The file for an operator, who is written down as having seen it. It holds tax ids in full."""
    async with desk.db.transaction() as tx:
        await note_act(tx, operator_id, "tax_report_seen", f"{shape} {year}", {}, now=now)
    return await make_report(desk.db, desk.vault, year, shape)


async def make_report(db: Database, vault: Vault, year: int, shape: Shape) -> str:
    """The file. Raises CannotUnseal."""
    since, before = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    async with db.transaction() as tx:
        taken = await queries.list_taken(tx, since=since, before=before)
        facts = await queries.list_newest_facts(tx, [each.person_id for each in taken], before=before)
    wanted = Form.W9 if shape == "1099k" else Form.DAC7
    forms = {each.person_id: each for each in facts}
    lines = [
        Line(months=list(months), details=await open_facts(vault, forms[whose]) if whose in forms else None)
        for (whose, _), months in groupby(taken, key=lambda each: (each.person_id, each.currency))
    ]
    chosen = [line for line in lines if _form_of(line) == wanted]
    return (
        _write(_head_1099k(), map(_row_1099k, chosen))
        if shape == "1099k"
        else _write(_head_dac7(), map(_row_dac7, chosen))
    )


def _form_of(line: Line) -> str:
    return form_for(line.details.residence if line.details else line.whose.region)


def _head_1099k() -> list[str]:
    return [
        "handle", "payee_name", "tin", "address", "currency", "gross_amount", "federal_income_tax_withheld",
        "number_of_payments", *_MONTHS, "above_threshold",
    ]  # fmt: skip


def _row_1099k(line: Line) -> list[str]:
    payments = sum(each.payouts for each in line.months)
    is_above = line.gross() > _THRESHOLD_MINOR and payments > _THRESHOLD_PAYMENTS
    return [
        *_who(line),
        _amount(line, line.gross()),
        _amount(line, sum(each.withheld_minor for each in line.months)),
        str(payments),
        *(_amount(line, line.gross(month)) for month in range(1, 13)),
        "yes" if is_above else "no",
    ]


def _who(line: Line) -> list[str]:
    details, whose = line.details, line.whose
    name = details.name if details else whose.legal_name or ""
    tax_id, address = (details.tax_id or "", details.address) if details else ("", "")
    return [whose.handle, name, tax_id, address, whose.currency]


def _head_dac7() -> list[str]:
    quarters = [
        f"q{quarter}_{what}" for quarter in range(1, 5) for what in ("consideration", "activities", "fees", "taxes")
    ]
    return ["handle", "name", "tin", "address", "currency", "residence", "birth_date", *quarters, "consideration"]


def _row_dac7(line: Line) -> list[str]:
    birth_on = line.details.birth_on if line.details else line.whose.birth_on
    residence = line.details.residence if line.details else line.whose.region
    cells = [*_who(line), residence, birth_on.isoformat() if birth_on else ""]
    for quarter in range(4):
        months = line.of(*range(quarter * 3 + 1, quarter * 3 + 4))
        cells += [
            _amount(line, sum(each.gross_minor for each in months)),
            str(sum(each.payouts for each in months)),
            _amount(line, sum(each.fee_minor for each in months)),
            _amount(line, sum(each.withheld_minor for each in months)),
        ]
    return [*cells, _amount(line, line.gross())]


def _amount(line: Line, minor: int) -> str:
    exponent = get_currency(line.whose.currency).exponent
    units, fraction = divmod(minor, 10**exponent)
    return f"{units}.{fraction:0{exponent}d}" if exponent else str(units)


def _write(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def harmless(cell: str) -> str:
    """A spreadsheet takes what begins like this for a formula: a quote in front keeps it text."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
