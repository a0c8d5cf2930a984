"""What gets killed: the application with all of its callers, and PostgreSQL with all of its processes."""

import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, Signals

import psutil
import psycopg

from plaudit.foundation.embedded import EmbeddedPostgres
from tests.waiting import is_gone, until

ROOT = Path(__file__).parents[3]


def family_of(server: EmbeddedPostgres) -> list[psutil.Process]:
    """The postmaster, then all of its processes."""
    postmaster = psutil.Process(server.pid)
    return [postmaster, *postmaster.children(recursive=True)]


def tell(family: list[psutil.Process], signal: Signals) -> None:
    """Signal each of them by its own pid; those who went meanwhile don't matter."""
    for process in family:
        if not is_gone(process):
            process.send_signal(signal)


async def kill_postgres(server: EmbeddedPostgres) -> None:
    """Kill them all, and return when none is left: with the last one their shared memory is gone, as in a crash.

    It stays down until `server.start()`.
    """
    family = family_of(server)
    # A postmaster that lives would clean up after its children, and one that sleeps can't have new ones.
    tell(family[:1], SIGSTOP)
    family = family_of(server)
    tell(family[1:], SIGKILL)
    tell(family[:1], SIGKILL)
    await until(lambda: all(is_gone(process) for process in family))
    # Its supervisor would start it again by itself, only after ever longer pauses.
    await server.stop()


@contextmanager
def silence(server: EmbeddedPostgres) -> Generator[None]:
    """Inside the block the server neither answers nor goes away."""
    family = family_of(server)
    tell(family, SIGSTOP)
    try:
        yield
    finally:
        tell(family, SIGCONT)


@asynccontextmanager
async def clock_locked(url: str) -> AsyncGenerator[psycopg.AsyncConnection]:
    """Inside the block somebody else has the ledger's clock, and no batch is stored."""
    async with await psycopg.AsyncConnection.connect(url) as other:
        await other.execute("select from ledger.clock for update")
        yield other


def waiting_for_locks(url: str) -> int:
    """How many in this database do."""
    with psycopg.connect(url) as connection:
        waits = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        return len(connection.execute(waits).fetchall())


class Application:
    """The program `worker.py`, life after life on the same file of answers."""

    def __init__(self, url: str, directory: Path, seed: int) -> None:
        self.answers = directory / "answers"
        self._line = [sys.executable, "-m", "tests.ledger.crash.worker", url, str(self.answers), str(seed)]
        self._log = directory / "worker.log"
        self._lives = 0
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is; a program that ended without being killed is a failure, with its last words."""
        if self._running is None:
            return False
        code = self._running.poll()
        assert code is None, f"the application ended by itself with {code}: {self._log.read_text()[-4000:]}"
        return True

    def start(self) -> None:
        """A new life."""
        self._lives += 1
        # Not measured by coverage: who is killed can't write down what it measured.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                [*self._line, str(self._lives)], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        if self._running is not None:
            self._running.kill()
            self._running.wait(30)
            self._running = None

    @contextmanager
    def frozen(self) -> Generator[None]:
        """Inside the block nobody posts, and what was sent before comes to its end."""
        if self._running is not None:
            self._running.send_signal(SIGSTOP)
        try:
            yield
        finally:
            if self._running is not None:
                self._running.send_signal(SIGCONT)

    async def has_news(self, count: int) -> None:
        """Wait until so many more lines have been written."""
        before = self._size()

        def grown() -> bool:
            assert self.is_running
            return self._size() >= before + count * 12

        await until(grown, seconds=60)

    def _size(self) -> int:
        return self.answers.stat().st_size if self.answers.exists() else 0
