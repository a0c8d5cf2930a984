"""What the tests of the embedded servers share: rows to look for, patience with a limit, and parents to be killed."""

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

PARENT = Path(__file__).with_name("parent.py")

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="becoming someone else takes root; run the tests as root")


async def keep(url: str, word: str) -> None:
    """Store a word in the database."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("create table if not exists kept (word text not null)")
        await connection.execute("insert into kept values (%s)", [word])


async def kept(url: str) -> list[str]:
    """All words that were stored."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        return [word for (word,) in await (await connection.execute("select word from kept")).fetchall()]


async def until(holds: Callable[[], bool], *, within_seconds: float = 30.0) -> None:
    """Wait for something to become so; TimeoutError when it doesn't."""
    async with asyncio.timeout(within_seconds):
        while not holds():
            await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    """A zombie counts as dead: whoever inherited it is free to let it lie."""
    status = subprocess.run(["ps", "-p", str(pid), "-o", "stat="], capture_output=True, text=True, check=False).stdout
    return bool(status.strip()) and not status.startswith("Z")


class Parent:
    """The program `parent.py`, once it told where its servers are."""

    def __init__(self, running: subprocess.Popen[str]) -> None:
        self.running = running
        assert running.stdout is not None
        spoke, _, _ = select.select([running.stdout], [], [], 60)
        line = running.stdout.readline() if spoke else ""
        assert line, "the parent ended without a word"
        told: dict[str, Any] = json.loads(line)
        self.database_url: str = told["database_url"]
        self.pids: list[int] = told["pids"]

    def end(self, by: signal.Signals) -> None:
        """Send it a signal and wait until it is gone."""
        self.running.send_signal(by)
        self.running.wait(60)


@pytest.fixture
def parent_on() -> Iterator[Callable[..., Parent]]:
    """Starts a parent on a directory, through the launcher of `before` when given; ended after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(directory: Path, *, before: Sequence[str] = ()) -> Parent:
        line = [*before, sys.executable, str(PARENT), str(directory)]
        started.append(subprocess.Popen(line, stdout=subprocess.PIPE, text=True))
        return Parent(started[-1])

    yield start
    for running in started:
        if running.poll() is None:
            running.kill()
            running.wait()
        assert running.stdout is not None
        running.stdout.close()
