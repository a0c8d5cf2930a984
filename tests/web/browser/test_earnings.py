"""A creator follows a gift to its money, on a phone, with the keyboard, and in the dark."""

import re

import pytest
from playwright.async_api import Page, expect

from plaudit.foundation.clock import SystemClock
from tests.story.house import House, a_gift
from tests.waiting import until
from tests.web.api.conftest import Someone
from tests.web.browser.browsing import LOOKS, Look, find_barriers
from tests.web.browser.conftest import OpenBrowser


async def a_paid_creator(house: House) -> Someone:
    """Somebody to whom two gifts came, which are settled."""
    creator, live = await house.open_live("vera")
    fan, other = await house.fans(2)
    await house.ask(fan, "POST /v1/gifts", a_gift(live, "rosa", message="Bravo"))
    await house.ask(other, "POST /v1/gifts", a_gift(live, "doughnut", visibility="anonymous"))
    await house.ask(creator, f"POST /v1/lives/{live}/end")

    async def settled() -> bool:
        return (await house.ask(creator, "GET /v1/earnings"))["coins_settled"] == 40

    await until(settled)
    return creator


async def width_of(page: Page) -> int:
    return await page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.name}{' in the dark' if look.is_dark else ''}")
async def test_a_gift_opens_to_where_its_money_went(house: House, open_browser: OpenBrowser, look: Look):
    creator = await a_paid_creator(house)
    browser = await open_browser(look, creator)

    page = await browser.visit("/studio/earnings")
    first = page.locator(".earned-gift").first
    await first.locator("summary").focus()
    await page.keyboard.press("Enter")

    await expect(first).to_contain_text("Payment provider")
    await expect(first).to_contain_text("Somebody")
    await expect(first.locator("svg.bar rect")).to_have_count(4)
    await expect(page.get_by_role("link", name="Withdraw")).to_have_attribute("href", "/studio/payouts")
    assert await width_of(page) <= look.width
    assert await find_barriers(page) == []


async def test_a_month_is_read_and_taken_along(house: House, open_browser: OpenBrowser):
    creator = await a_paid_creator(house)
    browser = await open_browser(LOOKS[0], creator)
    month = f"{SystemClock().now():%Y-%m}"

    page = await browser.visit("/studio/earnings")
    async with page.expect_download() as loading:
        await page.get_by_role("link", name=re.compile("as PDF")).first.click()
    paper = await loading.value
    await page.locator(".months .month").first.click()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()

    assert paper.suggested_filename == f"plaudit-{month}.pdf"
    assert page.url.endswith(f"/studio/earnings/statements/{month}")
    await expect(page.get_by_text("Gifts that were settled")).to_be_visible()
    assert await width_of(page) <= LOOKS[0].width


async def test_what_a_goal_takes_is_reckoned_without_a_script(house: House, open_browser: OpenBrowser):
    creator = await house.arrive("plan")
    await house.become_creator(creator)
    browser = await open_browser(LOOKS[2], creator)
    page = await browser.visit("/studio/earnings/calculator")

    await page.get_by_label("A gift").select_option("rose")
    await page.get_by_label("A goal in money").fill("100")
    await page.get_by_role("button", name="Reckon").click()

    await expect(page.get_by_role("heading", name="1 coin brings you")).to_be_visible()
    await expect(page.get_by_role("columnheader", name="For your goal")).to_be_visible()
    assert await find_barriers(page) == []
