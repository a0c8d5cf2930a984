"""Giving what happens its number: 1, 2, 3 … in each live, without a gap, and each gift once."""

from collections.abc import Sequence
from uuid import UUID

from plaudit.foundation.database import Database, Transaction
from plaudit.rooms import counting, log_queries, wire
from plaudit.rooms.errors import LiveNotFound
from plaudit.rooms.model import Event, RoomGift
from plaudit.rooms.packing import register


async def sequence_gifts(db: Database, gifts: Sequence[RoomGift]) -> list[Event]:
    """What became of gifts, of any lives, in one transaction. Those that happened before are left out."""
    async with db.transaction() as tx:
        register(tx.connection)
        last_seqs = await log_queries.lock_lives(tx, {gift.live_id for gift in gifts})
        known = await log_queries.find_gifts(tx, [gift.id for gift in gifts])
        # Of a gift that stands here twice, the first counts.
        fresh = {gift.id: gift for gift in reversed(gifts) if gift.id not in known and gift.live_id in last_seqs}
        keys = {counting.key_of(gift) for gift in fresh.values() if gift.combo_id is not None}
        counted = counting.Counting(last_seqs, await log_queries.find_combos(tx, keys))
        for gift in reversed(fresh.values()):
            counted.add(gift)
        if counted.events:
            await log_queries.store(tx, counted)
    return counted.events


async def append(tx: Transaction, live_id: UUID, happenings: Sequence[wire.Happening]) -> list[Event]:
    """The next events of a live, which is locked until `tx` ends; publish them after its commit.

    Raises LiveNotFound.
    """
    register(tx.connection)
    last_seqs = await log_queries.lock_lives(tx, [live_id])
    if live_id not in last_seqs:
        raise LiveNotFound
    first = last_seqs[live_id] + 1
    events = [wire.number(live_id, first + place, happening) for place, happening in enumerate(happenings)]
    if events:
        await log_queries.add_events(tx, events, [None] * len(events))
    return events
