"""One point of the fan-out: so many viewers, so many gifts a second, and how long until the last viewer has each."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from itertools import pairwise

from msgspec import Struct

from plaudit.bench.load import Call, LoadFound, LoadPlan
from plaudit.bench.measuring import make_figure
from plaudit.bench.piping import partner
from plaudit.bench.viewers import Finish, Reached, Ready, ViewersFound, ViewersPlan

_WARM_UP_SECONDS = 1.0
_SENDERS = 32
# More than one program of viewers can read in time.
_MANY_DELIVERIES = 100_000


class Used(Struct, frozen=True):
    """What the programs that write to viewers have used so far: processor seconds, and bytes of memory now."""

    cpu_seconds: float
    memory_bytes: int


class Room(Struct, frozen=True, kw_only=True):
    """A room to be measured: how it is watched, how gifts are sent to it, and what it costs.

    `last_seq_after` tells the number of the last event when so many gifts were taken since it was asked before, and
    `empty` is what was used before anybody ever watched.
    """

    watch_url: str
    address: tuple[str, int]
    calls: Sequence[Call]
    used: Callable[[], Used]
    empty: Used
    last_seq_after: Callable[[int], Awaitable[int]]


class Point(Struct, frozen=True, kw_only=True):
    """How many viewers and gifts a second, and for how many seconds."""

    viewers: int
    per_s: float
    seconds: float


class FanoutFigure(Struct, frozen=True, kw_only=True):
    """Milliseconds from a gift's `at`, which the ledger gives it just before it commits, to the last viewer's screen.

    `from_due` counts from when the sender was to send it. `kb_per_viewer` is what the memory grew by, over all.
    """

    viewers: int
    events_per_s: float
    p50_ms: float
    p99_ms: float
    lost: int
    doubled: int
    cpu_us_per_delivery: float
    kb_per_viewer: float
    deliveries_per_s: int
    out_of_order: int
    dropped: int
    refused: int
    events_per_frame: float
    from_due_p50_ms: float
    from_due_p99_ms: float
    viewers_cpu_share: float

    @property
    def problems(self) -> list[str]:
        """What must not happen, in words."""
        counts = {"lost": self.lost, "doubled": self.doubled, "viewers dropped": self.dropped, "refused": self.refused}
        return [f"{count:,} {what}" for what, count in counts.items() if count]


async def measure_point(room: Room, point: Point) -> FanoutFigure:
    """Let everyone in, send gifts at the rate, and wait until the last of them has reached whom it will reach."""
    async with AsyncExitStack() as stack:
        programs = [
            (await stack.enter_async_context(partner("plaudit.bench.viewers")), plan) for plan in _plans(room, point)
        ]
        for program, plan in programs:
            await program.tell(plan)
        await asyncio.gather(*(program.hear(Ready) for program, _ in programs))
        watched = room.used()
        sent = await _send(room, point)
        last_seq = await room.last_seq_after(sum(sent.good))
        for program, _ in programs:
            await program.tell(Finish(last_seq))
        found = await asyncio.gather(*(program.hear(ViewersFound) for program, _ in programs))
        after = room.used()
    cpu_seconds = after.cpu_seconds - watched.cpu_seconds
    return _make_figure(point, sent, found, Used(cpu_seconds, after.memory_bytes - room.empty.memory_bytes))


def _plans(room: Room, point: Point) -> list[ViewersPlan]:
    programs = 2 if point.viewers * point.per_s > _MANY_DELIVERIES else 1
    firsts = [point.viewers * number // programs for number in range(programs + 1)]
    return [ViewersPlan(url=room.watch_url, viewers=end - first, first=first) for first, end in pairwise(firsts)]


async def _send(room: Room, point: Point) -> LoadFound:
    host, port = room.address
    async with partner("plaudit.bench.load") as load:
        await load.tell(
            LoadPlan(
                host=host,
                port=port,
                calls=list(room.calls[:_SENDERS]),
                seconds=point.seconds,
                warm_up_seconds=_WARM_UP_SECONDS,
                per_s=point.per_s,
            )
        )
        return await load.hear(LoadFound)


def _make_figure(point: Point, sent: LoadFound, found: Sequence[ViewersFound], used: Used) -> FanoutFigure:
    gifts = [gift for gift in merge(each.reached for each in found) if sent.dues[gift.gift.id] >= sent.measured_from_ns]
    from_at = make_figure([(gift.last_ns - gift.gift.at_ns) / 1e9 for gift in gifts], point.seconds)
    from_due = make_figure([(gift.last_ns - sent.dues[gift.gift.id]) / 1e9 for gift in gifts], point.seconds)
    deliveries = sum(each.deliveries for each in found)
    return FanoutFigure(
        viewers=point.viewers,
        events_per_s=from_at.per_s,
        p50_ms=from_at.p50_ms,
        p99_ms=from_at.p99_ms,
        lost=sum(each.lost for each in found),
        doubled=sum(each.doubled for each in found),
        cpu_us_per_delivery=round(used.cpu_seconds * 1e6 / deliveries, 2),
        kb_per_viewer=round(used.memory_bytes / 1000 / point.viewers, 1),
        deliveries_per_s=round(sum(gift.viewers for gift in gifts) / point.seconds),
        out_of_order=sum(each.late for each in found),
        dropped=sum(each.dropped for each in found),
        refused=sum(count for status, count in sent.statuses.items() if not 200 <= status < 300),
        events_per_frame=round(deliveries / max(1, sum(each.frames for each in found)), 2),
        from_due_p50_ms=from_due.p50_ms,
        from_due_p99_ms=from_due.p99_ms,
        viewers_cpu_share=round(sum(each.cpu_share for each in found), 3),
    )


def merge(found: Iterable[Iterable[Reached]]) -> list[Reached]:
    """The gifts of several programs of viewers: everyone's last viewer is the last one of all."""
    merged: dict[int, Reached] = {}
    for each in (gift for gifts in found for gift in gifts):
        before = merged.get(each.gift.seq)
        merged[each.gift.seq] = each if before is None else _both(before, each)
    return [merged[seq] for seq in sorted(merged)]


def _both(one: Reached, other: Reached) -> Reached:
    return Reached(gift=one.gift, viewers=one.viewers + other.viewers, last_ns=max(one.last_ns, other.last_ns))
