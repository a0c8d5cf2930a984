from collections import Counter
from datetime import UTC, datetime, timedelta

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.money import COIN
from plaudit.ledger import Filter
from plaudit.ledger.chart import AccountCode, account_id
from plaudit.rooms.counting import week_of
from plaudit.rooms.model import Leader, Span
from tests.rooms.conftest import House, a_wish


def coins_by_fan(leaders: list[Leader]) -> dict[str, int]:
    return {leader.face.handle if leader.face else "": leader.coins for leader in leaders}


async def test_leaderboards_say_what_the_ledger_says(house: House):
    live = await house.live("iris")
    fans = {fan.person_id: fan for fan in [await house.fan(f"fan_{number}") for number in range(5)]}
    for number, fan in enumerate(fans.values()):
        for _ in range(number + 1):
            await house.send(fan, live, a_wish("finger_heart", is_anonymous=number == 0))

    received = account_id(AccountCode.CREATOR_COINS, COIN, live.creator_id)
    by_fan = Counter[str]()
    for record in await house.rooms.ledger.list_transfers(Filter(account=received)):
        found = await house.rooms.ledger.find_account(record.transfer.debit_account)
        assert found is not None
        assert found[0].ref_128 is not None
        handle = fans[found[0].ref_128].handle
        by_fan["" if handle == "fan_0" else handle] += record.transfer.amount

    for span in Span:
        leaders = await house.leaders(live, span)
        assert coins_by_fan(leaders) == by_fan
        assert [leader.coins for leader in leaders] == [25, 20, 15, 10, 5]
        assert [leader.rank for leader in leaders] == [1, 2, 3, 4, 5]


async def test_who_reached_a_sum_first_leads(house: House, clock: MovableClock):
    live, ada, bob = await house.live("iris"), await house.fan("ada"), await house.fan("bob")
    for fan, quantity in ((ada, 1), (bob, 2), (ada, 1)):
        await house.send(fan, live, a_wish(quantity=quantity))
        clock.move(timedelta(seconds=1))

    assert [leader.face and leader.face.handle for leader in await house.leaders(live)] == ["bob", "ada"]


async def test_each_live_and_each_week_begins_anew_and_all_time_goes_on(house: House, clock: MovableClock):
    first, ada = await house.live("iris"), await house.fan("ada")
    await house.send(ada, first)
    await house.told(first)
    await house.end(first)
    # From Sunday noon to Monday.
    clock.move(timedelta(hours=12))
    second = await house.live("iris")
    await house.send(ada, second, a_wish(quantity=3))

    sums = {span: coins_by_fan(await house.leaders(second, span)) for span in Span}
    assert sums == {Span.LIVE: {"ada": 3}, Span.WEEK: {"ada": 3}, Span.ALL: {"ada": 4}}
    assert coins_by_fan(await house.leaders(first)) == {"ada": 1}


async def test_the_gifts_of_another_creator_are_on_another_leaderboard(house: House):
    iris, olaf, ada = await house.live("iris"), await house.live("olaf"), await house.fan("ada")

    await house.send(ada, iris)

    assert [await house.leaders(olaf, span) for span in Span] == [[], [], []]


def test_a_week_is_the_one_of_iso_8601():
    assert [week_of(datetime(*day, tzinfo=UTC)) for day in ((2026, 3, 1), (2027, 1, 3), (2024, 12, 30))] == [
        "2026-W09",
        "2026-W53",
        "2025-W01",
    ]
