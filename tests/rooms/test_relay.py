import asyncio
from datetime import timedelta

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.ids import new_id
from plaudit.gifts import Sender
from plaudit.gifts import sending as gift_sending
from plaudit.providers import MemoryLine
from plaudit.rooms import messages, relay
from plaudit.rooms.model import Live
from tests.rooms.conftest import House, a_wish, open_house

LATER = timedelta(seconds=2)


async def send_and_crash(house: House, fan: Sender, live: Live, **wish: object) -> None:
    """The ledger has the gift, and then the program is gone before it told anybody."""
    await gift_sending.send_gift(
        house.rooms.gifting,
        a_wish(**wish),  # pyright: ignore[reportArgumentType] - whatever a test wishes
        fan,
        creator_id=live.creator_id,
        live_id=live.id,
        now=house.now,
    )


async def test_what_a_crash_kept_from_its_room_is_told_by_the_relay(house: House, clock: MovableClock):
    live, ada = await house.live("iris"), await house.fan("ada")
    await house.send(ada, live)
    await send_and_crash(house, ada, live, gift="rosa", combo_id=new_id(), message="Hello")
    await send_and_crash(house, ada, live, is_anonymous=True)
    await house.told(live)
    clock.move(LATER)

    told = await relay.run_round(house.rooms, now=house.now)

    assert told == 2
    assert [(each["coins"], each["message"]) for each in await house.told(live, "gift_sent")] == [
        (1, None),
        (10, "Hello"),
        (1, None),
    ]
    _, found, unnamed = await house.told(live, "gift_sent")
    assert found["from"] == {"handle": "ada", "name": "Ada", "picture_url": None}
    assert found["combo"]["count"] == 1
    assert unnamed["from"] is None
    assert sum(leader.coins for leader in await house.leaders(live)) == 12


async def test_what_was_told_is_not_told_again_by_any_number_of_relays(
    house: House, database_url: str, clock: MovableClock
):
    live, ada = await house.live("iris"), await house.fan("ada")
    for _ in range(20):
        await house.send(ada, live)
        await send_and_crash(house, ada, live)
    clock.move(LATER)

    async with open_house(database_url, clock, MemoryLine()) as other:
        await relay.run_round(other.rooms, now=house.now)
        await relay.run_round(house.rooms, now=house.now)
        async with house.db.transaction() as tx:
            await tx.execute("update rooms.relay set cursor = 0")
        again = await relay.run_round(house.rooms, now=house.now)

    assert again == 0
    assert len(await house.told(live, "gift_sent")) == 40
    assert [leader.coins for leader in await house.leaders(live)] == [40]


async def test_the_relay_leaves_the_last_second_to_the_log(house: House, clock: MovableClock):
    live, ada = await house.live("iris"), await house.fan("ada")
    await send_and_crash(house, ada, live)

    at_once = await relay.run_round(house.rooms, now=house.now)
    clock.move(LATER)
    await send_and_crash(house, ada, live)
    later = await relay.run_round(house.rooms, now=house.now)

    assert (at_once, later) == (0, 1)


async def test_the_relay_goes_through_more_than_a_page(house: House, clock: MovableClock):
    live, ada = await house.live("iris"), await house.fan("ada", coins=2_000)
    await asyncio.gather(*(send_and_crash(house, ada, live) for _ in range(600)))
    clock.move(LATER)

    told = await relay.run_round(house.rooms, now=house.now)

    assert told == 600
    assert len(await house.told(live, "gift_sent")) == 600
    assert await relay.run_round(house.rooms, now=house.now) == 0


async def test_a_gift_of_a_message_is_found_again_too(house: House, clock: MovableClock):
    live, ada = await house.live("iris"), await house.fan("ada")
    wish = a_wish("rosa")
    await gift_sending.send_gift(
        house.rooms.gifting, wish, ada, creator_id=live.creator_id, live_id=None, now=house.now
    )
    await house.send(ada, None, to="iris")
    clock.move(LATER)

    told = await relay.run_round(house.rooms, now=house.now)

    thread = await messages.get_thread(house.db, ada.person_id, "iris", before=None, limit=10)
    assert told == 1
    assert len(thread.messages) == 2
