"""Rounds: something that is looked after again and again, whatever happens to the others."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from msgspec import Struct
from prometheus_client import Counter, Histogram

from plaudit.foundation.errors import PlauditError
from plaudit.foundation.logs import get_logger

_LONGEST_PAUSE_SECONDS = 30.0

_rounds = Counter("plaudit_worker_rounds", "Rounds that were made.", ["round", "outcome"])
_seconds = Histogram("plaudit_worker_round_seconds", "Seconds that a round took.", ["round"])

log = get_logger(__name__)


class Round(Struct, frozen=True, kw_only=True):
    """What is looked after, and how many seconds lie between two rounds of it."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[object]]


@asynccontextmanager
async def going_round(rounds: Sequence[Round]) -> AsyncGenerator[None]:
    """All of them go round while the block runs; what is under way at its end is cancelled, and comes again."""
    tasks = [asyncio.create_task(_go_round(each), name=each.name) for each in rounds]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _go_round(each: Round) -> None:
    failures = 0
    while True:
        failures = 0 if await _run_once(each) else failures + 1
        await asyncio.sleep(pause_after(each.seconds, failures))


async def _run_once(each: Round) -> bool:
    """Whether it went well. This is the outermost door of a round: the next one goes on."""
    try:
        with _seconds.labels(each.name).time():
            await each.run()
    except PlauditError as problem:
        log.warning("a round waits", round=each.name, code=problem.code)
    except Exception:
        log.exception("accident", round=each.name)
    else:
        _rounds.labels(each.name, "done").inc()
        return True
    _rounds.labels(each.name, "failed").inc()
    return False


def pause_after(seconds: float, failures: int) -> float:
    """Seconds until the next round: twice as long after each failure in a row, and never quite the same."""
    longest = max(seconds, _LONGEST_PAUSE_SECONDS)
    return min(longest, seconds * 2 ** min(failures, 16)) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
