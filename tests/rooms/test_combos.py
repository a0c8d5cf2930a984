import asyncio
from datetime import timedelta

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.ids import new_id
from plaudit.rooms import combos
from tests.rooms.conftest import House, a_wish

FIVE_SECONDS = timedelta(seconds=5)


async def test_a_combo_ends_five_seconds_after_its_last_tap_and_once(house: House, clock: MovableClock):
    live, ada = await house.live("iris"), await house.fan("ada")
    combo_id = new_id()
    for _ in range(3):
        await house.send(ada, live, a_wish("heart", quantity=2, combo_id=combo_id))
    await house.told(live)

    clock.move(FIVE_SECONDS - timedelta(milliseconds=1))
    too_early = await combos.close_due(house.db, house.rooms.log, now=house.now)
    clock.move(timedelta(milliseconds=1))
    closed = await asyncio.gather(*(combos.close_due(house.db, house.rooms.log, now=house.now) for _ in range(5)))

    assert too_early == 0
    assert sorted(closed) == [0, 0, 0, 0, 1]
    (ended,) = await house.told(live, "combo_ended")
    tapped = await house.told(live, "gift_sent")
    assert [each["combo"]["count"] for each in tapped] == [2, 4, 6]
    assert ended["combo"] == tapped[-1]["combo"]
    assert (ended["gift"], ended["from"]) == (tapped[0]["gift"], tapped[0]["from"])


async def test_the_same_id_tapped_after_the_end_is_another_combo(house: House, clock: MovableClock):
    live, ada = await house.live("iris"), await house.fan("ada")
    combo_id = new_id()

    for _ in range(2):
        await house.send(ada, live, a_wish(combo_id=combo_id))
        await house.told(live)
        clock.move(FIVE_SECONDS)
        await combos.close_due(house.db, house.rooms.log, now=house.now)

    ended = [each["combo"] for each in await house.told(live, "combo_ended")]
    assert [combo["count"] for combo in ended] == [1, 1]
    assert ended[0]["id"] != ended[1]["id"]


async def test_the_end_of_a_live_ends_its_combos_first(house: House):
    live, elsewhere, ada = await house.live("iris"), await house.live("olaf"), await house.fan("ada")
    for where in (live, elsewhere):
        await house.send(ada, where, a_wish(combo_id=new_id()))
    await house.told(live)

    await house.end(live)

    kinds = [each["type"] for each in await house.told(live)]
    assert kinds == ["live_started", "gift_sent", "combo_ended", "live_ended"]
    assert await house.told(elsewhere, "combo_ended") == []


async def test_an_unnamed_combo_ends_unnamed(house: House, clock: MovableClock):
    live, ada = await house.live("iris"), await house.fan("ada")
    await house.send(ada, live, a_wish(combo_id=new_id(), is_anonymous=True))
    await house.told(live)
    clock.move(FIVE_SECONDS)

    await combos.close_due(house.db, house.rooms.log, now=house.now)

    (ended,) = await house.told(live, "combo_ended")
    assert ended["from"] is None
