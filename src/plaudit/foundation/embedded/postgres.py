"""PostgreSQL as a supervised child, in a directory that survives restarts, behind a private unix socket."""

import contextlib
import hashlib
import os
import re
import signal
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg

from plaudit.foundation.embedded.child import ChildHealth, ChildPlan, SupervisedChild
from plaudit.foundation.embedded.cluster import SUPERUSER, clear_stale_locks, find_postmaster, prepare_cluster
from plaudit.foundation.embedded.command import Command, run
from plaudit.foundation.embedded.failures import disk_errors_explained, explain
from plaudit.foundation.embedded.files import make_private_directory
from plaudit.foundation.embedded.identity import Identity, Way
from plaudit.foundation.embedded.lock import DirectoryLock
from plaudit.foundation.embedded.options import PORT, server_options
from plaudit.foundation.embedded.orphans import retire
from plaudit.foundation.embedded.programs import find_postgres_programs
from plaudit.foundation.embedded.root import ROOT_WAYS, choose_identity
from plaudit.foundation.errors import EmbeddedServerFailed

_NAME = "PostgreSQL"
_DATABASE = "plaudit"
# A fast shutdown disconnects everyone and writes a checkpoint; an immediate one leaves recovery to the next start.
_FAREWELLS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))
# sockaddr_un holds 108 bytes on Linux and 104 on macOS, with a zero at the end.
_LONGEST_SOCKET_PATH_BYTES = 103


class EmbeddedPostgres:
    """PostgreSQL in `directory`: its cluster in `postgres/`, its socket in `run/`, its log in `postgres.log`.

    `memory_mb` is for shared_buffers, `options` override any server setting but the socket's place, `root_ways` is what
    root may try in this order, `start_seconds` (recovery after a crash included) is how long the start may take.
    """

    def __init__(
        self,
        directory: Path,
        *,
        memory_mb: int = 256,
        options: Mapping[str, str] | None = None,
        root_ways: Sequence[Way] = ROOT_WAYS,
        start_seconds: float = 300.0,
    ) -> None:
        self._directory = directory.resolve()
        self._cluster = self._directory / "postgres"
        self._socket_directory = _socket_directory(self._directory)
        self._memory_mb = memory_mb
        self._options = dict(options or {})
        self._root_ways = root_ways
        self._start_seconds = start_seconds
        self._lock = DirectoryLock(self._directory / "postgres.lock")
        self._child: SupervisedChild | None = None

    @property
    def url(self) -> str:
        """Of the database `plaudit`, for libpq; the same after every restart."""
        return self._url_of(_DATABASE)

    @property
    def pid(self) -> int:
        """The postmaster's; EmbeddedServerFailed while there is none."""
        if self._child is None or self._child.health.pid is None:
            raise EmbeddedServerFailed(f"{_NAME} isn't running.")
        return self._child.health.pid

    @property
    def health(self) -> ChildHealth:
        """As last seen, without asking the server."""
        return self._child.health if self._child else ChildHealth(_NAME, False, None, 0, None)

    async def start(self) -> None:
        """Returns when the database `plaudit` can be used.

        Raises DataDirectoryInUse when another one runs here, EmbeddedServerFailed when it can't be started.
        """
        with disk_errors_explained(_NAME, self._directory), contextlib.ExitStack() as on_failure:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.take()
            on_failure.callback(self._lock.release)
            self._child = SupervisedChild(await self._prepare())
            await self._child.start()
            try:
                await self._make_database()
            except BaseException:
                await self._child.stop()
                raise
            on_failure.pop_all()

    async def stop(self) -> None:
        """A fast shutdown: open transactions are rolled back. Harmless when it isn't running."""
        if self._child is not None:
            await self._child.stop()
        if self._socket_directory.parent != self._directory:
            with contextlib.suppress(OSError):
                self._socket_directory.rmdir()
        self._lock.release()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _prepare(self) -> ChildPlan:
        if (orphan := find_postmaster(self._cluster)) is not None:
            await retire(orphan, _FAREWELLS)
        programs = find_postgres_programs()
        ask_version = (str(programs / "postgres"), "--version")
        identity = await choose_identity(
            ask_version, programs=programs, directory=self._directory, ways=self._root_ways
        )
        make_private_directory(self._socket_directory, owner=identity.owner)
        major = await _ask_major(ask_version)
        await prepare_cluster(self._cluster, programs=programs, major=major, identity=identity)
        return await self._plan(programs / "postgres", identity)

    async def _plan(self, program: Path, identity: Identity) -> ChildPlan:
        options = server_options(
            self._options,
            memory_mb=self._memory_mb,
            socket_directory=self._socket_directory,
        )
        settings = (part for name, value in options.items() for part in ("-c", f"{name}={value}"))
        return ChildPlan(
            name=_NAME,
            command=Command(
                argv=(str(program), "-D", str(self._cluster), *settings),
                identity=identity,
                death_signal=signal.SIGINT,
            ),
            log=self._directory / "postgres.log",
            answers=self._answers,
            before_start=lambda: clear_stale_locks(self._cluster, self._socket_directory),
            farewells=_FAREWELLS,
            start_seconds=self._start_seconds,
        )

    async def _answers(self) -> bool:
        try:
            connection = await psycopg.AsyncConnection.connect(self._url_of("postgres"), connect_timeout=5)
        except psycopg.OperationalError:
            return False
        await connection.close()
        return True

    async def _make_database(self) -> None:
        try:
            async with await psycopg.AsyncConnection.connect(self._url_of("postgres"), autocommit=True) as connection:
                found = await connection.execute("select 1 from pg_database where datname = %s", [_DATABASE])
                if await found.fetchone() is None:
                    await connection.execute("create database plaudit")
        except psycopg.Error as error:
            raise EmbeddedServerFailed(f"{_NAME} started, but its database can't be made: {error}") from error

    def _url_of(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self._socket_directory), safe='')}&port={PORT}"


def _socket_directory(directory: Path) -> Path:
    """Inside `directory`, or, when the socket's path would be too long, one of ours in the system's temporary one."""
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    name = f"plaudit-{os.geteuid()}-{digest}"
    # Whoever else made that name first isn't taken for us: make_private_directory looks at the owner.
    for place in (directory / "run", Path(tempfile.gettempdir()) / name, Path("/tmp") / name):  # noqa: S108
        if len(os.fsencode(place / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET_PATH_BYTES:
            return place
    raise EmbeddedServerFailed("No directory has a path short enough for a socket.")  # unreachable: /tmp is short


async def _ask_major(ask_version: tuple[str, ...]) -> str:
    """`18`, from `postgres (PostgreSQL) 18.6`."""
    code, output = await run(Command(argv=ask_version))
    if code != 0 or not (found := re.search(r"\(PostgreSQL\) (\d+)", output)):
        raise explain("The embedded PostgreSQL doesn't run on this machine: set PLAUDIT_DATABASE_URL.", output)
    return found[1]
