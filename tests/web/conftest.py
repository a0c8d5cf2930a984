import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
from litestar.types import ControllerRouterHandler

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
    return Settings(database_url=database_url, nats_url=nats.url, port=0)


@asynccontextmanager
async def app_client(
    settings: Settings, routes: Sequence[ControllerRouterHandler] = ()
) -> AsyncGenerator[httpx.AsyncClient]:
    app = make_app(settings, routes=routes)
    async with app.lifespan():
        transport = httpx.ASGITransport(around_requests(app), raise_app_exceptions=False)  # pyright: ignore[reportArgumentType] - two spellings of ASGI's types
        async with httpx.AsyncClient(transport=transport, base_url="http://plaudit.test") as client:
            yield client


@pytest.fixture
def client_of() -> ClientOf:
    """The app in this process, with whatever settings and further routes a test needs."""
    return app_client
