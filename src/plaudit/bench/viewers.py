"""Many viewers of one room: a program of its own (`python -m plaudit.bench.viewers`), with a WebSocket for each.

It is told a plan, answers Ready when every viewer has the room's state, and is told the last number then: when all have
it, or nothing comes any more, it answers what it found.
"""

import asyncio
import sys
import time
from collections.abc import Iterable
from time import perf_counter_ns

import msgspec
import uvloop
from msgspec import Struct
from picows import (
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from plaudit.bench.frames import Frame, Gift, read_frame
from plaudit.bench.piping import answer, hear_first
from plaudit.bench.sequence import Sequence

_CONNECTING_AT_ONCE = 50
_CONNECT_SECONDS = 60.0
# The kernel gives some 28,000 source ports to one pair of addresses; all of 127.0.0.0/8 is this machine.
_VIEWERS_PER_SOURCE = 20_000
_QUIET_SECONDS = 5.0
_LOOK_SECONDS = 0.05


class ViewersPlan(Struct, frozen=True, kw_only=True):
    """So many viewers at this address, the token in it; `first` counts them over all programs of viewers."""

    url: str
    viewers: int
    first: int = 0


class Ready(Struct, frozen=True):
    """Every viewer watches."""

    viewers: int


class Finish(Struct, frozen=True):
    """The number of the last event that there will be."""

    last_seq: int


class Reached(Struct, frozen=True, kw_only=True):
    """A gift, how many viewers got it, and when the last of them had it, in Unix nanoseconds."""

    gift: Gift
    viewers: int
    last_ns: int


class ViewersFound(Struct, frozen=True, kw_only=True):
    """What went wrong, over all viewers, and when each gift had reached the last of them."""

    lost: int
    doubled: int
    late: int
    dropped: int
    deliveries: int
    frames: int
    cpu_share: float
    reached: list[Reached]


class _Room:
    """What all viewers of this program have seen together."""

    def __init__(self) -> None:
        self.known: dict[bytes, Frame] = {}
        self.last_ns = 0
        self.frames = 0
        self.dropped = 0
        self.is_over = False

    def take(self, payload: bytes) -> Frame:
        """One viewer has got this frame, just now."""
        frame = self.known.get(payload)
        if frame is None:
            frame = self.known[payload] = read_frame(payload)
        self.frames += 1
        frame.viewers += 1
        frame.last_ns = self.last_ns = perf_counter_ns()
        return frame


class _Viewer(WSListener):
    def __init__(self, room: _Room) -> None:
        self.sequence: Sequence | None = None
        self.begun = asyncio.Event()
        self._room = room

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        del transport
        if frame.msg_type is not WSMsgType.TEXT:
            return
        seen = self._room.take(frame.get_payload_as_bytes())
        if seen.begins is not None:
            self._begin(seen.begins)
        for first, last in seen.ranges:
            assert self.sequence is not None, "the state comes first"
            self.sequence.take(first, last)

    def _begin(self, seq: int) -> None:
        if self.sequence is None:
            self.sequence = Sequence(seq)
            self.begun.set()
        else:
            self.sequence.skip_to(seq)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        del transport
        self._room.dropped += not self._room.is_over


class _Viewers:
    def __init__(self, plan: ViewersPlan) -> None:
        self._plan = plan
        self._room = _Room()
        self._unix_ns = time.time_ns() - perf_counter_ns()
        self._connected: list[_Viewer] = []
        self._connecting = asyncio.Semaphore(_CONNECTING_AT_ONCE)

    async def connect(self) -> None:
        """Everyone joins; raises TimeoutError when that takes too long."""
        async with asyncio.timeout(_CONNECT_SECONDS), asyncio.TaskGroup() as joining:
            for number in range(self._plan.first, self._plan.first + self._plan.viewers):
                joining.create_task(self._join(number))

    async def _join(self, number: int) -> None:
        source = number // _VIEWERS_PER_SOURCE
        place = (f"127.0.0.{1 + source}", 0) if source else None
        async with self._connecting:
            _, viewer = await ws_connect(
                lambda: _Viewer(self._room),
                self._plan.url,
                websocket_handshake_timeout=_CONNECT_SECONDS,
                local_addr=place,
            )
            assert isinstance(viewer, _Viewer), "it was just made"
            await viewer.begun.wait()
        self._connected.append(viewer)

    async def until_all_have(self, last_seq: int) -> None:
        """Wait until every viewer has everything, or until nothing has come for a while."""
        began = perf_counter_ns()
        waiting = self._connected
        while waiting := [viewer for viewer in waiting if not _has_all(viewer, last_seq)]:
            if perf_counter_ns() - max(began, self._room.last_ns) > _QUIET_SECONDS * 1e9:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        self._room.is_over = True

    def found(self, last_seq: int, cpu_share: float) -> ViewersFound:
        """What all viewers have and have not."""
        sequences = [viewer.sequence for viewer in self._connected if viewer.sequence is not None]
        frames = self._room.known.values()
        return ViewersFound(
            lost=sum(sequence.lost(last_seq) for sequence in sequences),
            doubled=sum(sequence.doubled for sequence in sequences),
            late=sum(sequence.late for sequence in sequences),
            dropped=self._room.dropped,
            deliveries=sum(len(frame.gifts) * frame.viewers for frame in frames),
            frames=self._room.frames,
            cpu_share=cpu_share,
            reached=list_reached(frames, unix_ns=self._unix_ns),
        )


def _has_all(viewer: _Viewer, last_seq: int) -> bool:
    return viewer.sequence is not None and viewer.sequence.has_all(last_seq)


def list_reached(frames: Iterable[Frame], *, unix_ns: int) -> list[Reached]:
    """Each gift once, in order, however the gateway cut its frames; `unix_ns` is added to the monotonic clock."""
    found: dict[int, Reached] = {}
    for frame in frames:
        for gift in frame.gifts:
            before = found.get(gift.seq)
            viewers, last_ns = frame.viewers, frame.last_ns + unix_ns
            if before is not None:
                viewers, last_ns = viewers + before.viewers, max(last_ns, before.last_ns)
            found[gift.seq] = Reached(gift=gift, viewers=viewers, last_ns=last_ns)
    return [found[seq] for seq in sorted(found)]


async def _watch(plan: ViewersPlan) -> ViewersFound:
    viewers = _Viewers(plan)
    await viewers.connect()
    answer(Ready(plan.viewers))
    began, cpu_began = perf_counter_ns(), time.process_time_ns()
    line = await asyncio.to_thread(sys.stdin.buffer.readline)
    last_seq = msgspec.json.decode(line, type=Finish).last_seq
    cpu_share = (time.process_time_ns() - cpu_began) / (perf_counter_ns() - began)
    await viewers.until_all_have(last_seq)
    return viewers.found(last_seq, round(cpu_share, 3))


def main() -> None:
    """Watch until told the last number; whoever started this one being gone is an end, too."""
    answer(uvloop.run(_watch(hear_first(ViewersPlan))))


if __name__ == "__main__":
    main()
