"""The ledger's SQL outside the hot path, in the caller's transaction: accounts, pages of transfers, past balances."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from plaudit.foundation.database import Transaction
from plaudit.ledger.model import ZERO, Account, AccountFilter, Balances, Filter, Record
from plaudit.ledger.queries import account_of, record_of

_RECORDS: LiteralString = """
    select timestamp, at,
           id, debit_account, credit_account, amount, code, kind, hold_id, hold_seconds, ref_128, ref_64, ref_32,
           debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending,
           credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending
    from ledger.transfers
"""
_ACCOUNTS: LiteralString = """
    select id, ledger, code, "limit", ref_128, closed, debits_posted, debits_pending, credits_posted, credits_pending
    from ledger.accounts
"""
# Timestamps have no gap and their instants never go back, so the last one up to an instant is found by halving, with
# some 25 looks at the primary key for 30 million transfers, and needs no index of its own.
_LAST_UP_TO: LiteralString = """
    with recursive search (low, high) as (
        select 0::bigint, (select timestamp from ledger.clock)
        union all
        select case when middle.at <= %(at)s then middle.timestamp else low end,
               case when middle.at <= %(at)s then high else middle.timestamp - 1 end
        from search join ledger.transfers as middle on middle.timestamp = (low + high + 1) / 2
        where low < high
    )
    select low from search where low >= high
"""

Params = dict[str, object]


async def add_accounts(tx: Transaction, wished: Sequence[Account], now: datetime) -> dict[UUID, Account]:
    """Open those that aren't open yet; all of them as they now stand."""
    # In the order of their ids, so that two who open the same accounts don't wait for each other for ever.
    for account in sorted(wished, key=lambda account: account.id):
        await tx.execute(
            """
            insert into ledger.accounts (id, ledger, code, "limit", ref_128, opened_at)
            values (%(id)s, %(ledger)s, %(code)s, %(limit)s, %(ref_128)s, %(now)s)
            on conflict (id) do nothing
            """,
            {
                "id": account.id,
                "ledger": account.ledger,
                "code": account.code,
                "limit": int(account.limit),
                "ref_128": account.ref_128,
                "now": now,
            },
        )
    found = await accounts(tx, [account.id for account in wished])
    return {id: account for id, (account, _) in found.items()}


async def set_closed(tx: Transaction, account: UUID, *, closed: bool) -> bool:
    """Close or reopen an account. The clock's lock comes first, and its version tells writers to forget."""
    await tx.execute("update ledger.clock set version = version + 1")
    return bool(
        await tx.execute(
            "update ledger.accounts set closed = %(closed)s where id = %(account)s",
            {"closed": closed, "account": account},
        )
    )


async def accounts(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, tuple[Account, Balances]]:
    """Those of the accounts that exist, with their balances."""
    rows = await _rows(tx, _ACCOUNTS + "where id = any(%(ids)s)", {"ids": list(ids)})
    return {row[0]: account_of(row) for row in rows}


async def list_accounts(
    tx: Transaction, which: AccountFilter, *, after: UUID | None, limit: int
) -> list[tuple[Account, Balances]]:
    """A page of accounts in the order of their ids."""
    conditions: list[LiteralString] = ["true"]
    if which.ledger is not None:
        conditions.append("ledger = %(ledger)s")
    if which.code is not None:
        conditions.append("code = %(code)s")
    if which.ref_128 is not None:
        conditions.append("ref_128 = %(ref_128)s")
    if after is not None:
        conditions.append("id > %(after)s")
    rows = await _rows(
        tx,
        _ACCOUNTS + "where " + " and ".join(conditions) + " order by id limit %(limit)s",
        {"ledger": which.ledger, "code": which.code, "ref_128": which.ref_128, "after": after, "limit": limit},
    )
    return [account_of(row) for row in rows]


async def find_record(tx: Transaction, transfer: UUID) -> Record | None:
    """A transfer by its id."""
    rows = await _rows(tx, _RECORDS + "where id = %(id)s", {"id": transfer})
    return record_of(rows[0]) if rows else None


async def balances_at(tx: Transaction, account: UUID, at: datetime) -> Balances | None:
    """The balances after the account's last transfer up to an instant; zero before the first, None when not opened."""
    if not await accounts(tx, [account]):
        return None
    beyond = await _last_up_to(tx, at) + 1
    last = await list_records(tx, Filter(account=account), after=beyond, limit=1, newest_first=True)
    return last[0].balances_of(account) if last else ZERO


async def list_records(
    tx: Transaction, which: Filter, *, after: int | None, limit: int, newest_first: bool
) -> list[Record]:
    """A page of transfers in the order of their timestamps, or the other way round."""
    first = 1 if which.since is None else await _last_before(tx, which.since) + 1
    last = 2**63 - 1 if which.before is None else await _last_before(tx, which.before)
    if after is not None:
        after = min(max(after, 0), 2**63 - 2)
        first, last = (first, min(last, after - 1)) if newest_first else (max(first, after + 1), last)
    params: Params = {
        "account": which.account,
        "code": which.code,
        "ref_128": which.ref_128,
        "ref_64": which.ref_64,
        "ref_32": which.ref_32,
        "first": first,
        "last": last,
        "limit": limit,
    }
    order: LiteralString = "order by timestamp desc" if newest_first else "order by timestamp"
    page = "where " + " and ".join(_conditions(which)) + " " + order + " limit %(limit)s"
    if which.account is None:
        rows = await _rows(tx, _RECORDS + page, params)
    else:
        debits = _RECORDS + page.replace("where", "where debit_account = %(account)s and", 1)
        credits = _RECORDS + page.replace("where", "where credit_account = %(account)s and", 1)
        rows = await _rows(tx, f"({debits}) union all ({credits}) {order} limit %(limit)s", params)
    return [record_of(row) for row in rows]


def _conditions(which: Filter) -> list[LiteralString]:
    conditions: list[LiteralString] = ["timestamp between %(first)s and %(last)s"]
    if which.code is not None:
        conditions.append("code = %(code)s")
    if which.ref_128 is not None:
        conditions.append("ref_128 = %(ref_128)s")
    if which.ref_64 is not None:
        conditions.append("ref_64 = %(ref_64)s")
    if which.ref_32 is not None:
        conditions.append("ref_32 = %(ref_32)s")
    return conditions


async def _last_up_to(tx: Transaction, at: datetime) -> int:
    """The last timestamp at or before an instant; 0 when there is none."""
    return await tx.value(int, _LAST_UP_TO, {"at": at})


async def _last_before(tx: Transaction, at: datetime) -> int:
    return await tx.value(int, _LAST_UP_TO.replace("<=", "<"), {"at": at})


async def _rows(tx: Transaction, sql: LiteralString, params: Params) -> list[tuple[Any, ...]]:
    # Not prepared: each filter wants a plan of its own.
    cursor = await tx.connection.execute(sql, params, prepare=False, binary=True)
    return await cursor.fetchall()
