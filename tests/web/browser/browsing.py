"""A browser with a person before it, which notes everything that a page must not do."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from playwright.async_api import (
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    WebError,
    WebSocket,
    expect,
)

from tests.chromium import FLAGS, find_chromium
from tests.web.api.conftest import Someone

# Everything on this machine waits for one of two cores at times.
PATIENCE_MS = 15_000
AXE = Path(__file__).parents[3] / "front/node_modules/axe-core/axe.min.js"

expect.set_options(timeout=PATIENCE_MS)

_OWN_SCHEMES = {"data", "blob", "about"}
_TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} in ${event.sourceFile}:${event.lineNumber}`);
});
"""
_END_OF_MOTION = """
Promise.race([
  Promise.all(
    document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime < 5000)
      .map((each) => each.finished.catch(() => {}))
  ),
  new Promise((resolve) => setTimeout(resolve, 5000)),
]).then(() => {})
"""


class Look(Struct, frozen=True, kw_only=True):
    """What somebody looks through."""

    name: str
    width: int
    height: int
    is_touch: bool
    is_dark: bool = False
    is_calm: bool = False

    def changed(self, **different: bool) -> "Look":
        """The same screen, dark or with reduced motion."""
        return Look(
            name=self.name,
            width=self.width,
            height=self.height,
            is_touch=self.is_touch,
            **{"is_dark": self.is_dark, "is_calm": self.is_calm, **different},
        )


PHONE = Look(name="phone", width=390, height=844, is_touch=True)
DESK = Look(name="desk", width=1280, height=800, is_touch=False)
LOOKS = [look.changed(is_dark=is_dark) for look in (PHONE, DESK) for is_dark in (False, True)]


class Browser:
    """One browser with a directory of its own, at the product's address. What went wrong in it is in `problems`."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context = context
        self.base = base
        self.page: Page = context.pages[0]
        self.problems: list[str] = []
        self._allowed: list[str] = []
        self._host = urlsplit(base).hostname

    @classmethod
    async def open(cls, chromium: BrowserType, directory: Path, base: str, look: Look) -> "Browser":
        """Start it, with one empty tab."""
        context = await chromium.launch_persistent_context(
            str(directory),
            executable_path=find_chromium(chromium.executable_path),
            args=list(FLAGS),
            viewport={"width": look.width, "height": look.height},
            has_touch=look.is_touch,
            is_mobile=look.is_touch,
            color_scheme="dark" if look.is_dark else "light",
            reduced_motion="reduce" if look.is_calm else "no-preference",
            locale="en-US",
            base_url=base,
        )
        context.set_default_timeout(PATIENCE_MS)
        browser = cls(context, base)
        await browser._listen()
        return browser

    async def _listen(self) -> None:
        await self.context.add_init_script(_TELL_VIOLATIONS)
        self.context.on("console", self._note_console)
        self.context.on("weberror", self._note_error)
        self.context.on("request", self._note_request)
        self.context.on("response", self._note_response)
        self.context.on("page", lambda page: page.on("websocket", self._note_socket))
        self.page.on("websocket", self._note_socket)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _note_error(self, error: WebError) -> None:
        self.problems.append(f"error in the page: {error.error}")

    def _note_request(self, request: Request) -> None:
        self._note_address(request.url)

    def _note_socket(self, socket: WebSocket) -> None:
        self._note_address(socket.url)

    def _note_response(self, response: Response) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.request.method} {response.url}: {response.status}")

    def _note_address(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in _OWN_SCHEMES and parts.hostname != self._host:
            self.problems.append(f"asked another host: {address}")

    def allow(self, pattern: str) -> None:
        """A problem that the test brings about on purpose, as a regular expression."""
        self._allowed.append(pattern)

    def allow_refusals(self, status: int) -> None:
        """Chromium writes every answer of 400 and more to the console; such a one belongs to the test."""
        self.allow(rf"console error: Failed to load resource: the server responded with a status of {status}")

    def allow_no_network(self) -> None:
        """While there is no network, Chromium says so for every attempt."""
        self.allow(r"console error: (Failed to load resource: net::ERR_|WebSocket connection to .* failed)")

    @property
    def unexpected(self) -> list[str]:
        """What no test asked for."""
        return [problem for problem in self.problems if not any(re.match(each, problem) for each in self._allowed)]

    async def sign_in(self, someone: Someone) -> None:
        """Be this person, as after the sign-in page."""
        await self.context.add_cookies([{"name": "plaudit_session", "value": someone.token, "url": self.base}])

    async def visit(self, path: str) -> Page:
        """Go there in the first tab."""
        await self.page.goto(path)
        return self.page

    async def close(self) -> None:
        """End it."""
        await self.context.close()


async def enter_room(browser: Browser, live: str) -> "Room":
    """Open the room, and return when its line is up."""
    room = Room(await browser.visit(f"/live/{live}"))
    await room.until_connected()
    return room


class Room:
    """The live room as somebody uses it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lane = page.locator(".lane li")
        self.chat = page.get_by_role("log")
        self.tray = page.locator(".tray")
        self.send = self.tray.get_by_role("button", name="Send")
        self.problem = self.tray.get_by_role("alert")
        self.coins = self.tray.locator("[data-tray-coins]")
        self.state_line = page.locator("[data-state-line]")
        self.headline = page.locator(".headline")

    async def until_connected(self) -> None:
        """Wait until the line to the room is up."""
        await expect(self.page.locator('.room[data-line="up"]')).to_be_attached()

    async def open_tray(self) -> None:
        """Tap on the gift button, and wait for the gifts."""
        await self.page.get_by_role("button", name="Gifts", exact=True).click()
        await expect(self.gift("rose")).to_be_visible()

    def gift(self, gift: str) -> Locator:
        """A gift of the tray."""
        return self.tray.locator(f'[data-gift="{gift}"]')

    async def choose(self, gift: str) -> None:
        """Tap on a gift of the tray."""
        await self.gift(gift).click()

    async def give(self, gift: str, *, taps: int = 1) -> None:
        """Choose a gift, and tap on "Send" that many times."""
        await self.choose(gift)
        for _ in range(taps):
            await self.send.click()

    def told(self, gift: str, times: int = 1) -> Locator:
        """The line of the chat that tells of a gift, and of so many in one combo."""
        lines = self.chat.locator("li.gift-line").filter(has_text=gift)
        return lines.filter(has_text=f"×{times}") if times > 1 else lines

    async def say(self, text: str) -> None:
        """Write it in the chat, and send it."""
        await self.page.get_by_label("Say something").fill(text)
        await self.page.get_by_role("button", name="Send what you wrote").click()


async def find_barriers(page: Page) -> list[str]:
    """What axe finds on the page as it stands, in every one of LOOKS: one line each, with the element."""
    # The policy lets in no script of ours from outside; the debugger's own evaluation isn't asked for one.
    await page.evaluate(AXE.read_text() + "; undefined")
    return [f"{look.name}{' dark' * look.is_dark}: {each}" for look in LOOKS for each in await _barriers_in(page, look)]


def _asked_of_axe(look: Look) -> dict[str, object]:
    """Everything on the light; the theme changes nothing but colours."""
    every = {"resultTypes": ["violations"]}
    return {**every, "runOnly": ["color-contrast", "link-in-text-block"]} if look.is_dark else {**every}


async def _barriers_in(page: Page, look: Look) -> list[str]:
    await page.set_viewport_size({"width": look.width, "height": look.height})
    await page.emulate_media(color_scheme="dark" if look.is_dark else "light")
    async with asyncio.timeout(60):
        # What fades in has the contrast that it is going to have.
        await page.evaluate(_END_OF_MOTION)
        found: dict[str, Any] = await page.evaluate(f"axe.run(document, {json.dumps(_asked_of_axe(look))})")
    return [
        f"{violation['id']} ({violation['impact']}): {json.dumps(node['target'])} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
