"""What a check is: one statement that finds what is off, and the sentence that says so."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, LiteralString, cast

from msgspec import Struct
from psycopg.rows import dict_row

from plaudit.audit.findings import Code, Finding, Findings, Value
from plaudit.foundation.database import Transaction

_EXPECTED, _FOUND = "_expected", "_found"


class Check(Struct, frozen=True, kw_only=True):
    """One question. `sql` gives a row for each thing that is off, and nothing when all is well.

    Its columns `x_expected` and `x_found` are numbers that should be the same, each pair shown only where it differs;
    `total` is how many rows there are without the limit; all others are ids that name the place. `sentence` is filled
    in with the columns, and `{difference}` with the numbers that differ.
    """

    code: Code
    sql: LiteralString
    sentence: str


async def ask(tx: Transaction, check: Check, params: Mapping[str, object], findings: Findings) -> None:
    """Ask, and note what is off."""
    async with tx.connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(check.sql, {**params, "limit": findings.limit}, prepare=False)
        rows = await cursor.fetchall()
    for number, row in enumerate(rows):
        listed = number == len(rows) - 1
        beyond = int(row["total"]) - len(rows) if listed else 0
        findings.add(_finding(check, row), times=1 + beyond)


def _finding(check: Check, row: Mapping[str, Any]) -> Finding:
    values = {name: _plain(value) for name, value in row.items() if name != "total"}
    pairs = {
        name.removesuffix(_EXPECTED): (value, values[name.removesuffix(_EXPECTED) + _FOUND])
        for name, value in values.items()
        if name.endswith(_EXPECTED)
    }
    off = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    difference = ", ".join(f"{name.replace('_', ' ')} {found} instead of {want}" for name, (want, found) in off.items())
    return Finding(
        code=check.code,
        sentence=check.sentence.format(**values, difference=difference),
        where={
            name: value
            for name, value in values.items()
            if not name.endswith((_EXPECTED, _FOUND)) and value is not None
        },
        expected={name: want for name, (want, _) in off.items()},
        found={name: found for name, (_, found) in off.items()},
    )


def _plain(value: object) -> Value:
    # PostgreSQL sums 64-bit numbers to a `numeric`; here they are all whole.
    return int(value) if isinstance(value, Decimal) else cast("Value", value)
