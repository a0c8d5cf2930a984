"""What a viewer sees through the gateway, whatever happens in between."""

import asyncio
import os
import signal
from pathlib import Path
from random import Random

import httpx
import msgspec

from plaudit.foundation.embedded import EmbeddedNats
from plaudit.foundation.settings import Settings
from plaudit.gateway import running_gateway
from plaudit.rooms import wire
from tests.gateway.conftest import Screen, Stage, open_stage, watching
from tests.waiting import until


async def test_who_joins_gets_the_state_and_then_what_happens(stage: Stage, url: str):
    await stage.happen(3)

    async with watching(url + stage.path()) as viewer:
        await viewer.screen.until_it_has(3)
        await stage.happen(2)
        stage.say("hello")
        await viewer.screen.until_it_has(5)
        await until(lambda: bool(viewer.screen.of("chat")))

    assert viewer.screen.objects[0]["type"] == "state"
    assert viewer.screen.objects[0]["seq"] == 3
    assert viewer.screen.numbers == [4, 5]
    assert viewer.screen.of("chat")[0]["text"] == "hello"


async def test_everyone_gets_the_same(stage: Stage, url: str):
    async with watching(url + stage.path()) as one, watching(url + stage.path()) as other:
        for _ in range(20):
            await stage.happen()
        await one.screen.until_it_has(20)
        await other.screen.until_it_has(20)

    assert one.screen.numbers == other.screen.numbers == list(range(1, 21))


async def test_an_event_goes_out_byte_for_byte_as_it_is_stored(stage: Stage, url: str):
    async with watching(url + stage.path()) as viewer:
        await stage.happen()
        await viewer.screen.until_it_has(1)

    assert viewer.screen.objects[-1] == msgspec.json.decode((await stage.bodies())[0])


async def test_what_comes_in_a_burst_is_merged_into_few_frames(stage: Stage, url: str):
    async with watching(url + stage.path()) as viewer:
        before = viewer.screen.frames
        await stage.happen(1)
        bodies = await stage.bodies()
        for seq in range(2, 302):
            body = bodies[0].replace(b'"seq":1,', b'"seq":%d,' % seq)
            stage.line.publish(wire.subject_of(stage.live_id), wire.frame([body]))
        await viewer.screen.until_it_has(301)

    assert viewer.screen.numbers == list(range(1, 302))
    assert viewer.screen.frames - before < 100


async def test_what_was_published_twice_and_out_of_order_is_delivered_once_and_in_order(stage: Stage, url: str):
    async with watching(url + stage.path()) as viewer:
        await stage.happen(10)
        bodies = await stage.bodies()
        for body in (*reversed(bodies), *bodies):
            stage.line.publish(wire.subject_of(stage.live_id), wire.frame([body]))
        await stage.happen()
        await viewer.screen.until_it_has(11)

    assert viewer.screen.numbers == list(range(1, 12))


async def test_who_comes_back_gets_what_was_missed_in_order_and_without_doubles(stage: Stage, url: str, seed: int):
    random, screen = Random(seed), Screen()
    storm = asyncio.create_task(storm_of(stage, 80, random))

    while not storm.done():
        async with watching(url + stage.path(screen.last), screen) as viewer:
            await asyncio.sleep(random.random() * 0.1)
            if random.random() < 0.5:
                viewer.connection.transport.abort()
    last = await storm
    async with watching(url + stage.path(screen.last), screen):
        await screen.until_it_has(last)

    assert [each["type"] for each in screen.objects].count("state") == 1
    assert screen.numbers == list(range(screen.objects[0]["seq"] + 1, last + 1))


async def storm_of(stage: Stage, steps: int, random: Random) -> int:
    """How many things happened in the end."""
    total = 0
    for _ in range(steps):
        count = random.choice((1, 1, 2, 30))
        await stage.happen(count)
        total += count
        await asyncio.sleep(random.random() * 0.01)
    return total


async def test_nothing_is_lost_when_nats_is_killed_in_the_middle(settings: Settings, tmp_path: Path, seed: int):
    random = Random(seed)
    async with EmbeddedNats(tmp_path / "nats") as nats:
        on_it = msgspec.structs.replace(settings, nats_url=nats.url)
        async with (
            open_stage(on_it) as stage,
            running_gateway(on_it) as gateway,
            watching(at(gateway.port, stage)) as viewer,
        ):
            storm = asyncio.create_task(storm_of(stage, 100, random))
            await viewer.screen.until_it_has(10)
            os.kill(nats.pid, signal.SIGKILL)
            last = await storm
            await viewer.screen.until_it_has(last)

    assert viewer.screen.numbers == list(range(viewer.screen.objects[0]["seq"] + 1, last + 1))


async def test_nothing_is_missed_over_a_restart_of_the_gateway(settings: Settings, stage: Stage):
    screen = Screen()
    async with running_gateway(settings) as gateway, watching(at(gateway.port, stage), screen) as viewer:
        await stage.happen(5)
        await screen.until_it_has(5)
        leaving = asyncio.create_task(viewer.until_closed())
    await leaving
    await stage.happen(2_000)

    async with running_gateway(settings) as gateway, watching(at(gateway.port, stage, after=5), screen):
        await screen.until_it_has(2_005)

    assert screen.numbers == list(range(1, 2_006))


def at(port: int, stage: Stage, after: int | None = None) -> str:
    return f"ws://127.0.0.1:{port}{stage.path(after)}"


async def test_who_missed_much_gets_all_of_it_in_pieces(stage: Stage, url: str):
    await stage.happen(4_900)

    async with watching(url + stage.path(after=0)) as viewer:
        await stage.happen(10)
        await viewer.screen.until_it_has(4_910)

    assert viewer.screen.numbers == list(range(1, 4_911))
    assert viewer.screen.frames > 3


async def test_presence_is_summed_over_two_gateways(settings: Settings, stage: Stage, url: str):
    async with running_gateway(settings) as second, watching(url + stage.path()) as here:
        await until(lambda: counts_of(here.screen)[-1:] == [1])
        async with watching(at(second.port, stage)) as there, watching(at(second.port, stage)):
            await until(lambda: counts_of(here.screen)[-1:] == [3])
            await until(lambda: counts_of(there.screen)[-1:] == [3])
        await until(lambda: counts_of(here.screen)[-1:] == [1])


def counts_of(screen: Screen) -> list[int]:
    return [each["count"] for each in screen.of("viewers")]


async def test_two_gateways_share_a_port(settings: Settings, stage: Stage, url: str):
    port = httpx.URL(url).port
    both = msgspec.structs.replace(settings, gateway_port=port)

    async with running_gateway(both):
        viewers = [watching(url + stage.path()) for _ in range(20)]
        opened = [await viewer.__aenter__() for viewer in viewers]
        await stage.happen()
        for viewer in opened:
            await viewer.screen.until_it_has(1)
        for viewer in viewers:
            await viewer.__aexit__(None, None, None)


async def test_the_gateway_tells_how_it_is(stage: Stage, url: str):
    async with watching(url + stage.path()) as viewer, httpx.AsyncClient(base_url=url.replace("ws", "http")) as client:
        await stage.happen()
        await viewer.screen.until_it_has(1)
        health, metrics = await client.get("/health"), await client.get("/metrics")

    assert (health.status_code, health.json()) == (200, {"status": "alive"})
    assert "plaudit_gateway_viewers 1.0" in metrics.text
    assert "plaudit_gateway_lag_seconds_count" in metrics.text
