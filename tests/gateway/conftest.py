"""The gateway with real NATS and PostgreSQL, a live to watch, and viewers that are another library's WebSockets."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from plaudit.foundation.clock import SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.embedded import EmbeddedNats
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.gateway import Gateway, running_gateway
from plaudit.providers import Line, nats_line
from plaudit.rooms import RoomLog, wire
from plaudit.rooms.tokens import make_token
from tests.waiting import until

SECRET = "a secret of the tests, long enough"


class Stage:
    """A live, and what makes things happen in it."""

    def __init__(self, db: Database, line: Line, log: RoomLog, live_id: UUID) -> None:
        self.db = db
        self.line = line
        self.log = log
        self.live_id = live_id

    async def happen(self, count: int = 1) -> None:
        """So many things, in one message."""
        things = (wire.ChatRemoved(at=SystemClock().now(), id=new_id()) for _ in range(count))
        await self.log.record(self.live_id, *things)

    async def bodies(self) -> list[bytes]:
        """Everything that happened, as it goes over the wire."""
        async with self.db.transaction() as tx:
            rows = await tx.connection.execute(
                "select body from rooms.events where live_id = %(id)s order by seq", {"id": self.live_id}
            )
            return [bytes(body) for (body,) in await rows.fetchall()]

    def say(self, text: str) -> None:
        chat = {"type": "chat", "id": str(new_id()), "text": text}
        self.line.publish(wire.subject_of(self.live_id), msgspec.json.encode([chat]))

    def token(self, live_id: UUID | None = None, at: datetime | None = None) -> str:
        return make_token(SECRET.encode(), live_id or self.live_id, None, at or SystemClock().now())[0]

    def path(self, after: int | None = None, token: str | None = None) -> str:
        more = "" if after is None else f"&after={after}"
        return f"/rooms/{self.live_id}?token={token or self.token()}{more}"


class Screen:
    """What one viewer sees, over any number of connections."""

    def __init__(self) -> None:
        self.objects: list[dict[str, Any]] = []
        self.frames = 0

    @property
    def numbers(self) -> list[int]:
        """The numbers of the events, states left out."""
        return [each["seq"] for each in self.objects if "seq" in each and each["type"] not in ("state", "reset")]

    @property
    def last(self) -> int | None:
        return max((each["seq"] for each in self.objects if "seq" in each), default=None)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.objects if each["type"] == kind]

    async def read(self, connection: ClientConnection) -> None:
        """Take what comes until the connection ends."""
        try:
            async for whole in connection:
                self.frames += 1
                self.objects += msgspec.json.decode(whole)
        except ConnectionClosed:
            pass

    async def until_it_has(self, seq: int) -> None:
        await until(lambda: self.last is not None and self.last >= seq)


class Viewer:
    """A connection with a screen that is read all the time; there when the first frame has come."""

    def __init__(self, connection: ClientConnection, screen: Screen) -> None:
        self.connection = connection
        self.screen = screen
        self.reading = asyncio.create_task(screen.read(connection))

    async def until_closed(self) -> tuple[int | None, str]:
        await asyncio.wait_for(self.connection.wait_closed(), 30)
        await self.reading
        return self.connection.close_code, self.connection.close_reason or ""


@asynccontextmanager
async def watching(url: str, screen: Screen | None = None, **more: Any) -> AsyncGenerator[Viewer]:
    async with connect(url, compression=None, **more) as connection:
        viewer = Viewer(connection, screen or Screen())
        before = viewer.screen.frames
        await until(lambda: viewer.screen.frames > before or viewer.reading.done())
        yield viewer
    await viewer.reading


@pytest.fixture(scope="session")
def shared_nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    with asyncio.Runner() as runner:
        server = EmbeddedNats(tmp_path_factory.mktemp("nats"))
        runner.run(server.start())
        try:
            yield server
        finally:
            runner.run(server.stop())


@pytest.fixture
def settings(database_url: str, shared_nats: EmbeddedNats) -> Settings:
    return Settings(database_url=database_url, nats_url=shared_nats.url, gateway_port=0, secret_key=SECRET)


@pytest.fixture
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    async with open_stage(settings) as stage:
        yield stage


@asynccontextmanager
async def open_stage(settings: Settings) -> AsyncGenerator[Stage]:
    creator, live = new_id(), new_id()
    async with (
        Database.open(settings.database_url or "", pool_size=4) as db,
        nats_line(settings.nats_url or "", name="test") as line,
        RoomLog(db, line) as log,
    ):
        async with db.transaction() as tx:
            await tx.execute(
                """
                insert into people.people
                    (id, email, handle, display_name, region, currency, birth_on, joined_at)
                values (%(id)s, 'ada@example.org', 'ada', 'Ada', 'US', 'USD', '1990-05-17', now())
                """,
                {"id": creator},
            )
            await tx.execute(
                "insert into rooms.lives (id, creator_id, title, started_at) values (%(id)s, %(of)s, 'Art', now())",
                {"id": live, "of": creator},
            )
        yield Stage(db, line, log, live)


Run = Callable[..., AbstractAsyncContextManager[Gateway]]


@pytest.fixture
async def gateway(settings: Settings) -> AsyncIterator[Gateway]:
    async with running_gateway(settings, SystemClock()) as gateway:
        yield gateway


@pytest.fixture
def url(gateway: Gateway) -> str:
    return f"ws://127.0.0.1:{gateway.port}"
