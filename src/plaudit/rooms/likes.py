"""Likes: summed in memory and stored for all lives at once, so that a room full of thumbs costs one statement.

They are best effort: what was counted in the last half second before a crash is gone.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import Invalid, OutcomeUnknown, PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.providers import Line
from plaudit.rooms import wire
from plaudit.rooms.errors import LiveHasEnded, LiveNotFound
from plaudit.rooms.known import Known
from plaudit.rooms.pace import Pace
from plaudit.rooms.talk_errors import LikesTooFast
from plaudit.rooms.talk_model import LikesTold

MOST_AT_ONCE = 50
# Ten calls in five seconds are as quick as a thumb; each may hold what was tapped since the one before.
CALLS, CALL_SECONDS = 10, 5

_FLUSH_SECONDS = 0.5

log = get_logger(__name__)


class Likes:
    """Counts likes and tells the rooms; one for a process, open while its block runs."""

    def __init__(self, db: Database, line: Line, known: Known) -> None:
        self._db = db
        self._line = line
        self._known = known
        self._pace = Pace(CALLS, CALL_SECONDS, LikesTooFast)
        self._waiting: Counter[UUID] = Counter()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_flushing())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Store what waits."""
        del kind, error, traceback
        assert self._task is not None, "it was entered"
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._flush_or_wait()

    async def like(self, live_id: UUID, person_id: UUID, count: int, *, now: datetime) -> None:
        """Count 1 to 50 likes; within a second the room sees them. Raises Invalid, LikesTooFast, LiveNotFound or
        LiveHasEnded, in this order.
        """
        if not 1 <= count <= MOST_AT_ONCE:
            raise Invalid(f"One call holds 1 to {MOST_AT_ONCE} likes.", field="count")
        self._pace.take(person_id, live_id, now)
        live = await self._known.find_live(live_id)
        if live is None:
            raise LiveNotFound
        if not live.is_on:
            raise LiveHasEnded
        self._waiting[live_id] += count

    async def flush(self) -> None:
        """Store what waits now, and tell the rooms. Raises what `db.transaction` raises; then it waits on."""
        waiting, self._waiting = self._waiting, Counter()
        if not waiting:
            return
        try:
            async with self._db.transaction() as tx:
                totals = await _add_likes(tx, waiting)
        except OutcomeUnknown:
            # Rather a few likes too few than any twice.
            raise
        except BaseException:
            self._waiting.update(waiting)
            raise
        for total in totals:
            self._line.publish(wire.subject_of(total.id), wire.encode([LikesTold(total=total.likes)]))

    async def _keep_flushing(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            await self._flush_or_wait()

    async def _flush_or_wait(self) -> None:
        try:
            await self.flush()
        except PlauditError as problem:
            log.warning("likes wait", code=problem.code, lives=len(self._waiting))
        except Exception:
            # The outermost door of this task, which must outlive an accident.
            log.exception("accident")


class _Total(Struct, frozen=True):
    id: UUID
    likes: int


async def _add_likes(tx: Transaction, more: Mapping[UUID, int]) -> list[_Total]:
    """How many each live has now; those that ended are left out. Locked in the order of ids, as the log does."""
    return await tx.all(
        _Total,
        """
        with locked as (
            select id from rooms.lives where id = any(%(ids)s) and ended_at is null order by id for no key update
        )
        update rooms.lives as live set likes = live.likes + more.count
        from locked join unnest(%(ids)s::uuid[], %(counts)s::bigint[]) as more (id, count) on more.id = locked.id
        where live.id = locked.id
        returning live.id, live.likes
        """,
        {"ids": list(more), "counts": list(more.values())},
    )
