import asyncio

import pytest
from msgspec.structs import replace

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.errors import IdReused, Invalid
from plaudit.foundation.ids import new_id
from plaudit.gifts.chains import fan_account
from plaudit.gifts.errors import CannotAfford, CannotGiftYourself
from plaudit.ledger import spendable
from plaudit.people import following
from plaudit.people.errors import NoSuchPerson
from plaudit.providers import MemoryLine
from plaudit.rooms import messages, sending
from plaudit.rooms.errors import CreatorMayNotReceive, LiveHasEnded, LiveNotFound, SenderBlocked
from plaudit.rooms.model import Live
from plaudit.rooms.talk_errors import CannotBeAnonymous
from tests.rooms.conftest import House, a_wish, open_house
from tests.waiting import until


async def withdraw_verification(house: House, live: Live) -> None:
    async with house.db.transaction() as tx:
        await tx.execute(
            "update people.creators set verified_at = null where person_id = %(id)s", {"id": live.creator_id}
        )
    house.rooms.forget_person(live.creator_id)


async def block(house: House, live: Live, handle: str) -> None:
    await following.block(house.db, live.creator_id, handle, now=house.now)
    house.rooms.forget_person(live.creator_id)


async def test_a_gift_after_the_end_is_refused_and_costs_nothing(house: House):
    live, ada = await house.live("iris"), await house.fan("ada", coins=10)
    await house.send(ada, live)
    await house.end(live)

    with pytest.raises(LiveHasEnded):
        await house.send(ada, live)

    assert await spendable(house.rooms.ledger, fan_account(ada.person_id)) == 9
    assert len(await house.told(live, "gift_sent")) == 1


async def test_a_gift_that_was_sent_before_the_end_is_answered_after_it_as_before(house: House):
    live, ada, bob = await house.live("iris"), await house.fan("ada"), await house.fan("bob")
    wish = a_wish("rosa")
    before = await house.send(ada, live, wish)
    await house.told(live)
    await house.end(live)

    after = await house.send(ada, live, wish)

    assert after == before
    assert [event["type"] for event in await house.told(live)] == ["live_started", "gift_sent", "live_ended"]
    with pytest.raises(IdReused):
        await house.send(ada, live, a_wish("rose", id=wish.id))
    with pytest.raises(IdReused):
        await house.send(bob, live, wish)


async def test_a_gift_that_could_not_be_afforded_does_not_come_back_after_the_end(house: House):
    live, ada = await house.live("iris"), await house.fan("ada", coins=0)
    wish = a_wish()
    with pytest.raises(CannotAfford):
        await house.send(ada, live, wish)
    await house.end(live)

    with pytest.raises(LiveHasEnded):
        await house.send(ada, live, wish)


async def test_refusals_come_in_their_documented_order(house: House):
    live, ada = await house.live("iris"), await house.fan("ada", coins=0)
    herself = replace(ada, person_id=live.creator_id)
    steps = [
        (CannotAfford, None),
        (SenderBlocked, block(house, live, "ada")),
        (CreatorMayNotReceive, withdraw_verification(house, live)),
        (LiveHasEnded, house.end(live)),
    ]

    # Each step adds what is refused earlier than everything before it.
    for refusal, change in steps:
        if change is not None:
            await change
        with pytest.raises(refusal):
            await house.send(ada, live)

    with pytest.raises(CannotGiftYourself):
        await house.send(herself, live)
    with pytest.raises(LiveNotFound):
        await house.send(ada, replace(live, id=new_id()))


async def test_a_gift_goes_into_a_live_or_to_a_person(house: House):
    live, ada = await house.live("iris"), await house.fan("ada")

    with pytest.raises(Invalid):
        await house.send(ada, live, to="iris")
    with pytest.raises(Invalid):
        await house.send(ada, None)
    with pytest.raises(NoSuchPerson):
        await house.send(ada, None, to="nobody_here")
    with pytest.raises(NoSuchPerson):
        await house.send(ada, None, to="../../etc")


async def test_a_gift_in_a_message_stands_in_the_thread_and_in_no_room(house: House):
    live, ada = await house.live("iris"), await house.fan("ada")
    wish = a_wish("rosa", message="For you")

    sent = await house.send(ada, None, wish, to="IRIS")
    again = await house.send(ada, None, wish, to="iris")

    thread = await messages.get_thread(house.db, live.creator_id, "ada", before=None, limit=10)
    assert [message.gift and message.gift.id for message in thread.messages] == [wish.id]
    assert again == sent
    assert await house.told(live, "gift_sent") == []
    assert await house.leaders(live) == []
    with pytest.raises(CannotBeAnonymous):
        await house.send(ada, None, a_wish(is_anonymous=True), to="iris")


async def test_another_process_hears_of_an_end_at_once(house: House, database_url: str, clock: MovableClock):
    live, ada = await house.live("iris"), await house.fan("ada")

    async with open_house(database_url, clock, MemoryLine()) as other:
        await other.send(ada, live)
        assert isinstance(house.rooms.line, MemoryLine)
        await house.rooms.line.subscribe("plaudit.forget", other.rooms.line.publish)
        await house.end(live)

        async def is_refused() -> bool:
            try:
                await other.send(ada, live)
            except LiveHasEnded:
                return True
            return False

        # Well within the seconds for which it would be remembered without a word.
        await until(is_refused, seconds=2)


async def test_200_fans_race_in_one_room_and_every_gift_is_told_once(house: House):
    live = await house.live("iris")
    fans = [await house.fan(f"fan_{number}", coins=2) for number in range(50)]

    async def try_to_send(number: int) -> bool:
        try:
            await sending.send_gift(house.rooms, a_wish(), fans[number % 50], live_id=live.id, to=None, now=house.now)
        except CannotAfford:
            return False
        return True

    answers = await asyncio.gather(*(try_to_send(number) for number in range(200)))

    assert sum(answers) == 100
    assert len(await house.told(live, "gift_sent")) == 100
    assert [leader.coins for leader in await house.leaders(live)] == [2] * 50
