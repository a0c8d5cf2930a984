"""The product as it is served, for as long as something is measured: `plaudit serve` in a directory of its own."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import msgspec
import psutil
from msgspec import Struct

from plaudit.foundation.embedded import running_servers
from plaudit.foundation.migrations import migrate
from plaudit.foundation.settings import CONFIG_VARIABLE, Settings, as_environ, own_environ

_START_SECONDS, _STOP_SECONDS = 90.0, 30.0
_PARTS = ("web", "gateway", "worker")


class Spent(Struct, frozen=True):
    """What each part of the product has used so far: seconds of processor time, and bytes of memory now."""

    cpu_seconds: dict[str, float]
    memory_bytes: dict[str, int]

    def cpu_since(self, before: "Spent") -> dict[str, float]:
        """Seconds of processor time since then, by part."""
        return {part: after - before.cpu_seconds.get(part, 0.0) for part, after in self.cpu_seconds.items()}


class Product(Struct, frozen=True, kw_only=True):
    """Where the product that is measured runs, and which programs it is made of."""

    url: str
    settings: Settings
    pids: dict[str, int]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the web server."""
        url = urlsplit(self.url)
        return url.hostname or "", url.port or 0

    def spent(self) -> Spent:
        """What its parts have used so far, each with every program that it started."""
        families = {part: family_of(pid) for part, pid in self.pids.items()}
        families["serve"] = [psutil.Process(self.pids["serve"])]
        serving = {child.pid: child.cmdline() for child in families["serve"][0].children()}
        for part in _PARTS:
            mains = [pid for pid, words in serving.items() if f"plaudit.{part}" in words]
            families[part] = [each for main in mains for each in family_of(main)]
        used = {part: used_by(family) for part, family in families.items()}
        return Spent(
            cpu_seconds={part: cpu_seconds for part, (cpu_seconds, _) in used.items()},
            memory_bytes={part: memory_bytes for part, (_, memory_bytes) in used.items()},
        )


@asynccontextmanager
async def database_apart(settings: Settings) -> AsyncGenerator[tuple[Settings, dict[str, int]]]:
    """PostgreSQL and NATS with nothing in them, and the settings of a product that uses them; the pids by name.

    They lie in the data directory, since the system's temporary one may be memory, where fsync costs nothing. Nobody is
    turned away for sending much: one address stands for a crowd here.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=settings.data_dir) as directory:
        apart = msgspec.structs.replace(
            settings,
            data_dir=Path(directory),
            database_url=None,
            nats_url=None,
            port=0,
            gateway_port=0,
            gateway_url=None,
            gateway_connections_per_address=0,
            session_rate=0,
            address_rate=0,
        )
        async with running_servers(apart) as servers:
            assert servers.postgres is not None, "it is embedded"
            assert servers.nats is not None, "it is embedded"
            await migrate(servers.database_url)
            urls = {"database_url": servers.database_url, "nats_url": servers.nats_url}
            pids = {"postgres": servers.postgres.pid or 0, "nats": servers.nats.pid or 0}
            yield msgspec.structs.replace(apart, **urls), pids


@asynccontextmanager
async def running_product(settings: Settings, pids: dict[str, int]) -> AsyncGenerator[Product]:
    """`plaudit serve` with these settings, as a child, until the block ends. Raises RuntimeError when it doesn't start.

    What it says on the way is kept in its directory, and part of the error.
    """
    environ = {**own_environ(os.environ), **as_environ(settings), CONFIG_VARIABLE: os.devnull}
    said = settings.data_dir / "serve.log"
    with said.open("wb") as errors:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "plaudit.cli", "serve"), stdout=PIPE, stderr=errors, env=environ
        )
    try:
        url = await _address_of(child)
        if not url.startswith("http"):
            raise RuntimeError(f"plaudit serve didn't start: {said.read_text()[-2000:]}")
        yield Product(url=url, settings=settings, pids={"serve": child.pid, **pids})
    finally:
        await _stop(child)


async def _address_of(child: Process) -> str:
    assert child.stdout is not None, "it was started with a pipe"
    async with asyncio.timeout(_START_SECONDS):
        line = await child.stdout.readline()
    return line.decode().split()[-1] if line else ""


async def _stop(child: Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), _STOP_SECONDS)
    except TimeoutError:
        child.kill()
        await child.wait()


def used_by(family: Iterable[psutil.Process]) -> tuple[float, int]:
    """Seconds of processor time and bytes of memory of these programs; one that has just ended counts as nothing."""
    cpu_seconds, memory_bytes = 0.0, 0
    for each in family:
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            memory_bytes += each.memory_info().rss
            cpu_seconds += times.user + times.system
    return cpu_seconds, memory_bytes


def family_of(pid: int) -> list[psutil.Process]:
    """A program, and every one that it started."""
    found = psutil.Process(pid)
    return [found, *found.children(recursive=True)]
