"""The generator of load: many connections, one request in flight on each, and every latency kept.

It runs as a program of its own (`python -m plaudit.bench.load`), on uvloop, with requests that are written before and
replies that are hardly looked at, so that what is measured is the server.
"""

import asyncio
import os
import sys
import time
from array import array
from binascii import hexlify
from collections import Counter, deque
from time import perf_counter_ns
from typing import cast

import uvloop
from msgspec import Struct

from plaudit.bench.measuring import Figure, make_figure
from plaudit.bench.pacing import Pace
from plaudit.bench.piping import answer, hear_first
from plaudit.bench.replies import ReplyReader
from plaudit.foundation.lifeline import end_with

_TICK_SECONDS = 0.001


class Call(Struct, frozen=True):
    """What one connection sends again and again; between `before` and `after` comes a fresh UUID, if there is one."""

    before: bytes
    after: bytes | None = None


class LoadPlan(Struct, frozen=True, kw_only=True):
    """One connection for each call. Without `per_s` each sends its next request at once; with it, all keep that rate.

    At a rate a latency counts from when the request was due, so waiting for a free connection is part of it.
    """

    host: str
    port: int
    calls: list[Call]
    seconds: float
    warm_up_seconds: float
    per_s: float | None = None


class LoadFound(Struct, frozen=True, kw_only=True):
    """`statuses` and `good` (2xx by connection) count the warm-up too; `dues` are Unix nanoseconds by the id sent."""

    figure: Figure
    statuses: dict[int, int]
    good: list[int]
    cpu_share: float
    cpu_us_per_request: float
    measured_from_ns: int
    dues: dict[str, int]


class Load:
    """One run of a plan."""

    def __init__(self, plan: LoadPlan) -> None:
        self.latencies = array("q")
        self.statuses: Counter[int] = Counter()
        self.dues: dict[str, int] = {}
        self._plan = plan
        self._connections = [_Connection(self, call) for call in plan.calls]
        self._free: deque[_Connection] = deque()
        self._waiting: deque[int] = deque()
        self._until = 0
        self._all_free = asyncio.Event()
        self._broken: BaseException | None = None
        self._unix_ns = time.time_ns() - perf_counter_ns()

    async def run(self) -> LoadFound:
        """Connect, warm up, measure. Raises UnreadableReply, and ConnectionError when the server hangs up."""
        try:
            await self._connect()
            await self._stage(self._plan.warm_up_seconds)
            return await self._measure()
        finally:
            for connection in self._connections:
                connection.close()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        for connection in self._connections:
            await loop.create_connection(lambda made=connection: made, self._plan.host, self._plan.port)
        self._free.extend(self._connections)

    async def _measure(self) -> LoadFound:
        self.latencies = array("q")
        started, cpu_before = perf_counter_ns(), time.process_time_ns()
        await self._stage(self._plan.seconds)
        elapsed, cpu = perf_counter_ns() - started, time.process_time_ns() - cpu_before
        return LoadFound(
            figure=make_figure((latency / 1e9 for latency in self.latencies), elapsed / 1e9),
            statuses=dict(self.statuses),
            good=[connection.good for connection in self._connections],
            cpu_share=round(cpu / elapsed, 3),
            cpu_us_per_request=round(cpu / 1000 / len(self.latencies), 1),
            measured_from_ns=started + self._unix_ns,
            dues=self.dues,
        )

    async def _stage(self, seconds: float) -> None:
        """Send for some seconds, and wait for the last reply."""
        if self._plan.per_s is None:
            self._until = perf_counter_ns() + int(seconds * 1e9)
            while self._free:
                self._free.popleft().send(perf_counter_ns())
        else:
            await self._keep_pace(Pace(self._plan.per_s, max(1, round(self._plan.per_s * seconds))))
        while len(self._free) < len(self._connections) and self._broken is None:
            # It may be set from a moment at which the next request wasn't due yet.
            self._all_free.clear()
            await self._all_free.wait()
        if self._broken is not None:
            raise self._broken

    async def _keep_pace(self, pace: Pace) -> None:
        started, number = perf_counter_ns(), 0
        while number < pace.count and self._broken is None:
            due = pace.due_by(perf_counter_ns() - started)
            while number < due:
                self._ask(started + pace.due_at(number))
                number += 1
            await asyncio.sleep(_TICK_SECONDS)

    def _ask(self, due: int) -> None:
        if self._free:
            self._free.popleft().send(due)
        else:
            self._waiting.append(due)

    def note(self, connection: "_Connection", status: int, due: int) -> None:
        """A reply has come; the connection's next request may go out."""
        now = perf_counter_ns()
        self.latencies.append(now - due)
        self.statuses[status] += 1
        if self._waiting:
            connection.send(self._waiting.popleft())
        elif now < self._until:
            connection.send(now)
        else:
            self._free.append(connection)
            if len(self._free) == len(self._connections):
                self._all_free.set()

    def note_due(self, id: bytes, due: int) -> None:
        """A request with this id was due then; remembered at a fixed rate, where somebody follows single requests."""
        if self._plan.per_s is not None:
            self.dues[id.decode()] = due + self._unix_ns

    def give_up(self, problem: BaseException) -> None:
        """The run is worth nothing any more."""
        self._broken = self._broken or problem
        self._all_free.set()


class _Connection(asyncio.Protocol):
    def __init__(self, load: Load, call: Call) -> None:
        self.good = 0
        self._load = load
        self._call = call
        self._reader = ReplyReader()
        self._due = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports only look like asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._write = self._transport.write

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def send(self, due: int) -> None:
        self._due = due
        call = self._call
        if call.after is None:
            self._write(call.before)
        else:
            id = fresh_id()
            self._load.note_due(id, due)
            self._write(call.before + id + call.after)

    def data_received(self, data: bytes) -> None:
        try:
            status = self._reader.feed(data)
        except Exception as problem:  # noqa: BLE001 - raised where the run is waited for
            self._load.give_up(problem)
            return
        if status is not None:
            self.good += 200 <= status < 300
            self._load.note(self, status, self._due)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._load.give_up(exc or ConnectionResetError("the server closed a connection"))


def fresh_id() -> bytes:
    """The text of a random UUID (version 4), as a browser makes it."""
    digits = hexlify(os.urandom(16))
    return b"%b-%b-4%b-8%b-%b" % (digits[:8], digits[8:12], digits[13:16], digits[17:20], digits[20:])


def main() -> None:
    """Run the plan on standard input, and print what was found."""
    plan = hear_first(LoadPlan)
    end_with(sys.stdin.fileno(), last_resort_seconds=1)
    answer(uvloop.run(Load(plan).run()))


if __name__ == "__main__":
    main()
