"""`plaudit check`: does it all add up?"""

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from plaudit.cli.doors import any_database, start
from plaudit.foundation.errors import MigrationFailed
from plaudit.foundation.settings import Settings

if TYPE_CHECKING:
    from plaudit.audit import Anchor
    from plaudit.audit.checking import BookReport
    from plaudit.audit.seals import SealReport
    from plaudit.ledger.findings import Report

# A statement reads at most one page, or sums one table: this is for a very large one on a very slow disk.
_STATEMENT_TIMEOUT_MS = 600_000
_WHAT = ("transfers", "accounts", "books", "statements", "seals")

Progress = Callable[[str, int, int], None]


class Asked(Struct, frozen=True, kw_only=True):
    """What is to be checked."""

    everything: bool
    seals: bool
    anchors: "Sequence[Anchor]"


class Answers(Struct, frozen=True, kw_only=True):
    """What each part found; those that weren't asked for, or can't be, are None."""

    ledger: "Report"
    books: "BookReport | None"
    seals: "SealReport | None"

    @property
    def is_clean(self) -> bool:
        """Whether nothing is off anywhere."""
        parts = (self.ledger, self.books, self.seals)
        return all(part.is_clean for part in parts if part)


def check_books(
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Read every transfer again, not only those since the last check.")
    ] = False,
    seals: Annotated[bool, typer.Option("--seals", help="Compare every seal with what it covers, too.")] = False,
    anchor: Annotated[
        list[str] | None,
        typer.Option(help="NUMBER:HASH of a seal that was kept elsewhere; may be given more than once."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")] = False,
) -> None:
    """Prove that the books are right; exit with 1 and exactly what is off when they aren't.

    First the ledger: debits and credits of each asset; each account's counters and limit; the open holds; that
    timestamps have no gap; and that the balances after each transfer follow from those before it. Without **--all**
    only transfers since the last check are read: what was changed further back, only **--all** finds.

    Then what the ledger stands for, all of it each time: coins against lots, slices against gifts, creators' balances
    against what they earned and took, top-ups, payouts, refunds, disputes and statements.

    With **--seals** (or **--anchor**) also that no transfer is another than when it was sealed. It may run beside
    `plaudit serve`, and doesn't hold it up. docs/books.md says more.
    """
    from plaudit.audit.seals import read_anchor  # noqa: PLC0415 - --help must be quick

    settings = start()
    anchors = [read_anchor(text) for text in anchor or ()]
    asked = Asked(everything=everything, seals=seals or bool(anchors), anchors=anchors)
    began = time.monotonic()
    with _progress_bar() as progress:
        answers = asyncio.run(_check(settings, progress, asked))
    seconds = time.monotonic() - began
    typer.echo(_as_json(answers, seconds) if as_json else _in_sentences(answers, seconds))
    if not answers.is_clean:
        raise typer.Exit(1)


async def _check(settings: Settings, progress: Progress, asked: Asked) -> Answers:
    from plaudit.audit.checking import check_books as ask_about_books  # noqa: PLC0415
    from plaudit.audit.seals import check_seals  # noqa: PLC0415
    from plaudit.foundation.clock import SystemClock  # noqa: PLC0415
    from plaudit.foundation.database import Database  # noqa: PLC0415
    from plaudit.foundation.migrations import pending_migrations  # noqa: PLC0415
    from plaudit.ledger import PostgresLedger  # noqa: PLC0415
    from plaudit.ledger.checking import check_ledger  # noqa: PLC0415

    clock = SystemClock()
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(any_database(settings))
        missing = [each.name for each in await pending_migrations(url)]
        # 0002_ledger_check.sql is the ledger's; what other packages wait for keeps nobody from checking the books.
        if needed := [name for name in missing if name[5:].startswith("ledger")]:
            raise MigrationFailed(f"The database has no {needed[0]} yet: run `plaudit migrate` first.")
        open_database = Database.open(
            url, application_name="plaudit check", pool_size=2, statement_timeout_ms=_STATEMENT_TIMEOUT_MS
        )
        db = await stack.enter_async_context(open_database)
        now = clock.now()
        of_ledger = await check_ledger(db, now=now, everything=asked.everything, progress=progress)
        of_books: BookReport | None = None
        of_seals: SealReport | None = None
        if not missing:
            ledger = await stack.enter_async_context(PostgresLedger.open(db, clock=clock))
            of_books = await ask_about_books(db, ledger, now=now, everything=asked.everything, progress=progress)
            of_seals = await check_seals(db, anchors=asked.anchors, progress=progress) if asked.seals else None
    return Answers(ledger=of_ledger, books=of_books, seals=of_seals)


@contextmanager
def _progress_bar() -> Generator[Progress]:
    """A bar on stderr for each of what is counted, on a terminal only."""
    from rich.console import Console  # noqa: PLC0415 - only this needs rich, and --help must be quick
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks = {what: bars.add_task(what, total=None) for what in _WHAT}
        yield lambda what, done, total: bars.update(tasks[what], completed=done, total=total)


def _in_sentences(answers: Answers, seconds: float) -> str:
    report = answers.ledger
    read = _count(report.transfers, "transfer")
    if report.since:
        read += f" since the last check ({report.upto:,} in all)"
    also = f"{_count(report.accounts, 'account')} and {_count(report.assets, 'asset')}"
    summary = f"{read}, {also} checked in {seconds:.1f} seconds"
    parts = [part for part in (answers.ledger, answers.books, answers.seals) if part]
    more = [*_about_books(answers), *_about_seals(answers)]
    if answers.is_clean:
        return "\n".join([f"The books are right: {summary}.", *more])
    listed = [f"{finding.code}: {finding.sentence}" for part in parts for finding in part.findings]
    counts = ", ".join(f"{code} {count:,}" for part in parts for code, count in part.counts.items())
    return "\n".join([*listed, f"The books are not right ({counts}): {summary}.", *more])


def _about_books(answers: Answers) -> list[str]:
    books = answers.books
    if books is None:
        return ["Only the ledger was checked: run `plaudit migrate` to have lots, settlement and payouts checked, too."]
    behind = books.timestamp - books.folded
    waits = f"; {_count(behind, 'transfer')} not settled yet" if behind else ""
    statements = f" and {_count(books.statements, 'statement')}" if books.statements else ""
    return [f"Coins, earnings, payouts and reversals: {books.checks} checks{statements}{waits}."]


def _about_seals(answers: Answers) -> list[str]:
    seals = answers.seals
    if seals is None:
        return []
    open_ones = seals.last_timestamp - seals.sealed_upto
    waits = f"; {_count(open_ones, 'transfer')} not sealed yet" if open_ones else ""
    newest = f" The newest is {seals.newest}." if seals.newest else ""
    compared = f" and {_count(seals.anchors, 'anchor')}" if seals.anchors else ""
    return [f"Seals: {_count(seals.seals, 'seal')}{compared} compared{waits}.{newest}"]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _as_json(answers: Answers, seconds: float) -> str:
    import msgspec  # noqa: PLC0415

    shown = {
        **msgspec.structs.asdict(answers.ledger),
        "is_clean": answers.is_clean,
        "seconds": round(seconds, 3),
        "books": answers.books,
        "seals": answers.seals,
    }
    return msgspec.json.format(msgspec.json.encode(shown), indent=2).decode()
