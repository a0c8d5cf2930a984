"""Batches of chains, written to PostgreSQL: what the rules need to see, what they decide, and what is stored.

The scribe remembers the accounts that it has touched, and decides the next batch on top of the one that is still being
stored. Both are safe because of the clock: every batch moves it, and a batch is stored only if the clock stands where
this scribe expects it. When it doesn't, another process has written (or the batch before failed): then nothing is
stored, the scribe forgets everything, and writes with the clock's lock in hand until it finds itself alone again.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from msgspec import Struct

from plaudit.foundation.database_errors import meaning_at_commit, named_errors
from plaudit.foundation.database_line import commit
from plaudit.foundation.errors import OutcomeUnknown
from plaudit.ledger import queries, rules
from plaudit.ledger.book import Book, expires_at
from plaudit.ledger.model import Balances, Kind, Outcome, Posted, Record, Transfer
from plaudit.ledger.queries import Connection, Seen

Chain = Sequence[Transfer]

MAX_REMEMBERED = 200_000
"""How many accounts a scribe remembers before it starts afresh: some 100 MB."""

_NEVER = datetime.max.replace(tzinfo=UTC)

MAX_EXPIRED_AT_ONCE = 1_000
"""How many holds one batch expires at most; the next batch goes on."""


class Stale(Exception):
    """Another process has written since: the batch was not stored, and what was decided after it is void as well."""


class Decided(Struct):
    """What comes of a batch, if the clock stands at `seen` when it is stored. The `expired` holds come first."""

    seen: Seen
    at: datetime
    outcomes: list[Outcome]
    records: list[Record]
    expired: int = 0
    packed: queries.Params = {}

    @property
    def must_be_stored(self) -> bool:
        """Refusals alone leave no trace. An old answer does: it must be as durable as a new one before it is given."""
        return bool(self.records) or any(isinstance(outcome, Posted) and outcome.records for outcome in self.outcomes)


class Scribe:
    """Reads on one connection while it stores on the other, both in autocommit mode.

    After an exception of any method, call `forget`, and close the connections when it was `Unavailable` or
    `OutcomeUnknown`. One task may `decide` while one other `store`s.
    """

    def __init__(self, reader: Connection, writer: Connection, *, remember: int = MAX_REMEMBERED) -> None:
        self._reader = reader
        self._writer = writer
        self._remember = remember
        self._doubtful = False
        writer.add_notice_handler(self._notice)
        self.forget()

    def forget(self) -> None:
        """Trust nothing that was read or decided before."""
        self._book = Book()
        self._seen: Seen | None = None
        self._next_due: datetime | None = None
        self._was_alone = False
        self._latest: list[Record] = []

    @property
    def is_alone(self) -> bool:
        """Whether it may decide without the lock: the last batch found the clock as this scribe had left it."""
        return self._was_alone and self._seen is not None

    async def close(self) -> None:
        """Close both connections; what is under way on them is lost."""
        await self._reader.close()
        await self._writer.close()

    def _notice(self, notice: psycopg.errors.Diagnostic) -> None:
        # 01000: durable here, but the wait for a synchronous standby was cancelled, so a failover may lose it.
        self._doubtful |= notice.sqlstate == "01000"

    # Alone: decide one batch while the one before is being stored.

    async def decide(self, chains: Sequence[Chain], now: datetime) -> Decided:
        """What comes of the chains after everything that was decided before. An empty chain tells what expired.

        At most one batch may be decided and not yet stored when the next is decided. Raises Unavailable.
        """
        assert self._seen is not None, "only a scribe that is alone decides ahead"
        with named_errors(self._reader):
            return await self._decide(self._reader, self._seen, chains, now)

    async def store(self, decided: Decided) -> None:
        """Make it so, in one statement that is its own transaction, after everything that was decided before is stored.

        Raises Stale or Unavailable when surely nothing was stored, OutcomeUnknown when the answer was lost, and
        UnknownConstraint when the second guard contradicts the rules.
        """
        writer = self._writer
        if not decided.must_be_stored:
            with named_errors(writer):
                if Seen(*await _one(queries.read_clock(writer))) != decided.seen:
                    raise Stale
            return
        self._doubtful = False
        try:
            moved = await _one(self._write(decided))
        except psycopg.Error as error:
            if meaning := meaning_at_commit(writer, error):
                raise meaning from error
            raise
        if self._doubtful:
            raise OutcomeUnknown
        if moved != (1,):
            raise Stale

    # Not alone: lock, decide and store, in one transaction.

    async def write(self, chains: Sequence[Chain], now: datetime) -> Decided:
        """Decide and store with the clock's lock in hand. Raises as `store` does, but never Stale."""
        writer = self._writer
        try:
            with named_errors(writer):
                await writer.execute("begin")
                seen = Seen(*await _one(queries.lock_clock(writer)))
                if seen != self._seen:
                    self.forget()
                    self._seen = seen
                else:
                    self._was_alone = True
                decided = await self._decide(writer, seen, chains, now)
                if decided.must_be_stored:
                    await self._write(decided)
        except BaseException:
            with suppress(psycopg.Error):
                await writer.execute("rollback")
            raise
        await commit(writer)
        return decided

    def _write(self, decided: Decided) -> queries.Query:
        return queries.write_batch(self._writer, decided.packed)

    # Deciding.

    async def _decide(self, connection: Connection, seen: Seen, chains: Sequence[Chain], now: datetime) -> Decided:
        book = self._book
        book.timestamp = seen.timestamp
        decided = Decided(seen, max(seen.at, now), [], [])
        await self._read(connection, chains)
        if self._next_due is None or self._next_due <= decided.at:
            await self._expire(connection, decided)
        for chain in chains:
            outcome = (
                rules.decide(book, chain, decided.at) if chain else Posted(tuple(decided.records[: decided.expired]))
            )
            decided.outcomes.append(outcome)
            if chain and isinstance(outcome, Posted) and outcome.records[0].timestamp > book.timestamp:
                book.enter(outcome.records)
                decided.records.extend(outcome.records)
        self._expect(decided)
        return decided

    def _expect(self, decided: Decided) -> None:
        """From here on, take what was decided as stored."""
        balances, changed = self._book.balances, dict[int, Balances]()
        for record in decided.records:
            transfer = record.transfer
            changed[transfer.debit_account.int] = balances[transfer.debit_account.int]
            changed[transfer.credit_account.int] = balances[transfer.credit_account.int]
            if transfer.hold_seconds and (over := expires_at(record)):
                self._next_due = min(self._next_due or over, over)
        if decided.must_be_stored:
            self._seen = Seen(self._book.timestamp, decided.at, decided.seen.version)
            # Packed now, while the batch before is being stored, so that this one can follow without a pause.
            decided.packed = queries.pack_batch(decided.seen, decided.at, decided.records, changed)
        self._latest = decided.records

    async def _expire(self, connection: Connection, decided: Decided) -> None:
        book = self._book
        # What the batch before opened may not be visible yet; what it ended may still be.
        opened = {
            (over, record.timestamp, record.transfer.id) for record in self._latest if (over := expires_at(record))
        }
        stored = await _all(queries.find_due(connection, decided.at, MAX_EXPIRED_AT_ONCE + len(book.ended)))
        all_due = {hold for hold in (*stored, *opened) if hold[0] <= decided.at and hold[2] not in book.ended}
        due = sorted(all_due)[:MAX_EXPIRED_AT_ONCE]
        (next_due,) = await _one(queries.find_next_due(connection, decided.at))
        later = [over for over, *_ in opened if over > decided.at]
        self._next_due = min((over for over in (next_due, *later) if over), default=_NEVER)
        if len(due) == MAX_EXPIRED_AT_ONCE:
            self._next_due = decided.at
        holds = [hold for _, _, hold in due]
        await self._read_records(connection, holds)
        await self._read_taken_expiries(connection, holds)
        await self._read_accounts(connection, self._touched_by(holds))
        for hold in holds:
            record = rules.expire(book, book.records[hold], decided.at)
            book.enter((record,))
            decided.records.append(record)
        decided.expired = len(holds)

    async def _read_taken_expiries(self, connection: Connection, holds: Sequence[UUID]) -> None:
        """Whatever already has an id that an expiry would have."""
        ids = [rules.expiry_id(hold) for hold in holds]
        while ids:
            await self._read_records(connection, ids)
            ids = [rules.expiry_id(id) for id in ids if id in self._book.records]

    # What the rules need to see.

    async def _read(self, connection: Connection, chains: Sequence[Chain]) -> None:
        book = self._book
        if len(book.accounts) > self._remember:
            self._forget_most()
        book.records, book.ended = {}, {}
        transfers = [transfer for chain in chains for transfer in chain]
        holds = {transfer.hold_id for transfer in transfers if transfer.hold_id is not None}
        await self._read_records(connection, [transfer.id for transfer in transfers])
        if holds:
            await self._read_records(connection, holds)
            for hold, kind in await _all(queries.find_ended(connection, holds)):
                book.ended[hold] = Kind(kind)
        # The batch before may be stored by now or not: here it counts as stored.
        book.enter(self._latest)
        touched = {transfer.debit_account.int for transfer in transfers}
        touched.update(transfer.credit_account.int for transfer in transfers)
        touched.update(self._touched_by(holds))
        await self._read_accounts(connection, touched)

    def _forget_most(self) -> None:
        """Keep only the accounts of the batch before, whose balances the database may not show yet."""
        book, kept = self._book, {record.transfer.debit_account.int for record in self._latest}
        kept.update(record.transfer.credit_account.int for record in self._latest)
        book.accounts = {account: book.accounts[account] for account in kept}
        book.balances = {account: book.balances[account] for account in kept}

    async def _read_records(self, connection: Connection, ids: Iterable[UUID]) -> None:
        for row in await _all(queries.find_recorded(connection, ids)):
            record = queries.record_of(row)
            self._book.records[record.transfer.id] = record

    def _touched_by(self, holds: Iterable[UUID]) -> set[int]:
        records = [self._book.records[hold].transfer for hold in holds if hold in self._book.records]
        return {record.debit_account.int for record in records} | {record.credit_account.int for record in records}

    async def _read_accounts(self, connection: Connection, touched: Iterable[int]) -> None:
        # Not as a difference of sets: that would walk over all that is remembered.
        missing = [UUID(int=id) for id in touched if id not in self._book.accounts and id]
        if missing:
            for row in await _all(queries.find_accounts(connection, missing)):
                account, balances = queries.account_of(row)
                self._book.accounts[account.id.int], self._book.balances[account.id.int] = account, balances


async def _one(query: queries.Query) -> tuple[queries.Any, ...]:
    row = await (await query).fetchone()
    assert row is not None, "an aggregate, and the clock, always have one row"
    return row


async def _all(query: queries.Query) -> list[tuple[queries.Any, ...]]:
    return await (await query).fetchall()
