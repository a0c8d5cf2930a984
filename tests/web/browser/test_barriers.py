"""What axe finds that keeps people out, on every page, in both themes, on a phone and at a desk: nothing."""

from uuid import uuid4

import pytest
from litestar.routes import HTTPRoute
from msgspec import Struct
from playwright.async_api import Page, expect
from pyotp.totp import TOTP

from plaudit.foundation.clock import SystemClock
from plaudit.web.pages import pages_router
from tests.story.house import House, a_gift
from tests.web.api.conftest import PASSWORD, Someone
from tests.web.browser.browsing import DESK, Browser, enter_room, find_barriers
from tests.web.browser.conftest import OpenBrowser

NOT_THERE = "/nowhere"
# No pages that people look at: files, parts that a page asks for, and what OBS shows.
NO_PAGES = {
    "/static/{release}/{path}",
    "/art/{file}",
    "/sentences/{language}",
    "/wallet/movements",
    "/messages/{handle}/newer",
    "/news",
    "/operator/people/{handle}/movements",
    "/overlay/{secret}",
    # Here only in a demo.
    "/mailbox",
    # Looked at as it is used, below.
    "/live/{live_id}",
    # The same, in test_payouts.py.
    "/operator/payouts/{payout_id}",
    # Asks for a payout that was approved: looked at as HTML in test_batch_pages.py.
    "/operator/batches/{batch_id}",
    "/operator/batches/{batch_id}/file",
}
# Where one only comes by a link, from the page above it or from the one before.
BY_A_LINK = {
    "/operator/ledger/accounts": 'main a[href*="/operator/ledger/accounts?"]',
    "/operator/ledger/{account_id}": 'main td a[href^="/operator/ledger/"]:not([href*="?"])',
    "/operator/refunds/{refund_id}": 'main a[href^="/operator/refunds/"]',
    "/operator/disputes/{dispute_id}": 'main a[href^="/operator/disputes/"]',
}
LATER = {"/operator/ledger/{account_id}"}
FORMS_FOR_STRANGERS = {"/sign-in", "/sign-up", "/forgot", "/reset"}


class Town(Struct, frozen=True):
    """People of every kind, and what their pages are about."""

    fan: Someone
    creator: Someone
    newcomer: Someone
    live: str
    paths: dict[str, str]

    def path(self, route: str) -> str:
        """The address of a page, with what it is about filled in."""
        return self.paths.get(route, route)


def routes() -> list[str]:
    """Every page that there is, as its route is written."""
    pages = {
        route.path_format for route in pages_router().routes if isinstance(route, HTTPRoute) and "GET" in route.methods
    }
    return sorted(pages - NO_PAGES)


async def make_town(house: House) -> Town:
    """A live in which something was said and given, one that is over, and somebody who is no creator yet."""
    creator, past = await house.open_live("nova")
    fan, giver = await house.fans(2)
    gift = a_gift(past, "rose")
    await house.ask(giver, "POST /v1/gifts", gift)
    await house.ask(creator, f"POST /v1/lives/{past}/end")
    live = await house.go_live(creator)
    await house.ask(giver, f"POST /v1/lives/{live}/chat", {"text": "What a night"})
    for name in ("rose", "doughnut"):
        await house.ask(giver, "POST /v1/gifts", a_gift(live, name))
    await house.ask(giver, "POST /v1/messages", {"id": str(uuid4()), "to": fan.handle, "text": "Hello"})
    await quarrel(house, giver)
    top_up = await house.start_top_up(fan, "pack_100")
    paths = {
        "/top-ups/{top_up_id}": f"/top-ups/{top_up['id']}",
        "/top-ups/{top_up_id}/receipt": f"/top-ups/{await bought_by(house, fan)}/receipt",
        "/top-ups/{top_up_id}/refund": f"/top-ups/{await bought_by(house, fan)}/refund",
        "/u/{handle}": f"/u/{creator.handle}",
        "/messages/{handle}": f"/messages/{giver.handle}",
        "/studio/lives/{live_id}": f"/studio/lives/{past}",
        "/studio/earnings/statements/{month}": f"/studio/earnings/statements/{SystemClock().now():%Y-%m}",
        "/operator/people/{handle}": f"/operator/people/{fan.handle}",
        "/operator/top-ups/{top_up_id}": f"/operator/top-ups/{top_up['id']}",
        "/operator/gifts/{gift_id}": f"/operator/gifts/{gift['id']}",
        "/operator/catalogue/{gift_id}": "/operator/catalogue/rose",
    }
    return Town(fan=fan, creator=creator, newcomer=await house.arrive("new"), live=live, paths=paths)


async def quarrel(house: House, fan: Someone) -> None:
    """Somebody wants money back: of one purchase from us, of another from their bank."""
    wishes = [await house.start_top_up(fan, "pack_100") for _ in range(2)]
    for wish in wishes:
        await house.pay(wish, "success")
    given_back, disputed = wishes
    await house.ask(fan, "POST /v1/refunds", {"id": str(uuid4()), "top_up_id": given_back["id"]})
    checkout = disputed["checkout_url"].rsplit("/", 1)[1].partition("?")[0]
    await house.ask(fan, f"POST /sandbox/payments/{checkout}/dispute", {"reason": "not_received"})


async def bought_by(house: House, fan: Someone) -> str:
    """The purchase that brought the coins of this fan."""
    movements = await house.ask(fan, "GET /v1/wallet/movements")
    return next(str(movement["reference"]) for movement in movements["items"] if movement["kind"] == "top_up")


async def barriers_of(page: Page, town: Town, pages: list[str]) -> str:
    """What axe finds on each of these pages."""
    found = ""
    for route in pages:
        answer = await page.goto(town.path(route))
        assert answer is not None
        assert answer.ok or route == NOT_THERE, f"{town.path(route)}: {answer.status}"
        found += await barriers_here(page, route)
    return found


async def barriers_here(page: Page, where: str) -> str:
    """What axe finds on the page as it stands, to be read; "" for nothing."""
    return "".join(f"{where}, {barrier}\n" for barrier in await find_barriers(page))


@pytest.fixture(name="everywhere")
def of_everywhere() -> dict[str, list[str]]:
    """The routes of all pages, by who looks at them."""
    pages = routes()
    strangers = ["/", *sorted(FORMS_FOR_STRANGERS & set(pages)), NOT_THERE]
    studio = [page for page in pages if page.startswith("/studio")]
    operator = [page for page in pages if page.startswith("/operator")]
    fans = sorted(set(pages) - FORMS_FOR_STRANGERS - set(studio) - set(operator))
    return {"strangers": strangers, "fans": fans, "studio": studio, "operator": operator}


async def test_no_page_for_strangers_has_a_barrier(
    house: House, open_browser: OpenBrowser, everywhere: dict[str, list[str]]
):
    town = await make_town(house)
    browser: Browser = await open_browser(DESK)
    browser.allow_refusals(404)

    found = await barriers_of(browser.page, town, everywhere["strangers"])
    room = await enter_room(browser, town.live)
    found += await barriers_here(room.page, "the room")

    assert found == ""


async def test_no_page_for_fans_has_a_barrier(
    house: House, open_browser: OpenBrowser, everywhere: dict[str, list[str]]
):
    town = await make_town(house)
    browser: Browser = await open_browser(DESK, town.fan)

    assert await barriers_of(browser.page, town, everywhere["fans"]) == ""


async def test_no_page_that_follows_a_form_has_a_barrier(house: House, open_browser: OpenBrowser):
    fan = await house.arrive("follows")
    browser = await open_browser(DESK, fan)
    page = await browser.visit("/sandbox/checkouts/" + await checkout_of(house, fan))
    found = await barriers_here(page, "the sandbox's checkout")

    browser.allow_refusals(401)
    await page.goto("/profile")
    form = page.locator('form[action="/profile/second-factor"]')
    await form.locator("[name=password]").fill("not mine at all")
    await form.get_by_role("button").click()
    await expect(page.get_by_text("This is not your password.")).to_be_visible()
    found += await barriers_here(page, "the profile with a problem")
    await form.locator("[name=password]").fill(PASSWORD)
    await form.get_by_role("button").click()
    await expect(page.get_by_role("img", name="QR code")).to_be_visible()
    found += await barriers_here(page, "the second factor")
    secret = await page.locator(".secret").get_attribute("aria-label")
    await page.get_by_label("Then type the code").fill(TOTP(secret or "").now())
    await page.get_by_role("button", name="Turn it on").click()
    await expect(page.locator(".recovery li")).to_have_count(10)
    found += await barriers_here(page, "the recovery codes")

    assert found == ""


async def checkout_of(house: House, fan: Someone) -> str:
    """A checkout that is open."""
    return str((await house.start_top_up(fan, "pack_100"))["checkout_url"]).rsplit("/", 1)[-1]


async def test_the_room_has_no_barrier_whatever_is_open_in_it(house: House, open_browser: OpenBrowser):
    town = await make_town(house)
    room = await enter_room(await open_browser(DESK, town.fan), town.live)

    found = await barriers_here(room.page, "the room")
    await room.open_tray()
    await room.give("rose")
    await expect(room.coins).to_have_text("99")
    found += await barriers_here(room.page, "the tray")
    await room.choose("lion")
    await expect(room.problem).to_be_visible()
    found += await barriers_here(room.page, "the tray with too few coins")
    await room.page.keyboard.press("Escape")
    await room.page.get_by_role("button", name="Who gave most").click()
    await expect(room.page.get_by_role("dialog").locator("li .money").first).to_contain_text("about $")
    found += await barriers_here(room.page, "who gave most")
    await room.page.keyboard.press("Escape")
    await house.ask(town.creator, f"POST /v1/lives/{town.live}/end")
    await expect(room.page.get_by_role("heading", name="This live has ended")).to_be_visible()
    found += await barriers_here(room.page, "the end")

    assert found == ""


async def test_no_page_of_the_studio_has_a_barrier(
    house: House, open_browser: OpenBrowser, everywhere: dict[str, list[str]]
):
    town = await make_town(house)
    on_air, newcomer = await open_browser(DESK, town.creator), await open_browser(DESK, town.newcomer)

    found = await barriers_of(on_air.page, town, everywhere["studio"])
    found += await barriers_of(newcomer.page, town, ["/studio"])

    assert found == ""


async def test_no_page_for_operators_has_a_barrier(
    house: House, open_browser: OpenBrowser, everywhere: dict[str, list[str]]
):
    town = await make_town(house)
    browser: Browser = await open_browser(DESK, house.operator)

    found = await barriers_of(browser.page, town, [page for page in everywhere["operator"] if page not in BY_A_LINK])
    for route, link in BY_A_LINK.items():
        page = await browser.visit(f"/operator/{route.split('/')[2]}") if route not in LATER else browser.page
        await page.locator(link).first.click()
        await page.wait_for_url(f"**/operator/{route.split('/')[2]}/**")
        found += await barriers_here(page, route)

    assert found == ""
