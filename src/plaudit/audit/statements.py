"""Creators' statements: each is still the one that was made, and says what the books say."""

from collections.abc import Callable
from datetime import datetime

from plaudit.audit.findings import Code, Finding, Findings
from plaudit.earnings.errors import StatementDoesNotAddUp
from plaudit.earnings.statement_queries import StoredStatement
from plaudit.earnings.statements import list_stored, make_statement
from plaudit.foundation.database import Database
from plaudit.ledger import Ledger

_PAGE = 100

Progress = Callable[[str, int, int], None]


def _no_progress(what: str, done: int, total: int) -> None:
    del what, done, total


async def check_statements(
    db: Database,
    ledger: Ledger,
    findings: Findings,
    *,
    made_after: datetime | None = None,
    progress: Progress = _no_progress,
) -> int:
    """Make each statement again, from the ledger and the slices, and compare; how many there were.

    With `made_after` only those that were made since then.
    """
    async with db.transaction() as tx:
        total = await tx.value(
            int,
            "select count(*) from earnings.statements where %(after)s::timestamptz is null or made_at >= %(after)s",
            {"after": made_after},
        )
    checked = 0
    page = await list_stored(db, after=None, limit=_PAGE)
    while page:
        for stored in page:
            if made_after is None or stored.made_at >= made_after:
                await _judge(db, ledger, stored, findings)
                checked += 1
        progress("statements", checked, total)
        page = await list_stored(db, after=(page[-1].person_id, page[-1].month), limit=_PAGE)
    return checked


async def _judge(db: Database, ledger: Ledger, stored: StoredStatement, findings: Findings) -> None:
    where = {"creator": stored.person_id, "month": f"{stored.month:%Y-%m}"}
    of = f"The statement of the creator {stored.person_id} for {stored.month:%Y-%m}"
    try:
        present = await make_statement(db, ledger, stored.person_id, stored.month)
    except StatementDoesNotAddUp:
        sentence = f"{of} can't be made again: the books don't add up to one."
        findings.add(Finding(code=Code.STATEMENT_DIFFERS, sentence=sentence, where=where))
        return
    if present != stored.content:
        sentence = f"{of} says something else than the books do."
        findings.add(Finding(code=Code.STATEMENT_DIFFERS, sentence=sentence, where=where))
