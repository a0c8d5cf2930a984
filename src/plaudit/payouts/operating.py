"""What operators do about payouts: see what waits and why, approve, let wait, cancel, send back, and count the day."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import Invalid
from plaudit.payouts import operating_queries as sql
from plaudit.payouts import queries, steps
from plaudit.payouts.errors import IllegalStep, NoSuchPayout, OwnPayout, StillBeingHeld
from plaudit.payouts.model import Actor, ExchangeRate, PayDesk, Payout, State, Step
from plaudit.payouts.operating_queries import Day, File
from plaudit.people.model import Place
from plaudit.people.operators import note_act
from plaudit.people.rules import is_storable

_LONGEST_REASON = 500


class Approval(Struct, frozen=True, kw_only=True):
    """Which operator said yes, and when."""

    operator: str
    at: datetime


class Seen(Struct, frozen=True, kw_only=True):
    """A payout with everything that an operator decides by."""

    file: File
    steps: list[Step]
    approvals: list[Approval]
    rate: ExchangeRate | None


async def list_files(
    db: Database, operator_id: UUID, state: State | None, *, after: Place | None, limit: int, now: datetime
) -> list[File]:
    """Everyone's payouts, the newest first, but those that wait the oldest first; with why each waits."""
    async with db.transaction() as tx:
        detail = {"after": after.id if after else None}
        await note_act(tx, operator_id, "payouts_seen", state or "all", detail, now=now)
        return await sql.list_files(tx, state, after=after, limit=limit)


async def see_payout(db: Database, operator_id: UUID, payout_id: UUID, *, now: datetime) -> Seen:
    """Anybody's payout. Raises NoSuchPayout."""
    async with db.transaction() as tx:
        seen = await _see(tx, payout_id)
        await note_act(tx, operator_id, "payout_seen", str(payout_id), {"person": seen.file.payout.person_id}, now=now)
    return seen


async def _see(tx: Transaction, payout_id: UUID) -> Seen:
    file = await sql.find_file(tx, payout_id)
    if file is None:
        raise NoSuchPayout("There is no such payout.")
    return Seen(
        file=file,
        steps=await queries.list_steps(tx, payout_id),
        approvals=await sql.list_approvals(tx, Approval, payout_id),
        rate=await sql.find_rate_by_id(tx, file.payout.rate_id),
    )


async def approve_payout(desk: PayDesk, operator_id: UUID, payout_id: UUID, *, now: datetime) -> Payout:
    """Say yes, and let it go on if it was to wait. When enough operators said so, the next batch takes it.

    Raises NoSuchPayout, OwnPayout, StillBeingHeld, AlreadyApproved or IllegalStep.
    """
    async with desk.db.transaction() as tx:
        payout = await _lock_anothers(tx, payout_id, operator_id)
        detail = {"person": payout.person_id, "amount_minor": payout.amount_minor, "currency": payout.currency}
        await note_act(tx, operator_id, "payout_approved", str(payout_id), detail, now=now)
        await queries.set_pause(tx, payout_id, None, None, now=now)
        if payout.state is State.APPROVED and payout.paused_at is not None:
            return await queries.lock_payout(tx, payout_id)
        if payout.state is not State.REQUESTED:
            raise IllegalStep(f"A payout that is {payout.state} needs no approval.")
        if payout.held_at is None:
            raise StillBeingHeld
        count = await queries.add_approval(tx, payout_id, operator_id, now=now)
        if count < payout.operators:
            return await queries.lock_payout(tx, payout_id)
        by = steps.By(kind=Actor.OPERATOR, id=operator_id, reason=payout.why)
        return await steps.take_step(desk, tx, payout, State.APPROVED, by, at=now)


async def pause_payout(desk: PayDesk, operator_id: UUID, payout_id: UUID, reason: str, *, now: datetime) -> Payout:
    """Let it wait, whoever approved it, until somebody approves it (again). Its money stays held.

    Raises NoSuchPayout, OwnPayout, Invalid, or IllegalStep when it was sent already.
    """
    reason = _take_reason(reason)
    async with desk.db.transaction() as tx:
        payout = await _lock_anothers(tx, payout_id, operator_id)
        if payout.state not in (State.REQUESTED, State.APPROVED):
            raise IllegalStep("This payout was sent already: it can't wait any more.")
        await note_act(tx, operator_id, "payout_paused", str(payout_id), {"reason": reason}, now=now)
        await queries.set_pause(tx, payout_id, operator_id, reason, now=now)
        return await queries.lock_payout(tx, payout_id)


async def cancel_payout(desk: PayDesk, operator_id: UUID, payout_id: UUID, reason: str, *, now: datetime) -> Payout:
    """Give the money back to the creator, who reads the reason. Again it changes nothing.

    Raises NoSuchPayout, OwnPayout, Invalid, or IllegalStep when it was sent already.
    """
    reason = _take_reason(reason)
    async with desk.db.transaction() as tx:
        payout = await _lock_anothers(tx, payout_id, operator_id)
        if payout.state is not State.CANCELLED:
            await note_act(tx, operator_id, "payout_cancelled", str(payout_id), {"reason": reason}, now=now)
            by = steps.By(kind=Actor.OPERATOR, id=operator_id, reason=reason)
            await steps.take_step(desk, tx, payout, State.CANCELLED, by, at=now)
    return await steps.finish(desk, payout_id, now=now)


async def return_payout(desk: PayDesk, operator_id: UUID, payout_id: UUID, reason: str, *, now: datetime) -> Payout:
    """The bank sent it back and no file says so: the money is available again. Again it changes nothing.

    Only what is known to be paid: a file that is on its way to the bank would still pay what was given back. Raises
    NoSuchPayout, OwnPayout, Invalid, or IllegalStep when nobody told yet that it was paid.
    """
    reason = _take_reason(reason)
    async with desk.db.transaction() as tx:
        payout = await _lock_anothers(tx, payout_id, operator_id)
        if payout.state not in (State.PAID, State.RETURNED):
            raise IllegalStep("Only what was paid can have come back.")
        await note_act(tx, operator_id, "payout_returned", str(payout_id), {"reason": reason}, now=now)
    by = steps.By(kind=Actor.OPERATOR, id=operator_id, reason=reason)
    return await steps.mark_returned(desk, payout_id, reason=reason, at=now, by=by)


async def _lock_anothers(tx: Transaction, payout_id: UUID, operator_id: UUID) -> Payout:
    payout = await queries.lock_payout(tx, payout_id)
    if payout.person_id == operator_id:
        raise OwnPayout
    return payout


def _take_reason(reason: str) -> str:
    plain = reason.strip()
    if not 1 <= len(plain) <= _LONGEST_REASON or not is_storable(plain):
        raise Invalid(f"A reason has 1 to {_LONGEST_REASON} characters.", field="reason")
    return plain


async def list_days(db: Database, *, since: datetime) -> Sequence[Day]:
    """What was asked for, paid and sent back on each day (UTC), by rail and currency; the newest first."""
    async with db.transaction() as tx:
        return await sql.list_days(tx, since=since)
