"""An overlay as OBS shows it: transparent, each gift once through refreshes and breaks, and gone when it is revoked."""

import struct
import zlib
from typing import Any

from playwright.async_api import Page, expect

from tests.story.house import House, a_gift
from tests.waiting import until
from tests.web.api.conftest import Someone
from tests.web.browser.browsing import DESK, Browser
from tests.web.browser.conftest import OpenBrowser

# Different ones, so that each has an alert of its own; with three cards at once some of them wait.
GIFTS = ["rose", "heart", "thumbs_up", "ice_cream", "finger_heart", "applause", "rosa"]
NAMES = ["Rose", "Heart", "Thumbs Up", "Ice Cream", "Finger Heart", "Applause", "Rosa"]

# Notes each card that comes, also across refreshes: as a card of an alert comes only once, so does its name.
_NOTE_CARDS = """
addEventListener("DOMContentLoaded", () => {
  const cards = document.querySelector(".cards");
  if (!cards) return;
  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]);
    for (const card of added) noteCard(card.querySelector(".who").innerText);
  }).observe(cards, { childList: true });
});
"""


class Overlay:
    """A creator's overlay in a browser of its own, and every card that it has shown."""

    def __init__(self, house: House, creator: Someone, made: dict[str, Any], browser: Browser) -> None:
        self.house = house
        self.creator = creator
        self.id = str(made["id"])
        self.path = str(made["path"])
        self.browser = browser
        self.page: Page = browser.page
        self.cards: list[str] = []

    def note_card(self, _: object, words: str) -> None:
        """The page tells of a card that came."""
        self.cards.append(words)

    async def open(self, query: str = "") -> None:
        """Show it, and wait until it follows what it shows."""
        await self.page.goto(self.path + query)
        await expect(self.page.locator("html[data-channel=up]")).to_be_attached()

    async def until_it_follows(self) -> None:
        """Wait until the line to the live is up."""
        await expect(self.page.locator("html[data-line=up]")).to_be_attached()

    async def until_shown(self, count: int) -> None:
        """Wait until so many cards have come."""
        await until(lambda: len(self.cards) >= count, seconds=60)

    async def give(self, fan: Someone, live: str, gifts: list[str]) -> None:
        """One after the other, so that their order is known."""
        for gift in gifts:
            await self.house.ask(fan, "POST /v1/gifts", a_gift(live, gift))

    async def test(self, gift: str) -> dict[str, Any]:
        """As the button in the studio."""
        return await self.house.ask(self.creator, f"POST /v1/overlays/{self.id}/test", {"gift": gift})


async def open_overlay(house: House, open_browser: OpenBrowser, creator: Someone) -> Overlay:
    made = await house.ask(creator, "POST /v1/overlays", {"name": "Main scene"})
    overlay = Overlay(house, creator, made, await open_browser(DESK))
    await overlay.page.expose_binding("noteCard", overlay.note_card)  # pyright: ignore[reportUnknownMemberType] - Playwright's type leaves the answer open
    await overlay.page.add_init_script(_NOTE_CARDS)
    return overlay


def alphas(png: bytes) -> list[bytes]:
    """The alpha of every pixel, line by line, of a picture with 8 bits for each of red, green, blue and alpha."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) == (8, 6), "it has an alpha channel"
    packed, at = b"", 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        packed += png[at + 8 : at + 8 + size] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += size + 12
    raw, stride = zlib.decompress(packed), width * 4 + 1
    found, above = list[bytes](), bytes(width)
    for top in range(0, height * stride, stride):
        # Filters work on each channel by itself, so the alpha can be undone alone.
        above = _unfilter(raw[top], raw[top + 4 : top + stride : 4], above)
        found.append(above)
    return found


def _unfilter(kind: int, line: bytes, above: bytes) -> bytes:
    out = bytearray(len(line))
    for at, value in enumerate(line):
        left, up, corner = (out[at - 1], above[at], above[at - 1]) if at else (0, above[at], 0)
        guess = [0, left, up, (left + up) // 2, _paeth(left, up, corner)][kind]
        out[at] = (value + guess) % 256
    return bytes(out)


def _paeth(left: int, up: int, corner: int) -> int:
    middle = left + up - corner
    return min((left, up, corner), key=lambda one: abs(middle - one))


async def test_what_is_not_shown_is_transparent(house: House, open_browser: OpenBrowser):
    creator, live = await house.open_live("nova")
    (fan,) = await house.fans(1, pack="pack_600")
    overlay = await open_overlay(house, open_browser, creator)
    await overlay.open("?goal=100&goal_title=A%20new%20guitar&leaders=3")
    await overlay.until_it_follows()
    await overlay.give(fan, live, ["confetti"])
    await overlay.until_shown(1)
    await expect(overlay.page.locator(".top li")).to_have_count(1)
    await expect(overlay.page.locator(".goal.reached")).to_contain_text("100 / 100")

    lines = alphas(await overlay.page.screenshot(omit_background=True))

    assert [lines[y][x] for y in (0, -1) for x in (0, -1)] == [0, 0, 0, 0]
    assert max(max(line) for line in lines) == 255
    clear = sum(line.count(0) for line in lines) / (DESK.width * DESK.height)
    assert clear > 0.3
    assert await overlay.page.evaluate("[scrollX, scrollY, document.documentElement.scrollHeight - innerHeight]") == [
        0,
        0,
        0,
    ]


async def test_a_refresh_in_the_middle_of_the_line_repeats_nothing_and_loses_nothing(
    house: House, open_browser: OpenBrowser
):
    creator, live = await house.open_live("nova")
    (fan,) = await house.fans(1, pack="pack_600")
    overlay = await open_overlay(house, open_browser, creator)
    await overlay.open()
    await overlay.until_it_follows()
    await overlay.give(fan, live, GIFTS)
    await overlay.until_shown(3)

    await overlay.page.reload()
    await overlay.until_shown(5)
    await overlay.page.reload()
    await overlay.until_shown(len(GIFTS))
    await overlay.page.reload()
    await overlay.until_it_follows()
    await overlay.give(fan, live, ["perfume"])
    await overlay.until_shown(len(GIFTS) + 1)

    assert overlay.cards == [f"{fan.handle}\nsent {name}" for name in [*NAMES, "Perfume"]]


async def test_a_line_that_is_lost_costs_no_alert_and_repeats_none(house: House, open_browser: OpenBrowser):
    creator, live = await house.open_live("nova")
    (fan,) = await house.fans(1, pack="pack_600")
    overlay = await open_overlay(house, open_browser, creator)
    overlay.browser.allow_no_network()
    await overlay.open()
    await overlay.until_it_follows()
    await overlay.give(fan, live, GIFTS[:1])
    await overlay.until_shown(1)

    # Without a network the overlay can't come back before we want it to; a line that is open stays until it is cut.
    await overlay.browser.context.set_offline(True)
    gateway = house.product.child("plaudit.gateway")
    gateway.kill()
    await expect(overlay.page.locator("html[data-line=down]")).to_be_attached()
    await overlay.give(fan, live, GIFTS[1:4])
    await house.until_told(live, 4)
    shown_meanwhile = len(overlay.cards)
    await house.product.until_it_is_back("plaudit.gateway", gateway)
    await overlay.browser.context.set_offline(False)
    await overlay.until_shown(4)

    assert shown_meanwhile == 1
    assert overlay.cards == [f"{fan.handle}\nsent {name}" for name in NAMES[:4]]


async def test_taps_of_a_combo_are_one_alert_and_small_gifts_may_be_left_out(house: House, open_browser: OpenBrowser):
    creator, live = await house.open_live("nova")
    (fan,) = await house.fans(1, pack="pack_600")
    overlay = await open_overlay(house, open_browser, creator)
    await overlay.open("?quiet_below=3")
    await overlay.until_it_follows()
    combo = a_gift(live)["id"]

    await overlay.give(fan, live, ["heart"])
    for _ in range(5):
        await house.ask(fan, "POST /v1/gifts", a_gift(live, "rose", combo_id=combo))
    await expect(overlay.page.locator(".cards .times")).to_have_text("×5")

    assert overlay.cards == [f"{fan.handle}\nsent Rose"]


async def test_a_test_is_shown_without_a_live_and_the_next_live_is_found(house: House, open_browser: OpenBrowser):
    creator = await house.arrive("nova")
    await house.become_creator(creator)
    (fan,) = await house.fans(1)
    overlay = await open_overlay(house, open_browser, creator)
    await overlay.open()

    async def is_connected() -> bool:
        (listed,) = (await house.ask(creator, "GET /v1/overlays"))["items"]
        return listed["connections"] == 1

    await until(is_connected)
    told = await overlay.test("corgi")
    await overlay.until_shown(1)
    live = await house.go_live(creator)
    await overlay.give(fan, live, ["rose"])
    await overlay.until_shown(2)

    assert told["connections"] == 1
    assert overlay.cards == ["Plaudit\nsent Corgi", f"{fan.handle}\nsent Rose"]


async def test_a_large_gift_is_a_show_with_a_headline(house: House, open_browser: OpenBrowser):
    creator, _ = await house.open_live("nova")
    overlay = await open_overlay(house, open_browser, creator)
    await overlay.open()

    await overlay.test("galaxy")

    await expect(overlay.page.locator(".headline")).to_contain_text("Plaudit sent Galaxy")
    await expect(overlay.page.locator("main.playing")).to_be_attached()


async def test_everything_is_as_large_as_the_address_says(house: House, open_browser: OpenBrowser):
    creator, _ = await house.open_live("nova")
    overlay = await open_overlay(house, open_browser, creator)
    heights: list[float] = []

    for size in ("1", "2"):
        await overlay.open(f"?goal=100&size={size}")
        box = await overlay.page.locator(".goal").bounding_box()
        assert box
        heights.append(box["height"])

    assert 1.7 < heights[1] / heights[0] < 2.3


async def test_a_revoked_overlay_goes_blank_and_stays_so(house: House, open_browser: OpenBrowser):
    creator, _ = await house.open_live("nova")
    overlay = await open_overlay(house, open_browser, creator)
    overlay.browser.allow_refusals(404)
    await overlay.open("?goal=100")
    await expect(overlay.page.locator(".goal")).to_be_visible()

    await house.ask(creator, f"DELETE /v1/overlays/{overlay.id}")
    await expect(overlay.page.locator("main")).to_have_count(0)
    await overlay.page.reload()

    assert max(max(line) for line in alphas(await overlay.page.screenshot(omit_background=True))) == 0


async def test_the_studio_makes_an_address_that_works_in_obs(house: House, open_browser: OpenBrowser):
    creator, _ = await house.open_live("nova")
    page = await (await open_browser(DESK, creator)).visit("/studio/overlays")

    await page.get_by_label("Name").fill("Main scene")
    await page.locator("label").filter(has=page.locator("[name=has_goal]")).click()
    await page.get_by_label("What for").fill("A new guitar")
    await page.get_by_role("button", name="Make the overlay").dblclick()
    address = page.get_by_label("Address")
    await expect(page.get_by_role("heading", name="Here is your overlay")).to_be_focused()
    made = await address.input_value()
    dropped = await page.locator("[data-drag]").get_attribute("href")
    listed = (await house.ask(creator, "GET /v1/overlays"))["items"]
    screen = await open_browser(DESK)
    await screen.page.goto(dropped or "")
    await expect(page.locator("[data-overlays] [data-state]")).to_have_text("Connected now")
    await page.get_by_role("button", name="Test", exact=True).click()
    await page.get_by_role("button", name="Small: a Rose").click()

    assert made.endswith("?size=1.5&goal=5000&goal_title=A+new+guitar")
    assert dropped == f"{made}&layer-name=Main+scene&layer-width=1920&layer-height=1080"
    assert len(listed) == 1
    await expect(screen.page.locator(".goal")).to_contain_text("A new guitar")
    await expect(screen.page.locator(".cards li")).to_contain_text("Rose")
    await expect(screen.page.locator(".cards .test-mark")).to_have_text("Test")
