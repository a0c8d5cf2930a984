"""Server-sent events: the same as over a WebSocket, for networks that block those; from a server of their own."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest

from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.web import WebServer, running_web_server
from tests.gateway.conftest import SECRET, Stage, open_stage
from tests.waiting import until
from tests.web.api.conftest import Someone, a_wish, ask


class Stream:
    """What came of a stream so far."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.fields: list[tuple[str, str]] = []

    @property
    def objects(self) -> list[dict[str, Any]]:
        frames = [msgspec.json.decode(value) for name, value in self.fields if name == "data"]
        return [each for frame in frames for each in frame]

    @property
    def numbers(self) -> list[int]:
        return [each["seq"] for each in self.objects if "seq" in each and each["type"] != "state"]

    @property
    def last_id(self) -> str:
        return [value for name, value in self.fields if name == "id"][-1]

    async def read(self) -> None:
        async for line in self.answer.aiter_lines():
            name, _, value = line.partition(": ")
            self.fields.append((name, value))


@asynccontextmanager
async def streaming(url: str, **headers: str) -> AsyncGenerator[Stream]:
    async with httpx.AsyncClient(timeout=30) as client, client.stream("GET", url, headers=headers) as answer:
        stream = Stream(answer)
        reading = asyncio.create_task(stream.read())
        try:
            await until(lambda: bool(stream.objects) or reading.done())
            yield stream
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, secret_key=SECRET)


@pytest.fixture
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    async with open_stage(settings) as stage:
        yield stage


@pytest.fixture
async def web(settings: Settings) -> AsyncIterator[WebServer]:
    async with running_web_server(settings) as web:
        yield web


def url_of(web: WebServer, stage: Stage, more: str = "") -> str:
    return f"{web.url}/v1/lives/{stage.live_id}/stream?token={stage.token()}{more}"


async def test_a_stream_begins_with_the_state_and_goes_on_with_what_happens(stage: Stage, web: WebServer):
    await stage.happen(2)

    async with streaming(url_of(web, stage)) as stream:
        await stage.happen(3)
        await until(lambda: len(stream.numbers) == 3)

    assert stream.answer.headers["content-type"].startswith("text/event-stream")
    assert stream.fields[0] == ("retry", "2000")
    assert stream.objects[0]["type"] == "state"
    assert stream.numbers == [3, 4, 5]
    assert stream.last_id == "5"


async def test_who_comes_back_gets_what_was_missed(stage: Stage, web: WebServer):
    await stage.happen(10)

    async with (
        streaming(url_of(web, stage, "&after=4")) as by_query,
        streaming(url_of(web, stage, "&after=4"), **{"Last-Event-ID": "7"}) as by_header,
    ):
        await until(lambda: by_query.numbers[-1:] == by_header.numbers[-1:] == [10])

    assert by_query.numbers == [5, 6, 7, 8, 9, 10]
    assert by_header.numbers == [8, 9, 10]


async def test_streams_are_counted_as_viewers(stage: Stage, web: WebServer):
    async with streaming(url_of(web, stage)) as one:
        async with streaming(url_of(web, stage)):
            await until(lambda: {"type": "viewers", "count": 2} in one.objects)
        await until(lambda: one.objects[-1] == {"type": "viewers", "count": 1})


async def test_who_has_no_token_of_this_live_gets_nothing(stage: Stage, web: WebServer):
    path = f"{web.url}/v1/lives/{stage.live_id}/stream"

    async with httpx.AsyncClient() as client:
        without, wrong = await client.get(path), await client.get(f"{path}?token=made.up.now")

    assert (without.status_code, without.json()["code"]) == (401, "token_not_valid")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "token_not_valid")


async def test_an_address_has_only_so_many_streams(settings: Settings, stage: Stage):
    one = msgspec.structs.replace(settings, gateway_connections_per_address=1)

    async with running_web_server(one) as web, httpx.AsyncClient() as client, streaming(url_of(web, stage)):
        refused = await client.get(url_of(web, stage))

    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_connections")


async def test_a_server_that_stops_waits_for_no_stream(settings: Settings, stage: Stage):
    patient = msgspec.structs.replace(settings, stop_deadline_ms=60_000)

    async with asyncio.timeout(30), running_web_server(patient) as web:
        opened = streaming(url_of(web, stage))
        stream = await opened.__aenter__()
    await opened.__aexit__(None, None, None)

    assert stream.objects


async def test_nothing_of_a_stream_stays_open_when_its_reader_is_gone(stage: Stage, web: WebServer):
    for _ in range(3):
        async with streaming(url_of(web, stage)):
            pass

    async with streaming(url_of(web, stage)) as last:
        await until(lambda: last.objects[-1] == {"type": "viewers", "count": 1})


async def test_news_of_messages_come_to_who_listens_at_once_and_when_something_is_written(web: WebServer):
    async with httpx.AsyncClient(base_url=web.url, timeout=30) as client:
        joined = [await ask(client, "POST /v1/sign-up", a_wish(name)) for name in ("ada", "bob")]
        ada, bob = [Someone(client, answer.json()) for answer in joined]
        cookie = {"cookie": f"plaudit_session={bob.token}", "accept": "text/event-stream"}
        async with client.stream("GET", "/news", headers=cookie) as answer:
            lines = answer.aiter_lines()
            told = [await anext(lines) for _ in range(3)]
            await ada.ask("POST /v1/messages", {"id": str(new_id()), "to": "bob", "text": "Hello"})
            async with asyncio.timeout(30):
                told += [await anext(lines) for _ in range(2)]

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert told == ["retry: 2000", "data: new", "", "data: new", ""]
