"""Two ledgers on one database, as two processes would have them: each sees and respects what the other did."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.ledger import Account, Ledger, Posted, PostgresLedger, Reason, Refused, make_post, make_void, spendable
from tests.ledger.building import (
    CREATOR,
    WALLET,
    a_hold,
    a_transfer,
    balances_of,
    feed_of,
    named,
    open_world,
    posted,
    reason_of,
)
from tests.ledger.closing import assert_books_close


@pytest.fixture
async def here(db: Database, clock: MovableClock) -> AsyncIterator[PostgresLedger]:
    """One process's ledger, with the accounts opened and the wallet funded."""
    async with PostgresLedger.open(db, clock=clock) as ledger:
        await open_world(ledger)
        yield ledger
        await assert_books_close(ledger)


@pytest.fixture
async def there(database_url: str, clock: MovableClock) -> AsyncIterator[PostgresLedger]:
    """Another's."""
    async with Database.open(database_url) as db, PostgresLedger.open(db, clock=clock) as ledger:
        yield ledger


async def spend_twice(ledger: Ledger, name: str) -> None:
    """Two gifts of 1: after the second the ledger finds itself alone, and trusts its memory."""
    await posted(ledger, a_transfer(f"{name}, first", amount=1))
    await posted(ledger, a_transfer(f"{name}, second", amount=1))


async def test_two_who_write_in_turns_never_spend_the_same_coins(here: Ledger, there: Ledger):
    for turn in range(6):
        await spend_twice(here if turn % 2 else there, f"turn {turn}")
    await posted(here, a_transfer("nearly all", amount=900))

    assert await reason_of(there, a_transfer("too much", amount=89)) is Reason.EXCEEDS_CREDITS
    assert await posted(there, a_transfer("the rest", amount=88))
    assert await reason_of(here, a_transfer("one more", amount=1)) is Reason.EXCEEDS_CREDITS
    assert [record.timestamp for record in await feed_of(here)] == list(range(1, 16))


async def test_what_the_other_wrote_once_is_seen_at_once(here: Ledger, there: Ledger):
    await spend_twice(here, "here")
    await posted(there, a_transfer("all the rest", amount=998))

    assert await here.post([a_transfer("one more", amount=1)]) == Refused(Reason.EXCEEDS_CREDITS)


async def test_a_refusal_decided_from_memory_is_not_given_when_the_other_has_written(here: Ledger, there: Ledger):
    await spend_twice(here, "here")
    await posted(there, a_transfer("coins back", CREATOR, WALLET, 500))

    assert await posted(here, a_transfer("more than there was", amount=1_200))


async def test_an_account_closed_by_the_other_is_closed(here: Ledger, there: Ledger):
    await spend_twice(here, "here")
    await there.close_account(CREATOR)

    assert await reason_of(here, a_transfer("late")) is Reason.CREDIT_ACCOUNT_ALREADY_CLOSED

    await there.reopen_account(CREATOR)
    assert await posted(here, a_transfer("late"))


async def test_an_account_opened_by_the_other_is_open_also_where_it_was_missed_before(here: Ledger, there: Ledger):
    new = named("new")
    await spend_twice(here, "here")
    missed = await reason_of(here, a_transfer("gift", credit=new))

    await there.open_accounts([Account(new, 1, 300)])

    assert missed is Reason.CREDIT_ACCOUNT_NOT_FOUND
    assert await posted(here, a_transfer("gift", credit=new))


async def test_a_hold_of_one_is_ended_by_the_other_once(here: Ledger, there: Ledger):
    await spend_twice(here, "here")
    await posted(here, a_hold("hold", 40))

    await posted(there, make_post(named("post"), named("hold"), 15))

    assert await reason_of(here, make_void(named("void"), named("hold"))) is Reason.PENDING_TRANSFER_ALREADY_POSTED
    assert await spendable(here, WALLET) == 998 - 15


async def test_a_hold_of_the_other_expires_here_too(here: Ledger, there: Ledger, clock: MovableClock):
    await spend_twice(here, "here")
    await posted(there, a_hold("hold", 998, seconds=30))
    clock.move(timedelta(seconds=30))

    assert await posted(here, a_transfer("gift", amount=998))
    assert await there.expire_holds() == 0


async def test_a_hold_of_ones_own_that_the_other_opened_a_shorter_one_beside_expires(
    here: Ledger, there: Ledger, clock: MovableClock
):
    await posted(here, a_hold("long", 100, seconds=60))
    await spend_twice(here, "here")
    await posted(there, a_hold("short", 100, seconds=30))
    clock.move(timedelta(seconds=30))

    assert await here.expire_holds() == 1
    clock.move(timedelta(seconds=30))
    assert await there.expire_holds() == 1


async def test_an_id_of_one_is_known_to_the_other(here: Ledger, there: Ledger):
    gift = a_transfer("gift")
    await spend_twice(there, "there")
    first = await here.post([gift])

    assert isinstance(first, Posted)
    assert await there.post([gift]) == first
    assert await reason_of(there, a_transfer("gift", amount=41)) is Reason.EXISTS_WITH_DIFFERENT_AMOUNT


async def test_the_instants_of_two_whose_clocks_differ_never_go_back(
    here: Ledger, database_url: str, clock: MovableClock
):
    slow = MovableClock(clock.now() - timedelta(minutes=5))
    async with Database.open(database_url) as db, PostgresLedger.open(db, clock=slow) as there:
        for turn in range(4):
            await spend_twice(here if turn % 2 else there, f"turn {turn}")
            clock.move(timedelta(seconds=1))
            slow.move(timedelta(seconds=1))

    instants = [record.at for record in await feed_of(here)]
    assert instants == sorted(instants)


async def test_many_callers_of_both_at_once_spend_each_coin_once(here: Ledger, there: Ledger):
    gifts = [a_transfer(f"gift {number}", amount=10) for number in range(150)]

    async with asyncio.timeout(60):
        outcomes = await asyncio.gather(
            *((here if number % 2 else there).post([gift]) for number, gift in enumerate(gifts)),
            *((there if number % 2 else here).post([gift]) for number, gift in enumerate(gifts)),
        )

    firsts, seconds = outcomes[:150], outcomes[150:]
    posted_once = {gift.id for gift, *answers in zip(gifts, firsts, seconds, strict=True) if is_posted(*answers)}
    assert len(posted_once) == 100
    assert (await balances_of(here, WALLET)).spendable == 0
    assert len(await feed_of(here)) == 101


def is_posted(*answers: object) -> bool:
    """Whether it was posted; then both answers that say so are the same."""
    found = [answer for answer in answers if isinstance(answer, Posted)]
    assert found[:1] * len(found) == found
    return bool(found)
