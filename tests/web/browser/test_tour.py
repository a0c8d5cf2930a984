"""The tour through the demo, as a stranger takes it: from the first page to the last step, on a phone."""

from collections.abc import AsyncGenerator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from plaudit.web.demo_world import DemoWorld, Login, store_world
from tests.story.house import House
from tests.story.product import Product
from tests.web.api.conftest import PASSWORD
from tests.web.browser.browsing import DESK, PHONE, Room, find_barriers
from tests.web.browser.conftest import ONE_LOOP, OpenBrowser, open_house
from tests.web.browser.ways import pay


@pytest.fixture(scope="module")
def demo_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product that is told that it is the demo's, without the crowd."""
    directory = tmp_path_factory.mktemp("toured")
    product = Product(
        directory, PLAUDIT_DEMO_PACE_FILE=str(directory / "data" / "demo-pace.json"), PLAUDIT_SHOW_MAILBOX="yes"
    )
    try:
        product.start()
        yield product
    finally:
        product.stop()


@pytest_asyncio.fixture(scope="module", loop_scope=ONE_LOOP)
async def house(demo_product: Product) -> AsyncGenerator[House]:
    """A fan, and a creator who is live, with their logins where the pages look for them."""
    async with open_house(demo_product) as (house, operator):
        creator, _ = await house.open_live("nova")
        fan = await house.arrive("fan")
        world = DemoWorld(
            url=demo_product.url,
            fan=Login(email=fan.email, password=PASSWORD),
            creator=Login(email=creator.email, password=PASSWORD),
            operator=Login(**operator),
        )
        store_world(demo_product.data_dir, world)
        yield house


async def home(page: Page, *, done: int) -> None:
    """Go to the first page, and find so many steps ticked off."""
    await page.goto("/")
    await expect(page.locator(".tour-step.done")).to_have_count(done)


async def test_a_stranger_takes_the_whole_tour(open_browser: OpenBrowser):
    page = await (await open_browser(PHONE)).visit("/")
    found = await find_barriers(page)

    await page.get_by_role("button", name="Sign in as the fan").click()
    await expect(page.locator(".tour-step.done")).to_have_count(1)
    await page.get_by_role("link", name="Get enough for a Lion").click()
    await page.get_by_role("button", name="Go to payment").click()
    await pay(page)
    await expect(page.get_by_text("They are yours")).to_be_visible()
    await home(page, done=2)
    await page.get_by_role("link", name="Step into the room of").click()
    room = Room(page)
    await room.until_connected()
    await room.open_tray()
    await room.give("rose", taps=2)
    await room.give("lion")
    await expect(room.told("Lion")).to_have_count(1)
    await home(page, done=4)
    await page.get_by_role("button", name="Sign in as the creator").click()
    await page.wait_for_url("**/studio")
    await home(page, done=5)
    await page.get_by_role("button", name="Sign in as the operator").click()
    await page.wait_for_url("**/operator")
    await home(page, done=6)

    await expect(page.get_by_role("heading", name="That was all of it")).to_be_visible()
    assert found + await find_barriers(page) == []


async def test_the_tour_is_put_away_and_brought_back_without_a_script(open_browser: OpenBrowser):
    browser = await open_browser(DESK)
    await browser.context.route("**/*.js", lambda route: route.abort())
    browser.allow_no_network()
    page = await browser.visit("/")

    await page.get_by_role("button", name="Hide the tour").click()
    await expect(page.locator(".tour")).to_have_count(0)
    await page.get_by_role("button", name="Show the tour through this demo").click()
    await page.get_by_text("Run the house").click()

    await expect(page.get_by_role("button", name="Sign in as the operator")).to_be_visible()
    await expect(page.get_by_role("button", name="Sign in as the fan")).to_be_hidden()


async def test_the_mailbox_of_a_demo_has_no_barrier(house: House, open_browser: OpenBrowser):
    somebody = await house.arrive("reader")
    asked = await house.client.post("/v1/password-resets", json={"email": somebody.email})
    assert asked.is_success
    page = await (await open_browser(DESK)).visit("/mailbox")

    await expect(page.get_by_role("link", name="Choose a new password")).to_be_visible()

    assert await find_barriers(page) == []
