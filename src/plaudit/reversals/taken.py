"""What lost disputes took from creators, as they are told it."""

from uuid import UUID

from plaudit.foundation.database import Database
from plaudit.people.model import Place
from plaudit.reversals.model import Unwound


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
