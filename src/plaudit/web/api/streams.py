"""Streams of what happens in lives, as server-sent events: bytes, made from the same feeds that the gateway uses."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from typing import Literal

from plaudit.foundation.clock import Clock
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.providers import Line
from plaudit.rooms.feed import RoomFeed
from plaudit.rooms.tokens import Ticket
from plaudit.rooms.watch_errors import UNSENT_LIMIT_BYTES, TooManyConnections
from plaudit.rooms.watching import Watching
from plaudit.rooms.wire import frame

KEEP_ALIVE_SECONDS = 15.0

_RETRY_MS = 2_000
_STILL_HERE = b": still here\n\n"

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

    async def open_news(self, line: Line, subject: str, address: str) -> AsyncGenerator[bytes]:
        """A stream with one word, `new`, for whatever is published under the subject. Raises TooManyConnections."""
        if self._per_address and self._open[address] >= self._per_address:
            raise TooManyConnections
        return self._counted_news(line, subject, address)

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
            self._close(address)

    async def _counted_news(self, line: Line, subject: str, address: str) -> AsyncGenerator[bytes]:
        self._open[address] += 1
        try:
            async for piece in _news(line, subject, self._stopping):
                yield piece
        finally:
            self._close(address)

    def _close(self, address: str) -> None:
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
                yield waiting.give() if await _something(waiting.something, stop) else _STILL_HERE
        finally:
            stop.cancel()
    finally:
        leave()


async def _news(line: Line, subject: str, stopping: asyncio.Event) -> AsyncGenerator[bytes]:
    something = asyncio.Event()
    leave = await line.subscribe(subject, lambda _, __: something.set())
    stop = asyncio.create_task(stopping.wait())
    try:
        # What happened before one listened was missed, so the first word comes at once.
        yield b"retry: %d\ndata: new\n\n" % _RETRY_MS
        while not stopping.is_set():
            is_new = await _something(something, stop)
            # However much came meanwhile, it is one look.
            something.clear()
            yield b"data: new\n\n" if is_new else _STILL_HERE
    finally:
        stop.cancel()
        await leave()


async def _something(something: asyncio.Event, stop: "asyncio.Task[Literal[True]]") -> bool:
    """Whether something came before the next sign of life is due, or the end."""
    if not something.is_set():
        coming = asyncio.create_task(something.wait())
        await asyncio.wait({coming, stop}, timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        coming.cancel()
    return something.is_set()
