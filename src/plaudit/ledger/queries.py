"""The ledger's SQL: one literal statement a function, columns named, rows as the model's values."""

from collections.abc import Coroutine, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import TupleRow

from plaudit.ledger import statements
from plaudit.ledger.model import Account, Balances, Kind, Limit, Record, Transfer
from plaudit.ledger.packing import bigints, ints, optional_uuids, uuids, uuids_of_ints

Connection = AsyncConnection[Any]
Rows = AsyncCursor[TupleRow]
Query = Coroutine[Any, Any, Rows]
Params = dict[str, Any]


class Seen(Struct, frozen=True):
    """The clock as a writer last saw it: while it stands there, nobody else has written."""

    timestamp: int
    at: datetime
    version: int


async def lock_clock(connection: Connection) -> Rows:
    """Become the one writer until the transaction ends: (timestamp, at, version) as the last one left them."""
    return await connection.execute("select timestamp, at, version from ledger.clock for update", binary=True)


async def read_clock(connection: Connection) -> Rows:
    """The clock as the last writer left it."""
    return await connection.execute("select timestamp, at, version from ledger.clock", binary=True)


async def fence(connection: Connection) -> None:
    """Make void what was sent before, on lines that have broken since, and arrives later: it finds the clock moved.

    Otherwise a batch could be stored after its chains were asked again and answered in another way.
    """
    await connection.execute("update ledger.clock set version = version + 1")


async def find_recorded(connection: Connection, ids: Iterable[UUID]) -> Rows:
    """The transfers with these ids."""
    return await connection.execute(
        """
        select timestamp, at,
               id, debit_account, credit_account, amount, code, kind, hold_id, hold_seconds, ref_128, ref_64, ref_32,
               debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending,
               credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending
        from ledger.transfers
        where id = any(%(ids)s)
        """,
        {"ids": uuids(list(ids))},
        binary=True,
    )


async def find_ended(connection: Connection, holds: Iterable[UUID]) -> Rows:
    """(hold id, kind of what ended it) for those of these holds that have ended."""
    return await connection.execute(
        "select hold_id, kind from ledger.transfers where hold_id = any(%(holds)s)",
        {"holds": uuids(list(holds))},
        binary=True,
    )


async def find_due(connection: Connection, at: datetime, limit: int) -> Rows:
    """(when it was over, timestamp, id) of the open holds whose time is over, in that order."""
    return await connection.execute(
        """
        select expires_at, timestamp, id from ledger.open_holds
        where expires_at <= %(at)s
        order by expires_at, timestamp
        limit %(limit)s
        """,
        {"at": at, "limit": limit},
        binary=True,
    )


async def find_accounts(connection: Connection, ids: Iterable[UUID]) -> Rows:
    """The accounts with these ids, and their counters."""
    return await connection.execute(
        """
        select id, ledger, code, "limit", ref_128, closed,
               debits_posted, debits_pending, credits_posted, credits_pending
        from ledger.accounts
        where id = any(%(ids)s)
        """,
        {"ids": uuids(list(ids))},
        binary=True,
    )


def record_of(row: Sequence[Any]) -> Record:
    """A row of `ledger.transfers`, its columns in the order of `find_recorded`."""
    timestamp, at, id, debit, credit, amount, code, kind, hold_id, hold_seconds, ref_128, ref_64, ref_32 = row[:13]
    transfer = Transfer(id, debit, credit, amount, code, Kind(kind), hold_id, hold_seconds, ref_128, ref_64, ref_32)
    return Record(timestamp, at.astimezone(UTC), transfer, Balances(*row[13:17]), Balances(*row[17:21]))


def account_of(row: Sequence[Any]) -> tuple[Account, Balances]:
    """A row of `ledger.accounts`, its columns in the order of `find_accounts`."""
    id, ledger, code, limit, ref_128, closed = row[:6]
    return Account(id, ledger, code, Limit(limit), ref_128, closed), Balances(*row[6:10])


async def find_next_due(connection: Connection, at: datetime) -> Rows:
    """When the next of the open holds is over that aren't over at `at` already."""
    return await connection.execute(
        "select min(expires_at) from ledger.open_holds where expires_at > %(at)s", {"at": at}, binary=True
    )


async def write_batch(connection: Connection, packed: Params) -> Rows:
    """Store what `pack_batch` packed, if the clock still stands where it was seen.

    Returns how often the clock moved: 0 when somebody else has written since, and nothing was stored.
    """
    return await connection.execute(statements.WRITE_BATCH, packed, binary=True)


def pack_batch(seen: Seen, at: datetime, records: Sequence[Record], changed: Mapping[int, Balances]) -> Params:
    """What was decided, as columns: the transfers, the holds, the counters of the accounts they changed, the clock."""
    return {
        "seen_timestamp": seen.timestamp,
        "seen_at": seen.at,
        "seen_version": seen.version,
        "at": at,
        "count": len(records),
        **_transfer_columns([record.transfer for record in records]),
        **_balance_columns("debit_", [record.debit_balances for record in records]),
        **_balance_columns("credit_", [record.credit_balances for record in records]),
        **_hold_columns(records),
        "account": uuids_of_ints(list(changed)),
        **_balance_columns("", list(changed.values())),
    }


def _transfer_columns(transfers: Sequence[Transfer]) -> Params:
    return {
        "id": uuids([transfer.id for transfer in transfers]),
        "debit_account": uuids([transfer.debit_account for transfer in transfers]),
        "credit_account": uuids([transfer.credit_account for transfer in transfers]),
        "amount": bigints([transfer.amount for transfer in transfers]),
        "code": ints([transfer.code for transfer in transfers]),
        "kind": ints([transfer.kind for transfer in transfers]),
        "hold_id": optional_uuids([transfer.hold_id for transfer in transfers]),
        "hold_seconds": bigints([transfer.hold_seconds for transfer in transfers]),
        "ref_128": optional_uuids([transfer.ref_128 for transfer in transfers]),
        "ref_64": bigints([transfer.ref_64 for transfer in transfers]),
        "ref_32": ints([transfer.ref_32 for transfer in transfers]),
    }


def _balance_columns(prefix: str, balances: Sequence[Balances]) -> Params:
    return {
        f"{prefix}debits_posted": bigints([b.debits_posted for b in balances]),
        f"{prefix}debits_pending": bigints([b.debits_pending for b in balances]),
        f"{prefix}credits_posted": bigints([b.credits_posted for b in balances]),
        f"{prefix}credits_pending": bigints([b.credits_pending for b in balances]),
    }


def _hold_columns(records: Sequence[Record]) -> Params:
    opened, ended = _holds_of(records)
    return {
        "opened": uuids([record.transfer.id for record in opened]),
        "opened_timestamp": bigints([record.timestamp for record in opened]),
        "opened_seconds": bigints([record.transfer.hold_seconds for record in opened]),
        "ended": uuids(ended),
    }


def _holds_of(records: Sequence[Record]) -> tuple[Sequence[Record], Sequence[UUID]]:
    """The holds that are open after these records, and those from before that are open no more."""
    if all(record.transfer.kind is Kind.TRANSFER for record in records):
        return (), ()
    opened = {record.transfer.id: record for record in records if record.transfer.kind is Kind.HOLD}
    over = [record.transfer.hold_id for record in records if record.transfer.hold_id is not None]
    ended = [hold for hold in over if opened.pop(hold, None) is None]
    return list(opened.values()), ended
