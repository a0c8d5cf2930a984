"""SQL of the seals. Digests are made by PostgreSQL, from its own binary form of every column (`record_send`).

The columns are listed, so that a column that a later migration adds doesn't change the digests of what was sealed.
"""

from collections.abc import Sequence
from typing import Any, LiteralString

import msgspec

from plaudit.audit.seal_rules import Found, Seal
from plaudit.foundation.database import Transaction

_DIGEST: LiteralString = """
    sha256(record_send(row(
        at, amount,
        debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending,
        credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending,
        ref_64, hold_seconds, id, debit_account, credit_account, ref_128, hold_id, ref_32, code, kind)))
"""
_SEALS: LiteralString = """
    select number, first_timestamp, last_timestamp, made_at, previous, hash, marks from audit.seals
"""
_NEWEST: LiteralString = _SEALS + "order by number desc limit 1"
_NUMBERED: LiteralString = _SEALS + "where number = %(number)s"
_NEXT: LiteralString = _SEALS + "where number > %(after)s order by number limit %(limit)s"
_OVERLAPPING: LiteralString = _SEALS + (
    "where last_timestamp >= %(first)s and first_timestamp <= %(last)s order by number"
)
_COVERING: LiteralString = _SEALS + (
    "where last_timestamp >= %(timestamp)s and first_timestamp <= %(timestamp)s order by last_timestamp limit 1"
)
_DIGESTS: LiteralString = " ".join(
    (
        "select timestamp,",
        _DIGEST,
        "from ledger.transfers where timestamp between %(first)s and %(last)s order by timestamp",
    )
)
_JOINED: LiteralString = " ".join(
    (
        "select (select string_agg(",
        _DIGEST,
        """, ''::bytea order by timestamp)
            from ledger.transfers where timestamp between first_timestamp and last_timestamp)
        from audit.seals where number between %(first)s and %(last)s order by number
        """,
    )
)


async def lock_seals(tx: Transaction) -> None:
    """Whoever else wants to seal waits until `tx` ends; readers don't."""
    await tx.execute("lock table audit.seals in share row exclusive mode")


async def get_last_timestamp(tx: Transaction) -> int:
    """The ledger's last transfer. What is committed up to it is complete: timestamps follow the order of commits."""
    return await tx.value(int, "select timestamp from ledger.clock")


async def find_newest(tx: Transaction) -> Seal | None:
    """The end of the chain."""
    return await tx.find(Seal, _NEWEST)


async def find_covering(tx: Transaction, timestamp: int) -> Seal | None:
    """The seal over this transfer."""
    return await tx.find(Seal, _COVERING, {"timestamp": timestamp})


async def find_seal(tx: Transaction, number: int) -> Seal | None:
    """The seal of this number."""
    return await tx.find(Seal, _NUMBERED, {"number": number})


async def list_seals(tx: Transaction, *, after: int, limit: int) -> list[Seal]:
    """The next seals, in the order of their numbers."""
    return await tx.all(Seal, _NEXT, {"after": after, "limit": limit})


async def list_overlapping(tx: Transaction, *, first: int, last: int) -> list[Seal]:
    """The seals over any transfer from first to last."""
    return await tx.all(Seal, _OVERLAPPING, {"first": first, "last": last})


async def add_seal(tx: Transaction, seal: Seal) -> None:
    """Add a link."""
    await tx.execute(
        """
        insert into audit.seals (number, first_timestamp, last_timestamp, made_at, previous, hash, marks)
        values (%(number)s, %(first_timestamp)s, %(last_timestamp)s, %(made_at)s, %(previous)s, %(hash)s, %(marks)s)
        """,
        msgspec.structs.asdict(seal),
    )


async def list_digests(tx: Transaction, *, first: int, last: int) -> Found:
    """The transfers from first to last, each with its digest."""
    return await _rows(tx, _DIGESTS, first=first, last=last)


async def list_joined(tx: Transaction, seals: Sequence[Seal]) -> list[bytes]:
    """For each of these seals, which follow each other, the digests of its transfers as they stand, joined."""
    rows = await _rows(tx, _JOINED, first=seals[0].number, last=seals[-1].number)
    return [row[0] or b"" for row in rows]


async def count_before_the_first(tx: Transaction) -> list[int]:
    """Timestamps below 1, where no transfer ever was."""
    return [row[0] for row in await _rows(tx, "select timestamp from ledger.transfers where timestamp < 1")]


async def _rows(tx: Transaction, sql: LiteralString, **params: Any) -> list[Any]:
    async with tx.connection.cursor(binary=True) as cursor:
        await cursor.execute(sql, params or None, prepare=False)
        return await cursor.fetchall()
