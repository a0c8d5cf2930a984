"""The ledger in PostgreSQL: one writer for this process, and readers from the pool."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from uuid import UUID

from plaudit.foundation.clock import Clock, SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.database_errors import named_errors
from plaudit.ledger import queries, reading, rules
from plaudit.ledger.model import (
    EVERY_ACCOUNT,
    EVERYTHING,
    Account,
    AccountFilter,
    Balances,
    Filter,
    Outcome,
    Posted,
    Record,
    Refused,
    Transfer,
)
from plaudit.ledger.packing import register
from plaudit.ledger.reasons import AccountReason
from plaudit.ledger.scribe import MAX_EXPIRED_AT_ONCE, Scribe
from plaudit.ledger.writer import Writer


class PostgresLedger:
    """A `Ledger` in a database that `migrate` has prepared. Several processes may each have one on the same."""

    def __init__(self, db: Database, writer: Writer, clock: Clock) -> None:
        self._db = db
        self._writer = writer
        self._clock = clock

    @classmethod
    @asynccontextmanager
    async def open(
        cls, db: Database, *, clock: Clock | None = None, deadline_seconds: float = 5.0, batch_limit: int = 512
    ) -> AsyncGenerator["PostgresLedger"]:
        """A ledger for as long as the block runs; at its end everyone who still waits is answered.

        `deadline_seconds`: how long a caller waits at most for an outcome. `batch_limit`: when a batch holds this many
        transfers, it takes no further chain.
        """
        clock = clock or SystemClock()

        async def connect() -> Scribe:
            async with AsyncExitStack() as on_failure:
                reader = await db.connect_alone()
                on_failure.push_async_callback(reader.close)
                writer = await db.connect_alone()
                on_failure.push_async_callback(writer.close)
                with named_errors(writer):
                    await queries.fence(writer)
                register(reader)
                register(writer)
                on_failure.pop_all()
                return Scribe(reader, writer)

        writer = Writer(connect, clock, deadline_seconds=deadline_seconds, batch_limit=batch_limit)
        writer.start()
        try:
            yield cls(db, writer, clock)
        finally:
            await writer.close()

    async def post(self, chain: Iterable[Transfer]) -> Outcome:
        """See `Ledger.post`."""
        taken = rules.take_chain(chain)
        if isinstance(taken, Refused):
            return taken
        return await self._writer.submit(taken)

    async def expire_holds(self) -> int:
        """See `Ledger.expire_holds`."""
        expired = 0
        while isinstance(outcome := await self._writer.submit(()), Posted):
            expired += len(outcome.records)
            if len(outcome.records) < MAX_EXPIRED_AT_ONCE:
                break
        return expired

    async def open_accounts(self, accounts: Sequence[Account]) -> list[AccountReason | None]:
        """See `Ledger.open_accounts`."""
        for account in accounts:
            rules.require_types(account)
        faults = [rules.decide_account(None, account) for account in accounts]
        sound = [account for account, fault in zip(accounts, faults, strict=True) if fault is None]
        async with self._db.transaction() as tx:
            existing = await reading.add_accounts(tx, sound, self._clock.now())
        return [
            fault or rules.decide_account(existing.get(account.id), account)
            for account, fault in zip(accounts, faults, strict=True)
        ]

    async def close_account(self, account: UUID) -> bool:
        """See `Ledger.close_account`."""
        async with self._db.transaction() as tx:
            return await reading.set_closed(tx, account, closed=True)

    async def reopen_account(self, account: UUID) -> bool:
        """See `Ledger.reopen_account`."""
        async with self._db.transaction() as tx:
            return await reading.set_closed(tx, account, closed=False)

    async def find_account(self, account: UUID) -> tuple[Account, Balances] | None:
        """See `Ledger.find_account`."""
        async with self._db.transaction() as tx:
            found = await reading.accounts(tx, [account])
        return found.get(account)

    async def find_transfer(self, transfer: UUID) -> Record | None:
        """See `Ledger.find_transfer`."""
        async with self._db.transaction() as tx:
            return await reading.find_record(tx, transfer)

    async def balances(self, accounts: Sequence[UUID]) -> dict[UUID, Balances]:
        """See `Ledger.balances`."""
        async with self._db.transaction() as tx:
            found = await reading.accounts(tx, accounts)
        return {id: balances for id, (_, balances) in found.items()}

    async def balances_at(self, account: UUID, at: datetime) -> Balances | None:
        """See `Ledger.balances_at`."""
        async with self._db.transaction() as tx:
            return await reading.balances_at(tx, account, at)

    async def list_transfers(
        self, which: Filter = EVERYTHING, *, after: int | None = None, limit: int = 100, newest_first: bool = False
    ) -> list[Record]:
        """See `Ledger.list_transfers`."""
        async with self._db.transaction() as tx:
            return await reading.list_records(tx, which, after=after, limit=limit, newest_first=newest_first)

    async def list_accounts(
        self, which: AccountFilter = EVERY_ACCOUNT, *, after: UUID | None = None, limit: int = 100
    ) -> list[tuple[Account, Balances]]:
        """See `Ledger.list_accounts`."""
        async with self._db.transaction() as tx:
            return await reading.list_accounts(tx, which, after=after, limit=limit)

    async def last_timestamp(self) -> int:
        """See `Ledger.last_timestamp`."""
        async with self._db.transaction() as tx:
            return await tx.value(int, "select timestamp from ledger.clock")
