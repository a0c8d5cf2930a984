"""The gateway: lets viewers in, brings each to where its live is, watches over them, and lets them go gently."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from picows import WSCloseCode, WSUpgradeRequest

from plaudit.foundation.clock import Clock, SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.errors import NotFound, PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.foundation.secret_key import find_secret_key
from plaudit.foundation.settings import Settings
from plaudit.gateway import metrics
from plaudit.gateway.answers import answer_plainly, refuse, welcome
from plaudit.gateway.door import Door, Entry, read_origins
from plaudit.gateway.errors import Restarting
from plaudit.gateway.listening import Answer, listen, open_socket
from plaudit.gateway.room import Room
from plaudit.gateway.viewer import DEAD_SECONDS, PIECE_BYTES, Viewer
from plaudit.providers import nats_line
from plaudit.rooms.feed import RoomFeed
from plaudit.rooms.watch_errors import TooManyConnections, TooSlow
from plaudit.rooms.watching import Watching, watching

_LOOK_SECONDS = 1.0
_DRAIN_SECONDS = 3.0
_DRAIN_STEP_SECONDS = 0.05
_GOODBYE_SECONDS = 3.0

log = get_logger(__name__)


class Gateway:
    """Everyone who watches over this program; made by `running_gateway`."""

    def __init__(self, watched: Watching, door: Door, clock: Clock, *, connections_per_address: int) -> None:
        self.port = 0
        self._watched = watched
        self._door = door
        self._clock = clock
        self._per_address = connections_per_address
        self._viewers: set[Viewer] = set()
        self._addresses: Counter[str] = Counter()
        self._rooms: dict[UUID, Room] = {}
        self._welcoming: set[asyncio.Task[None]] = set()
        self._is_draining = False

    @property
    def viewers(self) -> list[Viewer]:
        """Everyone who is connected."""
        return list(self._viewers)

    def receive(self, request: WSUpgradeRequest, address: str) -> Answer:
        """Decide on a request: a viewer, or an HTTP answer that says why not."""
        path = request.path.decode("latin-1")
        try:
            plain = answer_plainly(path)
            return plain or self._let_in(path, request, address)
        except PlauditError as problem:
            metrics.refused.labels(problem.code).inc()
            return refuse(problem)
        except Exception:
            log.exception("accident")
            metrics.refused.labels("accident").inc()
            return refuse(PlauditError("Something went wrong on our side."), status=500)

    def arrived(self, viewer: Viewer) -> None:
        """The connection is open."""
        self._viewers.add(viewer)
        self._addresses[viewer.address] += 1
        metrics.viewers.set(len(self._viewers))
        task = asyncio.create_task(self._bring_in(viewer))
        self._welcoming.add(task)
        task.add_done_callback(self._welcoming.discard)

    def left(self, viewer: Viewer) -> None:
        """The connection is gone."""
        self._viewers.discard(viewer)
        self._addresses[viewer.address] -= 1
        if self._addresses[viewer.address] <= 0:
            del self._addresses[viewer.address]
        metrics.viewers.set(len(self._viewers))
        self._let_out(viewer)

    def falls_behind(self, viewer: Viewer) -> None:
        """They don't read: let go of those who are in a room. Who is still being brought in is waited for."""
        # Not at once: this may be in the middle of writing to the room.
        asyncio.get_running_loop().call_soon(self._drop_slow, viewer)

    async def watch_over(self) -> None:
        """Ping, and let go of those who are silent; never returns."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            now, present = loop.time(), self._clock.now()
            for viewer in self.viewers:
                if now - viewer.heard_at > DEAD_SECONDS:
                    self._close(viewer, WSCloseCode.GOING_AWAY, "silent")
                elif viewer.entry.ticket.has_ended(present):
                    self._close(viewer, WSCloseCode.GOING_AWAY, "token_expired")
                elif now >= viewer.ping_at:
                    viewer.ping(now)

    async def drain(self) -> None:
        """Let everyone go, a few at a time, so that they don't all come back in the same moment."""
        self._is_draining = True
        for task in list(self._welcoming):
            task.cancel()
        viewers = self.viewers
        steps = max(1, int(_DRAIN_SECONDS / _DRAIN_STEP_SECONDS))
        at_once = max(10, -(-len(viewers) // steps))
        for start in range(0, len(viewers), at_once):
            for viewer in viewers[start : start + at_once]:
                self._close(viewer, WSCloseCode.SERVICE_RESTART, "restarting")
            await asyncio.sleep(_DRAIN_STEP_SECONDS)
        try:
            async with asyncio.timeout(_GOODBYE_SECONDS):
                while self._viewers:
                    await asyncio.sleep(_DRAIN_STEP_SECONDS)
        except TimeoutError:
            for viewer in self.viewers:
                viewer.cut_off()

    def _let_in(self, path: str, request: WSUpgradeRequest, address: str) -> Answer:
        if self._is_draining:
            raise Restarting
        entry = self._door.open(path, request.headers, self._clock.now())
        if self._per_address and self._addresses[address] >= self._per_address:
            raise TooManyConnections
        return welcome(Viewer(self, entry, address), entry)

    async def _bring_in(self, viewer: Viewer) -> None:
        try:
            await self._catch_up(viewer, viewer.entry)
        except TooSlow:
            self._close(viewer, WSCloseCode.TRY_AGAIN_LATER, TooSlow.code)
        except NotFound as problem:
            self._close(viewer, WSCloseCode.POLICY_VIOLATION, problem.code)
        except PlauditError as problem:
            self._close(viewer, WSCloseCode.TRY_AGAIN_LATER, problem.code)
        except Exception:
            log.exception("accident")
            self._close(viewer, WSCloseCode.INTERNAL_ERROR, "accident")

    async def _catch_up(self, viewer: Viewer, entry: Entry) -> None:
        """Whoever missed much gets it in pieces; the last step, into the room, is one without a pause."""
        feed = await self._watched.open_feed(entry.ticket.live_id, is_channel=entry.ticket.is_channel)
        after = entry.after
        while True:
            replay = await feed.catch_up(after)
            if viewer.is_gone or viewer.is_closing:
                return
            if sum(map(len, replay.objects)) <= PIECE_BYTES and not viewer.is_full:
                self._room_of(feed).let_in(viewer, replay.objects)
                return
            await viewer.send_in_pieces(replay.objects)
            await viewer.until_there_is_room()
            after = replay.seq

    def _room_of(self, feed: RoomFeed) -> Room:
        room = self._rooms.get(feed.live_id)
        if room is None:
            room = self._rooms[feed.live_id] = Room(feed, self._clock)
            metrics.rooms.set(len(self._rooms))
        return room

    def _let_out(self, viewer: Viewer) -> None:
        live_id = viewer.entry.ticket.live_id
        room = self._rooms.get(live_id)
        if room is None:
            return
        room.let_out(viewer)
        if room.is_empty:
            room.leave()
            del self._rooms[live_id]
            metrics.rooms.set(len(self._rooms))

    def _drop_slow(self, viewer: Viewer) -> None:
        room = self._rooms.get(viewer.entry.ticket.live_id)
        if room is not None and viewer in room and not viewer.is_closing:
            self._close(viewer, WSCloseCode.TRY_AGAIN_LATER, TooSlow.code)

    def _close(self, viewer: Viewer, code: WSCloseCode, reason: str) -> None:
        if not (viewer.is_gone or viewer.is_closing):
            metrics.closed.labels(reason).inc()
            self._let_out(viewer)
            viewer.close(code, reason)


@asynccontextmanager
async def running_gateway(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[Gateway]:
    """The gateway on its port until the block ends; then it lets everyone go, which takes a few seconds.

    `settings` must hold both URLs. Raises AddressTaken.
    """
    clock = clock or SystemClock()
    door = Door(secret=find_secret_key(settings).encode(), origins=read_origins(settings.allowed_origins))
    database = Database.open(
        settings.database_url or "",
        application_name="plaudit-gateway",
        pool_size=settings.database_pool_size,
        statement_timeout_ms=settings.statement_timeout_ms,
        lock_timeout_ms=settings.lock_timeout_ms,
    )
    with open_socket(settings.host, settings.gateway_port) as listening:
        async with (
            database as db,
            nats_line(settings.nats_url or "", name="plaudit-gateway") as line,
            watching(db, line) as watched,
        ):
            gateway = Gateway(watched, door, clock, connections_per_address=settings.gateway_connections_per_address)
            gateway.port = int(listening.getsockname()[1])
            server = await listen(listening, gateway.receive)
            watching_over = asyncio.create_task(gateway.watch_over())
            try:
                yield gateway
            finally:
                server.close()
                await gateway.drain()
                watching_over.cancel()
                await asyncio.gather(watching_over, return_exceptions=True)
