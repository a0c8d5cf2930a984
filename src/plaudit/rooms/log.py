"""A room's log: what happens in lives gets its number and its place in the database, and then goes to every screen.

Gifts wait here for a moment, while the batch before is stored, so that a storm shares one transaction. Nothing is lost
with this queue: a gift is in the ledger before it comes here, and the relay finds there what never got its number.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import Self
from uuid import UUID

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.providers import Line
from plaudit.rooms import sequencing, wire
from plaudit.rooms.model import Event, RoomGift

MAX_WAITING = 50_000
"""How many gifts may wait at once, some 60 MB; what comes beyond is left to the relay."""

_BATCH_LIMIT = 1_024
# NATS takes a megabyte at once, and an event is a kilobyte and a half at most.
_MESSAGE_LIMIT = 256
# A batch costs the same few round trips, whatever is in it: no screen notices this, and it halves the cost of a storm.
_GATHER_SECONDS = 0.004
_BETWEEN_BATCHES_SECONDS = 0.020
_RETRY_SECONDS = 0.05
_RETRY_SECONDS_AT_MOST = 1.0
_CLOSING_SECONDS = 5.0

log = get_logger(__name__)


class RoomLog:
    """Numbers what happens and publishes it; one for a process, open while its block runs."""

    def __init__(
        self, db: Database, line: Line, *, most_waiting: int = MAX_WAITING, closing_seconds: float = _CLOSING_SECONDS
    ) -> None:
        """At most `most_waiting` gifts wait here; closing takes `closing_seconds` at most."""
        self._most_waiting = most_waiting
        self._closing_seconds = closing_seconds
        self._db = db
        self._line = line
        self._queue: deque[RoomGift] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False
        self._dropped = 0
        self._next_at = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Store what waits. What can't be stored in time is left to the relay."""
        del kind, error, traceback
        assert self._task is not None, "it was entered"
        self._closing = True
        self._wake.set()
        await asyncio.wait({self._task}, timeout=self._closing_seconds)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        if self._queue:
            log.warning("gifts are left to the relay", gifts=len(self._queue))

    @property
    def waiting(self) -> int:
        """How many gifts have no number yet, without those that are being stored just now."""
        return len(self._queue)

    def take(self, gift: RoomGift) -> None:
        """The ledger has this gift: soon its room is told. Again changes nothing. It never waits, and never raises."""
        if len(self._queue) >= self._most_waiting:
            self._drop()
            return
        self._queue.append(gift)
        self._idle.clear()
        self._wake.set()

    async def record(self, live_id: UUID, *happenings: wire.Happening) -> list[Event]:
        """Something other than a gift happened: store it in a transaction of its own, and publish it.

        Raises LiveNotFound, and what `db.transaction` raises.
        """
        async with self._db.transaction() as tx:
            events = await self.append(tx, live_id, happenings)
        self.publish(events)
        return events

    async def append(self, tx: Transaction, live_id: UUID, happenings: Sequence[wire.Happening]) -> list[Event]:
        """The same in the caller's transaction: `publish` what it gives after the commit. Raises LiveNotFound.

        The live is locked until then, so lock nothing afterwards that somebody holds who waits for the live.
        """
        return await sequencing.append(tx, live_id, happenings)

    def publish(self, events: Iterable[Event]) -> None:
        """Send events that are stored to whoever watches: one message for each live, more only for very many."""
        by_live: dict[UUID, list[bytes]] = {}
        for event in events:
            by_live.setdefault(event.live_id, []).append(event.body)
        for live_id, bodies in by_live.items():
            for first in range(0, len(bodies), _MESSAGE_LIMIT):
                self._line.publish(wire.subject_of(live_id), wire.frame(bodies[first : first + _MESSAGE_LIMIT]))

    async def sequence(self, gifts: Sequence[RoomGift]) -> None:
        """Store and publish gifts now. Raises what `db.transaction` raises.

        A gift that the database refuses for a mistake of ours is logged and left out, and no other suffers for it.
        """
        try:
            self.publish(await sequencing.sequence_gifts(self._db, gifts))
        except PlauditError:
            raise
        except Exception:
            if len(gifts) == 1:
                log.exception("a gift can't get its number", gift=str(gifts[0].id))
                return
            for gift in gifts:
                await self.sequence((gift,))

    async def until_idle(self) -> None:
        """Wait until no gift waits."""
        await self._idle.wait()

    async def _write(self) -> None:
        patience = _RETRY_SECONDS
        while await self._has_work():
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), _BATCH_LIMIT))]
            try:
                await self.sequence(batch)
                patience = _RETRY_SECONDS
            except PlauditError as problem:
                self._queue.extendleft(reversed(batch))
                log.warning("gifts wait for their number", code=problem.code, gifts=len(self._queue), seconds=patience)
                await asyncio.sleep(patience)
                patience = min(patience * 2, _RETRY_SECONDS_AT_MOST)
            except BaseException:
                self._queue.extendleft(reversed(batch))
                raise

    async def _has_work(self) -> bool:
        """Wait for a gift. False: there is none, and we close."""
        while not self._queue:
            self._idle.set()
            if self._closing:
                return False
            self._wake.clear()
            await self._wake.wait()
        if not self._closing:
            await asyncio.sleep(max(_GATHER_SECONDS, self._next_at - monotonic()))
            self._next_at = monotonic() + _BETWEEN_BATCHES_SECONDS
        return True

    def _drop(self) -> None:
        self._dropped += 1
        if self._dropped % self._most_waiting == 1:
            log.warning("more gifts wait than can be held: the relay will find them", dropped=self._dropped)
