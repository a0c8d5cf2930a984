import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from plaudit.foundation.embedded import EmbeddedNats
from plaudit.providers import Line, MemoryLine, NatsLine, nats_line
from tests.waiting import until


@pytest.fixture
async def nats(tmp_path: Path) -> AsyncIterator[EmbeddedNats]:
    async with EmbeddedNats(tmp_path / "nats") as server:
        yield server


def a_line(nats: EmbeddedNats) -> AbstractAsyncContextManager[NatsLine]:
    return nats_line(nats.url, name="test")


class Heard:
    """What came, in order."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes]] = []

    def __call__(self, subject: str, payload: bytes) -> None:
        self.messages.append((subject, payload))

    async def until(self, count: int) -> None:
        await until(lambda: len(self.messages) >= count)


@pytest.fixture(params=["NATS", "memory"])
async def line(request: pytest.FixtureRequest) -> AsyncIterator[Line]:
    """Each of the two lines: they must not differ."""
    if request.param == "memory":
        yield MemoryLine()
        return
    nats = EmbeddedNats(request.getfixturevalue("tmp_path") / "nats")
    async with nats, a_line(nats) as line:
        yield line


async def test_what_is_published_comes_to_everyone_who_subscribed_in_order(line: Line):
    one, other, none = Heard(), Heard(), Heard()
    await line.subscribe("room.1", one)
    await line.subscribe("room.*", other)
    await line.subscribe("room.2", none)

    for number in range(500):
        line.publish("room.1", b"%d" % number)
    await one.until(500)
    await other.until(500)

    assert one.messages == other.messages == [("room.1", b"%d" % number) for number in range(500)]
    assert none.messages == []
    assert line.dropped == 0


async def test_who_unsubscribed_hears_no_more(line: Line):
    gone, there = Heard(), Heard()
    unsubscribe = await line.subscribe("room.1", gone)
    await line.subscribe("room.1", there)

    await unsubscribe()
    line.publish("room.1", b"late")
    await there.until(1)

    assert gone.messages == []


async def test_a_callback_that_fails_keeps_nobody_from_hearing(line: Line):
    heard = Heard()

    def fail(subject: str, payload: bytes) -> None:
        heard(subject, payload)
        raise RuntimeError("an accident")

    await line.subscribe("room.1", fail)
    await line.subscribe("room.1", heard)

    line.publish("room.1", b"1")
    line.publish("room.1", b"2")
    await heard.until(4)

    assert sorted(payload for _, payload in heard.messages) == [b"1", b"1", b"2", b"2"]


async def test_a_connected_line_says_so(line: Line):
    assert line.is_connected
    assert await line.is_reached()


async def test_a_line_comes_up_when_nats_does_and_what_was_subscribed_before_holds(nats: EmbeddedNats):
    url = nats.url
    await nats.stop()
    heard, back = Heard(), asyncio.Event()
    async with nats_line(url, name="test") as line:
        line.on_reconnect(back.set)
        await line.subscribe("room.1", heard)
        line.publish("room.1", b"lost")
        assert (line.is_connected, await line.is_reached(), line.dropped) == (False, False, 1)

        await nats.start()
        await asyncio.wait_for(back.wait(), 30)
        line.publish("room.1", b"heard")
        await heard.until(1)

    assert heard.messages == [("room.1", b"heard")]


async def test_a_line_comes_back_after_nats_was_killed_and_its_subscriptions_hold(nats: EmbeddedNats):
    heard, back = Heard(), asyncio.Event()
    async with a_line(nats) as line:
        await line.subscribe("room.1", heard)
        line.on_reconnect(back.set)

        os.kill(nats.pid, signal.SIGKILL)
        await asyncio.wait_for(back.wait(), 30)
        line.publish("room.1", b"heard")
        await heard.until(1)

    assert heard.messages[-1] == ("room.1", b"heard")


async def test_what_was_published_last_is_still_sent_when_the_line_ends(nats: EmbeddedNats):
    heard = Heard()
    async with a_line(nats) as there:
        await there.subscribe("room.1", heard)

        async with a_line(nats) as line:
            for number in range(100):
                line.publish("room.1", b"%d" % number)

        await heard.until(100)


async def test_a_message_that_nats_does_not_take_is_dropped_and_the_next_one_goes(nats: EmbeddedNats):
    heard = Heard()
    async with a_line(nats) as line:
        await line.subscribe("room.1", heard)

        line.publish("room.1", bytes(2_000_000))
        line.publish("room.1", b"small")
        await heard.until(1)

    assert heard.messages == [("room.1", b"small")]
    assert line.dropped == 1


async def test_more_than_can_wait_is_dropped_and_not_kept_in_memory(nats: EmbeddedNats):
    async with a_line(nats) as line:
        for _ in range(100):
            line.publish("room.1", bytes(500_000))

        assert 50 < line.dropped < 80


async def test_a_memory_line_that_is_cut_drops_and_tells_when_it_is_back():
    line, heard, back = MemoryLine(), Heard(), asyncio.Event()
    await line.subscribe("room.1", heard)
    line.on_reconnect(back.set)

    line.is_connected = False
    line.publish("room.1", b"lost")
    line.is_connected = True
    line.publish("room.1", b"heard")
    await heard.until(1)

    assert back.is_set()
    assert (heard.messages, line.dropped) == ([("room.1", b"heard")], 1)
