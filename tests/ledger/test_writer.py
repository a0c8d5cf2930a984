"""The queue before the database: batches, callers who leave, too many of them, shutting down, answers that got lost."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.foundation.errors import OutcomeUnknown, Overloaded, PlauditError, Unavailable
from plaudit.ledger import Ledger, Outcome, Posted, PostgresLedger, Reason, Refused
from plaudit.ledger.writer import MAX_WAITING
from tests.ledger.building import (
    CREATOR,
    WALLET,
    a_transfer,
    balances_of,
    feed_of,
    open_world,
    posted,
)
from tests.waiting import until

Admin = psycopg.AsyncConnection[Any]

SHUT = SQL("alter database {} allow_connections false")
OPEN = SQL("alter database {} allow_connections true")
END_THE_IDLE = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s and state = 'idle'"
WRITERS_WAITING = (
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)


@pytest.fixture
async def admin(database_url: str) -> AsyncIterator[Admin]:
    """A connection of somebody else's to the test's database."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        yield admin


@pytest.fixture
async def patient_db(database_url: str) -> AsyncIterator[Database]:
    """The test's own database, by a line that waits for a lock as long as it takes."""
    async with Database.open(database_url, lock_timeout_ms=60_000, statement_timeout_ms=60_000) as db:
        yield db


@asynccontextmanager
async def clock_in_hand(admin: Admin) -> AsyncGenerator[None]:
    """As long as the block runs, no batch can be written."""
    async with admin.transaction():
        await admin.execute("select 1 from ledger.clock for update")
        yield


async def somebody_waits(admin: Admin) -> bool:
    # Inside a transaction the view would show what it showed first.
    await admin.execute("select pg_stat_clear_snapshot()")
    row = await (await admin.execute(WRITERS_WAITING)).fetchone()
    return row is not None and row[0] > 0


def ask(ledger: Ledger, *names: str, amount: int = 1) -> list[asyncio.Task[Outcome]]:
    return [asyncio.create_task(ledger.post([a_transfer(name, amount=amount)])) for name in names]


async def answers_of(tasks: Sequence[asyncio.Task[Outcome]]) -> list[Outcome | BaseException]:
    async with asyncio.timeout(30):
        return await asyncio.gather(*tasks, return_exceptions=True)


async def batches_of(admin: Admin) -> list[int]:
    """How many transfers each commit stored: rows of one database transaction share their xmin."""
    rows = await admin.execute("select count(*) from ledger.transfers group by xmin order by min(timestamp)")
    return [row[0] for row in await rows.fetchall()]


async def test_who_waits_while_a_batch_is_under_way_shares_the_next(postgres_ledger: PostgresLedger, admin: Admin):
    await open_world(postgres_ledger)

    async with clock_in_hand(admin):
        first = ask(postgres_ledger, "first")
        await until(lambda: somebody_waits(admin))
        others = ask(postgres_ledger, *(f"gift {number}" for number in range(20)))
        await asyncio.sleep(0)
    answers = await answers_of(first + others)

    assert all(isinstance(answer, Posted) for answer in answers)
    assert await batches_of(admin) == [1, 1, 20]


async def test_no_batch_takes_another_chain_once_it_is_full(db: Database, clock: MovableClock, admin: Admin):
    async with PostgresLedger.open(db, clock=clock, batch_limit=5) as ledger:
        await open_world(ledger)

        async with clock_in_hand(admin):
            tasks = ask(ledger, "first")
            await until(lambda: somebody_waits(admin))
            tasks += ask(ledger, *(f"gift {number}" for number in range(12)))
            await asyncio.sleep(0)
        answers = await answers_of(tasks)

    assert all(isinstance(answer, Posted) for answer in answers)
    assert max(await batches_of(admin)) == 5
    assert sum(await batches_of(admin)) == 14


async def test_a_chain_longer_than_a_batch_is_still_one_commit(db: Database, clock: MovableClock, admin: Admin):
    async with PostgresLedger.open(db, clock=clock, batch_limit=5) as ledger:
        await open_world(ledger)

        await posted(ledger, *(a_transfer(f"gift {number}", amount=1) for number in range(12)))

    assert await batches_of(admin) == [1, 12]


async def test_the_chains_of_a_batch_are_decided_in_the_order_in_which_they_came(
    postgres_ledger: PostgresLedger, admin: Admin
):
    await open_world(postgres_ledger)

    answers = await answers_of(ask(postgres_ledger, *(f"gift {number}" for number in range(5)), amount=300))

    assert [isinstance(answer, Posted) for answer in answers] == [True, True, True, False, False]
    assert answers[3] == Refused(Reason.EXCEEDS_CREDITS)
    assert (await balances_of(postgres_ledger, WALLET)).spendable == 100


async def test_the_same_id_twice_in_one_batch_is_posted_once_and_answered_twice(postgres_ledger: PostgresLedger):
    await open_world(postgres_ledger)

    answers = await answers_of(ask(postgres_ledger, "gift", "gift", "gift"))

    assert isinstance(answers[0], Posted)
    assert answers[1:] == answers[:1] * 2
    assert (await balances_of(postgres_ledger, CREATOR)).credits_posted == 1


async def test_a_caller_who_leaves_the_queue_is_skipped_and_the_others_are_answered(
    postgres_ledger: PostgresLedger, admin: Admin
):
    await open_world(postgres_ledger)

    async with clock_in_hand(admin):
        first = ask(postgres_ledger, "first")
        await until(lambda: somebody_waits(admin))
        gone, stays = ask(postgres_ledger, "gone", "stays")
        await asyncio.sleep(0)
        gone.cancel()
    answers = await answers_of([*first, stays])

    assert all(isinstance(answer, Posted) for answer in answers)
    assert gone.cancelled()
    assert [record.transfer for record in await feed_of(postgres_ledger)][1:] == [
        a_transfer("first", amount=1),
        a_transfer("stays", amount=1),
    ]


async def test_a_caller_who_leaves_while_its_batch_is_written_does_not_take_the_batch_along(
    postgres_ledger: PostgresLedger, admin: Admin
):
    await open_world(postgres_ledger)

    async with clock_in_hand(admin):
        gone, stays = ask(postgres_ledger, "gone", "stays")
        await until(lambda: somebody_waits(admin))
        gone.cancel()
    answers = await answers_of([stays])

    assert isinstance(answers[0], Posted)
    assert len(await feed_of(postgres_ledger)) == 3


async def test_when_all_callers_have_left_the_next_is_served(postgres_ledger: PostgresLedger, admin: Admin):
    await open_world(postgres_ledger)

    async with clock_in_hand(admin):
        first = ask(postgres_ledger, "first")
        await until(lambda: somebody_waits(admin))
        gone = ask(postgres_ledger, "gone", "gone too")
        await asyncio.sleep(0)
        for task in gone:
            task.cancel()
    await answers_of(first)

    assert await posted(postgres_ledger, a_transfer("next"))


async def test_one_too_many_is_turned_away_at_the_door_and_nothing_happens_to_it(
    patient_db: Database, clock: MovableClock, admin: Admin
):
    async with PostgresLedger.open(patient_db, clock=clock, deadline_seconds=60) as ledger:
        await open_world(ledger)

        async with clock_in_hand(admin):
            first = ask(ledger, "first")
            await until(lambda: somebody_waits(admin))
            gift = [a_transfer("crowd")]
            crowd = [asyncio.create_task(ledger.post(gift)) for _ in range(MAX_WAITING)]
            await asyncio.sleep(0)
            with pytest.raises(Overloaded):
                await ledger.post([a_transfer("one too many")])
            for task in crowd:
                task.cancel()
        await answers_of(first)

        assert await posted(ledger, a_transfer("next"))
        assert await ledger.find_transfer(a_transfer("one too many").id) is None


async def test_shutting_down_writes_what_waits(db: Database, clock: MovableClock, admin: Admin):
    async with PostgresLedger.open(db, clock=clock) as ledger:
        await open_world(ledger)
        tasks = ask(ledger, *(f"gift {number}" for number in range(50)))
        await asyncio.sleep(0)

    answers = await answers_of(tasks)

    assert all(isinstance(answer, Posted) for answer in answers)
    assert sum(await batches_of(admin)) == 51


async def test_after_shutting_down_the_ledger_is_unavailable(db: Database, clock: MovableClock):
    async with PostgresLedger.open(db, clock=clock) as ledger:
        await open_world(ledger)

    with pytest.raises(Unavailable):
        await ledger.post([a_transfer("late")])
    with pytest.raises(Unavailable):
        await ledger.expire_holds()


@pytest.mark.parametrize("has_written_before", [False, True])
async def test_shutting_down_answers_everyone_even_when_nothing_can_be_written(
    has_written_before: bool, patient_db: Database, clock: MovableClock, admin: Admin
):
    async with PostgresLedger.open(patient_db, clock=clock) as before:
        await open_world(before)
    block = PostgresLedger.open(patient_db, clock=clock, deadline_seconds=0.5)
    ledger = await block.__aenter__()
    if has_written_before:
        await posted(ledger, a_transfer("one"))
        await posted(ledger, a_transfer("two"))
    async with clock_in_hand(admin):
        tasks = ask(ledger, *(f"gift {number}" for number in range(3)))
        await asyncio.sleep(0)
        async with asyncio.timeout(20):
            await block.__aexit__(None, None, None)
        answers = await answers_of(tasks)

    assert all(isinstance(answer, PlauditError) for answer in answers)


async def test_a_batch_that_was_stored_is_never_called_unavailable(
    postgres: EmbeddedPostgres, db: Database, clock: MovableClock, admin: Admin
):
    """Its storing succeeds while the deciding of the next one fails, and then nobody can connect until the deadline."""
    async with (
        await psycopg.AsyncConnection.connect(postgres.url, autocommit=True) as operator,
        PostgresLedger.open(db, clock=clock, deadline_seconds=3) as ledger,
    ):
        await open_world(ledger)
        await posted(ledger, a_transfer("the second in a row, so that deciding goes ahead of storing"))

        async with admin.transaction():
            await admin.execute("select 1 from ledger.accounts for update")
            first = ask(ledger, "first")
            await until(lambda: somebody_waits(admin))
            await operator.execute(SHUT.format(Identifier(admin.info.dbname)))
            # The connection that reads is idle; the one that stores waits for a lock.
            await operator.execute(END_THE_IDLE, [admin.info.dbname])
            second = ask(ledger, "second")
            await asyncio.sleep(0.1)
        answers = await answers_of(first + second)
        await operator.execute(OPEN.format(Identifier(admin.info.dbname)))

        assert await ledger.find_transfer(a_transfer("first").id) is not None
        assert isinstance(answers[0], Posted | OutcomeUnknown)
        assert isinstance(answers[1], Unavailable)
