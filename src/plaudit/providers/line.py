"""The line to NATS, which carries events between programs: best effort, and never in anybody's way.

Nothing of value depends on it. What is published while NATS is away is gone; whoever must not miss it looks into the
database as well.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Protocol

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from plaudit.foundation.logs import get_logger

Callback = Callable[[str, bytes], None]
Unsubscribe = Callable[[], Awaitable[None]]

_FIRST_WAIT_SECONDS = 1.0
_AGAIN_SECONDS = 1.0
_ANSWER_SECONDS = 2
_MOST_WAITING_BYTES = 16 * 1024 * 1024
_SECONDS_BETWEEN_COMPLAINTS = 10.0

log = get_logger(__name__)


class Line(Protocol):
    """What carries events. `dropped` counts messages that were published and not sent."""

    dropped: int

    @property
    def is_connected(self) -> bool:
        """Whether what is published now goes out."""
        ...

    def publish(self, subject: str, payload: bytes) -> None:
        """Send to whoever subscribed. Never raises and never blocks: while NATS is away it is dropped and counted."""
        ...

    async def subscribe(self, subject: str, callback: Callback) -> Unsubscribe:
        """From now on call `callback(subject, payload)`, which must be quick; `*` stands for any one word.

        It holds over every break and may be asked for while NATS is away. Await what it gives to end it.
        """
        ...

    def on_reconnect(self, callback: Callable[[], None]) -> None:
        """Call this each time that the line is there again: what was published in between was missed."""
        ...

    async def is_reached(self) -> bool:
        """Whether NATS answers on this line now; waits as long as its caller lets it."""
        ...


class _Subscribed:
    """One subscription: what was asked for, and what nats-py made of it on the present connection."""

    def __init__(self, subject: str, callback: Callback) -> None:
        self.subject = subject
        self.on_client: Subscription | None = None
        self._callback = callback

    async def receive(self, message: Msg) -> None:
        with _no_accident_ends_it(message.subject):
            self._callback(message.subject, message.data)


class NatsLine:
    """The line over nats-py. One task sends whatever waits, so that publishing is an append and no coroutine."""

    def __init__(self, url: str, *, name: str) -> None:
        self.dropped = 0
        self._servers = url.split(",")
        self._name = name
        self._client = Client()
        self._closed = asyncio.Event()
        self._connected_once = asyncio.Event()
        self._subscribed: set[_Subscribed] = set()
        self._listeners: list[Callable[[], None]] = []
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._waiting_bytes = 0
        self._something_waits = asyncio.Event()
        self._silent_until = 0.0

    @property
    def is_connected(self) -> bool:
        """Whether what is published now goes out."""
        return self._client.is_connected

    def publish(self, subject: str, payload: bytes) -> None:
        """Send to whoever subscribed, in the order of the calls, or drop it while NATS is away."""
        if not self._client.is_connected or self._waiting_bytes > _MOST_WAITING_BYTES:
            self._drop()
            return
        self._waiting.append((subject, payload))
        self._waiting_bytes += len(payload)
        self._something_waits.set()

    async def subscribe(self, subject: str, callback: Callback) -> Unsubscribe:
        """From now on call `callback(subject, payload)`; see `Line`."""
        subscribed = _Subscribed(subject, callback)
        self._subscribed.add(subscribed)
        if self._client.is_connected:
            await self._subscribe(subscribed)

        async def unsubscribe() -> None:
            self._subscribed.discard(subscribed)
            on_client, subscribed.on_client = subscribed.on_client, None
            if on_client is not None:
                with suppress(nats.errors.Error):
                    await on_client.unsubscribe()

        return unsubscribe

    def on_reconnect(self, callback: Callable[[], None]) -> None:
        """Call this each time that the line is there again."""
        self._listeners.append(callback)

    async def is_reached(self) -> bool:
        """Whether NATS answers on this line now; waits as long as its caller lets it."""
        if not self._client.is_connected:
            return False
        try:
            await self._client.flush(timeout=60)
        except (nats.errors.Error, OSError):
            return False
        return True

    async def keep_connected(self) -> None:
        """Connect, and again whenever nats-py gives up, as it does when NATS refuses its password; never returns."""
        while True:
            try:
                await self._connect()
                await self._closed.wait()
                log.warning("NATS closed the line", name=self._name)
            except (nats.errors.Error, OSError) as problem:
                log.warning("nats", error=str(problem) or type(problem).__name__)
            await asyncio.sleep(_AGAIN_SECONDS)
            await self._client.close()
            self._client = Client()

    async def keep_sending(self) -> None:
        """Send what waits; never returns."""
        while True:
            await self._something_waits.wait()
            self._something_waits.clear()
            while self._waiting:
                subject, payload = self._waiting.popleft()
                self._waiting_bytes -= len(payload)
                try:
                    # It only waits when more is under way than its buffer holds, which is when others should wait too.
                    await self._client.publish(subject, payload)
                except (nats.errors.Error, OSError) as problem:
                    self._drop(problem)

    async def wait_a_little(self) -> None:
        """Return when the line is there, or after a second."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._connected_once.wait(), _FIRST_WAIT_SECONDS)

    async def close(self) -> None:
        """Send what waits, as far as NATS is there, and end."""
        with suppress(nats.errors.Error, OSError, TimeoutError):
            async with asyncio.timeout(_FIRST_WAIT_SECONDS):
                while self._waiting and self._client.is_connected:
                    await self._client.publish(*self._waiting.popleft())
                if self._client.is_connected:
                    await self._client.flush()
        await self._client.close()

    async def _connect(self) -> None:
        closed = self._closed = asyncio.Event()

        # nats-py takes coroutine functions only.
        async def note_closing() -> None:
            closed.set()

        await self._client.connect(
            self._servers,
            name=self._name,
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            ping_interval=20,
            error_cb=_log_error,
            closed_cb=note_closing,
            reconnected_cb=self._tell_listeners,
        )
        for subscribed in list(self._subscribed):
            await self._subscribe(subscribed)
        self._connected_once.set()
        await self._tell_listeners()

    async def _subscribe(self, subscribed: _Subscribed) -> None:
        with suppress(nats.errors.Error, OSError):
            client: Any = self._client  # one of its parameters that we don't use has no whole type
            subscribed.on_client = await client.subscribe(subscribed.subject, cb=subscribed.receive)
            # When NATS has answered to what comes after it, it knows the subscription, and nothing is missed from here.
            await self._client.flush(timeout=_ANSWER_SECONDS)

    async def _tell_listeners(self) -> None:
        for listener in self._listeners:
            with _no_accident_ends_it("reconnect"):
                listener()

    def _drop(self, problem: Exception | None = None) -> None:
        self.dropped += 1
        now = time.monotonic()
        if now >= self._silent_until:
            self._silent_until = now + _SECONDS_BETWEEN_COMPLAINTS
            error = str(problem) if problem else "NATS is away" if not self.is_connected else "too much waits"
            log.warning("messages are dropped", dropped=self.dropped, error=error)


class MemoryLine:
    """The line within one program, for tests: the same order, and each callback in a turn of the loop of its own.

    Set `is_connected` to False and what is published is dropped, as when NATS is away.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._is_connected = True
        self._subscribed: dict[object, tuple[list[str], Callback]] = {}
        self._listeners: list[Callable[[], None]] = []

    @property
    def is_connected(self) -> bool:
        """Whether what is published now goes out."""
        return self._is_connected

    @is_connected.setter
    def is_connected(self, connected: bool) -> None:
        """Cut the line, or mend it, which those who asked for it are told."""
        is_back = connected and not self._is_connected
        self._is_connected = connected
        for listener in self._listeners if is_back else []:
            listener()

    def publish(self, subject: str, payload: bytes) -> None:
        """Send to whoever subscribed, in the order of the calls."""
        if not self._is_connected:
            self.dropped += 1
            return
        loop = asyncio.get_running_loop()
        for key, (words, _) in self._subscribed.items():
            if _fits(words, subject.split(".")):
                loop.call_soon(self._deliver, key, subject, payload)

    async def subscribe(self, subject: str, callback: Callback) -> Unsubscribe:
        """From now on call `callback(subject, payload)`; see `Line`."""
        key = object()
        self._subscribed[key] = (subject.split("."), callback)

        async def unsubscribe() -> None:
            self._subscribed.pop(key, None)

        return unsubscribe

    def on_reconnect(self, callback: Callable[[], None]) -> None:
        """Call this each time that the line is there again."""
        self._listeners.append(callback)

    async def is_reached(self) -> bool:
        """Whether it is connected."""
        return self._is_connected

    def _deliver(self, key: object, subject: str, payload: bytes) -> None:
        if key in self._subscribed:
            with _no_accident_ends_it(subject):
                self._subscribed[key][1](subject, payload)


@asynccontextmanager
async def nats_line(url: str, *, name: str) -> AsyncGenerator[NatsLine]:
    """A line that connects in the background and comes back after every break; `name` is what NATS calls it.

    The program starts whether NATS is there or not. It waits a little, so that a program whose NATS is there has it
    from its first request on.
    """
    line = NatsLine(url, name=name)
    tasks = [asyncio.create_task(line.keep_connected()), asyncio.create_task(line.keep_sending())]
    try:
        await line.wait_a_little()
        yield line
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await line.close()


def _fits(pattern: list[str], words: list[str]) -> bool:
    return len(pattern) == len(words) and all(one in ("*", other) for one, other in zip(pattern, words, strict=True))


async def _log_error(error: Exception) -> None:
    log.warning("nats", error=str(error) or type(error).__name__)


@contextmanager
def _no_accident_ends_it(subject: str) -> Generator[None]:
    try:
        yield
    except Exception:
        # The outermost door of whoever listens: the next message is delivered.
        log.exception("accident", subject=subject)
