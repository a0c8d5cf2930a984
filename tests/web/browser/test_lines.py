"""A reload, a line that is lost, and a live that ends: what was missed comes, once, and the page says what happens."""

import asyncio

from playwright.async_api import expect

from tests.story.house import House, a_gift
from tests.web.browser.browsing import DESK, PHONE, enter_room
from tests.web.browser.conftest import OpenBrowser


async def test_after_a_reload_the_room_goes_on_and_nothing_counts_twice(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    room = await enter_room(await open_browser(PHONE, fan), live)
    await room.say("Before the reload")
    await room.open_tray()
    await room.give("rose", taps=2)
    await expect(room.told("Rose", 2)).to_have_count(1)

    await room.page.reload()
    await room.until_connected()
    await room.open_tray()
    await room.give("heart")

    await expect(room.chat.get_by_text("Before the reload")).to_have_count(1)
    await expect(room.told("Heart")).to_have_count(1)
    await expect(room.coins).to_have_text("97")
    assert len(await house.until_told(live, 3)) == 3


async def test_what_a_lost_line_missed_comes_when_it_is_back_and_comes_once(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    watcher, giver = await house.fans(2)
    browser = await open_browser(DESK, watcher)
    room = await enter_room(browser, live)
    await house.ask(giver, "POST /v1/gifts", a_gift(live, "rose"))
    await expect(room.told("Rose")).to_have_count(1)
    await expect(room.page.locator("[data-viewers]")).to_have_text("1")

    browser.allow_no_network()
    await browser.context.set_offline(True)
    house.product.child("plaudit.gateway").kill()
    await expect(room.state_line).to_have_text("The connection is lost. Trying again…")
    for gift in ("heart", "doughnut"):
        await house.ask(giver, "POST /v1/gifts", a_gift(live, gift))
    await house.until_told(live, 3)
    await expect(room.told("Heart")).to_have_count(0)
    await browser.context.set_offline(False)

    await expect(room.state_line).to_be_hidden()
    for gift in ("Rose", "Heart", "Doughnut"):
        await expect(room.told(gift)).to_have_count(1)


async def test_without_a_line_a_gift_waits_and_is_sent_once(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    browser = await open_browser(PHONE, fan)
    room = await enter_room(browser, live)
    await room.open_tray()
    await room.choose("rose")

    browser.allow_no_network()
    await browser.context.set_offline(True)
    await room.send.click()
    await expect(room.problem).to_contain_text("never sent twice")
    await browser.context.set_offline(False)

    await expect(room.told("Rose")).to_have_count(1)
    await expect(room.problem).to_be_hidden()
    assert len(await house.until_told(live, 1)) == 1
    assert await house.coins_of(fan) == 99


async def test_a_live_that_ends_says_so_and_takes_nothing_more(house: House, open_browser: OpenBrowser):
    creator, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    room = await enter_room(await open_browser(PHONE, fan), live)
    await room.open_tray()

    await house.ask(creator, f"POST /v1/lives/{live}/end")

    await expect(room.page.get_by_role("heading", name="This live has ended")).to_be_visible()
    await expect(room.tray).to_be_hidden()
    await room.page.reload()
    await expect(room.page.get_by_role("heading", name="This live has ended")).to_be_visible()
    await room.page.get_by_role("link", name="See who is live").click()
    await expect(room.page.get_by_role("heading", name="Live now")).to_be_visible()


async def test_a_like_in_one_browser_is_counted_in_another(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    one, other = await asyncio.gather(house.arrive("one"), house.arrive("other"))
    liking = await enter_room(await open_browser(PHONE, one), live)
    seeing = await enter_room(await open_browser(DESK, other), live)

    for _ in range(3):
        await liking.page.get_by_role("button", name="Like").click()

    await expect(liking.page.locator("[data-likes]")).to_have_text("3")
    await expect(seeing.page.locator("[data-likes]")).to_have_text("3")
