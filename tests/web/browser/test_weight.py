"""How much a phone loads before the room is there, and how smoothly the room runs while gifts pour in."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit
from uuid import uuid4

from playwright.async_api import CDPSession

from tests.story.house import House, Json, a_gift
from tests.web.browser.browsing import PHONE, enter_room
from tests.web.browser.conftest import OpenBrowser

MOST_BYTES = 150_000
GIFTS_A_SECOND = 20
MEASURED_SECONDS = 6
FRAMES = "disabled-by-default-devtools.timeline,disabled-by-default-devtools.timeline.frame,devtools.timeline.frame"
_IS_ART = ("/gifts/", "/art/")


def kind_of(address: str) -> str:
    """Under which heading an address is counted."""
    path = urlsplit(address).path
    if "/static/" not in path:
        return "html" if path.startswith("/live/") else "answers"
    if any(part in path for part in _IS_ART):
        return "gift art and scenes"
    return {"css": "css", "js": "js", "mjs": "js", "woff2": "fonts"}.get(path.rsplit(".", 1)[-1], "pictures")


async def weigh(session: CDPSession) -> tuple[Counter[str], list[str]]:
    """Follow what is loaded from now on: bytes on the wire by kind, headers included, and every address."""
    addresses: dict[str, str] = {}
    bytes_by_kind: Counter[str] = Counter()
    loaded: list[str] = []

    def asked(event: Json) -> None:
        addresses[event["requestId"]] = event["request"]["url"]

    def finished(event: Json) -> None:
        address = addresses[event["requestId"]]
        loaded.append(address)
        bytes_by_kind[kind_of(address)] += int(event["encodedDataLength"])

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", finished)
    await session.send("Network.enable")  # pyright: ignore[reportUnknownMemberType] - its dict has no types
    return bytes_by_kind, loaded


@contextlib.asynccontextmanager
async def tracing(session: CDPSession) -> AsyncGenerator[list[float]]:
    """The browser traces itself while the block runs; afterwards, when each frame was drawn, in milliseconds."""
    drawn: list[float] = []
    done = asyncio.Event()

    def collect(event: Json) -> None:
        drawn.extend(each["ts"] / 1000 for each in event["value"] if each.get("name") == "DrawFrame")

    def finish(_: Json) -> None:
        done.set()

    session.on("Tracing.dataCollected", collect)
    session.on("Tracing.tracingComplete", finish)
    await session.send("Tracing.start", {"categories": FRAMES, "transferMode": "ReportEvents"})  # pyright: ignore[reportUnknownMemberType] - its dict has no types
    yield drawn
    await session.send("Tracing.end")  # pyright: ignore[reportUnknownMemberType] - its dict has no types
    async with asyncio.timeout(30):
        await done.wait()


async def test_the_first_view_of_the_room_is_light(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    browser = await open_browser(PHONE, fan)
    weights, loaded = await weigh(await browser.context.new_cdp_session(browser.page))

    room = await enter_room(browser, live)
    await room.page.wait_for_load_state("networkidle")

    own = sum(weights[kind] for kind in ("html", "css", "js", "pictures"))
    print(f"The room, cold: {own / 1000:.1f} kB of our own and library code, and apart from it:", dict(weights))
    assert 0 < own < MOST_BYTES
    assert own + weights["fonts"] + weights["answers"] == weights.total() - weights["gift art and scenes"]
    assert len(loaded) == len(set(loaded)), "nothing is loaded twice"


async def test_the_room_goes_on_while_gifts_pour_in_and_its_frames_are_counted(house: House, open_browser: OpenBrowser):
    _, live = await house.open_live("nova")
    givers = await house.fans(4, pack="pack_12500")
    room = await enter_room(await open_browser(PHONE, await house.arrive("watcher")), live)

    async def pour() -> None:
        combos = [str(uuid4()) for _ in givers]
        gifts = ("rose", "heart", "doughnut", "ice_cream")
        for turn in range(GIFTS_A_SECOND * (MEASURED_SECONDS + 4)):
            at = turn % len(givers)
            wish = a_gift(live, gifts[at], combo_id=combos[at])
            sending = asyncio.create_task(house.ask(givers[at], "POST /v1/gifts", wish))
            await asyncio.sleep(1 / GIFTS_A_SECOND)
            await sending

    pouring = asyncio.create_task(pour())
    await asyncio.sleep(2)
    session = await room.page.context.new_cdp_session(room.page)
    async with tracing(session) as drawn:
        figures = await room.page.evaluate(COUNT_FRAMES, MEASURED_SECONDS * 1000)
    pouring.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await pouring

    print(
        f"The room, {figures['gifts'] / figures['seconds']:.0f} gifts/s: "
        f"{len(drawn) / figures['seconds']:.1f} frames/s drawn by the browser's own trace, "
        f"{figures['frames'] / figures['seconds']:.1f} asked of the page, "
        f"and at most {figures['worst_ms']:.0f} ms between two of them"
    )
    assert drawn
    assert figures["frames"] > 0
    assert figures["gifts"] > 0
    assert await room.lane.count() <= 4


COUNT_FRAMES = """
(ms) => new Promise((resolve) => {
  const chat = document.querySelector(".chat");
  let gifts = 0;
  let frames = 0;
  let worst = 0;
  new MutationObserver((changes) => { gifts += changes.length; }).observe(chat, { childList: true, subtree: true });
  const start = performance.now();
  let last = start;
  const frame = (now) => {
    frames += 1;
    worst = Math.max(worst, now - last);
    last = now;
    if (now - start < ms) requestAnimationFrame(frame);
    else resolve({ frames, gifts, worst_ms: worst, seconds: (now - start) / 1000 });
  };
  requestAnimationFrame(frame);
})
"""
