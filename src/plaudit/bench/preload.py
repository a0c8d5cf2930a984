"""Millions of gifts put into the tables with COPY, as if they had been posted one by one: the books still close."""

import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import LiteralString
from uuid import UUID

from psycopg.sql import SQL, Composed, Identifier

from plaudit.bench.world import World
from plaudit.foundation.database import Database, Transaction
from plaudit.ledger import Balances
from plaudit.ledger.reading import accounts

_ROWS_AT_ONCE = 50_000
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_COLUMNS: LiteralString = (
    "timestamp, at, amount, "
    "debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending, "
    "credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending, "
    "ref_64, hold_seconds, id, debit_account, credit_account, ref_128, ref_32, code, kind"
)
# PostgreSQL's binary COPY: the number of fields, then each with its length before it.
_ROW = struct.Struct(">h" + "iq" * 13 + "i16s" * 4 + "ii" * 2 + "ih")
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = struct.pack(">h", -1)


async def preload(db: Database, world: World, count: int, say: Callable[[str], None]) -> None:
    """Add `count` gifts between the world's fans and creators. Indexes are built after, all at once."""
    async with db.transaction() as tx:
        await tx.execute("set local maintenance_work_mem = '512MB'")
        indexes = await _drop_indexes(tx)
        start = await tx.value(int, "select timestamp from ledger.clock")
        at = datetime.now(UTC)
        spent, received, rows = await _gifts(tx, world, start, at)
        done = 0
        async with (
            tx.connection.cursor() as cursor,
            cursor.copy(SQL("copy ledger.transfers ({}) from stdin (format binary)").format(SQL(_COLUMNS))) as copy,
        ):
            await copy.write(_HEADER)
            while chunk := list(islice(rows, min(_ROWS_AT_ONCE, count - done))):
                await copy.write(b"".join(chunk))
                done += len(chunk)
                say(f"ledger: {done:,} of {count:,} transfers preloaded")
            await copy.write(_TRAILER)
        say("ledger: building the indexes")
        for index in indexes:
            await tx.connection.execute(index)
        await _set_counters(tx, spent, received)
        await tx.execute(
            "update ledger.clock set timestamp = timestamp + %(count)s, at = %(at)s", {"count": count, "at": at}
        )
    async with await db.connect_alone() as alone:
        say("ledger: vacuum and checkpoint")
        await alone.execute("vacuum (analyze) ledger.transfers")
        await alone.execute("vacuum (analyze) ledger.accounts")
        await alone.execute("checkpoint")


async def _drop_indexes(tx: Transaction) -> list[Composed]:
    """Take every index but the primary key off the transfers; the statements that put them back."""
    constraints = await tx.connection.execute(
        """
        select conname, pg_get_constraintdef(oid) from pg_constraint
        where conrelid = 'ledger.transfers'::regclass and contype = 'u'
        """
    )
    again: list[Composed] = []
    for name, definition in await constraints.fetchall():
        await tx.connection.execute(SQL("alter table ledger.transfers drop constraint {}").format(Identifier(name)))
        again.append(SQL("alter table ledger.transfers add constraint {} {}").format(Identifier(name), SQL(definition)))
    indexes = await tx.connection.execute(
        """
        select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
        where indrelid = 'ledger.transfers'::regclass and not indisprimary
        """
    )
    for name, definition in await indexes.fetchall():
        await tx.connection.execute(SQL("drop index {}").format(SQL(name)))
        again.append(SQL("{}").format(SQL(definition)))
    return again


async def _gifts(
    tx: Transaction, world: World, start: int, at: datetime
) -> tuple[dict[UUID, int], dict[UUID, int], Iterator[bytes]]:
    """What each fan has spent and each creator received, as they grow while the rows are drawn; and the rows."""
    found = await accounts(tx, [*world.fans, *world.creators])
    balances: dict[UUID, Balances] = {id: balances for id, (_, balances) in found.items()}
    spent = {fan: balances[fan].debits_posted for fan in world.fans}
    received = {creator: balances[creator].credits_posted for creator in world.creators}
    funded = {fan: balances[fan].credits_posted for fan in world.fans}
    microseconds = (at - _EPOCH) // timedelta(microseconds=1)

    def rows() -> Iterator[bytes]:
        timestamp = start
        while True:
            timestamp += 1
            gift = world.make_gift()
            fan, creator, amount = gift.debit_account, gift.credit_account, gift.amount
            spent[fan] += amount
            received[creator] += amount
            numbers = (timestamp, microseconds, amount, spent[fan], 0, funded[fan], 0, 0, 0, received[creator], 0, 0, 0)
            ids = (gift.id, fan, creator, gift.ref_128 or gift.id)
            yield _ROW.pack(
                20,
                *(part for number in numbers for part in (8, number)),
                *(part for id in ids for part in (16, id.bytes)),
                *(4, gift.ref_32, 4, gift.code, 2, gift.kind),
            )

    return spent, received, rows()


async def _set_counters(tx: Transaction, spent: dict[UUID, int], received: dict[UUID, int]) -> None:
    async with tx.connection.cursor() as cursor:
        await cursor.executemany(
            "update ledger.accounts set debits_posted = %s where id = %s",
            [(total, fan) for fan, total in spent.items()],
        )
        await cursor.executemany(
            "update ledger.accounts set credits_posted = %s where id = %s",
            [(total, creator) for creator, total in received.items()],
        )
