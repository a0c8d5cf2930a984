"""The web server as a child of the program that supervises everything; docs/decisions/0003 says why."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec

from plaudit.foundation.addresses import find_free_address, reachable, url_of
from plaudit.foundation.children import GRACE_SECONDS, describe_end, start_child, stop_child
from plaudit.foundation.errors import WebServerStopped
from plaudit.foundation.settings import Settings

_START_SECONDS = 60.0
_ASK_AGAIN_SECONDS = 0.05
_SETTINGS = "PLAUDIT_HOST or PLAUDIT_PORT"


class WebServer:
    """The running web server: where it is, and when it ends."""

    def __init__(self, child: Process, url: str) -> None:
        self._child = child
        self.url = url

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    async def until_it_ends(self) -> None:
        """Wait for it to end by itself, which it never should: raises WebServerStopped."""
        raise WebServerStopped(_how_it_ended(await self._child.wait()))


def find_web_address(settings: Settings) -> tuple[str, int]:
    """The IP address and port that the web server would listen on now; raises AddressTaken."""
    return find_free_address(settings.host, settings.port, program="web server", settings=_SETTINGS)


@asynccontextmanager
async def running_web_server(settings: Settings) -> AsyncGenerator[WebServer]:
    """Start the web server, give it when it answers, and stop it on the way out: requests in flight finish first.

    `settings` must hold both URLs. Raises AddressTaken, and WebServerStopped when it doesn't come up.
    """
    address, port = find_web_address(settings)
    child = await start_child("plaudit.web", msgspec.structs.replace(settings, host=address, port=port))
    try:
        await _until_it_answers(child, address, port)
        yield WebServer(child, url_of("http", address, port))
    finally:
        await stop_child(child, settings.stop_deadline_ms / 1000 + GRACE_SECONDS)


async def _until_it_answers(child: Process, address: str, port: int) -> None:
    try:
        async with asyncio.timeout(_START_SECONDS):
            while child.returncode is None and not await _is_alive(address, port):
                await asyncio.sleep(_ASK_AGAIN_SECONDS)
    except TimeoutError:
        raise WebServerStopped(f"The web server didn't answer within {_START_SECONDS:.0f} seconds.") from None
    if child.returncode is not None:
        raise WebServerStopped(_how_it_ended(child.returncode))


async def _is_alive(address: str, port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(reachable(address), port)
    except OSError:
        return False
    try:
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return (await reader.readline()).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
    finally:
        writer.close()


def _how_it_ended(code: int) -> str:
    return f"The web server stopped by itself ({describe_end(code)}); its log lines above say why."
