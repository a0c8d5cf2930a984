"""What operators hold against somebody. While one is open, that person receives no gifts."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import IdReused, Invalid
from plaudit.people import operators
from plaudit.people import queries as people_queries
from plaudit.people import rules as people_rules
from plaudit.rooms.talk_errors import NoSuchViolation

REASON_LIMIT = 500


class Violation(Struct, frozen=True, kw_only=True):
    """What is held against somebody, from when to when; it is open until `closed_at`."""

    id: UUID
    person_id: UUID
    handle: str
    reason: str
    opened_at: datetime
    closed_at: datetime | None


class ViolationWish(Struct, frozen=True, kw_only=True):
    """What an operator opens: the id is theirs, and the same again is the same violation."""

    id: UUID
    handle: str
    reason: str


async def open_violation(db: Database, wish: ViolationWish, *, by: UUID, now: datetime) -> Violation:
    """Open one; it counts from now on. Raises Invalid, NoSuchPerson or IdReused."""
    reason = _take_reason(wish.reason)
    async with db.transaction() as tx:
        person_id = await people_queries.get_id_by_handle(tx, people_rules.take_known_handle(wish.handle))
        is_new = await tx.execute(
            """
            insert into rooms.violations (id, person_id, reason, opened_at, opened_by)
            values (%(id)s, %(person)s, %(reason)s, %(now)s, %(by)s) on conflict (id) do nothing
            """,
            {"id": wish.id, "person": person_id, "reason": reason, "now": now, "by": by},
        )
        violation = await _get_violation(tx, wish.id)
        if is_new:
            await _note(tx, violation, "violation_opened", by=by, now=now)
    if (violation.person_id, violation.reason) != (person_id, reason):
        raise IdReused
    return violation


async def close_violation(db: Database, violation_id: UUID, *, by: UUID, now: datetime) -> Violation:
    """It is settled; closing it again changes nothing. Raises NoSuchViolation."""
    async with db.transaction() as tx:
        is_closed_now = await tx.execute(
            """
            update rooms.violations set closed_at = %(now)s, closed_by = %(by)s
            where id = %(id)s and closed_at is null
            """,
            {"id": violation_id, "now": now, "by": by},
        )
        violation = await _get_violation(tx, violation_id)
        if is_closed_now:
            await _note(tx, violation, "violation_closed", by=by, now=now)
    return violation


async def list_violations(db: Database, handle: str, *, by: UUID, now: datetime) -> list[Violation]:
    """All that was ever held against somebody, the newest first. Raises NoSuchPerson."""
    async with db.transaction() as tx:
        person_id = await people_queries.get_id_by_handle(tx, people_rules.take_known_handle(handle))
        await operators.note_act(tx, by, "violations_seen", handle.lower(), {"person": person_id}, now=now)
        return await tx.all(
            Violation,
            """
            select v.id, v.person_id, p.handle, v.reason, v.opened_at, v.closed_at
            from rooms.violations v join people.people p on p.id = v.person_id
            where v.person_id = %(person)s order by v.opened_at desc, v.id desc
            """,
            {"person": person_id},
        )


async def _note(tx: Transaction, violation: Violation, act: str, *, by: UUID, now: datetime) -> None:
    detail = {"violation": violation.id, "reason": violation.reason}
    await operators.note_act(tx, by, act, violation.handle, detail, now=now)


async def _get_violation(tx: Transaction, violation_id: UUID) -> Violation:
    found = await tx.find(
        Violation,
        """
        select v.id, v.person_id, p.handle, v.reason, v.opened_at, v.closed_at
        from rooms.violations v join people.people p on p.id = v.person_id
        where v.id = %(id)s
        """,
        {"id": violation_id},
    )
    if found is None:
        raise NoSuchViolation
    return found


def _take_reason(reason: str) -> str:
    normal = reason.strip()
    if not 1 <= len(normal) <= REASON_LIMIT or not people_rules.is_storable(normal):
        raise Invalid(f"A reason has 1 to {REASON_LIMIT} characters; its person reads it.", field="reason")
    return normal
