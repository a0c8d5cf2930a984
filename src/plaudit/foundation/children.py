"""Programs of ours that another one starts, watches and stops; docs/decisions/0003 says why they are programs."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct

from plaudit.foundation.errors import ProgramStopped
from plaudit.foundation.logs import get_logger
from plaudit.foundation.program import READY
from plaudit.foundation.settings import CONFIG_VARIABLE, Settings, as_environ, own_environ

# What a child gets beyond `stop_deadline_ms`, to close what it has open.
GRACE_SECONDS = 3.0

_START_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0
# A child that lived this long is taken to have been well: its next pause is the shortest again.
_STEADY_SECONDS = 60.0

log = get_logger(__name__)


class Program(Struct, frozen=True, kw_only=True):
    """What is started: the module that is run, and what people call it."""

    name: str
    module: str


async def start_child(module: str, settings: Settings, *, stdout: int | None = None) -> Process:
    """Start a module of ours with exactly these settings.

    A session of its own keeps a Ctrl-C in the terminal from reaching it: the order of stopping is the parent's alone.
    Its standard input is a pipe that nobody writes to; when it closes, however the parent ended, the child ends too.
    """
    # The settings go by environment only, so that an edited plaudit.toml can't make the child differ from its parent.
    environ = {**own_environ(os.environ), **as_environ(settings), CONFIG_VARIABLE: os.devnull}
    command = [sys.executable, "-P", "-m", module]
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=stdout, env=environ, start_new_session=True
    )


async def stop_child(child: Process, seconds: float) -> None:
    """Ask it to end, and insist when it hasn't after so many seconds."""
    if child.returncode is not None:
        return
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), seconds)
    except TimeoutError:
        child.kill()
        await child.wait()


def describe_end(code: int) -> str:
    """How a child ended, in words."""
    return f"exit code {code}" if code >= 0 else f"signal {-code}"


@asynccontextmanager
async def kept_running(programs: Sequence[Program], settings: Settings) -> AsyncGenerator[None]:
    """Start them all, go on when all are up, start again whichever ends by itself, and stop them all together.

    Raises ProgramStopped when one doesn't come up the first time.
    """
    children = [_KeptChild(program, settings) for program in programs]
    try:
        await _all_of([child.start() for child in children])
        yield
    finally:
        await asyncio.gather(*(child.stop() for child in children))


class _KeptChild:
    def __init__(self, program: Program, settings: Settings) -> None:
        self._program = program
        self._settings = settings
        self._running: Process | None = None
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        running = await self._launch()
        try:
            async with asyncio.timeout(_START_SECONDS):
                await _until_ready(running)
        except TimeoutError:
            raise self._stopped(f"didn't come up within {_START_SECONDS:.0f} seconds") from None
        if running.returncode is not None:
            raise self._stopped(f"stopped by itself ({describe_end(running.returncode)})")
        self._watching = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if self._running is not None:
            await stop_child(self._running, self._settings.stop_deadline_ms / 1000 + GRACE_SECONDS)

    async def _launch(self) -> Process:
        self._running = await start_child(self._program.module, self._settings, stdout=PIPE)
        return self._running

    async def _keep(self) -> None:
        clock = asyncio.get_running_loop().time
        pause = _FIRST_PAUSE_SECONDS
        while self._running is not None:
            since = clock()
            code = await self._running.wait()
            pause = _FIRST_PAUSE_SECONDS if clock() - since > _STEADY_SECONDS else pause
            log.warning("a program ended", program=self._program.name, how=describe_end(code), again_in_seconds=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            try:
                await self._launch()
            except OSError as problem:
                log.warning("a program can't be started", program=self._program.name, error=str(problem))

    def _stopped(self, what: str) -> ProgramStopped:
        return ProgramStopped(f"The {self._program.name} {what}; its log lines above say why.")


async def _until_ready(child: Process) -> None:
    """Return when it says that it is up, or when it has ended."""
    assert child.stdout is not None, "it was started with a pipe"
    while line := await child.stdout.readline():
        if line.decode().split(" ")[0].strip() == READY:
            return
    await child.wait()


async def _all_of(starts: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Wait for all; when one fails, for the others to be cancelled, and raise what it raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for start in starts:
                group.create_task(start)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
