"""The web server as a child of the program that supervises everything; docs/decisions/0003 says why."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec

from plaudit.foundation.errors import AddressTaken, WebServerStopped
from plaudit.foundation.settings import CONFIG_VARIABLE, Settings, as_environ, own_environ

_START_SECONDS = 60.0
_ASK_AGAIN_SECONDS = 0.05
# The child gives its requests `stop_deadline_ms`, and itself a little to close what it has open.
_GRACE_SECONDS = 3.0


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


@asynccontextmanager
async def running_web_server(settings: Settings) -> AsyncGenerator[WebServer]:
    """Start the web server, give it when it answers, and stop it on the way out: requests in flight finish first.

    `settings` must hold both URLs. Raises AddressTaken, and WebServerStopped when it doesn't come up.
    """
    address, port = _free_address(settings.host, settings.port)
    settings = msgspec.structs.replace(settings, host=address, port=port)
    child = await _start(settings)
    try:
        await _until_it_answers(child, address, port)
        yield WebServer(child, f"http://{_in_url(address)}:{port}")
    finally:
        await _stop(child, settings.stop_deadline_ms / 1000 + _GRACE_SECONDS)


def _free_address(host: str, port: int) -> tuple[str, int]:
    """The IP address and port to listen on. granian would share a taken port with whoever has it, and say nothing."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
            address, chosen = probe.getsockname()[:2]
            return str(address), int(chosen)
    except OSError as problem:
        raise AddressTaken(
            f"The web server can't listen on {host} port {port} ({problem.strerror}): "
            "choose another PLAUDIT_HOST or PLAUDIT_PORT, or stop what listens there."
        ) from problem


async def _start(settings: Settings) -> Process:
    """A session of its own keeps a Ctrl-C in the terminal from reaching it: the order of stopping is ours alone.

    Its standard input is a pipe that nobody writes to; when it closes, however this program ended, the child ends too.
    """
    # The settings go by environment only, so that an edited plaudit.toml can't make the child differ from its parent.
    environ = {**own_environ(os.environ), **as_environ(settings), CONFIG_VARIABLE: os.devnull}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "plaudit.web", stdin=PIPE, env=environ, start_new_session=True
    )


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
        reader, writer = await asyncio.open_connection(_reachable(address), port)
    except OSError:
        return False
    try:
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return (await reader.readline()).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
    finally:
        writer.close()


async def _stop(child: Process, seconds: float) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), seconds)
    except TimeoutError:
        child.kill()
        await child.wait()


def _how_it_ended(code: int) -> str:
    how = f"exit code {code}" if code >= 0 else f"signal {-code}"
    return f"The web server stopped by itself ({how}); its log lines above say why."


def _reachable(address: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104 - recognised, not bound


def _in_url(address: str) -> str:
    reachable = _reachable(address)
    return f"[{reachable}]" if ":" in reachable else reachable
