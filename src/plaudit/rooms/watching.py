"""All the lives that this program's viewers watch: their feeds, in step with the database, and who watches what."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from plaudit.foundation.database import Database
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.providers import Line
from plaudit.rooms.channel import ChannelFeed
from plaudit.rooms.events import last_seqs
from plaudit.rooms.feed import GAP_SECONDS, RoomFeed
from plaudit.rooms.presence import Presence
from plaudit.rooms.wire import PRESENCE, subject_of

_SECONDS = 1.0
_KEEP_SECONDS = 30.0

log = get_logger(__name__)


class Watching:
    """The feeds of one program; made by `watching`."""

    def __init__(self, db: Database, line: Line) -> None:
        self._db = db
        self._line = line
        self._feeds: dict[UUID, RoomFeed] = {}
        self._opening: dict[UUID, asyncio.Lock] = {}
        self._look = asyncio.Event()
        self.presence = Presence(line, self._count)
        line.on_reconnect(self._look.set)

    @property
    def feeds(self) -> list[RoomFeed]:
        """Those that are open now."""
        return list(self._feeds.values())

    async def open_feed(self, live_id: UUID, *, is_channel: bool = False) -> RoomFeed:
        """The live's feed, or that of an overlay's channel, loaded. Use it at once; it stays while somebody follows it
        and half a minute longer.

        Raises LiveNotFound and what `db.transaction` raises.
        """
        if feed := self._feeds.get(live_id):
            return feed
        async with self._opening.setdefault(live_id, asyncio.Lock()):
            feed = self._feeds.get(live_id) or await self._load(live_id, ChannelFeed if is_channel else RoomFeed)
            self._feeds[live_id] = feed
        self._opening.pop(live_id, None)
        return feed

    async def compare(self) -> None:
        """Heal every feed that the database is ahead of: a quiet room doesn't notice by itself what it missed.

        Raises what `db.transaction` raises.
        """
        if not self._feeds:
            return
        stored = await last_seqs(self._db, list(self._feeds))
        if not any(self._is_behind(live_id, seq) for live_id, seq in stored.items()):
            return
        # What was stored a moment ago is probably on its way.
        await asyncio.sleep(GAP_SECONDS)
        for live_id, seq in stored.items():
            if self._is_behind(live_id, seq):
                await self._feeds[live_id].heal()

    async def keep_comparing(self) -> None:
        """Compare once a second, and at once after each break of the line; never returns."""
        while True:
            self._look.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), _SECONDS)
            try:
                await self.compare()
            except PlauditError as problem:
                log.warning("rooms can't be compared with the database", code=problem.code)
            except Exception:
                # The outermost door of the rounds: the next one goes on.
                log.exception("accident")

    async def keep_telling(self) -> None:
        """Tell how many watch, and drop what nobody watches, once a second; never returns."""
        while True:
            await asyncio.sleep(_SECONDS)
            try:
                self.presence.tell()
                for feed in self.feeds:
                    feed.tell_viewers()
                await self._drop_idle()
            except Exception:
                # The same.
                log.exception("accident")

    async def close(self) -> None:
        """Tell that nobody watches here any more, and close every feed."""
        self.presence.take_leave()
        for feed in self.feeds:
            await feed.close()
        self._feeds.clear()

    def _count(self) -> dict[UUID, int]:
        counts = {live_id: feed.viewers for live_id, feed in self._feeds.items()}
        return {live_id: count for live_id, count in counts.items() if count}

    async def _load(self, live_id: UUID, kind: type[RoomFeed]) -> RoomFeed:
        feed = kind(self._db, live_id, self.presence.viewers_of)
        feed.unsubscribe = await self._line.subscribe(subject_of(live_id), feed.receive)
        try:
            await feed.load()
        except BaseException:
            await feed.close()
            raise
        return feed

    def _is_behind(self, live_id: UUID, seq: int) -> bool:
        return live_id in self._feeds and self._feeds[live_id].seq < seq

    async def _drop_idle(self) -> None:
        oldest = time.monotonic() - _KEEP_SECONDS
        for feed in self.feeds:
            if feed.is_idle and feed.idle_since < oldest:
                del self._feeds[feed.live_id]
                await feed.close()


@asynccontextmanager
async def watching(db: Database, line: Line) -> AsyncGenerator[Watching]:
    """The feeds of this program, for as long as the block runs."""
    rooms = Watching(db, line)
    unsubscribe = await line.subscribe(PRESENCE, rooms.presence.hear)
    tasks = [asyncio.create_task(rooms.keep_comparing()), asyncio.create_task(rooms.keep_telling())]
    try:
        yield rooms
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await unsubscribe()
        await rooms.close()
