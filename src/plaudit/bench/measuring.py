"""Callers that each wait for their answer before they ask again, and what they find."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from time import perf_counter

from msgspec import Struct

Act = Callable[[], Awaitable[None]]


class Figure(Struct, frozen=True):
    """How many a second, and how long one takes: the median and the 99th of a hundred, in milliseconds."""

    per_s: float
    p50_ms: float
    p99_ms: float


async def measure(acts: list[Act], seconds: float) -> Figure:
    """Let every act repeat itself for some seconds, all at once, after a tenth of that to warm up."""
    await _repeat_all(acts, seconds / 10)
    started = perf_counter()
    latencies = await _repeat_all(acts, seconds)
    return make_figure(latencies, perf_counter() - started)


def make_figure(latencies: Iterable[float], elapsed_seconds: float) -> Figure:
    """The figure of so many latencies in seconds, every one of them counted; raises ValueError when there are none."""
    ordered = sorted(latencies)
    if not ordered:
        raise ValueError("nothing was measured")
    return Figure(
        per_s=round(len(ordered) / elapsed_seconds, 1),
        p50_ms=_at(ordered, 0.50),
        p99_ms=_at(ordered, 0.99),
    )


async def _repeat_all(acts: list[Act], seconds: float) -> list[float]:
    latencies: list[float] = []
    end = perf_counter() + seconds
    await asyncio.gather(*(_repeat(act, end, latencies) for act in acts))
    return latencies


async def _repeat(act: Act, end: float, latencies: list[float]) -> None:
    before = perf_counter()
    while before < end:
        await act()
        after = perf_counter()
        latencies.append(after - before)
        before = after


def _at(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 3)
