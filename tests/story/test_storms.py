"""Killed in the middle of a storm of gifts: no gift is lost or doubled, and every screen catches up."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.story import victims
from tests.story.agreement import assert_everything_agrees
from tests.story.house import House, a_gift
from tests.story.storm import Storm
from tests.story.victims import Kill, silenced
from tests.story.watchers import SocketWatcher, StreamWatcher, following

KILLS = 4
SOAK_KILLS = 12
NEWS_BEFORE_A_KILL = 80
LONGEST_PAUSE_SECONDS = 0.5


async def rage(storm: Storm, kill: Kill, kills: int) -> None:
    """A storm with as many kills in it until everything is at rest; some come to watch after the first one."""
    await storm.gather()
    async with AsyncExitStack() as watching:
        await watching.enter_async_context(following(storm.watchers))
        async with storm.raging():
            await strike(storm, kill)
            await watching.enter_async_context(following(storm.latecomers))
            for _ in range(kills - 1):
                await strike(storm, kill)
            await storm.until_more(NEWS_BEFORE_A_KILL)
        await assert_everything_agrees(storm)


async def strike(storm: Storm, kill: Kill) -> None:
    """At a random moment, when all that was killed before is at work again."""
    await storm.until_more(NEWS_BEFORE_A_KILL)
    await asyncio.sleep(storm.chance.random() * LONGEST_PAUSE_SECONDS)
    print("killed:", await kill(storm.house.product, storm.chance))


@pytest.mark.parametrize(
    ("kill", "kills"),
    [
        pytest.param(victims.kill_server, KILLS, id="server"),
        pytest.param(victims.kill_postgres, KILLS, id="PostgreSQL"),
        pytest.param(victims.stall_postgres, 1, id="PostgreSQL that stalls"),
        pytest.param(victims.kill_nats, KILLS, id="NATS"),
        pytest.param(victims.kill_gateway, KILLS, id="gateway"),
        pytest.param(victims.kill_worker, KILLS, id="worker"),
    ],
)
async def test_no_gift_is_lost_or_doubled_and_every_screen_catches_up_when_it_is_killed(
    house: House, seed: int, kill: Kill, kills: int
):
    await rage(Storm(house, seed), kill, kills)


async def test_a_gift_in_a_quiet_room_is_on_every_screen_though_nats_is_silent(house: House):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    watchers = [SocketWatcher(house.client, live), StreamWatcher(house.client, live)]

    async with following(watchers):
        for watcher in watchers:
            await watcher.until_seen("live_started")
        with silenced(house.product.child("nats-server")):
            gift = await house.ask(fan, "POST /v1/gifts", a_gift(live))
            for watcher in watchers:
                await watcher.until_seen("gift_sent")
        after = await house.ask(fan, "POST /v1/gifts", a_gift(live, "heart"))
        for watcher in watchers:
            await watcher.until_seen("gift_sent", count=2)

    for watcher in watchers:
        assert [event["id"] for event in watcher.of_type("gift_sent")] == [gift["id"], after["id"]]
        assert watcher.seqs == [1, 2, 3]


@pytest.mark.soak
@pytest.mark.parametrize("number", range(10))
async def test_whatever_is_killed_again_and_again_everything_agrees_afterwards(house: House, seed: int, number: int):
    await rage(Storm(house, seed + number), victims.kill_anything, SOAK_KILLS)
