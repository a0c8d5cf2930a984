"""What providers report of a day, held against what we have: each difference is a case that an operator closes.

A report is kept as it came. What it tells and we don't have is missing; what we have and no report tells is extra.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from uuid import UUID

from msgspec import Struct

from plaudit.audit import case_queries as queries
from plaudit.audit.case_queries import Case
from plaudit.audit.errors import CaseClosed, NoSuchCase
from plaudit.foundation.database import Database
from plaudit.foundation.errors import Invalid
from plaudit.foundation.ids import new_id
from plaudit.foundation.logs import get_logger
from plaudit.people.operators import note_act
from plaudit.providers import PaymentProvider, ReportUnreadable

NOTE_LIMIT = 1_000
# How long after midnight a day's report is asked for: what came in the last minutes has settled by then.
READY_AFTER = timedelta(hours=1)
DAYS_BACK = timedelta(days=31)
"""How far back a day may lie that is compared later: the worker or the provider was away on it."""
_DAY = timedelta(days=1)

Providers = Mapping[str, PaymentProvider]

log = get_logger(__name__)


class Compared(Struct, frozen=True, kw_only=True):
    """What came of one report."""

    provider: str
    on: date
    lines: int
    opened: int


async def run_round(db: Database, providers: Providers, *, now: datetime) -> list[Compared]:
    """Fetch and compare each provider's reports of the days (UTC) up to yesterday that weren't compared yet.

    The oldest comes first. It begins with yesterday when a provider never reported, and goes back `DAYS_BACK` at most.
    Raises Unavailable; the next round goes on with the day at which this one stopped.
    """
    today = now.astimezone(UTC).date()
    if now - _midnight(today) < READY_AFTER:
        return []
    done: list[Compared] = []
    for name, provider in providers.items():
        async with db.transaction() as tx:
            days = await queries.list_uncompared(tx, name, earliest=today - DAYS_BACK, latest=today - _DAY)
        for day in days:
            try:
                done.append(await reconcile(db, name, provider, day, now=now))
            except ReportUnreadable as problem:
                # It is kept: somebody has to look at it. Other days and other providers' are compared.
                log.exception("a report can't be read", provider=name, day=str(day), detail=problem.detail)
    return done


async def reconcile(db: Database, name: str, provider: PaymentProvider, day: date, *, now: datetime) -> Compared:
    """Fetch a provider's report of a day and open a case for each difference; again opens none twice.

    Raises Unavailable, and ReportUnreadable for a report that is kept all the same.
    """
    body = await provider.daily_report(day)
    async with db.transaction() as tx:
        report_id = await queries.add_report(tx, name, day, body, id=new_id(), digest=sha256(body).digest(), now=now)
    lines = provider.read_report(body)
    async with db.transaction() as tx:
        await queries.store_lines(tx, report_id, name, day, lines)
        opened = await queries.open_cases(tx, name, day, since=_midnight(day), now=now)
        await queries.mark_compared(tx, report_id, now=now)
    return Compared(provider=name, on=day, lines=len(lines), opened=opened)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def list_cases(db: Database, *, is_open: bool | None, after: int | None, limit: int) -> list[Case]:
    """A page of cases, the newest first; with `is_open` only those that are, or aren't."""
    async with db.transaction() as tx:
        return await queries.list_cases(tx, is_open=is_open, after=after, limit=limit)


async def close_case(db: Database, operator_id: UUID, case_id: int, note: str, *, now: datetime) -> Case:
    """Close a case and say why. The same note again changes nothing. Raises Invalid, NoSuchCase or CaseClosed."""
    note = note.strip()
    if not 1 <= len(note) <= NOTE_LIMIT:
        raise Invalid(f"Say what was found out, in at most {NOTE_LIMIT} characters.", field="note")
    async with db.transaction() as tx:
        case = await queries.lock_case(tx, case_id)
        if case is None:
            raise NoSuchCase
        if case.closed_at is not None:
            if (case.closed_by, case.note) != (operator_id, note):
                raise CaseClosed
            return case
        await queries.close_case(tx, case_id, operator_id, note, now=now)
        detail = {"provider": case.provider, "reference": case.reference, "note": note}
        await note_act(tx, operator_id, "case_closed", str(case_id), detail, now=now)
        closed = await queries.lock_case(tx, case_id)
    assert closed is not None, "cases are never deleted"
    return closed
