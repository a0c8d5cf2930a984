"""The end of combos: nobody tapped for five seconds, or the live is over."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from plaudit.foundation.database import Database, Transaction
from plaudit.rooms import counting, log_queries
from plaudit.rooms.log import RoomLog
from plaudit.rooms.model import Combo, Event
from plaudit.rooms.packing import register

_AT_ONCE = 500


class _Due(Struct, frozen=True):
    key: UUID
    live_id: UUID


async def close_due(db: Database, log: RoomLog, *, now: datetime) -> int:
    """End the combos whose time is over, and tell their rooms; how many there were.

    Several workers may do so at once: with the lives locked each looks again, so a combo ends once.
    """
    async with db.transaction() as tx:
        register(tx.connection)
        due = await _list_due(tx, now=now)
        events = await _end(tx, due, now=now, whatever_the_time=False) if due else []
    log.publish(events)
    return len(events)


async def end_all_of(tx: Transaction, live_id: UUID, *, now: datetime) -> list[Event]:
    """End what is open in one live, whatever the time; publish what it gives after the commit."""
    register(tx.connection)
    await log_queries.lock_lives(tx, [live_id])
    open_ones = [_Due(combo.key, live_id) for combo in await list_open(tx, live_id)]
    return await _end(tx, open_ones, now=now, whatever_the_time=True) if open_ones else []


async def list_open(tx: Transaction, live_id: UUID) -> list[Combo]:
    """The combos of a live that may still grow, the oldest tap first."""
    return await tx.all(
        Combo,
        """
        select key, live_id, generation, count, coins, last_at, ended_at, gift, sender
        from rooms.combos where live_id = %(live_id)s and ended_at is null order by last_at, key
        """,
        {"live_id": live_id},
    )


async def _list_due(tx: Transaction, *, now: datetime) -> list[_Due]:
    return await tx.all(
        _Due,
        """
        select key, live_id from rooms.combos
        where ended_at is null and last_at <= %(before)s order by last_at limit %(limit)s
        """,
        {"before": now - counting.COMBO_LASTS, "limit": _AT_ONCE},
    )


async def _end(tx: Transaction, due: Sequence[_Due], *, now: datetime, whatever_the_time: bool) -> list[Event]:
    last_seqs = await log_queries.lock_lives(tx, {combo.live_id for combo in due})
    found = await log_queries.find_combos(tx, [combo.key for combo in due])
    over = [combo for combo in found if combo.ended_at is None and (whatever_the_time or counting.is_over(combo, now))]
    events = counting.number_endings(over, last_seqs, now)
    if events:
        await log_queries.add_events(tx, events, [None] * len(events))
        await log_queries.store_combos(tx, [replace(combo, ended_at=now) for combo in over])
    return events
