"""A fan gives back what they didn't spend, on a phone, and sees where it stands."""

from playwright.async_api import expect

from tests.story.house import House
from tests.web.browser.browsing import DESK, PHONE
from tests.web.browser.conftest import OpenBrowser
from tests.web.browser.ways import WORKS, go_to_payment, pay


async def test_a_fan_buys_thinks_again_and_has_the_money_back(house: House, open_browser: OpenBrowser):
    fan = await house.arrive("thinker")
    browser = await open_browser(PHONE, fan)
    page = await browser.visit("/wallet")
    await go_to_payment(page)
    await pay(page, WORKS)
    await expect(page.get_by_text("They are yours")).to_be_visible()

    await page.goto("/wallet")
    await page.get_by_role("link", name="Refund $2.15").click()
    await expect(page.get_by_role("heading", name="Get $2.15 back?")).to_be_visible()
    await page.get_by_role("button", name="Refund $2.15").dblclick()
    await expect(page.get_by_role("heading", name="Refunded", exact=True)).to_be_visible()
    await page.get_by_role("link", name="Back to the wallet").click()

    await expect(page.get_by_role("link", name="Refunded: $2.15")).to_be_visible()
    await expect(page.get_by_text("On their way back for a refund")).to_be_visible()
    assert await house.coins_of(fan) == 0


async def test_whoever_keeps_the_coins_keeps_them(house: House, open_browser: OpenBrowser):
    fan = await house.arrive("keeper")
    browser = await open_browser(DESK, fan)
    page = await browser.visit("/wallet")
    await go_to_payment(page)
    await pay(page, WORKS)
    await expect(page.get_by_text("They are yours")).to_be_visible()
    await page.goto("/wallet")
    await page.get_by_role("link", name="Refund $2.15").click()

    await page.get_by_role("link", name="Keep the coins").click()

    await expect(page.get_by_role("link", name="Refund $2.15")).to_be_visible()
    assert await house.coins_of(fan) == 100
