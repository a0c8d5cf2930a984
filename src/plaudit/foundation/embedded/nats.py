"""nats-server as a supervised child on the loopback, with a port and a token that survive restarts."""

import contextlib
import secrets
import signal
import socket
from pathlib import Path
from typing import Self

import msgspec
import nats.errors
from nats.aio.client import Client

from plaudit.foundation.embedded.child import ChildHealth, ChildPlan, SupervisedChild
from plaudit.foundation.embedded.command import Command
from plaudit.foundation.embedded.failures import disk_errors_explained
from plaudit.foundation.embedded.files import write_atomically
from plaudit.foundation.embedded.lock import DirectoryLock
from plaudit.foundation.embedded.orphans import Orphan, retire
from plaudit.foundation.embedded.programs import find_nats_program
from plaudit.foundation.errors import EmbeddedServerFailed

_NAME = "NATS"
_HOST = "127.0.0.1"
_FAREWELLS = ((signal.SIGTERM, 10.0),)


class _Authorization(msgspec.Struct, frozen=True):
    token: str


class _Config(msgspec.Struct, frozen=True):
    """What nats-server reads; its configuration language takes JSON. Nothing is kept on disk: no JetStream."""

    host: str
    port: int
    pid_file: str
    authorization: _Authorization

    @property
    def url(self) -> str:
        """With the token as the user's name, which is where clients look for it."""
        return f"nats://{self.authorization.token}@{self.host}:{self.port}"


class EmbeddedNats:
    """nats-server in `directory`: its configuration, pid and log in `nats.conf`, `nats.pid` and `nats.log`.

    A port of None means: any free one, and the same again next time if it is still free.
    """

    def __init__(self, directory: Path, *, port: int | None = None, start_seconds: float = 30.0) -> None:
        self._directory = directory.resolve()
        self._path = self._directory / "nats.conf"
        self._pid_path = self._directory / "nats.pid"
        self._port = port
        self._start_seconds = start_seconds
        self._lock = DirectoryLock(self._directory / "nats.lock")
        self._config: _Config | None = None
        self._child: SupervisedChild | None = None

    @property
    def url(self) -> str:
        """With the token; the same after every restart by the supervisor. EmbeddedServerFailed before the start."""
        if self._config is None:
            raise EmbeddedServerFailed(f"{_NAME} wasn't started yet.")
        return self._config.url

    @property
    def pid(self) -> int:
        """The server's; EmbeddedServerFailed while there is none."""
        if self._child is None or self._child.health.pid is None:
            raise EmbeddedServerFailed(f"{_NAME} isn't running.")
        return self._child.health.pid

    @property
    def health(self) -> ChildHealth:
        """As last seen, without asking the server."""
        return self._child.health if self._child else ChildHealth(_NAME, False, None, 0, None)

    async def start(self) -> None:
        """Returns when a client can connect.

        Raises DataDirectoryInUse when another one runs here, EmbeddedServerFailed when it can't be started.
        """
        with disk_errors_explained(_NAME, self._directory), contextlib.ExitStack() as on_failure:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.take()
            on_failure.callback(self._lock.release)
            await self._retire_orphan()
            self._config = self._configure()
            self._child = SupervisedChild(self._plan(find_nats_program()))
            await self._child.start()
            on_failure.pop_all()

    async def stop(self) -> None:
        """Disconnects every client. Harmless when it isn't running."""
        if self._child is not None:
            await self._child.stop()
        self._lock.release()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _retire_orphan(self) -> None:
        try:
            pid = int(self._pid_path.read_text(errors="replace"))
        except (FileNotFoundError, ValueError):
            return
        orphan = Orphan(name=_NAME, program="nats-server", pid=pid, path=self._path)
        if pid > 0 and orphan.is_running():
            await retire(orphan, _FAREWELLS)

    def _configure(self) -> _Config:
        """Written anew at every start, so that a file that a power cut tore is of no consequence."""
        before = self._remembered()
        token = before.authorization.token if before else secrets.token_hex(32)
        config = _Config(_HOST, self._choose_port(before), str(self._pid_path), _Authorization(token))
        write_atomically(self._path, msgspec.json.format(msgspec.json.encode(config), indent=2).decode())
        return config

    def _remembered(self) -> _Config | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Config)
        except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _choose_port(self, before: _Config | None) -> int:
        if self._port is not None:
            if not _is_free(self._port):
                raise EmbeddedServerFailed(
                    f"{_NAME} can't be started: port {self._port} on {_HOST} is taken by another program."
                )
            return self._port
        if before and _is_free(before.port):
            return before.port
        with socket.create_server((_HOST, 0)) as probe:
            return int(probe.getsockname()[1])

    def _plan(self, program: Path) -> ChildPlan:
        return ChildPlan(
            name=_NAME,
            command=Command(argv=(str(program), "--config", str(self._path)), death_signal=signal.SIGTERM),
            log=self._directory / "nats.log",
            answers=self._answers,
            before_start=lambda: self._pid_path.unlink(missing_ok=True),
            farewells=_FAREWELLS,
            start_seconds=self._start_seconds,
        )

    async def _answers(self) -> bool:
        client = Client()
        try:
            # Once, without the two seconds that it would wait after a refusal.
            await client.connect(
                self.url, allow_reconnect=False, connect_timeout=2, reconnect_time_wait=0, error_cb=_expected
            )
        except (nats.errors.Error, OSError, TimeoutError):
            return False
        else:
            return True
        finally:
            await client.close()  # after a failure too: it would leave a socket open


async def _expected(_: Exception) -> None:
    """While it starts, a refused connection is no news."""


def _is_free(port: int) -> bool:
    try:
        with socket.create_server((_HOST, port)):
            return True
    except (OSError, OverflowError):
        return False
