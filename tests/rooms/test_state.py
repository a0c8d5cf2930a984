import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.ids import new_id
from plaudit.rooms import combos, state
from plaudit.rooms.errors import LiveNotFound
from plaudit.rooms.model import Live
from tests.rooms.conftest import House, a_wish


async def state_of(house: House, live: Live) -> dict[str, Any]:
    return msgspec.json.decode(await state.get_state(house.db, live.id))


async def test_who_joins_an_empty_room_sees_the_live_and_nothing_else(house: House):
    live = await house.live("iris")

    assert await state_of(house, live) == {
        "type": "state",
        "seq": 1,
        "live": {
            "id": str(live.id),
            "title": "Painting",
            "cover_url": None,
            "playback": None,
            "creator": {"handle": "iris", "name": "Iris", "picture_url": None},
            "started_at": "2026-03-01T12:00:00Z",
            "ended_at": None,
        },
        "viewers": 0,
        "likes": 0,
        "chat": [],
        "leaders": [],
        "combos": [],
    }


async def test_the_state_shows_ten_leaders_and_the_combos_that_may_grow(house: House, clock: MovableClock):
    live = await house.live("iris")
    fans = [await house.fan(f"fan_{number}") for number in range(12)]
    for number, fan in enumerate(fans):
        await house.send(fan, live, a_wish(quantity=number + 1))
    await house.send(fans[0], live, a_wish("heart", combo_id=new_id()))
    await house.told(live)
    clock.move(timedelta(seconds=5))
    await combos.close_due(house.db, house.rooms.log, now=house.now)
    await house.send(fans[1], live, a_wish("heart", combo_id=new_id(), quantity=3))
    (*_, tap) = await house.told(live, "gift_sent")

    shown = await state_of(house, live)

    assert shown["seq"] == 16
    assert [leader["coins"] for leader in shown["leaders"]] == [12, 11, 10, 9, 8, 7, 6, 5, 5, 4]
    assert shown["combos"] == [{"combo": tap["combo"], "gift": tap["gift"], "from": tap["from"]}]


async def test_the_state_and_the_events_after_it_hold_every_coin_once(house: House):
    live, ada = await house.live("iris"), await house.fan("ada")

    async def send_all() -> None:
        for _ in range(60):
            await house.send(ada, live)

    sending = asyncio.create_task(send_all())
    seen: list[dict[str, Any]] = []
    while not sending.done():
        seen.append(await state_of(house, live))
        await asyncio.sleep(0)
    await sending

    told = await house.told(live)
    for shown in seen:
        in_the_state = sum(leader["coins"] for leader in shown["leaders"])
        assert in_the_state + sum(event["coins"] for event in told[shown["seq"] :]) == 60


async def test_a_live_that_there_is_not_has_no_state(house: House):
    with pytest.raises(LiveNotFound):
        await state.get_state(house.db, new_id())
