"""Does it all add up: coins against lots, slices against gifts, creators' balances against everything that made them.

All questions are asked in one snapshot, as of one moment of the ledger. Settlement may be behind it: what it hasn't
folded yet is taken from the ledger, and isn't reported. The ledger's own books are checked by `ledger.checking`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from plaudit.audit import coin_checks, creator_checks, payout_checks, report_checks, reversal_checks
from plaudit.audit.asking import Check, ask
from plaudit.audit.findings import Code, Finding, Findings
from plaudit.audit.statements import check_statements
from plaudit.foundation.currencies import CURRENCIES
from plaudit.foundation.database import Database, Transaction
from plaudit.ledger import Ledger

CHECKS: Sequence[Check] = (
    *coin_checks.CHECKS,
    *creator_checks.CHECKS,
    *payout_checks.CHECKS,
    *reversal_checks.CHECKS,
    *report_checks.CHECKS,
)

Progress = Callable[[str, int, int], None]


class BookReport(Struct, frozen=True, kw_only=True):
    """What a run found, as of the ledger's transfer `timestamp`, of which settlement had folded up to `folded`."""

    timestamp: int
    folded: int
    checks: int
    statements: int
    counts: Mapping[Code, int]
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is off."""
        return not self.counts


class Moment(Struct, frozen=True):
    """The ledger's last transfer, and the last one that settlement has folded."""

    timestamp: int
    folded: int


def _no_progress(what: str, done: int, total: int) -> None:
    del what, done, total


async def check_books(
    db: Database, ledger: Ledger, *, now: datetime, everything: bool = False, progress: Progress = _no_progress
) -> BookReport:
    """Ask every question, and remember as of `now` what came of it. What is off is in the report.

    Statements are made again if they are newer than the last check that found nothing; with `everything`, all of them.
    It reads the largest tables whole: open `db` with a statement time-out in which that can be done.
    """
    findings = Findings()
    async with db.transaction() as tx:
        await tx.execute("set transaction isolation level repeatable read")
        moment = await ask_all(tx, findings, progress=progress)
    made_after = None if everything else await find_last_clean(db)
    statements = await check_statements(db, ledger, findings, made_after=made_after, progress=progress)
    report = BookReport(
        timestamp=moment.timestamp,
        folded=moment.folded,
        checks=len(CHECKS),
        statements=statements,
        counts=dict(findings.counts),
        findings=tuple(findings),
    )
    async with db.transaction() as tx:
        await _add_check(tx, report, now)
    return report


async def ask_all(tx: Transaction, findings: Findings, *, progress: Progress = _no_progress) -> Moment:
    """Ask every question as of what `tx` sees, which must not change meanwhile."""
    await tx.execute("set local work_mem = '256MB'")
    moment = await tx.one(
        Moment,
        "select clock.timestamp, cursor.timestamp as folded from ledger.clock as clock, earnings.cursor as cursor",
    )
    await _lay_out(tx)
    for number, check in enumerate(CHECKS, start=1):
        await ask(tx, check, {"folded": moment.folded}, findings)
        progress("books", number, len(CHECKS))
    return moment


class LastCheck(Struct, frozen=True, kw_only=True):
    """The newest run: as of which transfer, and how much was off."""

    checked_at: datetime
    timestamp: int
    folded: int
    findings: int


async def find_last_check(db: Database) -> LastCheck | None:
    """The newest run, if there was one."""
    async with db.transaction() as tx:
        return await tx.find(
            LastCheck,
            "select checked_at, timestamp, folded, findings from audit.checks order by number desc limit 1",
        )


async def find_last_clean(db: Database) -> datetime | None:
    """When the newest run was, if it found nothing."""
    last = await find_last_check(db)
    return last.checked_at if last and not last.findings else None


async def _lay_out(tx: Transaction) -> None:
    await tx.execute("create temporary table currencies (currency text primary key, asset integer) on commit drop")
    await tx.execute(
        "insert into currencies select * from unnest(%(codes)s::text[], %(assets)s::integer[])",
        {"codes": list(CURRENCIES), "assets": [each.asset for each in CURRENCIES.values()]},
    )
    # All that was posted but gifts, which are most of it. What ends a hold refers to what the hold did.
    await tx.execute(
        """
        create temporary table moves on commit drop as
        select f.timestamp, f.code, f.amount, f.asset, f.debit_code, f.debit_owner, f.credit_code, f.credit_owner,
            coalesce(f.ref_128, hold.ref_128) as ref, f.ref_64, f.ref_32
        from ledger.feed as f left join ledger.transfers as hold on hold.id = f.hold_id
        where f.code <> 2 and f.kind in (0, 2)
        """
    )
    await tx.execute("create index on moves (ref, code)")
    await tx.execute(
        """
        create temporary table open_holds on commit drop as
        select f.id, f.code, f.amount, f.asset, f.debit_code, f.debit_owner, f.credit_code, f.credit_owner,
            f.ref_128 as ref
        from ledger.open_holds as open join ledger.feed as f on f.timestamp = open.timestamp
        """
    )
    await _lay_out_rests(tx)
    for statement in ("analyze currencies", "analyze moves", "analyze open_holds", "analyze rests"):
        await tx.execute(statement)


async def _lay_out_rests(tx: Transaction) -> None:
    """What of each stretch isn't spent, and what it is worth."""
    await tx.execute(
        """
        create temporary table rests on commit drop as
        select stretch.person_id, lot_id, currency, piece.coins,
            div(lot.value_micros::numeric * (piece.first + piece.coins), lot.coins)
                - div(lot.value_micros::numeric * piece.first, lot.coins) as value
        from coins.stretches as stretch
        join coins.spenders as spender using (person_id)
        join coins.lots as lot on lot.id = stretch.lot_id
        cross join lateral (
            select greatest(spender.spent - stretch.first_coin, 0) as used
        ) as spent
        cross join lateral (
            select stretch.lot_offset + used as first, stretch.coins - used as coins
        ) as piece
        where stretch.first_coin + stretch.coins > spender.spent
        """
    )


async def _add_check(tx: Transaction, report: BookReport, now: datetime) -> None:
    await tx.execute(
        """
        insert into audit.checks (checked_at, timestamp, folded, findings)
        values (%(now)s, %(timestamp)s, %(folded)s, %(findings)s)
        """,
        {
            "now": now,
            "timestamp": report.timestamp,
            "folded": report.folded,
            "findings": sum(report.counts.values()),
        },
    )
