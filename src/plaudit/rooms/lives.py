"""Going live: a creator starts, changes and ends a live; everyone sees which are on."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from plaudit.foundation.database import Database, Transaction
from plaudit.people import Visitor, operators
from plaudit.rooms import combos, live_queries, rules, sequencing, wire
from plaudit.rooms.errors import LiveHasEnded, NotYourLive
from plaudit.rooms.model import Event, Live, LiveChange, LiveFile, LivePlace, LiveWish
from plaudit.rooms.rooms import Rooms

ENDED_BY_CREATOR = "The creator ended this live."


class _Started(msgspec.Struct):
    live: wire.LiveShown


async def start_live(rooms: Rooms, wish: LiveWish, creator: Visitor, *, now: datetime) -> Live:
    """Go live; the same wish again answers the same live, however it was changed since. Whoever calls has made sure
    that this is a creator.

    Raises Invalid naming the field, IdReused, or LiveIsOn while another one is.
    """
    wish = rules.take_wish(wish)
    async with rooms.db.transaction() as tx:
        if not await live_queries.add_live(tx, _make_live(wish, creator, now)):
            return await _get_same(tx, wish, creator.person_id)
        live = await live_queries.get_live(tx, wish.id)
        events = await rooms.log.append(tx, live.id, [wire.LiveStarted(at=now, live=wire.show_live(live))])
    rooms.log.publish(events)
    rooms.forget_live(live.id)
    return replace(live, last_seq=events[-1].seq)


async def change_live(rooms: Rooms, live_id: UUID, change: LiveChange, *, by: UUID, now: datetime) -> Live:
    """The live after its creator's change. Raises LiveNotFound, NotYourLive, LiveHasEnded or Invalid."""
    async with rooms.db.transaction() as tx:
        live = await live_queries.lock_live(tx, live_id)
        if live.creator_id != by:
            raise NotYourLive
        if live.ended_at is not None:
            raise LiveHasEnded
        changed = rules.change_live(live, change)
        if changed == live:
            return live
        await live_queries.store_live(tx, changed)
        events = await rooms.log.append(tx, live_id, [wire.LiveChanged(at=now, live=wire.show_live(changed))])
    rooms.log.publish(events)
    return replace(changed, last_seq=events[-1].seq)


async def end_live(rooms: Rooms, live_id: UUID, *, by: UUID, now: datetime) -> Live:
    """The live after its creator has ended it; one that is over stays as it is. Raises LiveNotFound or NotYourLive."""
    async with rooms.db.transaction() as tx:
        live = await live_queries.lock_live(tx, live_id)
        if live.creator_id != by:
            raise NotYourLive
        ended, events = await _end(tx, live, ENDED_BY_CREATOR, now=now)
    return _tell_end(rooms, ended, events)


async def end_live_of_anyone(rooms: Rooms, live_id: UUID, reason: str, *, by: UUID, now: datetime) -> Live:
    """The same for an operator, with a reason that everyone sees. Raises Invalid or LiveNotFound."""
    reason = rules.take_reason(reason)
    async with rooms.db.transaction() as tx:
        live = await live_queries.lock_live(tx, live_id)
        ended, events = await _end(tx, live, reason, now=now)
        if events:
            await operators.note_act(tx, by, "live_ended", str(live_id), {"reason": reason}, now=now)
    return _tell_end(rooms, ended, events)


async def get_live(db: Database, live_id: UUID) -> Live:
    """The live, over or not. Raises LiveNotFound."""
    async with db.transaction() as tx:
        return await live_queries.get_live(tx, live_id)


async def list_on(db: Database, *, after: LivePlace | None, limit: int) -> Sequence[Live]:
    """The lives that are on, the newest first."""
    async with db.transaction() as tx:
        return await live_queries.list_on(tx, after=after, limit=limit)


async def list_past(db: Database, *, after: LivePlace | None, limit: int) -> Sequence[LiveFile]:
    """The lives that are over, with what was given in them; the one that began last comes first."""
    async with db.transaction() as tx:
        return await live_queries.list_files(tx, is_on=False, after=after, limit=limit)


async def list_files_on(db: Database, *, after: LivePlace | None, limit: int) -> Sequence[LiveFile]:
    """The lives that are on, with what was given in them so far, the newest first."""
    async with db.transaction() as tx:
        return await live_queries.list_files(tx, is_on=True, after=after, limit=limit)


async def count_on(db: Database) -> int:
    """How many lives are on."""
    async with db.transaction() as tx:
        return await tx.value(int, "select count(*) from rooms.lives where ended_at is null")


async def find_on(db: Database, creator_id: UUID) -> Live | None:
    """The live that a creator has on now, if any."""
    async with db.transaction() as tx:
        return await live_queries.find_on(tx, creator_id)


async def list_ended(db: Database, creator_id: UUID, *, after: LivePlace | None, limit: int) -> Sequence[Live]:
    """A creator's lives that are over, the newest first."""
    async with db.transaction() as tx:
        return await live_queries.list_ended(tx, creator_id, after=after, limit=limit)


async def list_titles(db: Database, live_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What these lives are called."""
    async with db.transaction() as tx:
        return await live_queries.list_titles(tx, list(live_ids))


async def _end(tx: Transaction, live: Live, reason: str, *, now: datetime) -> tuple[Live, Sequence[Event]]:
    if live.ended_at is not None:
        return live, ()
    ended = replace(live, ended_at=now, end_reason=reason)
    await live_queries.store_live(tx, ended)
    events = await combos.end_all_of(tx, live.id, now=now)
    events += await sequencing.append(tx, live.id, [wire.LiveEnded(at=now, reason=reason)])
    return replace(ended, last_seq=events[-1].seq), events


def _tell_end(rooms: Rooms, live: Live, events: Sequence[Event]) -> Live:
    rooms.forget_live(live.id)
    rooms.log.publish(events)
    return live


async def _get_same(tx: Transaction, wish: LiveWish, creator_id: UUID) -> Live:
    live = await live_queries.get_live(tx, wish.id)
    body = await tx.value(bytes, "select body from rooms.events where live_id = %(id)s and seq = 1", {"id": wish.id})
    rules.require_same(live.creator_id, msgspec.json.decode(body, type=_Started).live, wish, creator_id)
    return live


def _make_live(wish: LiveWish, creator: Visitor, now: datetime) -> Live:
    return Live(
        id=wish.id,
        creator_id=creator.person_id,
        creator_handle=creator.handle,
        creator_name=creator.name,
        creator_picture_url=creator.picture_url,
        title=wish.title,
        cover_url=wish.cover_url,
        playback_kind=wish.playback.kind if wish.playback else None,
        playback_url=wish.playback.url if wish.playback else None,
        started_at=now,
        ended_at=None,
        end_reason=None,
        last_seq=0,
        likes=0,
    )
