"""A lost dispute: who pays back what, planned once, and taken from each creator in one chain.

It waits until the money of every gift that was made of the lot is in the ledger. Planning is one transaction, which
also takes what is pending and in reserve; then what doesn't come from gifts is posted, then each creator's part. When
an available balance changed meanwhile, the ledger refuses that part, and it is planned again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from plaudit.coins.model import TopUp
from plaudit.coins.order import get_rest
from plaudit.earnings import pending
from plaudit.foundation.database import Transaction
from plaudit.foundation.money import MICROS_PER_MINOR
from plaudit.ledger import Posted, Reason
from plaudit.ledger.chart import AccountCode
from plaudit.ledger.model import ZERO
from plaudit.people import queries as people_queries
from plaudit.reversals import chains, holds, letters, refund_queries, rules
from plaudit.reversals import dispute_queries as queries
from plaudit.reversals.errors import ReversalRefused
from plaudit.reversals.model import Dispute, Hold, Part, Reversing, Slice, Sources, Unwinding
from plaudit.reversals.posting import get_top_up, open_all, post_all


async def step(desk: Reversing, dispute: Dispute, top_up: TopUp, *, now: datetime) -> Dispute:
    """The next step of a lost dispute; the dispute itself while it waits."""
    if dispute.planned_at is None:
        return await hold_anew(desk, dispute, top_up, now=now) or await plan(desk, dispute, now=now)
    await post_rest(desk, dispute, top_up)
    for part in await list_unposted(desk, dispute.id):
        await post_part(desk, part, now=now)
    return await close(desk, dispute, now=now)


async def hold_anew(desk: Reversing, dispute: Dispute, top_up: TopUp, *, now: datetime) -> Dispute | None:
    """The dispute with nothing on hold, where another one of the same payment changed what it is to hold; else None."""
    async with desk.db.transaction() as tx:
        claim = rules.claim_of(top_up, dispute.amount_minor, await refund_queries.sum_taken(tx, top_up.id))
        left = dispute.coins + (await get_rest(tx, top_up.id)).coins
    if rules.coins_for(top_up, claim.value_micros, rest=left) == dispute.coins:
        return None
    dispute, dropped = await let_go(desk, dispute, now=now)
    await holds.void(desk, dropped)
    return dispute


async def let_go(desk: Reversing, dispute: Dispute, *, now: datetime) -> tuple[Dispute, Hold | None]:
    """The dispute without its hold and with the intent of the next; and the hold, which is to be voided."""
    async with desk.db.transaction() as tx:
        dispute = await queries.lock_dispute(tx, dispute.id)
        found = await holds.find(tx, dispute.id)
        if dispute.planned_at is not None or dispute.held_at is None:
            return dispute, None
        assert dispute.top_up_id is not None, "what is on hold has a top-up"
        await holds.drop(tx, found, now=now)
        await holds.add_next(tx, dispute.top_up_id, dispute_id=dispute.id, now=now)
        dispute = replace(dispute, held_at=None, coins=0, value_micros=0)
        await queries.store_dispute(tx, dispute)
    return dispute, found


async def plan(desk: Reversing, dispute: Dispute, *, now: datetime) -> Dispute:
    """Settle who pays: the tax, what is left of the lot, the gifts from the newest on, and the house for the rest."""
    if not await _is_ready(desk, dispute):
        return dispute
    creators = await _list_available(desk, dispute)
    async with desk.db.transaction() as tx:
        top_up = await get_top_up(tx, dispute.top_up_id)
        dispute = await queries.lock_dispute(tx, dispute.id)
        if dispute.planned_at is not None or dispute.held_at is None:
            return dispute
        claim = rules.claim_of(top_up, dispute.amount_minor, await refund_queries.sum_taken(tx, top_up.id))
        rest = min(dispute.value_micros, claim.value_micros)
        from_gifts = rules.left_for_gifts(top_up, claim, coins=dispute.coins, rest_micros=rest)
        claimed = rules.claim_slices(await queries.list_slices(tx, top_up.id), from_gifts)
        await queries.add_claims(tx, dispute.id, claimed)
        for unwinding in await _plan_parts(tx, dispute, claimed, creators, now=now):
            await queries.add_unwinding(tx, unwinding)
        paid = rest + sum(each.value_micros for each in claimed) + claim.tax_minor * MICROS_PER_MINOR
        dispute = replace(
            dispute,
            planned_at=now,
            covered_micros=paid,
            tax_minor=claim.tax_minor,
            rest_micros=rest,
            loss_micros=dispute.amount_minor * MICROS_PER_MINOR - paid,
        )
        await queries.store_dispute(tx, dispute)
    return dispute


async def _is_ready(desk: Reversing, dispute: Dispute) -> bool:
    assert dispute.top_up_id is not None, "what is booked has a top-up"
    async with desk.db.transaction() as tx:
        return await queries.is_all_posted(tx, dispute.top_up_id)


async def _list_available(desk: Reversing, dispute: Dispute) -> dict[UUID, int]:
    """What is available of the money of each creator who received of this lot."""
    assert dispute.top_up_id is not None, "what is booked has a top-up"
    async with desk.db.transaction() as tx:
        creators = {each.creator_id for each in await queries.list_slices(tx, dispute.top_up_id)}
    code = AccountCode.CREATOR_AVAILABLE
    return {creator_id: await _spendable(desk, code, creator_id, dispute.currency) for creator_id in creators}


async def _plan_parts(
    tx: Transaction, dispute: Dispute, claimed: Sequence[Slice], available: dict[UUID, int], *, now: datetime
) -> list[Unwinding]:
    parts = rules.sum_by_creator(claimed)
    policy = await queries.find_policy(tx, dispute.currency, now=dispute.opened_at)
    borne = rules.share_burden(parts, policy)
    planned: list[Unwinding] = []
    for part in parts:
        wanted = borne[part.creator_id]
        sources = await _take(tx, part.creator_id, dispute.currency, wanted, available.get(part.creator_id, 0))
        planned.append(_make(dispute, part, wanted, sources, now=now))
    return planned


async def _take(tx: Transaction, creator_id: UUID, currency: str, wanted: int, available: int) -> Sources:
    """Pending, available, reserve, owed: what is pending and in reserve is taken here and now."""
    from_pending = await pending.take_back(tx, creator_id, currency, wanted) if wanted else 0
    missing = wanted - from_pending - min(wanted - from_pending, available)
    from_reserve = await pending.take_reserved(tx, creator_id, currency, missing) if missing else 0
    return rules.find_sources(wanted, pending=from_pending, available=available, reserve=from_reserve)


def _make(dispute: Dispute, part: Part, borne: int, sources: Sources, *, now: datetime) -> Unwinding:
    """What the creator bears pays back what was paid first, and what was promotion last."""
    to_bank = min(borne, part.paid_share_micros)
    return Unwinding(
        dispute_id=dispute.id,
        creator_id=part.creator_id,
        attempt=1,
        currency=dispute.currency,
        gifts=part.gifts,
        value_micros=part.value_micros,
        share_micros=part.share_micros,
        platform_micros=part.value_micros - part.paid_share_micros,
        absorbed_micros=part.paid_share_micros - to_bank,
        promotion_micros=borne - to_bank,
        pending_micros=sources.pending_micros,
        available_micros=sources.available_micros,
        reserve_micros=sources.reserve_micros,
        owed_micros=sources.owed_micros,
        planned_at=now,
    )


async def post_rest(desk: Reversing, dispute: Dispute, top_up: TopUp) -> None:
    """The part that doesn't come from gifts is in the ledger, since now or since before."""
    found = await _find_hold(desk, dispute)
    chain = chains.lose_dispute(dispute, found if dispute.coins else None, top_up)
    if chain:
        await post_all(desk, chain)


async def _find_hold(desk: Reversing, dispute: Dispute) -> Hold | None:
    async with desk.db.transaction() as tx:
        return await holds.find(tx, dispute.id)


async def list_unposted(desk: Reversing, dispute_id: UUID) -> list[Unwinding]:
    """The creators' parts that the ledger may not have yet."""
    async with desk.db.transaction() as tx:
        return [each for each in await queries.list_unwindings(tx, dispute_id) if each.posted_at is None]


async def post_part(desk: Reversing, part: Unwinding, *, now: datetime) -> None:
    """One creator's part is in the ledger afterwards; planned anew for as long as balances change under it."""
    await open_all(desk, chains.accounts_of_creator(part.creator_id, part.currency))
    wish: Unwinding | None = part
    while wish is not None:
        attempt = await _post_attempt(desk, wish)
        if attempt is not None:
            async with desk.db.transaction() as tx:
                await queries.mark_posted(tx, wish, attempt, now=now)
            return
        wish = await _plan_again(desk, wish, now=now)


async def _post_attempt(desk: Reversing, part: Unwinding) -> int | None:
    """The number of the attempt that the ledger has; None when it refused this one for a balance that changed."""
    chain = chains.unwind(part)
    outcome = await desk.ledger.post(chain) if chain else None
    if outcome is None or isinstance(outcome, Posted):
        return part.attempt
    # Whoever else is at it may have posted another attempt: the first leg says which.
    first = await desk.ledger.find_transfer(chains.first_leg_of(part))
    if first is not None:
        return first.transfer.ref_32
    if outcome.reason is not Reason.EXCEEDS_CREDITS:
        raise ReversalRefused(
            f"The unwinding of {part.dispute_id} for {part.creator_id} was refused: {outcome.reason}."
        )
    return None


async def _plan_again(desk: Reversing, part: Unwinding, *, now: datetime) -> Unwinding | None:
    """The next attempt, with what is available now. What was taken of pending and reserve stays taken."""
    available = await _spendable(desk, AccountCode.CREATOR_AVAILABLE, part.creator_id, part.currency)
    reserve = await _spendable(desk, AccountCode.CREATOR_RESERVE, part.creator_id, part.currency)
    kept = min(part.reserve_micros, reserve)
    missing = part.borne_micros - part.pending_micros - kept
    again = replace(
        part,
        attempt=part.attempt + 1,
        reserve_micros=kept,
        available_micros=min(missing, available),
        owed_micros=missing - min(missing, available),
        planned_at=now,
    )
    if again.available_micros == part.available_micros and again.reserve_micros == part.reserve_micros:
        # It changed back: the next round tries this attempt once more.
        return None
    async with desk.db.transaction() as tx:
        if not await queries.replace_unwinding(tx, part, now=now):
            return None
        await queries.add_unwinding(tx, again)
    return again


async def _spendable(desk: Reversing, code: AccountCode, creator_id: UUID, currency: str) -> int:
    account = chains.account_of(code, creator_id, currency)
    return (await desk.ledger.balances([account])).get(account, ZERO).spendable


async def close(desk: Reversing, dispute: Dispute, *, now: datetime) -> Dispute:
    """Everything is in the books: fan and creators are told, once."""
    async with desk.db.transaction() as tx:
        dispute = await queries.lock_dispute(tx, dispute.id)
        parts = await queries.list_unwindings(tx, dispute.id)
        if dispute.closed_at is not None or any(part.posted_at is None for part in parts):
            return dispute
        dispute = replace(dispute, closed_at=now)
        await queries.store_dispute(tx, dispute)
        assert dispute.person_id is not None, "what is booked is somebody's"
        fan = await people_queries.get_person(tx, dispute.person_id)
        await desk.mail.send(tx, letters.dispute_lost(dispute, parts, fan.email, now=now))
        for part in parts:
            if part.borne_micros:
                creator = await people_queries.get_person(tx, part.creator_id)
                await desk.mail.send(tx, letters.taken_back(dispute, part, creator.email, now=now))
    return dispute
