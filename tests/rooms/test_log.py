import asyncio
from collections import Counter
from datetime import timedelta

from msgspec.structs import replace

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.ids import new_id
from plaudit.providers import MemoryLine
from plaudit.rooms import RoomLog, sequencing, wire
from plaudit.rooms.model import NOBODY, Face, GiftShown, Live, RoomGift, Span
from tests.rooms.conftest import NOW, House, a_wish, open_house

ROSE = GiftShown(id="rose", name="Rose", tier="small", art="rose")


def a_gift(live: Live, **more: object) -> RoomGift:
    """A gift that only the log knows: the ledger and the catalogue aren't asked here."""
    plain: dict[str, object] = {
        "id": new_id(),
        "live_id": live.id,
        "creator_id": live.creator_id,
        "fan_id": NOBODY,
        "sender": Face(handle="ada", name="Ada", picture_url=None),
        "gift": ROSE,
        "quantity": 1,
        "coins": 1,
        "is_anonymous": False,
        "combo_id": None,
        "message": None,
        "at": NOW,
    }
    return RoomGift(**{**plain, **more})  # pyright: ignore[reportArgumentType] - whatever a test wishes


async def test_a_gift_is_told_to_its_room_and_kept_word_for_word(house: House):
    live, ada = await house.live("iris"), await house.fan("ada")
    wish = a_wish("confetti", quantity=2, message="You <b>paint</b> well!")

    await house.send(ada, live, wish)

    assert await house.told(live, "gift_sent") == [
        {
            "seq": 2,
            "type": "gift_sent",
            "at": "2026-03-01T12:00:00Z",
            "id": str(wish.id),
            "gift": {"id": "confetti", "name": "Confetti", "tier": "medium", "art": "confetti"},
            "quantity": 2,
            "coins": 200,
            "from": {"handle": "ada", "name": "Ada", "picture_url": None},
            "message": "You <b>paint</b> well!",
            "combo": None,
        }
    ]
    await asyncio.sleep(0)
    subject = f"plaudit.room.{live.id}"
    assert house.heard == [{"subject": subject, **event} for event in await house.told(live)]


async def test_who_gives_anonymously_is_named_nowhere(house: House):
    live, ada = await house.live("iris"), await house.fan("ada")

    await house.send(ada, live, a_wish(is_anonymous=True, combo_id=new_id()))

    (told,) = await house.told(live, "gift_sent")
    (leader,) = await house.leaders(live)
    assert told["from"] is None
    assert (leader.face, leader.coins) == (None, 1)
    assert str(ada.person_id) not in str(told)


async def test_64_senders_in_several_lives_through_two_processes_leave_no_gap(
    house: House, database_url: str, clock: MovableClock
):
    lives = [await house.live(f"creator_{number}") for number in range(4)]
    fans = [await house.fan(f"fan_{number}") for number in range(64)]

    async with open_house(database_url, clock, MemoryLine()) as other:

        async def send_all(number: int) -> None:
            for turn in range(6):
                place = house if (number + turn) % 2 else other
                await place.send(fans[number], lives[(number + turn) % 4], a_wish(combo_id=fans[number].person_id))

        await asyncio.gather(*(send_all(number) for number in range(64)))
        await other.rooms.log.until_idle()

    per_live = [await house.told(live, "gift_sent") for live in lives]
    assert sum(len(told) for told in per_live) == 64 * 6
    assert len({each["id"] for told in per_live for each in told}) == 64 * 6
    for live, told in zip(lives, per_live, strict=True):
        given = Counter(each["from"]["handle"] for each in told)
        assert {leader.face.handle: leader.coins for leader in await house.leaders(live) if leader.face} == given
        assert [leader.coins for leader in await house.leaders(live, Span.ALL)] == sorted(given.values(), reverse=True)
        assert await house.leaders(live, Span.WEEK) == await house.leaders(live)
        for fan in given:
            counts = [each["combo"]["count"] for each in told if each["from"]["handle"] == fan]
            assert counts == list(range(1, len(counts) + 1))


async def test_a_gift_happens_once_however_often_and_by_whom_it_is_recorded(house: House):
    live = await house.live("iris")
    gifts = [a_gift(live, fan_id=live.creator_id) for _ in range(20)]

    async with RoomLog(house.db, house.rooms.line) as other:
        for gift in gifts * 3:
            house.rooms.log.take(gift)
            other.take(gift)
        await sequencing.sequence_gifts(house.db, gifts + gifts)

    told = await house.told(live, "gift_sent")
    assert sorted(each["id"] for each in told) == sorted(str(gift.id) for gift in gifts)
    assert [leader.coins for leader in await house.leaders(live)] == [20]


async def test_what_is_not_a_gift_is_numbered_in_between(house: House):
    live = await house.live("iris")
    house.rooms.log.take(a_gift(live))
    await house.rooms.log.until_idle()

    (event,) = await house.rooms.log.record(live.id, wire.ChatRemoved(at=NOW, id=new_id()))
    house.rooms.log.take(a_gift(live))

    assert event.seq == 3
    assert [each["type"] for each in await house.told(live)] == [
        "live_started",
        "gift_sent",
        "chat_removed",
        "gift_sent",
    ]


async def test_closing_stores_what_waits(house: House):
    live = await house.live("iris")

    async with RoomLog(house.db, house.rooms.line) as other:
        for _ in range(1_000):
            other.take(a_gift(live))

    assert len(await house.told(live, "gift_sent")) == 1_000


async def test_a_gift_that_breaks_a_rule_of_the_database_keeps_no_other_from_its_number(house: House):
    live = await house.live("iris")
    broken = a_gift(live, coins=2**63, fan_id=live.creator_id)

    for gift in (a_gift(live), broken, a_gift(live)):
        house.rooms.log.take(gift)

    assert len(await house.told(live, "gift_sent")) == 2


async def test_taps_become_one_combo_and_a_pause_begins_the_next(house: House):
    live = await house.live("iris")
    tap = a_gift(live, combo_id=new_id(), fan_id=live.creator_id)

    for seconds in (0, 2, 6, 12):
        house.rooms.log.take(replace(tap, id=new_id(), at=NOW + timedelta(seconds=seconds)))

    told = (await house.told(live))[1:]
    assert [(each["type"], each["combo"]["count"]) for each in told] == [
        ("gift_sent", 1),
        ("gift_sent", 2),
        ("gift_sent", 3),
        ("combo_ended", 3),
        ("gift_sent", 1),
    ]
    first, second = told[3]["combo"]["id"], told[4]["combo"]["id"]
    assert {each["combo"]["id"] for each in told[:4]} == {first} != {second}
    assert told[3]["gift"] == told[0]["gift"]
    assert told[3]["from"] == told[0]["from"]


async def test_another_fan_gift_or_live_with_the_same_combo_id_is_another_combo(house: House):
    live, elsewhere = await house.live("iris"), await house.live("olaf")
    tap = a_gift(live, combo_id=new_id(), fan_id=live.creator_id)
    heart = GiftShown(id="heart", name="Heart", tier="small", art="heart")

    for gift in (
        tap,
        replace(tap, fan_id=elsewhere.creator_id),
        replace(tap, gift=heart),
        replace(tap, is_anonymous=True),
        replace(tap, live_id=elsewhere.id, creator_id=elsewhere.creator_id),
    ):
        house.rooms.log.take(replace(gift, id=new_id()))

    combos = [each["combo"] for where in (live, elsewhere) for each in await house.told(where, "gift_sent")]
    assert [combo["count"] for combo in combos] == [1] * 5
    assert len({combo["id"] for combo in combos}) == 5
