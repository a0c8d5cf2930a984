"""Streams of what happens in lives, as server-sent events: bytes, made from the same feeds that the gateway uses."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from typing import Literal

from plaudit.foundation.clock import Clock
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.rooms.feed import RoomFeed
from plaudit.rooms.tokens import Ticket
from plaudit.rooms.watch_errors import UNSENT_LIMIT_BYTES, TooManyConnections
from plaudit.rooms.watching import Watching
from plaudit.rooms.wire import frame

KEEP_ALIVE_SECONDS = 15.0

_RETRY_MS = 2_000

log = get_logger(__name__)


class Streams:
    """All streams of this program; `per_address` is how many one address may have, 0 any number."""

    def __init__(self, watched: Watching, clock: Clock, *, per_address: int) -> None:
        self._watched = watched
        self._clock = clock
        self._per_address = per_address
        self._open: Counter[str] = Counter()
        self._stopping = asyncio.Event()

    async def open(self, ticket: Ticket, after: int | None, address: str) -> AsyncGenerator[bytes]:
        """The bytes of a stream. Raises TooManyConnections, LiveNotFound, and what `db.transaction` raises."""
        if self._per_address and self._open[address] >= self._per_address:
            raise TooManyConnections
        feed = await self._watched.open_feed(ticket.live_id, is_channel=ticket.is_channel)
        return self._counted(feed, ticket, after, address)

    def stop(self) -> None:
        """End them all: whoever streams comes back to another program."""
        self._stopping.set()

    async def _counted(self, feed: RoomFeed, ticket: Ticket, after: int | None, address: str) -> AsyncGenerator[bytes]:
        self._open[address] += 1
        try:
            async for piece in _stream(feed, after, self._stopping, viewers=int(ticket.is_counted)):
                yield piece
                if ticket.has_ended(self._clock.now()):
                    break
        except PlauditError as problem:
            log.warning("a stream ends", live=str(feed.live_id), code=problem.code)
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]


class _Waiting:
    """What one stream has to send."""

    def __init__(self, feed: RoomFeed) -> None:
        self._feed = feed
        self._objects: list[bytes] = []
        self._size = 0
        self.seq = 0
        self.something = asyncio.Event()

    @property
    def is_too_much(self) -> bool:
        return self._size > UNSENT_LIMIT_BYTES

    def take(self, objects: Sequence[bytes]) -> None:
        self._objects.extend(objects)
        self._size += sum(map(len, objects))
        self.seq = self._feed.seq
        self.something.set()

    def give(self) -> bytes:
        whole = b"id: %d\ndata: %b\n\n" % (self.seq, frame(self._objects))
        self._objects, self._size = [], 0
        self.something.clear()
        return whole


async def _stream(feed: RoomFeed, after: int | None, stopping: asyncio.Event, *, viewers: int) -> AsyncGenerator[bytes]:
    waiting = _Waiting(feed)
    replay = await feed.catch_up(after)
    leave = feed.follow(waiting.take, count=lambda: viewers)
    try:
        yield b"retry: %d\n\n" % _RETRY_MS
        if replay.objects:
            yield b"id: %d\ndata: %b\n\n" % (replay.seq, frame(replay.objects))
        stop = asyncio.create_task(stopping.wait())
        try:
            # Who reads too slowly is let go, and comes back for what they missed.
            while not (waiting.is_too_much or stopping.is_set()):
                yield waiting.give() if await _something(waiting, stop) else b": still here\n\n"
        finally:
            stop.cancel()
    finally:
        leave()


async def _something(waiting: _Waiting, stop: "asyncio.Task[Literal[True]]") -> bool:
    """Whether something came before the next sign of life is due, or the end."""
    if not waiting.something.is_set():
        coming = asyncio.create_task(waiting.something.wait())
        await asyncio.wait({coming, stop}, timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        coming.cancel()
    return waiting.something.is_set()
