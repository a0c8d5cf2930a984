"""Who has only a keyboard, who wants no motion, who has a small screen: all of them can give."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.story.house import House, a_gift
from tests.web.browser.browsing import DESK, PHONE, Look, enter_room
from tests.web.browser.conftest import OpenBrowser

TINY = Look(name="tiny", width=320, height=568, is_touch=True)


async def tab_to(page: Page, name: str) -> None:
    """Press the Tab key until what has the focus is called like this."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if await focused.count() and await focused.evaluate(
            "(element, name) => (element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent)"
            ".trim().startsWith(name)",
            name,
        ):
            return
    pytest.fail(f"the Tab key never comes to {name}")


async def test_a_gift_is_sent_with_nothing_but_the_keyboard(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    room = await enter_room(await open_browser(DESK, fan), live)
    keys = room.page.keyboard

    await tab_to(room.page, "Gifts")
    await keys.press("Enter")
    await expect(room.tray.get_by_role("tab", name="All", exact=True)).to_be_focused()
    await expect(room.gift("rose")).to_be_visible()
    await keys.press("ArrowRight")
    await expect(room.tray.get_by_role("tab", name="Small", exact=True, selected=True)).to_be_focused()
    await tab_to(room.page, "Rose")
    await keys.press("Space")
    await keys.press("ArrowRight")
    await expect(room.tray.get_by_role("radio", name=re.compile("^Heart"))).to_be_checked()
    await tab_to(room.page, "Send")
    await keys.press("Enter")
    await expect(room.told("Heart")).to_have_count(1)
    await keys.press("Escape")

    await expect(room.tray).to_be_hidden()
    await expect(room.page.get_by_role("button", name="Gifts", exact=True)).to_be_focused()
    assert len(await house.until_told(live, 1)) == 1


async def test_who_gave_most_opens_and_closes_with_the_keyboard(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    await house.ask(fan, "POST /v1/gifts", a_gift(live, "rose"))
    room = await enter_room(await open_browser(DESK), live)

    await tab_to(room.page, "Who gave most")
    await room.page.keyboard.press("Enter")
    sheet = room.page.get_by_role("dialog", name="Who gave most")
    await expect(sheet.get_by_text(fan.handle)).to_be_visible()
    await sheet.get_by_role("tab", name="This live").focus()
    await room.page.keyboard.press("End")
    await expect(sheet.get_by_role("tab", name="All time", selected=True)).to_be_focused()
    await room.page.keyboard.press("Escape")

    await expect(sheet).to_be_hidden()
    await expect(room.page.get_by_role("button", name="Who gave most")).to_be_focused()


async def test_reduced_motion_gets_a_picture_and_a_line_in_place_of_the_show(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1, pack="pack_12500")
    browser = await open_browser(PHONE.changed(is_calm=True), await house.arrive("calm"))
    asked: list[str] = []
    browser.context.on("request", lambda request: asked.append(request.url))
    room = await enter_room(browser, live)

    await house.ask(fan, "POST /v1/gifts", a_gift(live, "galaxy"))

    await expect(room.headline).to_contain_text(f"{fan.handle} sent Galaxy")
    await expect(room.headline.locator("img")).to_be_visible()
    assert [address for address in asked if "/scenes/" in address] == []


@pytest.mark.parametrize("path", ["/", "/sign-in", "/sign-up", "/wallet", "/live"])
async def test_nothing_is_wider_than_the_smallest_screen(house: House, open_browser: OpenBrowser, path: str):
    creator, live = await house.open_live("maximiliane")
    fan = await house.arrive("fan")
    await house.ask(creator, "PATCH /v1/me", {"display_name": "Maximiliane von Hohenstein-Sonnenbühl"})
    browser = await open_browser(TINY, fan)
    page = await browser.visit(f"/live/{live}" if path == "/live" else path)

    wide = await page.evaluate(
        "[...document.querySelectorAll('body *')].filter((element) => {"
        "  const box = element.getBoundingClientRect();"
        "  return box.width && box.right > innerWidth + 1 && !element.closest('canvas, .stage, .unseen, .tray-tabs');"
        "}).map((element) => element.outerHTML.slice(0, 120))"
    )

    assert await page.evaluate("document.documentElement.scrollWidth") <= TINY.width
    assert wide == []
