"""The alternative that a careful developer writes first: one database transaction a gift, accounts locked in order.

The same tables, constraints and indexes as the ledger's, prepared statements, and a connection for each caller. The
timestamps come from a sequence, since a shared clock row would make everyone wait for everyone.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from plaudit.bench.measuring import Act
from plaudit.bench.world import World
from plaudit.foundation.database import Database
from plaudit.ledger import Balances
from plaudit.ledger.queries import Connection

_LOCK = """
    select id, debits_posted, debits_pending, credits_posted, credits_pending
    from ledger.accounts where id = any(%(ids)s) order by id for update
"""
_INSERT = """
    insert into ledger.transfers (
        timestamp, at, id, debit_account, credit_account, amount, code, kind, hold_seconds, ref_128, ref_64, ref_32,
        debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending,
        credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending)
    values (
        nextval('bench_timestamps'), now(), %(id)s, %(debit)s, %(credit)s, %(amount)s, %(code)s, 0, 0,
        %(ref_128)s, 0, 0,
        %(d1)s, %(d2)s, %(d3)s, %(d4)s, %(c1)s, %(c2)s, %(c3)s, %(c4)s)
"""
_DEBIT = "update ledger.accounts set debits_posted = %(after)s where id = %(id)s"
_CREDIT = "update ledger.accounts set credits_posted = %(after)s where id = %(id)s"


@asynccontextmanager
async def naive_callers(db: Database, world: World, count: int) -> AsyncGenerator[Sequence[Act]]:
    """So many callers, each with a connection of its own."""
    async with db.transaction() as tx:
        await tx.execute("create sequence if not exists bench_timestamps start 1000000000")
    async with AsyncExitStack() as open_connections:
        connections = [await open_connections.enter_async_context(await db.connect_alone()) for _ in range(count)]
        yield [_caller(connection, world) for connection in connections]


def _caller(connection: Connection, world: World) -> Act:
    async def give() -> None:
        await _give(connection, world)

    return give


async def _give(connection: Connection, world: World) -> None:
    gift = world.make_gift()
    async with connection.transaction():
        cursor = await connection.execute(_LOCK, {"ids": [gift.debit_account, gift.credit_account]})
        rows: dict[Any, Balances] = {row[0]: Balances(*row[1:]) for row in await cursor.fetchall()}
        debit, credit = rows[gift.debit_account], rows[gift.credit_account]
        if debit.spendable < gift.amount:
            raise RuntimeError("a fan has run out of coins")
        spent, received = debit.debits_posted + gift.amount, credit.credits_posted + gift.amount
        sides = {
            "d1": spent,
            "d2": debit.debits_pending,
            "d3": debit.credits_posted,
            "d4": debit.credits_pending,
            "c1": credit.debits_posted,
            "c2": credit.debits_pending,
            "c3": received,
            "c4": credit.credits_pending,
        }
        facts = {"id": gift.id, "amount": gift.amount, "code": gift.code, "ref_128": gift.ref_128}
        accounts = {"debit": gift.debit_account, "credit": gift.credit_account}
        await connection.execute(_INSERT, {**facts, **accounts, **sides})
        await connection.execute(_DEBIT, {"after": spent, "id": gift.debit_account})
        await connection.execute(_CREDIT, {"after": received, "id": gift.credit_account})
