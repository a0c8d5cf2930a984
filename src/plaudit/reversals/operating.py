"""What operators see of refunds and disputes, and from when on they set who bears what."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.coins import top_up_queries
from plaudit.coins.model import Told, TopUp
from plaudit.ledger import Filter, Record
from plaudit.people.model import Place
from plaudit.people.operators import note_act
from plaudit.providers import DisputeState
from plaudit.reversals import dispute_queries, hold_queries, operating_queries, refund_queries
from plaudit.reversals.errors import NoSuchDispute, NoSuchRefund
from plaudit.reversals.model import DisputeFile, Hold, RefundFile, RefundState, Reversing, Unwinding

_LEGS = 100


class RefundSeen(Struct, frozen=True, kw_only=True):
    """One refund with all that belongs to it."""

    refund: RefundFile
    top_up: TopUp
    holds: Sequence[Hold]
    legs: Sequence[Record]
    told: Sequence[Told]


class DisputeSeen(Struct, frozen=True, kw_only=True):
    """One dispute with all that belongs to it; without a top-up as long as its payment isn't known."""

    dispute: DisputeFile
    top_up: TopUp | None
    parts: Sequence[Unwinding]
    holds: Sequence[Hold]
    legs: Sequence[Record]
    told: Sequence[Told]


async def list_refunds(
    desk: Reversing, operator_id: UUID, state: RefundState | None, *, after: Place | None, limit: int, now: datetime
) -> list[RefundFile]:
    """Everyone's refunds, the newest first; `after` is where the page before ended."""
    async with desk.db.transaction() as tx:
        detail = {"after": after.id if after else None}
        await note_act(tx, operator_id, "refunds_seen", state or "all", detail, now=now)
        return await refund_queries.list_files(tx, state, after=after, limit=limit)


async def see_refund(desk: Reversing, operator_id: UUID, refund_id: UUID, *, now: datetime) -> RefundSeen:
    """Anybody's refund. Raises NoSuchRefund."""
    async with desk.db.transaction() as tx:
        refund = await refund_queries.find_file(tx, refund_id)
        if refund is None:
            raise NoSuchRefund("There is no such refund.")
        await note_act(tx, operator_id, "refund_seen", str(refund_id), {"person": refund.person_id}, now=now)
        top_up = await top_up_queries.find_top_up(tx, refund.top_up_id)
        held = await hold_queries.list_holds(tx, refund_id)
        told = await operating_queries.list_told(tx, str(refund_id), since=refund.asked_at)
    assert top_up is not None, "top-ups are never deleted"
    return RefundSeen(refund=refund, top_up=top_up, holds=held, legs=await _list_legs(desk, refund_id, held), told=told)


async def list_disputes(
    desk: Reversing, operator_id: UUID, state: DisputeState | None, *, after: Place | None, limit: int, now: datetime
) -> list[DisputeFile]:
    """All disputes, the newest first; `after` is where the page before ended."""
    async with desk.db.transaction() as tx:
        detail = {"after": after.id if after else None}
        await note_act(tx, operator_id, "disputes_seen", state or "all", detail, now=now)
        return await dispute_queries.list_files(tx, state, after=after, limit=limit)


async def see_dispute(desk: Reversing, operator_id: UUID, dispute_id: UUID, *, now: datetime) -> DisputeSeen:
    """One dispute. Raises NoSuchDispute."""
    async with desk.db.transaction() as tx:
        dispute = await dispute_queries.find_file(tx, dispute_id)
        if dispute is None:
            raise NoSuchDispute
        await note_act(tx, operator_id, "dispute_seen", str(dispute_id), {"person": dispute.person_id}, now=now)
        top_up = await top_up_queries.find_top_up(tx, dispute.top_up_id) if dispute.top_up_id else None
        parts = await dispute_queries.list_unwindings(tx, dispute_id)
        held = await hold_queries.list_holds(tx, dispute_id)
        told = await operating_queries.list_told(tx, dispute.dispute_id, since=dispute.opened_at)
    legs = await _list_legs(desk, dispute_id, held)
    return DisputeSeen(dispute=dispute, top_up=top_up, parts=parts, holds=held, legs=legs, told=told)


async def _list_legs(desk: Reversing, about: UUID, held: Sequence[Hold]) -> list[Record]:
    """The legs in money, and the holds on coins, in the order of the ledger."""
    legs = await desk.ledger.list_transfers(Filter(ref_128=about), limit=_LEGS)
    for hold in held:
        of_lot = await desk.ledger.list_transfers(Filter(ref_128=hold.lot_id), limit=_LEGS)
        legs += [each for each in of_lot if hold.id in (each.transfer.id, each.transfer.hold_id)]
    return sorted(legs, key=lambda record: record.timestamp)
