"""`plaudit check`: proves over the whole database that the books are right, while they go on being written.

Transfers never change and are committed in the order of their timestamps, so they can be read page by page, each in a
short transaction of its own: one long snapshot would keep PostgreSQL from clearing away old versions of the clock's and
the accounts' rows, and slow the ledger down. Only the end, with the accounts and the open holds, is one snapshot.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from plaudit.foundation.database import Database, Transaction
from plaudit.ledger import checking_queries as queries
from plaudit.ledger.findings import Code, Finding, Findings, Report
from plaudit.ledger.history import BEGINNING, MAX_REMEMBERED, NOTHING, History, Row, Seen, instant
from plaudit.ledger.model import Kind
from plaudit.ledger.standing import judge_account, judge_asset, judge_lost_hold, judge_open_hold, judge_pending

PAGE = 10_000
"""How many transfers or accounts are read at once."""

Progress = Callable[[str, int, int], None]
"""Told after each page: "transfers" or "accounts", how many of them were checked, and how many there are."""


def _no_progress(what: str, done: int, total: int) -> None:
    del what, done, total


async def check_ledger(
    db: Database,
    *,
    now: datetime,
    everything: bool = False,
    progress: Progress = _no_progress,
    page: int = PAGE,
    remember: int = MAX_REMEMBERED,
) -> Report:
    """Check the books and remember, as of `now`, how far. What is off is in the report; raises only `Unavailable`.

    With `everything` it reads all transfers, else those since the last run; after a run that found something, all
    again. Either way it holds every account against its last transfer and the open holds. It may take minutes: open
    `db` with a statement time-out in which the largest table can be read. Its memory is that of one `page` of transfers
    and of the balances of `remember` accounts.
    """
    async with _snapshot(db) as tx:
        seen, findings = await _begin(tx, everything=everything)
        run = _Run(History(findings, seen, remember=remember), progress, page)
        target, _ = await queries.get_clock(tx)
    while run.history.timestamp < target:
        async with _snapshot(db) as tx:
            if not await run.read_transfers(tx, target):
                break
    async with _snapshot(db) as tx:
        report = await run.finish(tx)
    async with db.transaction() as tx:
        await queries.add_check(tx, report, run.history.seen, checked_at=now)
    return report


@asynccontextmanager
async def _snapshot(db: Database) -> AsyncGenerator[Transaction]:
    async with db.transaction() as tx:
        await tx.execute("set transaction isolation level repeatable read, read only")
        yield tx


async def _begin(tx: Transaction, *, everything: bool) -> tuple[Seen, Findings]:
    """The transfer that the last run ended at, or the beginning when that can't be relied on."""
    findings = Findings()
    last = None if everything else await queries.find_last_check(tx)
    if last is None or last.findings:
        return BEGINNING, findings
    stands = await queries.find_seen(tx, last.seen.timestamp)
    if stands == last.seen:
        return last.seen, findings
    findings.add(_checked_part_differs(last.seen, stands))
    return BEGINNING, findings


def _checked_part_differs(seen: Seen, stands: Seen | None) -> Finding:
    return Finding(
        code=Code.CHECKED_PART_DIFFERS,
        sentence=f"Transfer {seen.timestamp} is no longer the one that the last check saw.",
        transfer=UUID(bytes=seen.id),
        timestamp=seen.timestamp,
        expected={"id": str(UUID(bytes=seen.id)), "at": instant(seen.at)},
        found={"id": str(UUID(bytes=stands.id)), "at": instant(stands.at)} if stands else {},
    )


class _Run:
    """One run over a database, transaction by transaction."""

    def __init__(self, history: History, progress: Progress, page: int) -> None:
        self.history = history
        self._since = history.timestamp
        self._findings = history.findings
        self._progress = progress
        self._page = page

    async def read_transfers(self, tx: Transaction, target: int) -> bool:
        """Judge the next page. False: there are no more."""
        history = self.history
        rows = await queries.list_transfers(tx, after=history.timestamp, limit=self._page)
        if unknown := history.unknown_accounts(rows):
            history.learn(await queries.find_known(tx, unknown, upto=history.timestamp))
        ended = {row[14] for row in rows if row[14] is not None}
        history.read(rows, await queries.find_holds(tx, ended) if ended else {})
        await self._look_for_lost_holds(tx, {row[15]: row[0] for row in rows if row[2] == Kind.HOLD})
        self._progress("transfers", history.timestamp - self._since, max(target, history.timestamp) - self._since)
        return bool(rows)

    async def _look_for_lost_holds(self, tx: Transaction, held: dict[bytes, int]) -> None:
        for hold in await queries.find_lost_holds(tx, list(held)) if held else ():
            self._findings.add(judge_lost_hold(hold, held[hold]))

    async def finish(self, tx: Transaction) -> Report:
        """What came in meanwhile, and how the books stand, in one snapshot."""
        history, findings = self.history, self._findings
        clock = await queries.get_clock(tx)
        while await self.read_transfers(tx, clock[0]):
            pass
        history.end(*clock)
        assets = await queries.sum_assets(tx)
        for asset in assets:
            for finding in judge_asset(asset):
                findings.add(finding)
        accounts = sum(asset[1] for asset in assets)
        await self._check_accounts(tx, accounts)
        await self._check_open_holds(tx)
        return Report(
            since=self._since,
            upto=history.timestamp,
            transfers=history.transfers,
            accounts=accounts,
            assets=len(assets),
            counts=dict(findings.counts),
            findings=tuple(findings),
        )

    async def _check_accounts(self, tx: Transaction, total: int) -> None:
        checked, last = 0, None
        while rows := await queries.list_accounts(tx, after=last, limit=self._page):
            for row in rows:
                for finding in judge_account(row, self.history.drift.get(row[0], NOTHING)):
                    self._findings.add(finding)
            checked, last = checked + len(rows), rows[-1][0]
            self._progress("accounts", checked, total)

    async def _check_open_holds(self, tx: Transaction) -> None:
        findings = self._findings
        pending = await queries.list_wrong_pending(tx, findings.limit)
        findings.add_some(Code.PENDING_DIFFERS, map(judge_pending, pending), total=_total(pending))
        holds = await queries.list_wrong_open_holds(tx, findings.limit)
        findings.add_some(Code.OPEN_HOLD_DIFFERS, map(judge_open_hold, holds), total=_total(holds))


def _total(rows: list[Row]) -> int:
    """Of a query with a limit: how many rows there are without it, which is the last column of each."""
    return rows[0][-1] if rows else 0
