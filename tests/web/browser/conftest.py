"""One product for all browsers, and browsers that fail the test when a page did what it must not."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Playwright, async_playwright

from tests.story.house import House
from tests.story.product import Product
from tests.web.api.conftest import Someone, ask
from tests.web.browser.browsing import DESK, Browser, Look

# The browsers' driver lives as long as its event loop, so all of these tests share one.
ONE_LOOP = "session"

OpenBrowser = Callable[..., Awaitable[Browser]]
"""`await open_browser(PHONE, someone)`: another browser, signed in when somebody is named."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every test of this folder run in the loop of the session."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope=ONE_LOOP), append=False)


@pytest.fixture(scope="session")
def browsed_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """`plaudit serve` on a data directory and ports of its own."""
    product = Product(tmp_path_factory.mktemp("browsed"))
    try:
        product.start()
        yield product
    finally:
        product.stop()


@pytest_asyncio.fixture(scope="session", loop_scope=ONE_LOOP)
async def house(browsed_product: Product) -> AsyncGenerator[House]:
    """The product with an operator in it, who asks of creators no number of followers."""
    async with open_house(browsed_product) as (house, _):
        yield house


@asynccontextmanager
async def open_house(product: Product) -> AsyncGenerator[tuple[House, dict[str, str]]]:
    """The same of any product, and what its operator signs in with."""
    said = product.run("operator", "add", "olga@example.org", "--handle", "olga_runs_it")
    login = {"email": "olga@example.org", "password": said.split("Its password: ")[1].strip()}
    async with httpx.AsyncClient(base_url=product.url, timeout=30, trust_env=False) as client:
        answer = await ask(client, "POST /v1/sign-in", login)
        operator = Someone(client, answer.json())
        house = House(product, client, operator)
        await house.ask(operator, "POST /v1/operator/requirements", {"kind": "least_followers", "value": 0})
        yield house, login


@pytest_asyncio.fixture(scope="session", loop_scope=ONE_LOOP)
async def playwright() -> AsyncGenerator[Playwright]:
    """What drives the browsers."""
    async with async_playwright() as playwright:
        yield playwright


@pytest_asyncio.fixture(loop_scope=ONE_LOOP)
async def open_browser(playwright: Playwright, house: House, tmp_path: Path) -> AsyncGenerator[OpenBrowser]:
    """Browsers of this test; at its end, none of them may have noted anything that the test didn't allow."""
    opened: list[Browser] = []

    async def open_one(look: Look = DESK, someone: Someone | None = None) -> Browser:
        directory = tmp_path / f"browser_{len(opened)}"
        browser = await Browser.open(playwright.chromium, directory, house.product.url, look)
        opened.append(browser)
        if someone:
            await browser.sign_in(someone)
        return browser

    yield open_one
    for browser in opened:
        await browser.close()
    assert [problem for browser in opened for problem in browser.unexpected] == []
