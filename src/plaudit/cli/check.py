"""`plaudit check`: does it all add up?"""

import asyncio
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from plaudit.cli.doors import any_database, start
from plaudit.foundation.errors import MigrationFailed
from plaudit.foundation.settings import Settings

if TYPE_CHECKING:
    from plaudit.ledger.findings import Report

# A statement reads at most one page, or sums one table: this is for a very large one on a very slow disk.
_STATEMENT_TIMEOUT_MS = 600_000

Progress = Callable[[str, int, int], None]


def check_books(
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Read every transfer again, not only those since the last check.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")] = False,
) -> None:
    """Prove that the ledger's books are right; exit with 1 and the exact accounts and transfers when they aren't.

    Checked are: debits and credits of each asset; each account's counters and limit; the open holds; that timestamps
    have no gap and time doesn't go back; and that the balances after each transfer follow from those before it.

    Without **--all** only transfers since the last check are read. That finds every fault among them, and every counter
    of any account that isn't what the account's last transfer left. What was changed further back, in a transfer that
    no account had as its last, only **--all** finds. After a check that found something the next one reads everything.

    Nothing else repeats what a transfer's code and references say, or that an account has a limit: a change of those
    leaves the books right, and isn't found. It may run beside `plaudit serve`, and doesn't hold it up.
    """
    settings = start()
    began = time.monotonic()
    with _progress_bar() as progress:
        report = asyncio.run(_check(settings, progress, everything=everything))
    seconds = time.monotonic() - began
    typer.echo(_as_json(report, seconds) if as_json else _in_sentences(report, seconds))
    if not report.is_clean:
        raise typer.Exit(1)


async def _check(settings: Settings, progress: Progress, *, everything: bool) -> "Report":
    from plaudit.foundation.clock import SystemClock  # noqa: PLC0415 - --help must be quick
    from plaudit.foundation.database import Database  # noqa: PLC0415
    from plaudit.foundation.migrations import pending_migrations  # noqa: PLC0415
    from plaudit.ledger.checking import check_ledger  # noqa: PLC0415

    async with any_database(settings) as url:
        # 0002_ledger_check.sql is the ledger's; what other packages wait for keeps nobody from checking the books.
        missing = [each.name for each in await pending_migrations(url) if each.name[5:].startswith("ledger")]
        if missing:
            raise MigrationFailed(f"The database has no {missing[0]} yet: run `plaudit migrate` first.")
        open_database = Database.open(
            url, application_name="plaudit check", pool_size=1, statement_timeout_ms=_STATEMENT_TIMEOUT_MS
        )
        async with open_database as db:
            return await check_ledger(db, now=SystemClock().now(), everything=everything, progress=progress)


@contextmanager
def _progress_bar() -> Generator[Progress]:
    """A bar on stderr for each of what is counted, on a terminal only."""
    from rich.console import Console  # noqa: PLC0415 - only this needs rich, and --help must be quick
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks = {what: bars.add_task(what, total=None) for what in ("transfers", "accounts")}
        yield lambda what, done, total: bars.update(tasks[what], completed=done, total=total)


def _in_sentences(report: "Report", seconds: float) -> str:
    read = _count(report.transfers, "transfer")
    if report.since:
        read += f" since the last check ({report.upto:,} in all)"
    also = f"{_count(report.accounts, 'account')} and {_count(report.assets, 'asset')}"
    summary = f"{read}, {also} checked in {seconds:.1f} seconds"
    if report.is_clean:
        return f"The books are right: {summary}."
    listed = [f"{finding.code}: {finding.sentence}" for finding in report.findings]
    counts = ", ".join(f"{code} {count:,}" for code, count in report.counts.items())
    return "\n".join([*listed, f"The books are not right ({counts}): {summary}."])


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _as_json(report: "Report", seconds: float) -> str:
    import msgspec  # noqa: PLC0415

    shown = {"is_clean": report.is_clean, **msgspec.structs.asdict(report), "seconds": round(seconds, 3)}
    return msgspec.json.format(msgspec.json.encode(shown), indent=2).decode()
