"""Keeps one program running: started, known to answer, started again when it dies, stopped with care."""

import asyncio
import contextlib
import logging
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from plaudit.foundation.embedded.command import Command, describe_ending, spawn
from plaudit.foundation.embedded.failures import explain
from plaudit.foundation.embedded.files import open_log, read_tail
from plaudit.foundation.errors import EmbeddedServerFailed

_log = logging.getLogger(__name__)

_ASK_EVERY_SECONDS = 0.05
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 10.0
# A child that lived this long is taken to have been well: its next pause is the shortest again.
_STEADY_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPlan:
    """How to run one program. `name` is what people call it."""

    name: str
    command: Command
    log: Path
    answers: Callable[[], Awaitable[bool]]
    """Does it serve a client now?"""
    before_start: Callable[[], None]
    """Clears what a dead one may have left; called before every start, the first too."""
    farewells: tuple[tuple[signal.Signals, float], ...]
    """What to ask it to end with, and the seconds it gets; SIGKILL follows the last."""
    start_seconds: float
    """How long the first start may take until it answers."""


@dataclass(frozen=True, slots=True)
class ChildHealth:
    """How a child is right now. `pid` is None while it is down, `last_ending` until it died for the first time."""

    name: str
    is_answering: bool
    pid: int | None
    restarts: int
    last_ending: str | None


class SupervisedChild:
    """One program under supervision, from `start` to `stop`, on one event loop."""

    def __init__(self, plan: ChildPlan) -> None:
        self._plan = plan
        self._running: Process | None = None
        self._supervision: asyncio.Task[None] | None = None
        self._log_from = 0
        self._is_answering = False
        self._restarts = 0
        self._last_ending: str | None = None

    @property
    def health(self) -> ChildHealth:
        """As last seen, without asking the child."""
        alive = self._running is not None and self._running.returncode is None
        pid = self._running.pid if alive and self._running else None
        return ChildHealth(self._plan.name, alive and self._is_answering, pid, self._restarts, self._last_ending)

    async def start(self) -> None:
        """Returns when it answers, and watches over it from then on.

        Raises EmbeddedServerFailed, with the last lines of its log, when it ends or doesn't answer in time.
        """
        try:
            running = await self._launch()
            async with asyncio.timeout(self._plan.start_seconds):
                await self._until_it_answers(running)
        except BaseException as error:
            await self._end()
            if isinstance(error, TimeoutError):
                raise self._failure(f"doesn't answer after {self._plan.start_seconds:g} seconds") from None
            raise
        self._supervision = asyncio.create_task(self._supervise(), name=f"supervision of {self._plan.name}")

    async def stop(self) -> None:
        """Ask it to end, insist when it doesn't, and return when it is gone. Harmless when it isn't running."""
        if self._supervision is not None:
            self._supervision.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervision
            self._supervision = None
        await self._end()

    async def _launch(self) -> Process:
        self._is_answering = False
        self._plan.before_start()
        log = open_log(self._plan.log)
        try:
            self._log_from = os.fstat(log).st_size
            self._running = await spawn(self._plan.command, output=log)
            return self._running
        finally:
            os.close(log)

    async def _until_it_answers(self, running: Process) -> None:
        while running.returncode is None:
            if await self._plan.answers():
                self._is_answering = True
                return
            await asyncio.sleep(_ASK_EVERY_SECONDS)
        raise self._failure(f"ended with {describe_ending(running.returncode)} while starting")

    async def _supervise(self) -> None:
        clock = asyncio.get_running_loop().time
        pause = _FIRST_PAUSE_SECONDS
        while self._running is not None:
            since = clock()
            ending = describe_ending(await self._running.wait())
            pause = _FIRST_PAUSE_SECONDS if clock() - since > _STEADY_SECONDS else pause
            self._last_ending = ending
            _log.warning("%s ended with %s: starting it again in %.1f s", self._plan.name, ending, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            await self._restart(ending)

    async def _restart(self, ending: str) -> None:
        self._restarts += 1
        try:
            running = await self._launch()
            # Without a deadline: recovery after a crash takes the time it takes, and ending it would begin it anew.
            await self._until_it_answers(running)
        except (EmbeddedServerFailed, OSError) as error:
            _log.error("%s couldn't be restarted: %s", self._plan.name, error)
        else:
            _log.warning("%s restarted after %s", self._plan.name, ending)

    async def _end(self) -> None:
        running, self._is_answering = self._running, False
        if running is None:
            return
        for farewell, seconds in (*self._plan.farewells, (signal.SIGKILL, None)):
            if running.returncode is not None:
                return
            with contextlib.suppress(ProcessLookupError):
                running.send_signal(farewell)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running.wait(), seconds)

    def _failure(self, what: str) -> EmbeddedServerFailed:
        log = read_tail(self._plan.log, after=self._log_from)
        return explain(f"{self._plan.name} {what}.", log, where=self._plan.log)
