"""Rounds go on, whatever happens in one of them."""

import asyncio
from collections import Counter

import pytest

from plaudit.foundation.errors import Unavailable
from plaudit.worker import Round, going_round
from plaudit.worker.rounds import pause_after
from tests.waiting import until


class Made:
    """Counts rounds, and lets some of them fail."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()

    def round(self, name: str, failure: Exception | None = None) -> Round:
        async def run() -> None:
            self.count[name] += 1
            if failure is not None:
                raise failure

        return Round(name=name, seconds=0.01, run=run)


async def test_an_accident_in_one_round_stops_neither_the_others_nor_the_next():
    made = Made()
    rounds = [made.round("well"), made.round("away", Unavailable()), made.round("broken", RuntimeError("an accident"))]

    async with going_round(rounds):
        await until(lambda: min(made.count[name] for name in ("well", "away", "broken")) >= 4)

    assert made.count["well"] > made.count["broken"]


async def test_a_round_that_takes_long_is_not_begun_twice():
    running, most = 0, 0

    async def run() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1

    async with going_round([Round(name="long", seconds=0.01, run=run)]):
        await asyncio.sleep(0.3)

    assert most == 1


async def test_at_the_end_what_is_under_way_is_cancelled():
    begun, ended = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with going_round([Round(name="endless", seconds=1, run=run)]):
        await begun.wait()

    assert ended.is_set()


@pytest.mark.parametrize(
    ("failures", "shortest", "longest"), [(0, 0.8, 1.2), (1, 1.6, 2.4), (3, 6.4, 9.6), (9, 24, 36), (10_000, 24, 36)]
)
def test_after_each_failure_the_next_round_waits_longer_up_to_half_a_minute(
    failures: int, shortest: float, longest: float
):
    pauses = [pause_after(1, failures) for _ in range(100)]

    assert shortest <= min(pauses) <= max(pauses) <= longest
    assert len(set(pauses)) > 1
