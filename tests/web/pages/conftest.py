"""Browsers: each with cookies of its own, all of them before the same app in this process."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from html import unescape

import httpx
import pytest

from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from tests.waiting import until
from tests.web.api.conftest import PASSWORD, a_wish, arrive, client, clock

__all__ = ["arrive", "client", "clock"]

_WORD = re.compile(r'<meta name="csrf" content="([^"]+)">')
_INPUT = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
SITE = "http://plaudit.test"


class Browser:
    """A person at a browser, or a stranger at one."""

    def __init__(self, client: httpx.AsyncClient, handle: str) -> None:
        self.client = client
        self.handle = handle
        self.page = ""
        self.address = "/"

    async def open(self, path: str) -> httpx.Response:
        """Look at a page. What it leads to isn't followed."""
        answer = await self.client.get(path, headers={"accept": "text/html"})
        if answer.status_code == 200:
            self.page, self.address = answer.text, path
        return answer

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page that was opened last."""
        return {name: unescape(value) for name, value in _INPUT.findall(self.page)}

    @property
    def word(self) -> str:
        """What proves that the page belongs to this session."""
        found = _WORD.search(self.page)
        return found[1] if found else ""

    async def send(self, path: str, /, **fields: str) -> httpx.Response:
        """A form of the page that was opened last, as a browser sends it."""
        headers = {"origin": SITE, "referer": SITE + self.address, "accept": "text/html"}
        return await self.client.post(path, data={"csrf": self.word, **fields}, headers=headers)

    async def ask(self, line: str, body: object = None) -> httpx.Response:
        """The API, as the page's script asks it."""
        method, path = line.split(" ", 1)
        content = {} if body is None else {"json": body}
        return await self.client.request(method, path, headers={"x-csrf-token": self.word}, **content)  # pyright: ignore[reportArgumentType] - httpx takes any JSON

    async def sign_in(self, password: str = PASSWORD) -> None:
        answer = await self.send("/sign-in", email=f"{self.handle}@example.org", password=password)
        assert answer.status_code == 303, answer.text
        await self.open("/")

    async def buy(self, coins: int = 100) -> str:
        """Buy coins, and wait until they are there; gives the page of the purchase."""
        await self.open(f"/wallet?coins={coins}")
        started = await self.send("/top-ups", id=self.hidden["id"], choice="exact", coins=str(coins))
        paid = await self.send(f"{started.headers['location']}/choose", choice="success")

        async def came() -> bool:
            return "They are yours" in (await self.open(paid.headers["location"])).text

        await until(came)
        return paid.headers["location"]


Visit = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def visit(client: httpx.AsyncClient) -> AsyncGenerator[Visit]:
    """`visit("ada")` signs somebody up at a browser of their own; `visit()` is a stranger."""
    async with AsyncExitStack() as stack:

        async def come(handle: str = "", *, region: str = "US") -> Browser:
            own = httpx.AsyncClient(transport=client._transport, base_url=SITE)  # pyright: ignore[reportPrivateUsage] - one app before many browsers
            browser = Browser(await stack.enter_async_context(own), handle)
            if handle:
                await browser.send(
                    "/sign-up", **{name: str(value) for name, value in a_wish(handle, region=region).items()}
                )
                await browser.open("/")
                assert browser.word, f"{handle} isn't signed in"
            return browser

        yield come


@pytest.fixture
async def everyone_may_receive(client: httpx.AsyncClient, settings: Settings) -> None:
    """For tests that aren't about who may receive gifts."""
    async with Database.open(settings.database_url or "") as db, db.transaction() as tx:
        await tx.execute("update rooms.requirements set value = 0 where kind in ('least_followers', 'is_verified')")
