"""What somebody bought lately, with what came of it since: for the list in their wallet."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from plaudit.coins.model import TopUp
from plaudit.reversals import dispute_queries, refund_queries, refunds
from plaudit.reversals.model import Dispute, Refund, Refundable, Reversing

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Purchase(Struct, frozen=True, kw_only=True):
    """A settled top-up, what could be given back of it now, and its last refund and dispute, where there are any."""

    top_up: TopUp
    refundable: Refundable | None
    refund: Refund | None
    dispute: Dispute | None


async def list_purchases(desk: Reversing, person_id: UUID, *, limit: int, now: datetime) -> Sequence[Purchase]:
    """The newest first."""
    possible = {each.top_up.id: each for each in await refunds.list_refundable(desk, person_id, limit=limit, now=now)}
    async with desk.db.transaction() as tx:
        bought = await refund_queries.list_bought(tx, person_id, since=_EVER, limit=limit)
        ids = [top_up.id for top_up in bought]
        refunded = {refund.top_up_id: refund for refund in await refund_queries.list_refunds_of(tx, ids)}
        disputed = {dispute.top_up_id: dispute for dispute in await dispute_queries.list_of_top_ups(tx, ids)}
    return [
        Purchase(
            top_up=top_up,
            refundable=possible.get(top_up.id),
            refund=refunded.get(top_up.id),
            dispute=disputed.get(top_up.id),
        )
        for top_up in bought
    ]
