"""One live's viewers: what queued up becomes one frame, encoded once, and the same bytes go to all of them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from picows import WSMsgType

from plaudit.foundation.clock import Clock
from plaudit.gateway import metrics
from plaudit.gateway.viewer import Viewer
from plaudit.rooms.feed import RoomFeed
from plaudit.rooms.wire import frame

_TEXT = WSMsgType.TEXT
# Under load frames are this far apart, or as long as writing one takes, so that the loop has time for the rest.
_LEAST_PAUSE_SECONDS = 0.005
_PAUSE_SHARE = 0.5


class Room:
    """The viewers of one live on this gateway."""

    def __init__(self, feed: RoomFeed, clock: Clock) -> None:
        self._feed = feed
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._viewers: dict[Viewer, None] = {}
        self._pending: list[bytes] = []
        self._oldest_at: datetime | None = None
        self._flushing: asyncio.Handle | None = None
        self._not_before = 0.0
        self._uncounted = 0
        self.leave = feed.follow(self.take, count=lambda: len(self._viewers) - self._uncounted)

    def __contains__(self, viewer: Viewer) -> bool:
        return viewer in self._viewers

    @property
    def is_empty(self) -> bool:
        """Whether nobody watches."""
        return not self._viewers

    def take(self, objects: Sequence[bytes]) -> None:
        """Something happened: write it at once when it is quiet, else together with what comes within the pause."""
        self._pending.extend(objects)
        self._oldest_at = self._oldest_at or self._feed.latest_at
        if self._flushing is None:
            wait = self._not_before - self._loop.time()
            # `call_soon`: what came in with the same read from NATS is still on its way through the loop.
            self._flushing = self._loop.call_later(wait, self.flush) if wait > 0 else self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write what is pending to everyone."""
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        if not self._pending:
            return
        began = self._loop.time()
        whole = frame(self._pending)
        for viewer in self._viewers:
            viewer.write(_TEXT, whole)
        ended = self._loop.time()
        self._not_before = ended + max(_LEAST_PAUSE_SECONDS, (ended - began) * _PAUSE_SHARE)
        self._note()
        self._pending.clear()

    def let_in(self, viewer: Viewer, objects: Sequence[bytes]) -> None:
        """From here on they get what everybody gets; `objects` bring them to where everybody is."""
        self.flush()
        if objects:
            viewer.write(_TEXT, frame(objects))
        self._viewers[viewer] = None
        self._uncounted += not viewer.entry.ticket.is_counted

    def let_out(self, viewer: Viewer) -> None:
        """They get no more."""
        if viewer in self._viewers:
            del self._viewers[viewer]
            self._uncounted -= not viewer.entry.ticket.is_counted

    def _note(self) -> None:
        metrics.deliveries.inc(len(self._viewers))
        metrics.objects.inc(len(self._pending))
        if self._oldest_at is not None:
            metrics.lag_seconds.observe(max(0.0, (self._clock.now() - self._oldest_at).total_seconds()))
            self._oldest_at = None
