"""What happened in a live, by its numbers."""

from collections.abc import Collection
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.rooms.errors import LiveNotFound
from plaudit.rooms.model import Event

MOST_AT_ONCE = 500


class _Last(Struct, frozen=True):
    id: UUID
    last_seq: int


async def list_events(db: Database, live_id: UUID, *, after: int = 0, limit: int = MOST_AT_ONCE) -> list[Event]:
    """What happened after the number `after`, in order, without a gap. Raises LiveNotFound."""
    async with db.transaction() as tx:
        found = await _list_events(tx, live_id, after=after, limit=limit)
        if not found and not await _last_seqs(tx, [live_id]):
            raise LiveNotFound
    return found


async def last_seqs(db: Database, live_ids: Collection[UUID]) -> dict[UUID, int]:
    """The last number of each of the lives that there are."""
    async with db.transaction() as tx:
        return await _last_seqs(tx, live_ids)


async def _list_events(tx: Transaction, live_id: UUID, *, after: int, limit: int) -> list[Event]:
    return await tx.all(
        Event,
        """
        select live_id, seq, type, at, body from rooms.events
        where live_id = %(live_id)s and seq > %(after)s order by seq limit %(limit)s
        """,
        {"live_id": live_id, "after": after, "limit": limit},
    )


async def _last_seqs(tx: Transaction, live_ids: Collection[UUID]) -> dict[UUID, int]:
    rows = await tx.all(_Last, "select id, last_seq from rooms.lives where id = any(%(ids)s)", {"ids": list(live_ids)})
    return {row.id: row.last_seq for row in rows}
