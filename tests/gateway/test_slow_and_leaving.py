"""Viewers who don't read, who are silent, and a gateway that stops."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from plaudit.foundation.settings import CONFIG_VARIABLE, Settings, as_environ, own_environ
from plaudit.gateway import Gateway, viewer
from plaudit.rooms import wire
from tests.gateway.conftest import Stage, watching
from tests.waiting import until


async def flood(stage: Stage, kilobytes: int) -> None:
    """Much chat: nobody needs it, and it needn't be stored."""
    line = msgspec.json.encode({"type": "chat", "id": "x", "text": "x" * 1_000})
    for _ in range(kilobytes // 100):
        stage.line.publish(wire.subject_of(stage.live_id), wire.frame([line] * 100))
        await asyncio.sleep(0.01)


async def test_a_viewer_who_does_not_read_is_let_go_and_the_others_notice_nothing(stage: Stage, url: str):
    async with (
        connect(url + stage.path(), compression=None, max_queue=1, write_limit=1, close_timeout=1) as sleeper,
        watching(url + stage.path()) as other,
    ):
        sleeper.transport.pause_reading()
        await flood(stage, 8_000)
        await stage.happen(3)
        await other.screen.until_it_has(3)
        async with httpx.AsyncClient() as client:

            async def is_closed() -> bool:
                metrics = await client.get(url.replace("ws", "http") + "/metrics")
                return 'plaudit_gateway_closed_total{reason="too_slow"}' in metrics.text

            await until(is_closed)
        sleeper.transport.resume_reading()
        with pytest.raises(ConnectionClosed):
            while True:
                await sleeper.recv()

    assert other.screen.numbers == [1, 2, 3]
    assert sleeper.close_code in (1013, 1006)


async def test_a_viewer_who_is_silent_for_too_long_is_let_go(stage: Stage, url: str, gateway: Gateway):
    async with (
        connect(url + stage.path(), compression=None, close_timeout=1) as silent,
        watching(url + stage.path()) as there,
    ):
        await until(lambda: len(gateway.viewers) == 2)
        silent.transport.pause_reading()
        for each in gateway.viewers:
            each.heard_at -= viewer.DEAD_SECONDS - 2
            each.ping_at = 0.0

        await until(lambda: len([each for each in gateway.viewers if not each.is_closing]) == 1)
        await stage.happen()
        await there.screen.until_it_has(1)

        # Who is let go and says nothing is cut off in the end.
        await until(lambda: len(gateway.viewers) == 1)


@asynccontextmanager
async def program(settings: Settings) -> AsyncGenerator[tuple[Process, str]]:
    """`python -m plaudit.gateway`, and where it is."""
    environ = {**own_environ(os.environ), **as_environ(settings), CONFIG_VARIABLE: os.devnull}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "plaudit.gateway", stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environ
    )
    assert child.stdout is not None
    try:
        async with asyncio.timeout(60):
            ready, url = (await child.stdout.readline()).decode().split()
        assert ready == "ready"
        yield child, url
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def test_a_gateway_that_is_asked_to_stop_lets_everyone_go_and_takes_nobody(settings: Settings, stage: Stage):
    async with program(settings) as (child, url):
        opened = [watching(url + stage.path()) for _ in range(30)]
        viewers = [await each.__aenter__() for each in opened]
        await stage.happen()
        for each in viewers:
            await each.screen.until_it_has(1)

        child.terminate()
        goodbyes = [await each.until_closed() for each in viewers]
        with pytest.raises((InvalidStatus, OSError)):
            async with connect(url + stage.path()):
                pass
        code = await asyncio.wait_for(child.wait(), 30)

    assert set(goodbyes) == {(1012, "restarting")}
    assert code == 0


async def test_a_gateway_whose_viewers_do_not_answer_stops_all_the_same(settings: Settings, stage: Stage):
    async with (
        program(settings) as (child, url),
        connect(url + stage.path(), compression=None, close_timeout=1) as silent,
    ):
        silent.transport.pause_reading()

        child.terminate()

        assert await asyncio.wait_for(child.wait(), 30) == 0


async def test_a_gateway_ends_with_the_program_that_started_it(settings: Settings):
    async with program(settings) as (child, _):
        assert child.stdin is not None

        child.stdin.close()

        assert await asyncio.wait_for(child.wait(), 30) == 0


async def test_a_gateway_without_its_database_lets_nobody_wait_for_ever(settings: Settings, stage: Stage):
    nowhere = msgspec.structs.replace(settings, database_url="postgresql://127.0.0.1:1/plaudit")

    async with program(nowhere) as (_, url), watching(url + stage.path()) as viewer:
        code, reason = await viewer.until_closed()

    assert (code, reason) == (1013, "unavailable")


async def test_a_gateway_that_can_not_start_says_why_in_one_sentence(settings: Settings):
    environ = {**own_environ(os.environ), **as_environ(settings), "PLAUDIT_GATEWAY_PORT": "many"}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "plaudit.gateway", stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environ
    )

    _, errors = await asyncio.wait_for(child.communicate(), 60)

    assert child.returncode == 1
    assert errors.decode().startswith("plaudit: PLAUDIT_GATEWAY_PORT is 'many'")
    assert len(errors.decode().splitlines()) == 1
