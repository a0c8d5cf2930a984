import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache

import httpx
import pytest
from litestar import Litestar
from litestar.types import ControllerRouterHandler

from plaudit.foundation.clock import Clock, SystemClock
from plaudit.foundation.embedded import EmbeddedNats
from plaudit.foundation.settings import Settings
from plaudit.web.app import make_app
from plaudit.web.requests import around_requests

Client = AbstractAsyncContextManager[httpx.AsyncClient]
ClientOf = Callable[..., Client]


@pytest.fixture(scope="session")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    with asyncio.Runner() as runner:
        server = EmbeddedNats(tmp_path_factory.mktemp("nats"))
        runner.run(server.start())
        try:
            yield server
        finally:
            runner.run(server.stop())


@pytest.fixture
def settings(database_url: str, nats: EmbeddedNats) -> Settings:
    secret_key = "a secret of the tests, long enough"
    return Settings(database_url=database_url, nats_url=nats.url, port=0, secret_key=secret_key)


def app_of(settings: Settings, clock: Clock, routes: Sequence[ControllerRouterHandler] = ()) -> Litestar:
    """The app; without further routes always the same one, since putting its hundreds of routes together takes longer
    than most tests. Whatever it works with it opens anew for each.
    """
    if routes or settings.demo_pace_file is not None:
        return make_app(settings, routes=routes, clock=clock)
    app = _the_app()
    app.state.settings, app.state.clock = settings, clock
    return app


@cache
def _the_app() -> Litestar:
    return make_app(Settings(database_url="postgresql://nowhere/", nats_url="nats://nowhere"))


@asynccontextmanager
async def app_client(
    settings: Settings, routes: Sequence[ControllerRouterHandler] = ()
) -> AsyncGenerator[httpx.AsyncClient]:
    app = app_of(settings, SystemClock(), routes)
    async with app.lifespan():
        transport = httpx.ASGITransport(around_requests(app), raise_app_exceptions=False)  # pyright: ignore[reportArgumentType] - two spellings of ASGI's types
        async with httpx.AsyncClient(transport=transport, base_url="http://plaudit.test") as client:
            yield client


@pytest.fixture
def client_of() -> ClientOf:
    """The app in this process, with whatever settings and further routes a test needs."""
    return app_client
