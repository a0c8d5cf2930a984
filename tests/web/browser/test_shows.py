"""What gifts look and sound like: one large one after the other, sound only where it is wanted, new ones at once."""

from pathlib import Path

from playwright.async_api import expect

from tests.story.house import House, a_gift
from tests.waiting import until
from tests.web.browser.browsing import DESK, PHONE, enter_room
from tests.web.browser.conftest import OpenBrowser

_COUNT_TONES = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };
"""
# A small copy is looked at: reading the canvas itself would change how the browser keeps it.
_IS_PAINTED = """
(canvas) => {
  if (!canvas.width) return false;
  const small = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  small.drawImage(canvas, 0, 0, 64, 64);
  return small.getImageData(0, 0, 64, 64).data.some((byte) => byte);
}
"""
_DRAWN = """
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128">
  <circle cx="64" cy="64" r="50" fill="#2aa"/><path d="M40 70q24 26 48 0" stroke="#fff" stroke-width="8" fill="none"/>
</svg>
"""


async def test_of_several_large_gifts_at_once_each_has_the_screen_for_itself(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1, pack="pack_12500")
    # Without motion each is shown for five seconds.
    room = await enter_room(await open_browser(PHONE.changed(is_calm=True), await house.arrive("calm")), live)

    for gift in ("galaxy", "fireworks", "diamond_ring"):
        await house.ask(fan, "POST /v1/gifts", a_gift(live, gift))

    for name in ("Galaxy", "Fireworks", "Diamond Ring"):
        await expect(room.headline).to_have_text(f"{fan.handle} sent {name}")
    await expect(room.headline).to_be_empty()


async def test_a_large_gift_fills_the_screen_and_leaves_it_within_twelve_seconds(
    house: House, open_browser: OpenBrowser
):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1, pack="pack_12500")
    room = await enter_room(await open_browser(PHONE, await house.arrive("watcher")), live)
    show = room.page.locator(".stage-show")

    await house.ask(fan, "POST /v1/gifts", a_gift(live, "galaxy"))
    await expect(room.headline).to_contain_text("Galaxy")

    async def fills_the_screen() -> bool:
        return bool(await show.evaluate(_IS_PAINTED))

    await until(fills_the_screen)
    # Its own clock says how long it is; the rest is patience with this machine.
    await expect(room.headline).to_be_empty(timeout=40_000)
    assert not await show.evaluate(_IS_PAINTED)


async def test_on_a_phone_the_tray_makes_way_for_a_large_gift_and_stays_for_a_small_one(
    house: House, open_browser: OpenBrowser
):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1, pack="pack_12500")
    room = await enter_room(await open_browser(PHONE, fan), live)
    await room.open_tray()

    await room.give("rose")
    await expect(room.told("Rose")).to_have_count(1)
    await expect(room.tray).to_be_visible()
    await room.give("galaxy")

    await expect(room.tray).to_be_hidden()
    await expect(room.headline).to_contain_text("Galaxy")
    assert len(await house.until_told(live, 2)) == 2


async def test_a_room_is_silent_until_its_sound_is_turned_on_and_again_when_it_is_off(
    house: House, open_browser: OpenBrowser
):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    browser = await open_browser(DESK, await house.arrive("listener"))
    await browser.context.add_init_script(_COUNT_TONES)
    room = await enter_room(browser, live)
    sound = room.page.get_by_role("button", name="Sound")

    async def tones_of(gift: str, name: str) -> int:
        before = int(await room.page.evaluate("tones"))
        await house.ask(fan, "POST /v1/gifts", a_gift(live, gift))
        await expect(room.told(name)).to_have_count(1)
        return int(await room.page.evaluate("tones")) - before

    silent = await tones_of("rose", "Rose")
    await sound.click()
    await expect(sound).to_have_attribute("aria-pressed", "true")
    loud = await tones_of("heart", "Heart")
    await sound.click()
    await expect(sound).to_have_attribute("aria-pressed", "false")
    again = await tones_of("doughnut", "Doughnut")

    assert (silent, again) == (0, 0)
    assert loud > 0


async def test_a_gift_that_the_operator_adds_with_its_art_is_in_the_tray_at_once_and_is_shown(
    house: House, open_browser: OpenBrowser, tmp_path: Path
):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    art = tmp_path / "smile.svg"
    art.write_text(_DRAWN)
    room = await enter_room(await open_browser(PHONE, fan), live)
    await room.open_tray()
    await expect(room.gift("smile")).to_have_count(0)
    await room.page.keyboard.press("Escape")

    page = await (await open_browser(DESK, house.operator)).visit("/operator/catalogue/new")
    await page.get_by_label("Picture").set_input_files(art)
    await page.get_by_label("Name").fill("Smile")
    await page.get_by_label("Slug").fill("smile")
    await page.get_by_label("Price in coins").fill("7")
    await page.get_by_role("button", name="Add the gift").click()
    await page.wait_for_url("**/operator/catalogue/smile*")
    await room.open_tray()
    await room.give("smile")

    await expect(room.told("Smile")).to_have_count(1)
    shown = room.lane.locator("img").first
    await expect(shown).to_have_attribute("src", "/art/" + (await shown.get_attribute("src") or "").split("/")[-1])
    assert await shown.evaluate("(image) => image.complete && image.naturalWidth > 0")
    await house.ask(house.operator, "POST /v1/operator/gifts/smile/retire", {})
