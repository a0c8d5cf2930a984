"""The generator of load against servers that misbehave: what it finds must be what happened."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
import pytest

from plaudit.bench.load import Call, Load, LoadPlan, fresh_id
from plaudit.bench.pacing import Pace
from plaudit.bench.replies import UnreadableReply
from plaudit.bench.requests import get, post

REPLY = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}"

Answer = Callable[[bytes], Awaitable[bytes]]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncGenerator[int]:
    """A server of single-packet requests; the port."""

    ended: list[asyncio.Event] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(asyncio.Event())
        end = ended[-1]
        while request := await reader.read(65536):
            reply = await answer(request)
            if not reply:
                break
            writer.write(reply)
        writer.close()
        await writer.wait_closed()
        end.set()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        async with asyncio.timeout(10):
            for each in ended:
                await each.wait()


def plan(port: int, *, calls: list[Call], per_s: float | None = None, seconds: float = 0.3) -> LoadPlan:
    return LoadPlan(host="127.0.0.1", port=port, calls=calls, seconds=seconds, warm_up_seconds=0.05, per_s=per_s)


async def test_every_request_is_answered_and_counted_by_connection():
    served: list[bytes] = []

    async def answer(request: bytes) -> bytes:
        served.append(request)
        return REPLY

    async with serving(answer) as port:
        found = await Load(plan(port, calls=[get("/a"), get("/b")])).run()

    assert found.statuses == {201: len(served)}
    assert found.good == [
        sum(request.startswith(f"GET {path} ".encode()) for request in served) for path in ("/a", "/b")
    ]
    assert min(found.good) > 0


async def test_each_post_has_a_fresh_id_and_a_length_that_is_right():
    bodies: list[dict[str, str]] = []

    async def answer(request: bytes) -> bytes:
        head, body = request.split(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
        assert b"Authorization: Bearer secret" in head
        bodies.append(msgspec.json.decode(body))
        return REPLY

    async with serving(answer) as port:
        await Load(plan(port, calls=[post("/v1/gifts", {"gift": "rose"}, token="secret")])).run()

    assert len({body["id"] for body in bodies}) == len(bodies) > 1
    assert {body["gift"] for body in bodies} == {"rose"}


async def test_what_was_refused_is_counted_and_not_good():
    async def answer(request: bytes) -> bytes:
        return REPLY.replace(b"201 Created", b"409 Conflict")

    async with serving(answer) as port:
        found = await Load(plan(port, calls=[get("/")])).run()

    assert found.statuses.keys() == {409}
    assert found.good == [0]


async def test_at_a_rate_the_time_that_a_request_waits_for_a_free_connection_counts():
    async def answer(request: bytes) -> bytes:
        await asyncio.sleep(0.05)
        return REPLY

    async with serving(answer) as port:
        found = await Load(plan(port, calls=[get("/")], per_s=100, seconds=0.4)).run()

    # Forty are due within 0.4 s and one connection answers twenty a second: the last has waited for more than a second.
    assert found.figure.p99_ms > 1000
    assert found.statuses == {201: 45}


async def test_at_a_rate_everything_that_was_due_is_sent_once():
    ids: list[str] = []

    async def answer(request: bytes) -> bytes:
        ids.append(msgspec.json.decode(request.split(b"\r\n\r\n")[1])["id"])
        await asyncio.sleep(0.01)
        return REPLY

    async with serving(answer) as port:
        found = await Load(plan(port, calls=[post("/", {})] * 4, per_s=200, seconds=0.5)).run()

    assert len(ids) == 110
    assert found.statuses == {201: 110}
    assert found.dues.keys() == set(ids)
    assert sum(due >= found.measured_from_ns for due in found.dues.values()) == 100


async def test_the_last_reply_is_waited_for_when_everything_was_quiet_before():
    async def answer(request: bytes) -> bytes:
        await asyncio.sleep(0.03)
        return REPLY

    async with serving(answer) as port:
        found = await Load(plan(port, calls=[get("/")] * 8, per_s=20, seconds=0.5)).run()

    assert found.statuses == {201: 11}


async def test_a_server_that_hangs_up_ends_the_run():
    async def answer(request: bytes) -> bytes:
        return b""

    async with serving(answer) as port:
        with pytest.raises(ConnectionError):
            await Load(plan(port, calls=[get("/")])).run()


async def test_a_reply_that_cannot_be_read_ends_the_run():
    async def answer(request: bytes) -> bytes:
        return b"HTTP/1.1 200 OK\r\n\r\n"

    async with serving(answer) as port:
        with pytest.raises(UnreadableReply):
            await Load(plan(port, calls=[get("/")])).run()


def test_a_fresh_id_is_a_random_uuid():
    id = UUID(fresh_id().decode())

    assert id.version == 4
    assert str(id) == str(UUID(int=id.int))


def test_a_pace_is_even_and_ends():
    pace = Pace(per_s=20, count=5)

    assert [pace.due_at(number) // 1_000_000 for number in range(5)] == [0, 50, 100, 150, 200]
    assert [pace.due_by(milliseconds * 1_000_000) for milliseconds in (0, 49, 51, 149, 151, 10_000)] == [
        1,
        1,
        2,
        3,
        4,
        5,
    ]
