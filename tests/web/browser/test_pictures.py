"""Pictures of the main pages, to be looked at: in docs/pictures with PLAUDIT_PICTURES=1, else they are thrown away."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from msgspec import Struct
from playwright.async_api import Page

from tests.story.house import House, a_gift
from tests.web.api.conftest import Someone
from tests.web.browser.browsing import DESK, PHONE, enter_room
from tests.web.browser.conftest import OpenBrowser

DOCS = Path(__file__).parents[3] / "docs/pictures"
MOST_BYTES = 250_000
# When the show is at its fullest.
SHOW_MS = 4_200

STAGES = (
    ("Mara Lindqvist", "Songs by candlelight"),
    ("Teo", "Chess, coffee and calm chat"),
    ("Juno Park", "Drawing your pets, live"),
    ("Ravi Anand", "Tabla before breakfast"),
)
NAMES: Sequence[str] = ("Ana", "Bo", "Clementine", "Dee")
SAID = (
    ("Ana", "First time here, hello everybody"),
    ("Bo", "That chord change!"),
    ("Clementine", "I listen from a village far up north"),
    ("Dee", "Play the one from yesterday please"),
    ("Ana", "encore, encore"),
    ("Bo", "this is so good"),
)


class Scene(Struct, frozen=True):
    """Who is in the pictures, and where."""

    creator: Someone
    live: str
    fans: list[Someone]


async def set_the_scene(house: House) -> Scene:
    """Some creators who are live, and fans who talk and give in the room of the first."""
    opened: list[tuple[Someone, str]] = []
    for name, title in STAGES[::-1]:
        creator, live = await house.open_live(name.split()[0].lower())
        await house.ask(creator, "PATCH /v1/me", {"display_name": name})
        await house.ask(creator, f"PATCH /v1/lives/{live}", {"title": title})
        opened.append((creator, live))
    creator, live = opened[-1]
    fans = await house.fans(4, pack="pack_12500")
    for fan, name in zip(fans, NAMES, strict=True):
        await house.ask(fan, "PATCH /v1/me", {"display_name": name})
    return Scene(creator, live, fans)


async def talk_and_give(house: House, scene: Scene) -> None:
    """A few lines of chat, and combos of small gifts."""
    by_name = dict(zip(NAMES, scene.fans, strict=True))
    for name, text in SAID:
        await house.ask(by_name[name], f"POST /v1/lives/{scene.live}/chat", {"text": text})
    for fan, gift, taps in zip(scene.fans[1:], ("rose", "doughnut", "butterfly"), (9, 5, 1), strict=True):
        combo = str(uuid4())
        for _ in range(taps):
            await house.ask(fan, "POST /v1/gifts", a_gift(scene.live, gift, combo_id=combo))


async def picture(page: Page, folder: Path, name: str) -> None:
    """One picture of what is to be seen."""
    await page.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=82)


async def watch_and_picture(house: House, scene: Scene, pages: Sequence[tuple[Page, str]], folder: Path) -> None:
    """A large gift, as it looks in several browsers."""
    await talk_and_give(house, scene)
    await house.ask(scene.fans[0], "POST /v1/gifts", a_gift(scene.live, "galaxy"))
    await asyncio.sleep(SHOW_MS / 1000)
    for page, name in pages:
        await picture(page, folder, name)


async def test_the_main_pages_have_their_picture_taken(house: House, open_browser: OpenBrowser, tmp_path: Path):
    folder = DOCS if os.environ.get("PLAUDIT_PICTURES") else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    scene = await set_the_scene(house)
    fan = scene.fans[0]
    phone, desk = await open_browser(PHONE, fan), await open_browser(DESK, fan)
    stranger = await open_browser(DESK)

    room, wide_room = await enter_room(phone, scene.live), await enter_room(desk, scene.live)
    await watch_and_picture(house, scene, [(room.page, "room-phone"), (wide_room.page, "room")], folder)
    await room.open_tray()
    await room.choose("rose")
    await picture(room.page, folder, "tray")
    for browser, path, name in (
        (stranger, "/", "home"),
        (phone, "/", "home-phone"),
        (desk, "/wallet", "wallet"),
        (await open_browser(DESK, scene.creator), "/studio", "studio"),
        (await open_browser(DESK, house.operator), "/operator", "operator"),
    ):
        page = await browser.visit(path)
        await page.wait_for_load_state("networkidle")
        await picture(page, folder, name)

    sizes = {path.name: path.stat().st_size for path in folder.glob("*.jpg")}
    assert len(sizes) == 8
    assert all(0 < size < MOST_BYTES for size in sizes.values()), sizes
