import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from litestar.types import ControllerRouterHandler

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.settings import Settings
from plaudit.web.proxies import behind_proxies, read_networks
from plaudit.web.requests import around_requests
from tests.web.conftest import app_of

PASSWORD = "correct horse battery"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Someone:
    """A person with a session, who speaks HTTP."""

    def __init__(self, client: httpx.AsyncClient, answer: dict[str, Any]) -> None:
        self._client = client
        self.token = str(answer["token"])
        self.handle = str(answer["person"]["handle"])
        self.email = f"{self.handle}@example.org"

    async def ask(self, line: str, body: object = None, **more: str) -> httpx.Response:
        """`ask("GET /v1/me")`, with a JSON body when there is one."""
        return await ask(self._client, line, body, token=self.token, **more)


async def ask(
    client: httpx.AsyncClient, line: str, body: object = None, token: str | None = None, **more: str
) -> httpx.Response:
    method, path = line.split(" ", 1)
    headers = {**more, **({"Authorization": f"Bearer {token}"} if token else {})}
    content = {} if body is None else {"json": body}
    return await client.request(method, path, headers=headers, **content)  # pyright: ignore[reportArgumentType] - httpx takes any JSON


def a_wish(handle: str, /, **different: object) -> dict[str, object]:
    """What signs somebody up."""
    plain = {"birth_on": "1990-05-17", "region": "US", "password": PASSWORD}
    return {"handle": handle, "email": f"{handle}@example.org", **plain, **different}


Arrive = Callable[[str], Awaitable[Someone]]


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


@asynccontextmanager
async def open_client(
    settings: Settings, clock: MovableClock, routes: Sequence[ControllerRouterHandler] = ()
) -> AsyncGenerator[httpx.AsyncClient]:
    app = app_of(settings, clock, routes)
    async with app.lifespan():
        reached = around_requests(behind_proxies(app, read_networks(settings.trusted_proxies)))
        transport = httpx.ASGITransport(reached, raise_app_exceptions=False)  # pyright: ignore[reportArgumentType] - two spellings of ASGI's types
        async with httpx.AsyncClient(transport=transport, base_url="http://plaudit.test") as client:
            yield client


@pytest.fixture
async def client(settings: Settings, clock: MovableClock) -> AsyncGenerator[httpx.AsyncClient]:
    """The whole app in this process, on a clock that the test moves."""
    async with in_one_task(open_client(settings, clock)) as client:
        yield client


@asynccontextmanager
async def in_one_task(opening: AbstractAsyncContextManager[httpx.AsyncClient]) -> AsyncGenerator[httpx.AsyncClient]:
    """A fixture begins and ends in two tasks, but the app's life must end in the one where it began."""
    opened, done = asyncio.get_running_loop().create_future(), asyncio.Event()

    async def keep() -> None:
        async with opening as client:
            opened.set_result(client)
            await done.wait()

    keeping = asyncio.create_task(keep())
    await asyncio.wait({keeping, opened}, return_when=asyncio.FIRST_COMPLETED)
    if not opened.done():
        await keeping
    try:
        yield opened.result()
    finally:
        done.set()
        await keeping


@pytest.fixture
def arrive(client: httpx.AsyncClient) -> Arrive:
    """Sign somebody up by their handle."""

    async def sign_up(handle: str) -> Someone:
        answer = await ask(client, "POST /v1/sign-up", a_wish(handle))
        assert answer.status_code == 201, answer.text
        return Someone(client, answer.json())

    return sign_up
