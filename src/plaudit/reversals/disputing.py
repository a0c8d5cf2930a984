"""The steps of a dispute up to its end: it is heard of, booked, holds what is left of its lot, and is won.

What a lost one takes back is in `unwinding`. Each step may be the last before a crash: `advance` goes on from there. In
whatever order and however often a provider tells of a dispute, it goes the same way: nothing undoes a decision.
"""

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from plaudit.coins import top_up_queries
from plaudit.coins.model import TopUp
from plaudit.coins.order import Cut
from plaudit.foundation.database import Transaction
from plaudit.foundation.ids import derive_id
from plaudit.people import queries as people_queries
from plaudit.providers import DisputeState
from plaudit.providers.payment import Dispute as Told
from plaudit.reversals import chains, hold_queries, holds, letters, refund_queries, rules, unwinding
from plaudit.reversals import dispute_queries as queries
from plaudit.reversals.errors import StillSettling
from plaudit.reversals.model import Dispute, Reversing
from plaudit.reversals.posting import open_all, post_all

_NAME_SPACE = UUID("1c1f7a52-6b0f-5d7e-9a55-3d0e6f2b7c41")
NO_SUCH_PAYMENT = "no_such_payment"
OTHER_CURRENCY = "other_currency"
TOLD_OTHERWISE = "told_otherwise"


def dispute_id_of(provider: str, dispute_id: str) -> UUID:
    """Our id of a provider's dispute."""
    return derive_id(_NAME_SPACE, provider, dispute_id)


async def take(desk: Reversing, provider: str, told: Told, *, now: datetime) -> Dispute:
    """Step one: what the provider told is stored, with the payment that it is about where that is known.

    A dispute that was decided stays so, and its amount is the one that was told first: `note` says when it was told
    otherwise, for somebody to look. A decision counts whatever amount it is told with.
    """
    async with desk.db.transaction() as tx:
        await queries.add_dispute(tx, _heard(provider, told, now))
        return await _take(tx, dispute_id_of(provider, told.id), told)


async def _take(tx: Transaction, dispute_id: UUID, told: Told) -> Dispute:
    # The payment is locked before the dispute, as everywhere.
    known = await queries.get_dispute(tx, dispute_id)
    await queries.find_paid(tx, known.provider, known.payment_id)
    before = await queries.lock_dispute(tx, dispute_id)
    after = await _find_payment(tx, before)
    is_it = (told.payment_id, told.amount.currency.code) == (before.payment_id, before.currency)
    is_undone = told.state is not before.state and DisputeState.OPENED not in (told.state, before.state)
    if not is_it or is_undone or told.amount.minor != before.amount_minor:
        after = replace(after, note=TOLD_OTHERWISE)
    if is_it and told.state is not DisputeState.OPENED and before.state is DisputeState.OPENED:
        after = replace(after, state=told.state, decided_at=told.at)
    if after != before:
        await queries.store_dispute(tx, after)
    return after


def _heard(provider: str, told: Told, now: datetime) -> Dispute:
    return Dispute(
        id=dispute_id_of(provider, told.id),
        provider=provider,
        dispute_id=told.id,
        payment_id=told.payment_id,
        top_up_id=None,
        person_id=None,
        currency=told.amount.currency.code,
        amount_minor=told.amount.minor,
        fee_minor=told.fee.minor,
        reason=told.reason,
        state=told.state,
        opened_at=told.opened_at,
        heard_at=now,
        decided_at=None if told.state is DisputeState.OPENED else told.at,
    )


async def _find_payment(tx: Transaction, dispute: Dispute) -> Dispute:
    """The dispute with its top-up, as soon as that is settled: a dispute may be heard of before its payment."""
    if dispute.top_up_id is not None:
        return dispute
    top_up = await queries.find_paid(tx, dispute.provider, dispute.payment_id)
    if top_up is None:
        return replace(dispute, note=dispute.note or NO_SUCH_PAYMENT)
    if top_up.currency != dispute.currency:
        return replace(dispute, note=OTHER_CURRENCY)
    note = None if dispute.note == NO_SUCH_PAYMENT else dispute.note
    return replace(dispute, top_up_id=top_up.id, person_id=top_up.person_id, note=note)


async def advance(desk: Reversing, dispute_id: UUID, *, now: datetime) -> Dispute:
    """Go on as far as can be gone now. Raises what the ledger raises; the next round goes on."""
    while True:
        async with desk.db.transaction() as tx:
            dispute = await queries.get_dispute(tx, dispute_id)
            top_up = await top_up_queries.find_top_up(tx, dispute.top_up_id) if dispute.top_up_id else None
        after = await step(desk, dispute, top_up, now=now)
        if after == dispute:
            return dispute


async def step(desk: Reversing, dispute: Dispute, top_up: TopUp | None, *, now: datetime) -> Dispute:
    """The next step; the dispute itself when it waits for somebody."""
    if dispute.closed_at is not None:
        return dispute
    if top_up is None:
        return await look_for_payment(desk, dispute)
    if dispute.booked_at is None:
        return await book(desk, dispute, top_up, now=now)
    if dispute.state is DisputeState.WON:
        return await win(desk, dispute, now=now)
    if dispute.held_at is None:
        return await hold(desk, dispute, top_up, now=now)
    if dispute.state is DisputeState.LOST:
        return await unwinding.step(desk, dispute, top_up, now=now)
    return dispute


async def look_for_payment(desk: Reversing, dispute: Dispute) -> Dispute:
    """Whether its payment is known by now."""
    async with desk.db.transaction() as tx:
        await queries.find_paid(tx, dispute.provider, dispute.payment_id)
        before = await queries.lock_dispute(tx, dispute.id)
        after = await _find_payment(tx, before)
        if after != before:
            await queries.store_dispute(tx, after)
    return after


async def book(desk: Reversing, dispute: Dispute, top_up: TopUp, *, now: datetime) -> Dispute:
    """The money is gone from us, and the fee: that stands in the books, and the fan is told."""
    await open_all(desk, chains.accounts_of(top_up))
    await post_all(desk, chains.book_dispute(dispute))
    async with desk.db.transaction() as tx:
        dispute = await queries.lock_dispute(tx, dispute.id)
        if dispute.booked_at is None:
            dispute = replace(dispute, booked_at=now)
            await queries.store_dispute(tx, dispute)
            hold = holds.first_hold(top_up.id, dispute_id=dispute.id, now=now)
            await hold_queries.add_hold(tx, hold)
            person = await people_queries.get_person(tx, top_up.person_id)
            await desk.mail.send(tx, letters.dispute_opened(dispute, top_up, person.email, now=now))
    return dispute


async def hold(desk: Reversing, dispute: Dispute, top_up: TopUp, *, now: datetime) -> Dispute:
    """Set apart what is left of the lot, so far as the dispute asks for it. Waits for a refund that is under way."""
    async with desk.db.transaction() as tx:
        refund = await refund_queries.find_live_refund(tx, top_up.id)
        found = await holds.find(tx, dispute.id)
        claim = rules.claim_of(top_up, dispute.amount_minor, await refund_queries.sum_taken(tx, top_up.id))
    if (refund is not None and refund.ended_at is None) or found is None:
        return dispute
    # What was dropped and isn't voided yet, after a crash just between the two, would be missing from what is left.
    await holds.void_dropped_of(desk, top_up)
    try:
        asked, cut = await holds.settle(
            desk, found, top_up, lambda rest: rules.coins_for(top_up, claim.value_micros, rest=rest), now=now
        )
    except StillSettling:
        return dispute
    async with desk.db.transaction() as tx:
        dispute = await queries.lock_dispute(tx, dispute.id)
        live = await holds.find(tx, dispute.id)
        # Where another hold stands by now, or none, this cut says nothing about the dispute.
        if dispute.held_at is None and live is not None and live.id == asked.id:
            if cut is None:
                await holds.drop(tx, live, now=now)
            dispute = note_cut(replace(dispute, held_at=now), cut)
            await queries.store_dispute(tx, dispute)
    return dispute


def note_cut(dispute: Dispute, cut: Cut | None) -> Dispute:
    """The dispute with what it holds."""
    return replace(dispute, coins=cut.coins if cut else 0, value_micros=cut.value_micros if cut else 0)


async def win(desk: Reversing, dispute: Dispute, *, now: datetime) -> Dispute:
    """The money is back, and what was on hold is the next that is spent."""
    async with desk.db.transaction() as tx:
        # Under the lock nobody makes another hold, and after it nobody does for a dispute that is won.
        await queries.lock_dispute(tx, dispute.id)
        await holds.drop(tx, await holds.find(tx, dispute.id), now=now)
        dropped = await hold_queries.list_holds(tx, dispute.id)
    await post_all(desk, chains.win_dispute(dispute))
    for each in dropped:
        await holds.void(desk, each)
    async with desk.db.transaction() as tx:
        dispute = await queries.lock_dispute(tx, dispute.id)
        if dispute.closed_at is None:
            dispute = replace(dispute, closed_at=now)
            await queries.store_dispute(tx, dispute)
            assert dispute.person_id is not None, "what is booked is somebody's"
            person = await people_queries.get_person(tx, dispute.person_id)
            await desk.mail.send(tx, letters.dispute_won(dispute, person.email, now=now))
    return dispute
