"""Who gets in, and what those hear who don't."""

import asyncio
import socket
from datetime import timedelta

import httpx
import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from plaudit.foundation.clock import SystemClock
from plaudit.foundation.errors import AddressTaken
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.gateway import running_gateway
from tests.gateway.conftest import Stage, watching
from tests.waiting import until

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


async def ask(url: str, path: str, **headers: str) -> httpx.Response:
    """What is answered to a request for a WebSocket that isn't let in."""
    async with httpx.AsyncClient() as client:
        return await client.get(url.replace("ws", "http") + path, headers={**UPGRADE, **headers})


def is_problem(answer: httpx.Response, status: int, code: str) -> bool:
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert body.keys() == {"type", "title", "status", "code", "detail"}
    return (answer.status_code, body["status"], body["code"]) == (status, status, code)


async def test_a_token_that_is_not_right_is_refused(stage: Stage, url: str):
    old = stage.token(at=SystemClock().now() - timedelta(minutes=11))

    assert is_problem(await ask(url, stage.path(token="made.up.now")), 401, "token_not_valid")
    assert is_problem(await ask(url, f"/rooms/{stage.live_id}"), 401, "token_not_valid")
    assert is_problem(await ask(url, stage.path(token=old)), 401, "token_expired")
    assert is_problem(await ask(url, stage.path(token=stage.token(new_id()))), 403, "token_of_another_live")


@pytest.mark.parametrize(
    "path", ["/", "/rooms/", "/rooms/not-an-id", "/rooms", "/favicon.ico", "//rooms//", "//[", "/%00"]
)
async def test_a_path_that_leads_nowhere_is_not_found(url: str, path: str):
    assert is_problem(await ask(url, path), 404, "not_found")


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "99999999999999999999", "²"])
async def test_an_after_that_is_no_number_is_refused(stage: Stage, url: str, after: str):
    assert is_problem(await ask(url, f"{stage.path()}&after={after}"), 422, "invalid_request")


@pytest.mark.parametrize(
    ("origin", "is_let_in"),
    [
        (None, True),
        ("http://127.0.0.1:8000", True),
        ("https://127.0.0.1", True),
        ("https://evil.example", False),
        ("null", False),
        ("http://127.0.0.1.evil.example", False),
        ("file://", False),
        ("http://[", False),
    ],
)
async def test_a_page_may_watch_from_the_host_that_it_asks_and_no_other(
    stage: Stage, url: str, origin: str | None, is_let_in: bool
):
    if is_let_in:
        async with watching(url + stage.path(), origin=origin) as viewer:
            assert viewer.screen.of("state")
    else:
        assert is_problem(await ask(url, stage.path(), Origin=origin or ""), 403, "origin_not_allowed")


async def test_with_origins_set_only_their_pages_may_watch(settings: Settings, stage: Stage):
    named = msgspec.structs.replace(settings, allowed_origins="https://example.org,https://www.example.org")

    async with running_gateway(named) as gateway:
        url = f"ws://127.0.0.1:{gateway.port}"
        async with watching(url + stage.path(), origin="https://www.example.org") as viewer:
            assert viewer.screen.of("state")
        other = await ask(url, stage.path(), Origin="http://127.0.0.1:8000")

    assert is_problem(other, 403, "origin_not_allowed")


async def test_with_a_star_all_pages_may_watch(settings: Settings, stage: Stage):
    anyone = msgspec.structs.replace(settings, allowed_origins="*")

    async with (
        running_gateway(anyone) as gateway,
        watching(f"ws://127.0.0.1:{gateway.port}{stage.path()}", origin="https://a.example") as viewer,
    ):
        assert viewer.screen.of("state")


async def test_a_token_may_be_sent_beside_the_protocol(stage: Stage, url: str):
    token = stage.token()

    async with watching(f"{url}/rooms/{stage.live_id}", subprotocols=["plaudit", token]) as viewer:
        assert viewer.screen.of("state")
        assert viewer.connection.subprotocol == "plaudit"


async def test_an_address_has_only_so_many_connections_and_gets_another_when_one_ends(settings: Settings, stage: Stage):
    two = msgspec.structs.replace(settings, gateway_connections_per_address=2)

    async with running_gateway(two) as gateway:
        url = f"ws://127.0.0.1:{gateway.port}"
        async with watching(url + stage.path()):
            async with watching(url + stage.path()):
                refused = await ask(url, stage.path())
                alive = await ask(url, "/health")

            async def gets_in() -> bool:
                try:
                    async with connect(url + stage.path()):
                        return True
                except InvalidStatus:
                    return False

            await until(gets_in)

    assert is_problem(refused, 429, "too_many_connections")
    assert refused.headers["retry-after"]
    assert alive.status_code == 200


async def test_a_live_that_is_not_there_is_told_in_the_goodbye(stage: Stage, url: str):
    nowhere = new_id()

    async with watching(f"{url}/rooms/{nowhere}?token={stage.token(nowhere)}") as viewer:
        assert await viewer.until_closed() == (1008, "live_not_found")


async def test_what_a_viewer_sends_is_passed_over_and_much_of_it_is_too_much(stage: Stage, url: str):
    async with watching(url + stage.path()) as viewer:
        await viewer.connection.send("hello?")
        await viewer.connection.send(b"\x00" * 1_000)
        await stage.happen()
        await viewer.screen.until_it_has(1)

        await viewer.connection.send("x" * 2_000)
        code, _ = await viewer.until_closed()

    assert code == 1009


async def test_a_request_that_is_no_http_is_refused(url: str):
    port = httpx.URL(url).port or 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(b"POST /rooms/x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
    answer = await reader.readline()
    writer.close()

    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_a_port_that_something_else_has_is_refused(settings: Settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(AddressTaken, match=rf"gateway .*127\.0\.0\.1 port {port} .*PLAUDIT_GATEWAY_PORT"):
            async with running_gateway(msgspec.structs.replace(settings, gateway_port=port)):
                pass
