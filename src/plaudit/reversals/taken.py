"""What lost disputes took from creators, as they are told it."""

from datetime import datetime
from uuid import UUID

from plaudit.foundation.database import Database, Transaction
from plaudit.people.model import Place
from plaudit.reversals.model import Unwound, UnwoundGift


async def list_unwound(db: Database, creator_id: UUID, *, after: Place | None = None, limit: int = 30) -> list[Unwound]:
    """What was taken back from a creator, the newest first; `after` is where the page before ended (at, dispute)."""
    async with db.transaction() as tx:
        return await tx.all(
            Unwound,
            """
            select dispute_id, posted_at as at, currency, gifts, share_micros,
                pending_micros + available_micros + reserve_micros + owed_micros as borne_micros, absorbed_micros,
                pending_micros, available_micros, reserve_micros, owed_micros
            from reversals.unwindings
            where creator_id = %(creator_id)s and posted_at is not null
                and (%(since)s::timestamptz is null or (posted_at, dispute_id) < (%(since)s, %(id)s::uuid))
            order by posted_at desc, dispute_id desc limit %(limit)s
            """,
            {
                "creator_id": creator_id,
                "since": after.since if after else None,
                "id": after.id if after else None,
                "limit": limit,
            },
        )


async def list_unwound_gifts(
    tx: Transaction, creator_id: UUID, *, since: datetime, before: datetime
) -> list[UnwoundGift]:
    """The creator's gifts of which something was taken back from `since` on and before `before`."""
    return await tx.all(
        UnwoundGift,
        """
        select c.dispute_id, c.gift_id, c.timestamp, sum(c.value_micros)::bigint as value_micros,
            sum(c.share_micros)::bigint as share_micros
        from reversals.claims c
        join reversals.unwindings u on u.dispute_id = c.dispute_id and u.creator_id = c.creator_id
        where c.creator_id = %(creator_id)s and u.posted_at >= %(since)s and u.posted_at < %(before)s
        group by c.dispute_id, c.gift_id, c.timestamp order by c.timestamp, c.dispute_id
        """,
        {"creator_id": creator_id, "since": since, "before": before},
    )


async def list_claims_on(tx: Transaction, gift_id: UUID) -> list[UnwoundGift]:
    """What disputes took back of one gift; nothing of almost every gift."""
    return await tx.all(
        UnwoundGift,
        """
        select c.dispute_id, c.gift_id, c.timestamp, sum(c.value_micros)::bigint as value_micros,
            sum(c.share_micros)::bigint as share_micros
        from reversals.claims c
        join reversals.unwindings u on u.dispute_id = c.dispute_id and u.creator_id = c.creator_id
        where c.gift_id = %(gift_id)s and u.posted_at is not null
        group by c.dispute_id, c.gift_id, c.timestamp order by c.dispute_id
        """,
        {"gift_id": gift_id},
    )
