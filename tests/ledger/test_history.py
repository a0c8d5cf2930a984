"""What was: an account's balances at any instant, after each of its transfers."""

from datetime import timedelta, timezone

import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.ledger import Balances, Filter, Ledger
from tests.ledger.building import (
    CREATOR,
    DEBT,
    UNKNOWN,
    WALLET,
    a_hold,
    a_transfer,
    balances_of,
    open_world,
    posted,
)
from tests.ledger.conftest import NOON

pytestmark = pytest.mark.usefixtures("migrated_template")  # the server starts outside of the test's event loop

TICK = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


async def test_the_balances_at_an_instant_are_those_after_all_that_happened_up_to_it(
    ledger: Ledger, clock: MovableClock
):
    await open_world(ledger)
    for number in range(1, 5):
        clock.move(MINUTE)
        await posted(ledger, a_transfer(f"gift {number}", amount=number))

    async def received_at(minutes: int, ticks: int = 0) -> int:
        found = await ledger.balances_at(CREATOR, NOON + minutes * MINUTE + ticks * TICK)
        assert found is not None
        return found.credits_posted

    assert [await received_at(minutes, -1) for minutes in range(6)] == [0, 0, 1, 3, 6, 10]
    assert [await received_at(minutes) for minutes in range(6)] == [0, 1, 3, 6, 10, 10]
    assert [await received_at(minutes, 1) for minutes in range(6)] == [0, 1, 3, 6, 10, 10]


async def test_of_several_transfers_at_one_instant_the_last_counts(ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_transfer("one", amount=1), a_transfer("two", amount=2))
    await posted(ledger, a_transfer("three", amount=3))

    assert await ledger.balances_at(CREATOR, NOON) == Balances(credits_posted=6)
    assert await ledger.balances_at(CREATOR, NOON - TICK) == Balances()


async def test_transfers_of_others_do_not_change_what_was(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    clock.move(MINUTE)
    await posted(ledger, a_transfer("gift"))
    clock.move(MINUTE)
    await posted(ledger, a_transfer("lent", DEBT, CREATOR, 1))

    assert await ledger.balances_at(WALLET, NOON + 2 * MINUTE) == await balances_of(ledger, WALLET)
    assert await ledger.balances_at(DEBT, NOON + MINUTE) == Balances()


async def test_history_shows_holds_and_their_end(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", 40, seconds=60))
    clock.move(2 * MINUTE)
    await ledger.expire_holds()

    assert await ledger.balances_at(CREATOR, NOON + MINUTE) == Balances(credits_pending=40)
    assert await ledger.balances_at(CREATOR, NOON + 2 * MINUTE) == Balances()


async def test_before_its_first_transfer_an_account_was_empty_and_one_never_opened_has_no_history(ledger: Ledger):
    await open_world(ledger)

    assert await ledger.balances_at(DEBT, NOON) == Balances()
    assert await ledger.balances_at(UNKNOWN, NOON) is None


async def test_an_instant_may_be_told_in_any_zone(ledger: Ledger):
    await open_world(ledger)

    in_tokyo = NOON.astimezone(timezone(timedelta(hours=9)))

    assert await ledger.balances_at(WALLET, in_tokyo) == Balances(credits_posted=1_000)


async def test_each_record_carries_the_balances_just_after_it(ledger: Ledger):
    await open_world(ledger)
    for number in range(1, 4):
        await posted(ledger, a_transfer(f"gift {number}", amount=number))

    history = await ledger.list_transfers(Filter(account=CREATOR))

    assert [record.balances_of(CREATOR).credits_posted for record in history] == [1, 3, 6]
    assert history[-1].balances_of(CREATOR) == await balances_of(ledger, CREATOR)
