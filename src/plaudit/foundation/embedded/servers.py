"""PostgreSQL and NATS for whoever brings none: started together, watched over, stopped together."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from plaudit.foundation.embedded.child import ChildHealth
from plaudit.foundation.embedded.failures import disk_errors_explained
from plaudit.foundation.embedded.lock import DirectoryLock
from plaudit.foundation.embedded.nats import EmbeddedNats
from plaudit.foundation.embedded.postgres import EmbeddedPostgres


class ServerSettings(Protocol):
    """What of the settings matters here."""

    @property
    def database_url(self) -> str | None:
        """An external PostgreSQL, or None for an embedded one."""
        ...

    @property
    def nats_url(self) -> str | None:
        """An external NATS, or None for an embedded one."""
        ...

    @property
    def data_dir(self) -> Path:
        """Where embedded servers keep what they have."""
        ...

    @property
    def embedded_postgres_memory_mb(self) -> int:
        """For the embedded PostgreSQL's shared_buffers."""
        ...


@dataclass(frozen=True, slots=True)
class RunningServers:
    """Where the servers are; `postgres` and `nats` are None when they are somebody else's."""

    database_url: str
    nats_url: str
    postgres: EmbeddedPostgres | None
    nats: EmbeddedNats | None

    @property
    def health(self) -> tuple[ChildHealth, ...]:
        """Of each embedded server, as last seen."""
        return tuple(server.health for server in (self.postgres, self.nats) if server is not None)


@contextlib.asynccontextmanager
async def running_servers(settings: ServerSettings) -> AsyncGenerator[RunningServers]:
    """Both servers, external where the settings have a URL, embedded and supervised otherwise, until the block ends.

    Raises DataDirectoryInUse when another Plaudit runs embedded servers on the same directory, EmbeddedServerFailed
    when one can't be started. With two external servers it touches neither disk nor network.
    """
    directory = settings.data_dir.resolve()
    postgres = nats = None
    if settings.database_url is None:
        postgres = EmbeddedPostgres(directory, memory_mb=settings.embedded_postgres_memory_mb)
    if settings.nats_url is None:
        nats = EmbeddedNats(directory)
    embedded = [server for server in (postgres, nats) if server is not None]
    with contextlib.ExitStack() as held:
        if embedded:
            held.enter_context(_lock(directory))
        try:
            await _start_together(embedded)
            database_url = postgres.url if postgres else settings.database_url
            nats_url = nats.url if nats else settings.nats_url
            yield RunningServers(database_url or "", nats_url or "", postgres, nats)
        finally:
            await asyncio.gather(*(server.stop() for server in embedded))


@contextlib.contextmanager
def _lock(directory: Path) -> Generator[None]:
    lock = DirectoryLock(directory / "lock")
    with disk_errors_explained("Plaudit", directory):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.take()
    try:
        yield
    finally:
        lock.release()


async def _start_together(servers: list[EmbeddedPostgres | EmbeddedNats]) -> None:
    try:
        async with asyncio.TaskGroup() as starting:
            for server in servers:
                starting.create_task(server.start())
    except BaseExceptionGroup as failures:
        # When both fail, as on a full disk, one sentence is enough.
        raise failures.exceptions[0] from None
