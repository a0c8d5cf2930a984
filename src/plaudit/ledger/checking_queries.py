"""The SQL of `plaudit check`. Rows come as plain tuples: ids as bytes, instants as PostgreSQL's microseconds.

It reads in pages along the indexes. Statements aren't prepared, since a plan made for any page would fit none.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg.types.numeric import Int8BinaryLoader
from psycopg.types.string import ByteaBinaryLoader

from plaudit.foundation.database import Transaction
from plaudit.ledger.findings import Report
from plaudit.ledger.history import NOTHING, Hold, Known, Row, Seen, instant


class LastCheck(NamedTuple):
    """What the last run left behind: the transfer that it ended at, and how much was off."""

    seen: Seen
    findings: int


async def find_last_check(tx: Transaction) -> LastCheck | None:
    """The last run's, if there was one and it saw any transfer."""
    rows = await _rows(
        tx,
        """
        select timestamp, transfer_id, at, findings
        from ledger.checks
        order by number desc
        limit 1
        """,
    )
    return LastCheck(Seen(*rows[0][:3]), rows[0][3]) if rows and rows[0][0] else None


async def add_check(tx: Transaction, report: Report, seen: Seen, *, checked_at: datetime) -> None:
    """Remember a run that ended at the transfer `seen`."""
    await tx.execute(
        """
        insert into ledger.checks (checked_at, since, timestamp, transfer_id, at, accounts, findings)
        values (%(checked_at)s, %(since)s, %(timestamp)s, %(transfer_id)s, %(at)s, %(accounts)s, %(findings)s)
        """,
        {
            "checked_at": checked_at,
            "since": report.since,
            "timestamp": seen.timestamp,
            "transfer_id": UUID(bytes=seen.id) if seen.timestamp else None,
            "at": instant(seen.at) if seen.timestamp else None,
            "accounts": report.accounts,
            "findings": sum(report.counts.values()),
        },
    )


async def get_clock(tx: Transaction) -> tuple[int, int]:
    """(timestamp, at) of the ledger's clock."""
    timestamp, at = (await _rows(tx, "select timestamp, at from ledger.clock"))[0]
    return timestamp, at


async def find_seen(tx: Transaction, timestamp: int) -> Seen | None:
    """The transfer with this timestamp."""
    rows = await _rows(
        tx, "select timestamp, id, at from ledger.transfers where timestamp = %(timestamp)s", timestamp=timestamp
    )
    return Seen(*rows[0]) if rows else None


async def list_transfers(tx: Transaction, *, after: int, limit: int) -> list[Row]:
    """The next transfers, in the order of their timestamps, as `History` reads them."""
    return await _rows(
        tx,
        """
        select timestamp, at, kind, amount, debit_account, credit_account,
               debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending,
               credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending,
               hold_id, id, code, hold_seconds
        from ledger.transfers
        where timestamp > %(after)s
        order by timestamp
        limit %(limit)s
        """,
        after=after,
        limit=limit,
    )


async def find_known(tx: Transaction, accounts: Sequence[bytes], *, upto: int) -> list[Known]:
    """What is known of these accounts, whether they exist or not, as of the last transfer up to a timestamp."""
    rows = await _rows(
        tx,
        """
        select wanted.id, account.ledger, account."limit",
               last.debits_posted, last.debits_pending, last.credits_posted, last.credits_pending
        from unnest(%(accounts)s::uuid[]) as wanted (id)
        left join ledger.accounts as account on account.id = wanted.id
        left join lateral (
            (select timestamp, debit_debits_posted as debits_posted, debit_debits_pending as debits_pending,
                    debit_credits_posted as credits_posted, debit_credits_pending as credits_pending
             from ledger.transfers
             where debit_account = wanted.id and timestamp <= %(upto)s
             order by timestamp desc limit 1)
            union all
            (select timestamp, credit_debits_posted, credit_debits_pending,
                    credit_credits_posted, credit_credits_pending
             from ledger.transfers
             where credit_account = wanted.id and timestamp <= %(upto)s
             order by timestamp desc limit 1)
            order by timestamp desc limit 1
        ) as last on true
        """,
        accounts=[UUID(bytes=account) for account in accounts],
        upto=upto,
    )
    return [Known(row[0], row[1], row[2], NOTHING if row[3] is None else row[3:7]) for row in rows]


async def find_holds(tx: Transaction, holds: Collection[bytes]) -> dict[bytes, Hold]:
    """The transfers with these ids, which are holds that some other transfer ends."""
    rows = await _rows(
        tx,
        """
        select id, timestamp, at, kind, amount, debit_account, credit_account, code, hold_seconds,
               (select min(ending.timestamp) from ledger.transfers as ending where ending.hold_id = hold.id)
        from ledger.transfers as hold
        where id = any(%(holds)s)
        """,
        holds=[UUID(bytes=hold) for hold in holds],
    )
    return {row[0]: Hold(*row) for row in rows}


async def find_lost_holds(tx: Transaction, holds: Sequence[bytes]) -> list[bytes]:
    """Those of these holds that are neither open nor ended."""
    rows = await _rows(
        tx,
        """
        select id from unnest(%(holds)s::uuid[]) as hold (id)
        where not exists (select from ledger.open_holds as open where open.id = hold.id)
          and not exists (select from ledger.transfers as ending where ending.hold_id = hold.id)
        """,
        holds=[UUID(bytes=hold) for hold in holds],
    )
    return [row[0] for row in rows]


async def list_accounts(tx: Transaction, *, after: bytes | None, limit: int) -> list[Row]:
    """(id, asset, limit, four counters, four balances after its last transfer or null), in the order of ids."""
    return await _rows(
        tx,
        """
        select account.*, last.debits_posted, last.debits_pending, last.credits_posted, last.credits_pending
        from (
            select id, ledger, "limit", debits_posted, debits_pending, credits_posted, credits_pending
            from ledger.accounts
            where %(after)s::uuid is null or id > %(after)s
            order by id
            limit %(limit)s
        ) as account
        left join lateral (
            (select timestamp, debit_debits_posted as debits_posted, debit_debits_pending as debits_pending,
                    debit_credits_posted as credits_posted, debit_credits_pending as credits_pending
             from ledger.transfers
             where debit_account = account.id
             order by timestamp desc limit 1)
            union all
            (select timestamp, credit_debits_posted, credit_debits_pending,
                    credit_credits_posted, credit_credits_pending
             from ledger.transfers
             where credit_account = account.id
             order by timestamp desc limit 1)
            order by timestamp desc limit 1
        ) as last on true
        order by account.id
        """,
        after=after and UUID(bytes=after),
        limit=limit,
    )


async def sum_assets(tx: Transaction) -> list[Row]:
    """(asset, number of accounts, sums of their four counters) for each asset."""
    return await _rows(
        tx,
        """
        select ledger, count(*),
               sum(debits_posted), sum(debits_pending), sum(credits_posted), sum(credits_pending)
        from ledger.accounts
        group by ledger
        order by ledger
        """,
    )


async def list_wrong_pending(tx: Transaction, limit: int) -> list[Row]:
    """(account, its pending debits and credits, those of its open holds, how many such accounts there are in all)."""
    return await _rows(
        tx,
        """
        with held as (
            select side.account, sum(side.debits) as debits, sum(side.credits) as credits
            from ledger.open_holds as open
            join ledger.transfers as hold on hold.timestamp = open.timestamp
            cross join lateral (
                values (hold.debit_account, hold.amount, 0), (hold.credit_account, 0, hold.amount)
            ) as side (account, debits, credits)
            group by side.account
        ),
        counted as (
            select id, debits_pending, credits_pending
            from ledger.accounts
            where debits_pending <> 0 or credits_pending <> 0
        )
        select id, debits_pending, credits_pending, debits, credits, count(*) over ()
        from (
            select coalesce(counted.id, held.account) as id,
                   coalesce(counted.debits_pending, 0) as debits_pending,
                   coalesce(counted.credits_pending, 0) as credits_pending,
                   coalesce(held.debits, 0) as debits,
                   coalesce(held.credits, 0) as credits
            from counted full join held on held.account = counted.id
        ) as both_sides
        where debits_pending <> debits or credits_pending <> credits
        order by id
        limit %(limit)s
        """,
        limit=limit,
    )


async def list_wrong_open_holds(tx: Transaction, limit: int) -> list[Row]:
    """(id, timestamp and expiry of an open hold, when it should expire, id and kind of the transfer at that timestamp,
    timestamp of the transfer that ended it, how many such open holds there are in all).
    """
    return await _rows(
        tx,
        """
        select open.id, open.timestamp, open.expires_at, due.expires_at, hold.id, hold.kind, ending.timestamp,
               count(*) over ()
        from ledger.open_holds as open
        left join ledger.transfers as hold on hold.timestamp = open.timestamp
        left join ledger.transfers as ending on ending.hold_id = open.id
        cross join lateral (
            select case when hold.hold_seconds > 0 then hold.at + hold.hold_seconds * interval '1 second' end
        ) as due (expires_at)
        where hold.id is distinct from open.id
           or hold.kind <> 1
           or ending.timestamp is not null
           or due.expires_at is distinct from open.expires_at
        order by open.timestamp
        limit %(limit)s
        """,
        limit=limit,
    )


async def _rows(tx: Transaction, sql: LiteralString, **params: Any) -> list[Row]:
    cursor = tx.connection.cursor(binary=True)
    cursor.adapters.register_loader("uuid", ByteaBinaryLoader)
    cursor.adapters.register_loader("timestamptz", Int8BinaryLoader)
    async with cursor:
        await cursor.execute(sql, params or None, prepare=False)
        return await cursor.fetchall()
