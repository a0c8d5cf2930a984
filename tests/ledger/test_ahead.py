"""While one batch is being stored the next is decided, and must see what the one before did, visible yet or not."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.ledger import Balances, Outcome, Posted, PostgresLedger, Reason, Refused, Transfer
from tests.ledger.building import (
    CREATOR,
    WALLET,
    a_hold,
    a_transfer,
    balances_of,
    feed_of,
    open_world,
    post_of,
    posted,
    void_of,
)
from tests.waiting import until

Admin = psycopg.AsyncConnection[Any]

WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@pytest.fixture
async def admin(database_url: str) -> AsyncIterator[Admin]:
    """Somebody else's connection to the test's database."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        yield admin


@pytest.fixture
async def ledger(postgres_ledger: PostgresLedger) -> PostgresLedger:
    """One that has written twice in a row, so that it decides ahead."""
    await open_world(postgres_ledger)
    await posted(postgres_ledger, a_transfer("warming up", amount=1))
    await posted(postgres_ledger, a_transfer("warm", amount=1))
    return postgres_ledger


@asynccontextmanager
async def storing_is_held_up(admin: Admin) -> AsyncGenerator[None]:
    async with admin.transaction():
        await admin.execute("select 1 from ledger.accounts for update")
        yield


async def is_storing(admin: Admin) -> bool:
    # Inside a transaction the view would show what it showed first.
    await admin.execute("select pg_stat_clear_snapshot()")
    row = await (await admin.execute(WAITING)).fetchone()
    return row == (1,)


async def one_after_the_other(
    ledger: PostgresLedger, admin: Admin, first: Transfer, *others: Transfer, clock: MovableClock | None = None
) -> list[Outcome]:
    """Post the others, each a chain of its own, while the first is being stored; a minute later if a clock is given."""
    async with asyncio.timeout(30):
        async with storing_is_held_up(admin):
            before = asyncio.create_task(ledger.post([first]))
            await until(lambda: is_storing(admin))
            if clock:
                clock.move(timedelta(minutes=1))
            after = [asyncio.create_task(ledger.post([other])) for other in others]
            # Long enough for the next batch to be decided; if it isn't, the test shows less and still passes.
            await asyncio.sleep(0.1)
        return await asyncio.gather(before, *after)


async def test_the_same_id_in_the_next_batch_is_answered_as_in_the_one_before(ledger: PostgresLedger, admin: Admin):
    gift = a_transfer("gift")

    first, again, other = await one_after_the_other(ledger, admin, gift, gift, a_transfer("gift", amount=41))

    assert isinstance(first, Posted)
    assert again == first
    assert other == Refused(Reason.EXISTS_WITH_DIFFERENT_AMOUNT)
    assert (await balances_of(ledger, CREATOR)).credits_posted == 42


async def test_what_the_batch_before_spends_cannot_be_spent_again(ledger: PostgresLedger, admin: Admin):
    outcomes = await one_after_the_other(
        ledger, admin, a_transfer("most", amount=900), a_transfer("too much", amount=99), a_transfer("rest", amount=98)
    )

    assert [isinstance(outcome, Posted) for outcome in outcomes] == [True, False, True]
    assert [record.timestamp for record in await feed_of(ledger)] == [1, 2, 3, 4, 5]


async def test_a_hold_of_the_batch_before_can_be_ended_once(ledger: PostgresLedger, admin: Admin):
    hold, post, void = await one_after_the_other(ledger, admin, a_hold("hold"), post_of("hold", 10), void_of("hold"))

    assert isinstance(hold, Posted)
    assert isinstance(post, Posted)
    assert void == Refused(Reason.PENDING_TRANSFER_ALREADY_POSTED)
    assert await balances_of(ledger, WALLET) == Balances(debits_posted=12, credits_posted=1_000)


async def test_a_hold_that_the_batch_before_ended_cannot_be_ended_again(ledger: PostgresLedger, admin: Admin):
    await posted(ledger, a_hold("hold"))

    outcomes = await one_after_the_other(ledger, admin, post_of("hold", 10), void_of("hold"), post_of("hold", 10))

    assert outcomes[1] == Refused(Reason.PENDING_TRANSFER_ALREADY_POSTED)
    assert outcomes[2] == outcomes[0]
    assert await balances_of(ledger, WALLET) == Balances(debits_posted=12, credits_posted=1_000)


async def test_a_hold_that_the_batch_before_ended_does_not_expire(
    ledger: PostgresLedger, admin: Admin, clock: MovableClock
):
    await posted(ledger, a_hold("hold", seconds=30))

    void, gift = await one_after_the_other(ledger, admin, void_of("hold"), a_transfer("gift"), clock=clock)

    assert isinstance(void, Posted)
    assert isinstance(gift, Posted)
    assert await ledger.expire_holds() == 0


async def test_a_hold_that_the_batch_before_opened_is_over_when_its_time_is(
    ledger: PostgresLedger, admin: Admin, clock: MovableClock
):
    hold, post = await one_after_the_other(ledger, admin, a_hold("hold", 998, seconds=30), post_of("hold"), clock=clock)

    assert isinstance(hold, Posted)
    assert post == Refused(Reason.PENDING_TRANSFER_EXPIRED)
    assert await posted(ledger, a_transfer("spent again", amount=998))


async def test_what_a_hold_of_the_batch_before_kept_can_be_spent_when_its_time_is_over(
    ledger: PostgresLedger, admin: Admin, clock: MovableClock
):
    """As in memory: every chain first ends the holds whose time is over."""
    outcomes = await one_after_the_other(
        ledger, admin, a_hold("hold", 998, seconds=30), a_transfer("spent again", amount=998), clock=clock
    )

    assert [isinstance(outcome, Posted) for outcome in outcomes] == [True, True]


async def test_an_expiry_in_the_batch_before_is_not_repeated(ledger: PostgresLedger, admin: Admin, clock: MovableClock):
    await posted(ledger, a_hold("hold", seconds=30))
    clock.move(timedelta(minutes=1))

    outcomes = await one_after_the_other(ledger, admin, a_transfer("one"), a_transfer("two"), void_of("hold"))

    assert [isinstance(outcome, Posted) for outcome in outcomes] == [True, True, False]
    assert outcomes[2] == Refused(Reason.PENDING_TRANSFER_EXPIRED)
    assert len(await feed_of(ledger)) == 7
