"""`plaudit bench fanout`: from a gift to the last of thousands of screens, beside a plain Litestar room."""

import asyncio
from collections.abc import Callable, Sequence

from msgspec import Struct, field

from plaudit.bench.agreement import feeds_of
from plaudit.bench.alternative import alternative_room
from plaudit.bench.descriptors import allow_connections
from plaudit.bench.stage import Size, Stage, open_stage
from plaudit.bench.talking import ask
from plaudit.bench.watching import FanoutFigure, Point, Room, Used, measure_point
from plaudit.foundation.settings import Settings

_FANS = 32
_FURTHER = ((2_000, 200.0), (5_000, 20.0), (5_000, 200.0))
_NUMBERED_SECONDS = 30.0

Say = Callable[[str], None]


class FanoutPlan(Struct, frozen=True, kw_only=True):
    """The point to measure, the alternative at the same, and if asked for, the further ones of the product."""

    point: Point
    further: bool = False

    @property
    def points(self) -> Sequence[Point]:
        """All points of the product, the one that counts first."""
        more = [Point(viewers=viewers, per_s=per_s, seconds=self.point.seconds) for viewers, per_s in _FURTHER]
        return [self.point, *(more if self.further else [])]


class FanoutFound(Struct, kw_only=True):
    """What was found at the point, of the alternative at the same point, and at the further points by name."""

    figure: FanoutFigure
    alternative: FanoutFigure
    further: dict[str, FanoutFigure] = field(default_factory=dict[str, FanoutFigure])

    @property
    def problems(self) -> list[str]:
        """What must not happen in the product, in words; the alternative may do as it likes."""
        named = {"": self.figure, **{f"{name}: ": figure for name, figure in self.further.items()}}
        return [f"{name}{problem}" for name, figure in named.items() for problem in figure.problems]


async def bench_fanout(settings: Settings, plan: FanoutPlan, say: Say) -> FanoutFound:
    """Measure the product as it is served, then the alternative. Raises BadSetting: too few file descriptors."""
    allow_connections(max(point.viewers for point in plan.points))
    say("starting the product; fans sign up and buy coins")
    gifts = sum(point.per_s * (point.seconds + 2) for point in plan.points)
    coins = 100 + int(2 * gifts / _FANS)
    figures: list[FanoutFigure] = []
    async with open_stage(settings, Size(fans=_FANS, coins=coins, creators=len(plan.points))) as stage:
        empty = _used(stage)
        for number, point in enumerate(plan.points):
            say(f"{point.viewers:,} viewers, {point.per_s:g} gifts/s")
            figures.append(await measure_point(await _room(stage, number, empty), point))
    say(f"the alternative: {plan.point.viewers:,} viewers, {plan.point.per_s:g} gifts/s")
    async with alternative_room() as room:
        alternative = await measure_point(room, plan.point)
    named = {
        f"viewers_{figure.viewers}_at_{point.per_s:g}": figure
        for figure, point in zip(figures[1:], plan.points[1:], strict=True)
    }
    return FanoutFound(figure=figures[0], alternative=alternative, further=named)


async def _room(stage: Stage, number: int, empty: Used) -> Room:
    """One live of its own for each point: nobody watches the others, and nothing is in it yet."""
    product, live_id = stage.product, stage.lives[number]
    shown = await ask(product.address, "GET", f"/v1/lives/{live_id}", token=stage.fans[0].token)
    last_seq = (await feeds_of(stage))[live_id]

    async def last_seq_after(gifts: int) -> int:
        nonlocal last_seq
        async with asyncio.timeout(_NUMBERED_SECONDS):
            while (found := (await feeds_of(stage))[live_id]) < last_seq + gifts:
                await asyncio.sleep(0.1)
        last_seq = found
        return found

    return Room(
        watch_url=watch_url(shown["watch"]["url"], shown["watch"]["token"]),
        address=product.address,
        calls=stage.gift_calls(_FANS, live=number),
        used=lambda: _used(stage),
        empty=empty,
        last_seq_after=last_seq_after,
    )


def watch_url(url: str, token: str) -> str:
    """The address of the WebSocket with the token in it."""
    return f"{url}{'&' if '?' in url else '?'}token={token}"


def _used(stage: Stage) -> Used:
    spent = stage.product.spent()
    return Used(spent.cpu_seconds["gateway"], spent.memory_bytes["gateway"])
