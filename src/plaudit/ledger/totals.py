"""The ledger as a whole, for operators: what its accounts sum to, how much flowed, and what the last check found.

Each call reads many rows, so whoever shows it to people does so rarely.
"""

from datetime import datetime

from msgspec import Struct

from plaudit.foundation.database import Database


class CodeTotals(Struct, frozen=True, kw_only=True):
    """All accounts of one kind in one asset: how many there are, and their counters added up."""

    ledger: int
    code: int
    accounts: int
    debits_posted: int
    debits_pending: int
    credits_posted: int
    credits_pending: int


class Flow(Struct, frozen=True, kw_only=True):
    """Transfers of one code since an instant: how many, how much, and from how many accounts."""

    transfers: int
    amount: int
    debitors: int


class Checked(Struct, frozen=True, kw_only=True):
    """A run of `plaudit check`: up to which timestamp it read, and how much was off."""

    checked_at: datetime
    timestamp: int
    findings: int


async def list_totals(db: Database) -> list[CodeTotals]:
    """Every kind of account that there is, by asset and code."""
    async with db.transaction() as tx:
        return await tx.all(
            CodeTotals,
            """
            select ledger, code, count(*) as accounts,
                sum(debits_posted)::bigint as debits_posted, sum(debits_pending)::bigint as debits_pending,
                sum(credits_posted)::bigint as credits_posted, sum(credits_pending)::bigint as credits_pending
            from ledger.accounts group by ledger, code order by ledger, code
            """,
        )


async def sum_flow(db: Database, code: int, *, after: int) -> Flow:
    """What flowed by transfers of this code beyond a timestamp."""
    async with db.transaction() as tx:
        return await tx.one(
            Flow,
            """
            select count(*) as transfers, coalesce(sum(amount), 0)::bigint as amount,
                count(distinct debit_account) as debitors
            from ledger.transfers where timestamp > %(after)s and code = %(code)s
            """,
            {"after": after, "code": code},
        )


async def find_last_check(db: Database) -> Checked | None:
    """The newest run, if there was one."""
    async with db.transaction() as tx:
        return await tx.find(
            Checked,
            "select checked_at, timestamp, findings from ledger.checks order by number desc limit 1",
        )
