"""Making the slices again from the ledger's first transfer, in scratch tables beside the real ones, and comparing.

The fold names its tables without a schema, and a temporary table stands before a real one of the same name. Nothing of
it is kept.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import LiteralString

from msgspec import Struct

from plaudit.earnings import folding
from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.database_errors import named_errors

_SCRATCH: LiteralString = """
    create temporary table cursor (like earnings.cursor including all) on commit drop;
    create temporary table slices (like earnings.slices including all) on commit drop;
    create temporary table carries (like earnings.carries including all) on commit drop;
    create temporary table runs (like earnings.runs including all) on commit drop;
    create temporary table legs (like earnings.legs including all) on commit drop;
    create temporary table stretches (like coins.stretches including all) on commit drop;
    create temporary table spenders (like coins.spenders including all) on commit drop;
    create temporary table cuts (like coins.cuts including all) on commit drop;
    create temporary table cut_pieces (like coins.cut_pieces including all) on commit drop;
    insert into cursor default values
"""


class Difference(Struct, frozen=True, kw_only=True):
    """A row that only one of the two has: `stored`, or else only what was made again."""

    table: str
    stored: bool
    row: str


async def find_differences(
    db: Database, *, now: datetime, most: int = folding.PAGE, limit: int = 20
) -> tuple[int, list[Difference]]:
    """Up to which transfer it was folded again, and the first rows that aren't the same.

    It reads everything once, as of one moment, and keeps nobody from folding on. Raises LineTooShort or SpendingUnknown
    where the ledger can't be folded, and Unavailable.
    """
    async with refolded(db, now=now, most=most) as (tx, upto):
        return upto, await _compare(tx, limit)


@asynccontextmanager
async def refolded(db: Database, *, now: datetime, most: int = folding.PAGE) -> AsyncGenerator[tuple[Transaction, int]]:
    """A transaction in which names without a schema mean tables folded again, up to where the real ones are folded."""
    line = await db.connect_alone()
    try:
        with named_errors(line):
            await line.execute("begin isolation level repeatable read")
            tx = Transaction(line)
            await tx.execute("set local statement_timeout = 0")
            await line.execute(_SCRATCH, prepare=False)
            await tx.execute("set local search_path = pg_temp, earnings, coins")
            upto = await tx.value(int, "select timestamp from earnings.cursor")
            while await folding.fold_next(tx, now=now, most=most, waits=True, notes_terms=False, upto=upto) is not None:
                pass
            yield tx, upto
    finally:
        await line.close()


async def _compare(tx: Transaction, limit: int) -> list[Difference]:
    return await tx.all(
        Difference,
        """
        select * from (
            (select 'slices' as table, true as stored, row_to_json(t)::text as row
             from (table earnings.slices except all table slices) t)
            union all
            (select 'slices', false, row_to_json(t)::text from (table slices except all table earnings.slices) t)
            union all
            (select 'stretches', true, row_to_json(t)::text
             from (table coins.stretches except all table stretches) t)
            union all
            (select 'stretches', false, row_to_json(t)::text
             from (table stretches except all table coins.stretches) t)
            union all
            (select 'spenders', true, row_to_json(t)::text from (table coins.spenders except all table spenders) t)
            union all
            (select 'cuts', true, row_to_json(t)::text from (table coins.cuts except all table cuts) t)
            union all
            (select 'cuts', false, row_to_json(t)::text from (table cuts except all table coins.cuts) t)
            union all
            (select 'carries', true, row_to_json(t)::text
             from (table earnings.carries except all table carries) t)
        ) as differences
        order by 1, 2, 3 limit %(limit)s
        """,
        {"limit": limit},
    )
