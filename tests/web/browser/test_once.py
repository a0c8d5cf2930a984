"""Nothing is spent twice, whatever is clicked, and where something went wrong the page says what happened."""

import asyncio
import re

import psycopg
from playwright.async_api import Route, expect

from tests.story.house import House
from tests.waiting import until
from tests.web.api.conftest import Someone
from tests.web.browser.browsing import DESK, PHONE, Browser, Room, enter_room
from tests.web.browser.conftest import OpenBrowser
from tests.web.browser.ways import ASKS_FIRST, DECLINED, WORKS, go_to_payment, pay, sign_in

PACK = 100


async def started_by(house: House, fan: Someone) -> list[str]:
    """How each purchase of a fan stands."""
    answer = await house.ask(house.operator, "GET /v1/operator/top-ups?limit=100")
    return [str(top_up["status"]) for top_up in answer["items"] if top_up["handle"] == fan.handle]


async def sign_out_elsewhere(house: House, someone: Someone) -> None:
    """End this person's session from another device of theirs."""
    login = {"email": someone.email, "password": "correct horse battery"}
    answer = await house.client.post("/v1/sign-in", json=login)
    other = Someone(house.client, answer.json())
    for session in (await house.ask(other, "GET /v1/sessions"))["items"]:
        if not session["is_this_one"]:
            await house.ask(other, f"DELETE /v1/sessions/{session['id']}")


async def let_sessions_expire(house: House, someone: Someone) -> None:
    """As if nobody had used them for longer than they may rest; until every program knows."""
    async with await psycopg.AsyncConnection.connect(house.product.database_url, autocommit=True) as connection:
        await connection.execute(
            "update people.sessions set idle_until = now() - interval '1 minute' "
            "where person_id = (select id from people.people where handle = %s)",
            [someone.handle],
        )

    async def is_over() -> bool:
        return (await someone.ask("GET /v1/me")).status_code == 401

    await until(is_over)


async def test_a_double_click_on_buying_and_on_paying_is_one_purchase(house: House, open_browser: OpenBrowser):
    fan = await house.arrive("clicker")
    browser = await open_browser(DESK, fan)
    page = await browser.visit("/wallet")

    await page.locator('label:has(input[value="pack_100"])').click()
    await page.get_by_role("button", name="Go to payment").dblclick()
    await expect(page).to_have_url(re.compile("/sandbox/checkouts/"))
    await page.get_by_role("button", name=WORKS).dblclick()
    await expect(page.get_by_text("They are yours")).to_be_visible()

    assert await house.coins_of(fan) == PACK
    assert await started_by(house, fan) == ["settled"]


async def test_a_double_click_on_what_the_bank_asks_pays_once(house: House, open_browser: OpenBrowser):
    fan = await house.arrive("asked")
    page = (await open_browser(PHONE, fan)).page
    await go_to_payment(page)

    await pay(page, ASKS_FIRST)
    await page.get_by_role("button", name="Yes, it is me").dblclick()

    await expect(page.get_by_text("They are yours")).to_be_visible()
    assert await house.coins_of(fan) == PACK


async def test_going_back_and_buying_again_leads_to_the_purchase_that_was_made(house: House, open_browser: OpenBrowser):
    fan = await house.arrive("returner")
    browser = await open_browser(PHONE, fan)
    page = browser.page
    await go_to_payment(page)
    await pay(page)
    await expect(page.get_by_text("They are yours")).to_be_visible()

    while "/wallet" not in page.url:
        await page.go_back()
    await page.locator('label:has(input[value="pack_100"])').click()
    await page.get_by_role("button", name="Go to payment").click()

    await expect(page).to_have_url(re.compile("/(top-ups|sandbox/checkouts)/"))
    assert await house.coins_of(fan) == PACK
    assert (await started_by(house, fan)).count("settled") == 1


async def test_a_declined_card_says_so_and_another_one_helps(house: House, open_browser: OpenBrowser):
    fan = await house.arrive("declined")
    browser = await open_browser(PHONE, fan)
    page = browser.page

    await go_to_payment(page)
    await pay(page, DECLINED)

    await expect(page.get_by_role("heading", name="The payment was declined")).to_be_visible()
    await expect(page.get_by_text("Nothing was charged, and no coins came.")).to_be_visible()
    assert await house.coins_of(fan) == 0

    await page.get_by_role("link", name="Try again").click()
    await page.locator('label:has(input[value="pack_100"])').click()
    await page.get_by_role("button", name="Go to payment").click()
    await pay(page)
    await expect(page.get_by_text("They are yours")).to_be_visible()
    assert await house.coins_of(fan) == PACK


async def test_a_session_that_ended_elsewhere_in_the_middle_of_a_purchase_buys_nothing_and_leads_back(
    house: House, open_browser: OpenBrowser
):
    fan = await house.arrive("elsewhere")
    browser = await open_browser(DESK, fan)
    page = await browser.visit("/wallet")

    await sign_out_elsewhere(house, fan)
    await page.get_by_role("button", name="Go to payment").click()

    await expect(page.get_by_text("You were signed out in between, so nothing was bought or changed.")).to_be_visible()
    assert await started_by(house, fan) == []

    await sign_in(page, fan.email)
    await expect(page).to_have_url(re.compile("/wallet$"))
    await expect(page.get_by_role("button", name="Go to payment")).to_be_enabled()


async def test_a_session_that_expires_at_the_checkout_loses_nothing(house: House, open_browser: OpenBrowser):
    fan = await house.arrive("expired")
    page = (await open_browser(PHONE, fan)).page
    await go_to_payment(page)

    await let_sessions_expire(house, fan)
    await pay(page)

    await expect(page).to_have_url(re.compile("/sign-in"))
    await sign_in(page, fan.email)
    await expect(page.get_by_text("They are yours")).to_be_visible()
    assert await started_by(house, fan) == ["settled"]


async def test_a_double_click_on_a_gift_in_a_conversation_is_one_combo_and_no_gift_too_many(
    house: House, open_browser: OpenBrowser
):
    creator, _ = await house.open_live("nova")
    (fan,) = await house.fans(1)
    page = await (await open_browser(PHONE, fan)).visit(f"/messages/{creator.handle}")

    await page.get_by_role("button", name="Send a gift").click()
    await page.locator('.tray [data-gift="rose"]').click()
    await page.locator(".tray").get_by_role("button", name="Send").dblclick()

    await expect(page.get_by_role("log").locator(".with-gift")).to_have_count(2)
    assert await house.coins_of(fan) == PACK - 2


async def test_a_session_that_ended_elsewhere_sends_no_gift_and_says_so(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    browser = await open_browser(PHONE, fan)
    room = await enter_room(browser, live)
    await room.open_tray()
    await room.choose("rose")

    browser.allow_refusals(401)
    await sign_out_elsewhere(house, fan)
    await room.send.click()

    await expect(room.problem).to_contain_text("You were signed out, so nothing was sent.")
    await room.tray.get_by_role("link", name="Sign in").click()
    await sign_in(room.page, fan.email)
    await room.until_connected()
    await expect(room.page).to_have_url(re.compile(live))
    assert await house.gifts_of(live) == []


async def test_two_taps_on_send_are_two_gifts_of_one_combo(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    room = await enter_room(await open_browser(PHONE, fan), live)

    await room.open_tray()
    await room.choose("rose")
    await room.send.dblclick()

    await expect(room.send).to_have_text(re.compile(r"Send\s+×2"))
    await expect(room.told("Rose", 2)).to_have_count(1)
    await expect(room.coins).to_have_text(str(PACK - 2))
    gifts = await house.until_told(live, 2)
    assert len({gift["id"] for gift in gifts}) == 2
    assert [gift["combo"]["count"] for gift in gifts] == [1, 2]
    assert await house.coins_of(fan) == PACK - 2


async def test_a_gift_whose_answer_was_lost_is_asked_for_again_and_sent_once(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    browser = await open_browser(PHONE, fan)
    room = await enter_room(browser, live)
    await room.open_tray()
    asked: list[str | None] = []

    async def lose_the_first_answer(route: Route) -> None:
        asked.append(route.request.post_data)
        if len(asked) > 1:
            await route.continue_()
            return
        await route.fetch()
        await route.abort()

    browser.allow_no_network()
    await room.page.route("**/v1/gifts", lose_the_first_answer)
    await room.give("rose")

    await until(lambda: len(asked) == 2)
    await expect(room.coins).to_have_text(str(PACK - 1))
    await expect(room.problem).to_be_hidden()
    assert asked[0] == asked[1]
    assert len(await house.until_told(live, 1)) == 1
    assert await house.coins_of(fan) == PACK - 1


async def test_coins_that_another_tab_has_spent_are_not_spent_again(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    browser = await open_browser(DESK, fan)
    one = await enter_room(browser, live)
    other = Room(await browser.context.new_page())
    await other.page.goto(f"/live/{live}")
    for room in (one, other):
        await room.open_tray()
        await room.choose("paper_crane")

    browser.allow_refusals(402)
    await one.send.click()
    await expect(one.coins).to_have_text("1")
    await other.send.click()

    await expect(other.problem).to_contain_text("more coins")
    await expect(other.coins).to_have_text("1")
    assert len(await house.until_told(live, 1)) == 1
    assert await house.coins_of(fan) == 1


async def test_two_tabs_that_pay_for_the_same_form_pay_once(house: House, open_browser: OpenBrowser):
    fan = await house.arrive("two_tabs")
    browser: Browser = await open_browser(DESK, fan)
    await go_to_payment(browser.page)
    await expect(browser.page).to_have_url(re.compile("/sandbox/checkouts/"))
    other = await browser.context.new_page()
    await other.goto(browser.page.url)

    await asyncio.gather(pay(browser.page), pay(other))

    await expect(browser.page.get_by_text("They are yours")).to_be_visible()
    await expect(other.get_by_text("They are yours")).to_be_visible()
    assert await house.coins_of(fan) == PACK
