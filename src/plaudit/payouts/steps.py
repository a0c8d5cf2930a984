"""The steps of a payout, and what each means in the ledger: the step first, the ledger second, marked done third.

A step may be taken again by whoever doesn't know whether it was: it gives the same answer. `finish_pending` tells the
ledger what a crash kept it from hearing.
"""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.foundation.logs import get_logger
from plaudit.ledger import Posted, Reason
from plaudit.payouts import letters, method_queries, queries, rules
from plaudit.payouts.chains import accounts_of, chains_of
from plaudit.payouts.errors import IllegalStep, NoSuchPayout, PayoutRefused
from plaudit.payouts.methods import open_details
from plaudit.payouts.model import Actor, Approved, PayDesk, Payout, Rail, State, Step

__all__ = [
    "by_house",
    "by_rail",
    "finish",
    "finish_pending",
    "list_approved",
    "mark_failed",
    "mark_paid",
    "mark_returned",
    "open_details",
    "post_chains",
    "submit",
    "submit_in",
    "take_step",
]

_AT_ONCE = 100
_ROUNDS = 5
# Whoever was about to hold the amount of a payout that ended meanwhile has done so, or given up, by then.
_LATE_HOLD = timedelta(minutes=1)

log = get_logger(__name__)


class By(Struct, frozen=True, kw_only=True):
    """Who takes a step, and why; for a reason of None nobody is written to."""

    kind: Actor
    id: UUID | None = None
    reason: str = ""


def by_house(reason: str) -> By:
    """A rule of ours decided."""
    return By(kind=Actor.HOUSE, reason=reason)


def by_rail(reason: str) -> By:
    """A bank or a wallet provider told."""
    return By(kind=Actor.RAIL, reason=reason)


async def take_step(desk: PayDesk, tx: Transaction, payout: Payout, after: State, by: By, *, at: datetime) -> Payout:
    """Go there from where the locked payout stands, and write to its creator what they should know.

    The ledger is told by `finish`, after the commit. Raises IllegalStep.
    """
    rules.require_step(payout.state, after)
    number = await queries.count_steps(tx, payout.id) + 1
    step = Step(
        payout_id=payout.id, number=number, state=after, at=at, actor_kind=by.kind, actor_id=by.id, reason=by.reason
    )
    await queries.add_step(tx, step)
    if after not in (State.APPROVED, State.SUBMITTED):
        late = after in rules.OVER and payout.held_at is None
        await queries.set_due(tx, payout.id, at + _LATE_HOLD if late else at)
    if after is State.PAID:
        await queries.set_paid(tx, payout.id, reference=None, at=at)
    taken = await queries.lock_payout(tx, payout.id)
    await _write(desk, tx, taken, by, at=at)
    return taken


async def _write(desk: PayDesk, tx: Transaction, payout: Payout, by: By, *, at: datetime) -> None:
    # Who cancels knows it; and whoever is refused at once reads it on the screen.
    if by.kind is Actor.CREATOR or payout.held_at is None:
        return
    payee, method = (
        await queries.find_payee(tx, payout.person_id),
        await method_queries.find_method(tx, payout.method_id),
    )
    assert payee is not None, "who was paid once applied"
    assert method is not None, "methods are never deleted"
    letter = letters.write_outcome(payee, payout, method, by.reason, now=at)
    if letter is not None:
        await desk.mail.send(tx, letter)


async def finish(desk: PayDesk, payout_id: UUID, *, now: datetime) -> Payout:
    """Tell the ledger of the state that a payout reached; gives it as it then stands.

    A payout whose amount isn't there any more fails. Raises NoSuchPayout, PayoutRefused (somebody must look), and what
    the ledger raises: then ask again.
    """
    for _ in range(_ROUNDS):
        async with desk.db.transaction() as tx:
            payout = await queries.find_payout(tx, payout_id)
        if payout is None:
            raise NoSuchPayout
        if payout.ledger_due_at is None or not await _tell_ledger(desk, payout, now=now):
            break
    async with desk.db.transaction() as tx:
        return await queries.lock_payout(tx, payout_id)


async def finish_pending(desk: PayDesk, *, now: datetime) -> int:
    """Finish what is due; how many there were. What the ledger refuses stays, and stops no other."""
    async with desk.db.transaction() as tx:
        due = await queries.list_due(tx, now=now, limit=_AT_ONCE)
    for payout_id in due:
        try:
            await finish(desk, payout_id, now=now)
        except PayoutRefused:
            log.exception("payout refused", payout=str(payout_id))
            # It goes to the end of the line, so that any number of those keep no other waiting.
            async with desk.db.transaction() as tx:
                await queries.set_due(tx, payout_id, now + _LATE_HOLD)
    return len(due)


async def _tell_ledger(desk: PayDesk, payout: Payout, *, now: datetime) -> bool:
    """Post what the state means; whether the payout went on meanwhile, so that there is more to tell."""
    refused = await post_chains(desk, payout)
    if refused is None:
        return await _note_told(desk, payout, now=now)
    if payout.state is State.REQUESTED and refused is Reason.EXCEEDS_CREDITS:
        return await _fail(desk, payout, now=now)
    if payout.state in rules.OVER and refused is Reason.PENDING_TRANSFER_NOT_FOUND and payout.held_at is None:
        return await _note_never_held(desk, payout, now=now)
    raise PayoutRefused(f"The ledger refuses what the payout {payout.id} as {payout.state} needs: {refused}.")


async def post_chains(desk: PayDesk, payout: Payout) -> Reason | None:
    """What the ledger must hold of a payout in its state is there, since now or before; else why not.

    Raises PayoutRefused when its accounts can't be opened.
    """
    closed = [reason for reason in await desk.ledger.open_accounts(accounts_of(payout)) if reason]
    if closed:
        raise PayoutRefused(f"The accounts of the payout {payout.id} can't be opened: {closed[0]}.")
    for chain in chains_of(payout):
        outcome = await desk.ledger.post(chain)
        if not isinstance(outcome, Posted):
            return outcome.reason
    return None


async def _note_told(desk: PayDesk, payout: Payout, *, now: datetime) -> bool:
    async with desk.db.transaction() as tx:
        present = await queries.lock_payout(tx, payout.id)
        if present.state is not payout.state:
            return True
        await queries.set_due(tx, payout.id, None)
        if payout.state is State.REQUESTED:
            await queries.set_held(tx, payout.id, now=now)
            if payout.operators == 0 and present.held_at is None:
                await take_step(desk, tx, present, State.APPROVED, by_house(payout.why), at=now)
    return False


async def _fail(desk: PayDesk, payout: Payout, *, now: datetime) -> bool:
    async with desk.db.transaction() as tx:
        present = await queries.lock_payout(tx, payout.id)
        # Somebody else may have held it, or ended it: there was enough then, or it doesn't matter.
        if present.state is State.REQUESTED and present.held_at is None:
            await take_step(desk, tx, present, State.FAILED, by_house("not_enough_available"), at=now)
    return False


async def _note_never_held(desk: PayDesk, payout: Payout, *, now: datetime) -> bool:
    if payout.ledger_due_at is not None and now >= payout.ledger_due_at:
        async with desk.db.transaction() as tx:
            await queries.lock_payout(tx, payout.id)
            await queries.set_due(tx, payout.id, None)
    return False


# What rails tell.


async def list_approved(tx: Transaction, kind: Rail, limit: int) -> list[Approved]:
    """Payouts that wait for this rail: approved, held in the ledger, not paused; the oldest first, locked by `tx`."""
    return await queries.list_approved(tx, kind, limit=limit)


async def submit(desk: PayDesk, payout_id: UUID, *, batch_id: UUID, now: datetime) -> Payout:
    """The payout is in this batch. Raises NoSuchPayout, or IllegalStep when it is in another, or can't be paid."""
    async with desk.db.transaction() as tx:
        return await submit_in(desk, tx, payout_id, batch_id=batch_id, now=now)


async def submit_in(desk: PayDesk, tx: Transaction, payout_id: UUID, *, batch_id: UUID, now: datetime) -> Payout:
    """The same inside the caller's transaction."""
    payout = await queries.lock_payout(tx, payout_id)
    step = await queries.get_step(tx, payout_id, State.SUBMITTED)
    if step is not None and step.reason == str(batch_id):
        return payout
    if payout.held_at is None or payout.paused_at is not None:
        raise IllegalStep("A payout that waits isn't sent.")
    return await take_step(desk, tx, payout, State.SUBMITTED, by_rail(str(batch_id)), at=now)


async def mark_paid(desk: PayDesk, payout_id: UUID, *, reference: str, at: datetime) -> Payout:
    """The money arrived; told again, or after it came back, nothing changes. Raises NoSuchPayout or IllegalStep."""
    async with desk.db.transaction() as tx:
        payout = await queries.lock_payout(tx, payout_id)
        if payout.state not in (State.PAID, State.RETURNED):
            await take_step(desk, tx, payout, State.PAID, by_rail(reference), at=at)
            await queries.set_paid(tx, payout_id, reference=reference, at=at)
    return await finish(desk, payout_id, now=at)


async def mark_failed(desk: PayDesk, payout_id: UUID, *, reason: str, at: datetime, by: By | None = None) -> Payout:
    """It never left the house, or never will: the money is available again. Raises NoSuchPayout or IllegalStep."""
    async with desk.db.transaction() as tx:
        payout = await queries.lock_payout(tx, payout_id)
        if payout.state is not State.FAILED:
            await take_step(desk, tx, payout, State.FAILED, by or by_rail(reason), at=at)
    return await finish(desk, payout_id, now=at)


async def mark_returned(desk: PayDesk, payout_id: UUID, *, reason: str, at: datetime, by: By | None = None) -> Payout:
    """It came back, maybe days after it was paid. Raises NoSuchPayout or IllegalStep.

    A bank may tell that it came back before telling that it was paid: then it was paid now.
    """
    by = by or by_rail(reason)
    async with desk.db.transaction() as tx:
        payout = await queries.lock_payout(tx, payout_id)
        if payout.state is State.SUBMITTED:
            payout = await take_step(desk, tx, payout, State.PAID, by, at=at)
        if payout.state is not State.RETURNED:
            await take_step(desk, tx, payout, State.RETURNED, by, at=at)
    return await finish(desk, payout_id, now=at)
