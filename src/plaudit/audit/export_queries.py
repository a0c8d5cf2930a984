"""SQL of the export. Only what is posted counts: plain transfers, and holds when they are posted.

An account's owner is null where all accounts of its kind are to be one. `%(ids)s` and `%(labels)s` name the accounts
that aren't a person's: the ledger knows only their ids.
"""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Transaction

Params = dict[str, object]

_OWNED: LiteralString = """
    owned as materialized (
        select account.id, account.ledger as asset, account.code,
               account.debits_posted - account.credits_posted as balance,
               case when %(per_person)s
                    then coalesce('P-' || account.ref_128, named.label, 'A-' || account.id)
                    when account.code = any(%(split)s) then coalesce(named.label, 'Other')
               end as owner
        from ledger.accounts as account
        left join unnest(%(ids)s::uuid[], %(labels)s::text[]) as named (id, label) on named.id = account.id
    )
"""
_MOVED: LiteralString = """
    moved as (
        select account, sum(amount) as amount
        from (
            select debit_account as account, amount from ledger.transfers
            where timestamp > %(after)s and timestamp <= %(upto)s and kind in (0, 2)
            union all
            select credit_account, -amount from ledger.transfers
            where timestamp > %(after)s and timestamp <= %(upto)s and kind in (0, 2)
        ) as sides
        group by account
    )
"""
_SUM_OPENING: LiteralString = """
    select code, owner, asset, sum(moved.amount) as amount
    from moved join owned on owned.id = moved.account
    group by code, owner, asset
    having sum(moved.amount) <> 0
    order by code, owner, asset
"""
_OPENING: LiteralString = " ".join(("with", _OWNED, ",", _MOVED, _SUM_OPENING))
_SUM_CLOSING: LiteralString = """
    select code, owner, asset, sum(balance - coalesce(moved.amount, 0)) as amount
    from owned left join moved on owned.id = moved.account
    group by code, owner, asset
    order by code, owner, asset
"""
_CLOSING: LiteralString = " ".join(("with", _OWNED, ",", _MOVED, _SUM_CLOSING))
_SUM_DAYS: LiteralString = """
    select (at at time zone 'UTC')::date, transfer.code, ''::text as reference,
           debit.asset, debit.code, debit.owner, credit.code, credit.owner,
           sum(transfer.amount), count(*), min(timestamp), max(timestamp)
    from ledger.transfers as transfer
    join owned as debit on debit.id = transfer.debit_account
    join owned as credit on credit.id = transfer.credit_account
    where timestamp > %(after)s and timestamp <= %(upto)s and kind in (0, 2)
    group by 1, 2, 3, 4, 5, 6, 7, 8
    order by 1, 2, 3, 4, 5, 6, 7, 8
"""
_BY_DAY: LiteralString = " ".join(("with", _OWNED, _SUM_DAYS))
_LIST_TRANSFERS: LiteralString = """
    select (at at time zone 'UTC')::date, transfer.code, coalesce(ref_128::text, '') || '/' || ref_64 || '/' || at,
           debit.asset, debit.code, debit.owner, credit.code, credit.owner,
           transfer.amount, 1, timestamp, timestamp
    from ledger.transfers as transfer
    join owned as debit on debit.id = transfer.debit_account
    join owned as credit on credit.id = transfer.credit_account
    where timestamp > %(after)s and timestamp <= %(upto)s and kind in (0, 2)
    order by timestamp
"""
_BY_CHAIN: LiteralString = " ".join(("with", _OWNED, _LIST_TRANSFERS))
_ROWS_AT_ONCE = 5_000


class Balance(Struct, frozen=True, kw_only=True):
    """Debits less credits of some accounts."""

    code: int
    owner: str | None
    asset: int
    amount: int


class Nameless(Struct, frozen=True, kw_only=True):
    """An account that is nobody's."""

    id: UUID
    asset: int
    code: int


class Moved(NamedTuple):
    """So much went between two accounts by so many `transfers`, which are of one group."""

    on: date
    transfer_code: int
    group: str
    asset: int
    debit_code: int
    debit_owner: str | None
    credit_code: int
    credit_owner: str | None
    amount: int
    transfers: int
    first_timestamp: int
    last_timestamp: int


class _Word(Struct, frozen=True):
    word: str


async def find_last_before(tx: Transaction, at: datetime) -> int:
    """The timestamp of the last transfer before an instant, or 0."""
    return await tx.value(int, "select coalesce(max(timestamp), 0) from ledger.transfers where at < %(at)s", {"at": at})


async def get_last(tx: Transaction) -> int:
    """The timestamp of the last transfer, or 0."""
    return await tx.value(int, "select coalesce(max(timestamp), 0) from ledger.transfers")


async def count_open_holds(tx: Transaction) -> int:
    """How many holds are open."""
    return await tx.value(int, "select count(*) from ledger.open_holds")


async def list_nameless(tx: Transaction) -> list[Nameless]:
    """The accounts that are no person's: the house's, providers', jurisdictions', banks'."""
    return await tx.all(Nameless, "select id, ledger as asset, code from ledger.accounts where ref_128 is null")


async def list_words(tx: Transaction) -> list[str]:
    """What such accounts may be named by: providers and regions that anything was bought by and in."""
    rows = await tx.all(
        _Word,
        """
        select distinct word from coins.top_ups, lateral (values (provider), (region)) as names (word) order by word
        """,
    )
    return [row.word for row in rows]


async def list_opening(tx: Transaction, params: Params, *, upto: int) -> list[Balance]:
    """What every account's transfers sum to up to a timestamp; those that sum to nothing are left out."""
    return [_whole(row) for row in await tx.all(_Summed, _OPENING, {**params, "after": 0, "upto": upto})]


async def list_closing(tx: Transaction, params: Params, *, after: int, last: int) -> list[Balance]:
    """What every account has by its counters, less what moved after a timestamp."""
    return [_whole(row) for row in await tx.all(_Summed, _CLOSING, {**params, "after": after, "upto": last})]


async def stream_by_day(tx: Transaction, params: Params, *, after: int, upto: int) -> AsyncIterator[Moved]:
    """What moved between each two accounts on each day by each code, in that order."""
    async for row in _stream(tx, _BY_DAY, {**params, "after": after, "upto": upto}):
        yield row


async def stream_by_chain(tx: Transaction, params: Params, *, after: int, upto: int) -> AsyncIterator[Moved]:
    """Every transfer, in the order of timestamps; `group` is the same for those of one chain."""
    async for row in _stream(tx, _BY_CHAIN, {**params, "after": after, "upto": upto}):
        yield row


class _Summed(Struct, frozen=True, kw_only=True):
    code: int
    owner: str | None
    asset: int
    # PostgreSQL sums 64-bit numbers to a `numeric`, which has no bound.
    amount: Any


def _whole(row: _Summed) -> Balance:
    return Balance(code=row.code, owner=row.owner, asset=row.asset, amount=int(row.amount))


async def _stream(tx: Transaction, sql: LiteralString, params: Params) -> AsyncIterator[Moved]:
    async with tx.connection.cursor(name="books") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        await cursor.execute(sql, params)
        async for row in cursor:
            yield Moved(*row)
