"""The whole product as an operator runs it: `plaudit serve` in a directory of its own, killed and started again."""

import os
import socket
import subprocess
import time
from pathlib import Path
from signal import SIGKILL, SIGTERM

import psutil

from plaudit.foundation.embedded import EmbeddedPostgres
from tests.cli.running import COMMAND, environ
from tests.ledger.crash.victims import tell
from tests.waiting import is_gone, until

_STARTED = "Plaudit runs at "
_START_SECONDS = 90
_STOP_SECONDS = 60


class Product:
    """`plaudit serve`, life after life on the same directory and the same ports."""

    def __init__(self, directory: Path, **different: str) -> None:
        """`different` are further environment variables."""
        self._directory = directory
        port, gateway_port = _free_ports(2)
        self.url = f"http://127.0.0.1:{port}"
        settings = {
            "PLAUDIT_DATA_DIR": str(directory / "data"),
            "PLAUDIT_PORT": str(port),
            "PLAUDIT_GATEWAY_PORT": str(gateway_port),
            "PLAUDIT_EMBEDDED_POSTGRES_MEMORY_MB": "64",
            # One address and a few sessions stand for a crowd.
            "PLAUDIT_SESSION_RATE": "0",
            "PLAUDIT_ADDRESS_RATE": "0",
            "PLAUDIT_GATEWAY_CONNECTIONS_PER_ADDRESS": "0",
            **different,
        }
        # Not measured by coverage: who is killed can't write down what it measured.
        plain = {name: value for name, value in environ(**settings).items() if not name.startswith("COVERAGE_")}
        self._environ = plain
        self.data_dir = directory / "data"
        self._log = directory / "serve.log"
        self._running: subprocess.Popen[bytes] | None = None
        self.database_url = EmbeddedPostgres(directory / "data").url

    @property
    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None

    @property
    def log(self) -> str:
        """All that it has said on stderr, in every life."""
        return self._log.read_text()

    def start(self) -> None:
        """Return when everything is up. A life that ends at once is a failure, with its last words."""
        said = self._directory / "serve.out"
        with said.open("wb") as out, self._log.open("ab") as errors:
            self._running = subprocess.Popen(
                [*COMMAND, "serve"], cwd=self._directory, env=self._environ, stdout=out, stderr=errors
            )
        end = time.monotonic() + _START_SECONDS
        while not said.read_text().startswith(_STARTED):
            assert self.is_running, f"plaudit serve ended with {self._running.returncode}: {self.log[-4000:]}"
            assert time.monotonic() < end, f"plaudit serve didn't start: {self.log[-4000:]}"
            time.sleep(0.02)

    def stop(self) -> None:
        """Ask it to stop, as Ctrl-C does, and leave nothing running whatever happens."""
        if self._running is None:
            return
        family = self.family() if self.is_running else []
        self._running.send_signal(SIGTERM)
        try:
            self._running.wait(_STOP_SECONDS)
        finally:
            tell(family, SIGKILL)

    def run(self, *words: str) -> str:
        """Another command on the same data directory, which must go well; what it says."""
        ended = subprocess.run(
            [*COMMAND, *words], env=self._environ, capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def family(self) -> list[psutil.Process]:
        """`plaudit serve`, then every program that it started."""
        assert self._running is not None, "it was started"
        serve = psutil.Process(self._running.pid)
        return [serve, *serve.children(recursive=True)]

    def child(self, word: str) -> psutil.Process:
        """The program that has this word in its command line, as `plaudit.web`, `nats-server` or `postgres`."""
        assert self._running is not None, "it was started"
        found = find_child(psutil.Process(self._running.pid), word)
        assert found is not None, f"{word} runs"
        return found

    async def until_it_is_back(self, word: str, killed: psutil.Process) -> None:
        """Wait until the supervisor has started another one in place of the one that was killed."""
        assert self._running is not None, "it was started"
        serve = psutil.Process(self._running.pid)
        await until(lambda: is_gone(killed))
        await until(lambda: find_child(serve, word) not in (None, killed), seconds=60)

    async def until_it_ends(self) -> None:
        """Wait until it is gone, by itself."""
        await until(lambda: not self.is_running, seconds=60)


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def group_of(leader: psutil.Process) -> list[psutil.Process]:
    """Everything in the process group that this one leads, itself first."""
    assert os.getpgid(leader.pid) == leader.pid, "it has a session of its own"
    return [leader, *leader.children(recursive=True)]


def find_child(parent: psutil.Process, word: str) -> psutil.Process | None:
    """The living program that this one started and that has the word in its command line."""
    return next((each for each in parent.children() if any(word in said for said in _words_of(each))), None)


def _words_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    # Also of one that ended and that nobody has taken note of yet.
    except psutil.NoSuchProcess:
        return []
