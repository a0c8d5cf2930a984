"""The whole story as people see it: a stranger becomes a fan, buys coins, joins a live and gives; others see it."""

from playwright.async_api import Page, expect

from tests.story.house import House
from tests.web.api.conftest import Someone
from tests.web.browser.browsing import DESK, PHONE, Browser, Room, enter_room
from tests.web.browser.conftest import OpenBrowser
from tests.web.browser.ways import pay, sign_up


async def show_overlay(house: House, creator: Someone, browser: Browser) -> Page:
    """The creator's overlay, as it follows their live."""
    made = await house.ask(creator, "POST /v1/overlays", {"name": "Main scene"})
    page = await browser.visit(str(made["path"]))
    await expect(page.locator("html[data-line=up]")).to_be_attached()
    return page


async def test_a_stranger_buys_coins_and_gives_roses_and_a_lion_that_everybody_sees(
    house: House, open_browser: OpenBrowser
):
    creator, live = await house.open_live("nova")
    others = await enter_room(await open_browser(DESK, await house.arrive("other")), live)
    studio = await (await open_browser(DESK, creator)).visit("/studio")
    overlay = await show_overlay(house, creator, await open_browser(DESK))
    page = await (await open_browser(PHONE)).visit("/")

    await page.get_by_role("link", name=creator.handle).click()
    await page.get_by_role("link", name="Sign in to send gifts").click()
    await page.get_by_role("link", name="Make an account").click()
    await sign_up(page, f"fan_of_{creator.handle[-8:]}")
    room = Room(page)
    await room.until_connected()
    await room.open_tray()
    await room.choose("lion")
    await expect(room.problem).to_have_text("You need 29,999 more coins.")
    await room.tray.get_by_role("link", name="Get coins").click()
    await page.get_by_role("spinbutton", name="How many coins").fill("30100")
    await page.get_by_role("button", name="Go to payment").click()
    await pay(page)
    await expect(page.get_by_text("They are yours")).to_be_visible()
    await page.get_by_role("link", name="Back to the live").click()
    await room.until_connected()
    await room.say("This one is for you")
    await room.open_tray()
    await room.give("rose", taps=3)
    await room.give("lion")

    for seen in (room, others):
        await expect(seen.chat).to_contain_text("This one is for you")
        await expect(seen.told("Lion")).to_have_count(1)
        await expect(seen.told("Rose", 3)).to_have_count(1)
        await expect(seen.headline).to_contain_text("Lion")
    await expect(overlay.locator(".headline")).to_contain_text("Lion")
    await expect(studio.locator("[data-feed]")).to_contain_text("Lion")
    await expect(studio.locator("[data-feed]")).to_contain_text("×3")
    await expect(studio.locator("[data-said]")).to_contain_text("This one is for you")
    assert [gift["gift"]["id"] for gift in await house.until_told(live, 4)] == ["rose", "rose", "rose", "lion"]
