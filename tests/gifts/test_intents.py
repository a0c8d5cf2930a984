import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from plaudit.foundation.database import Database
from plaudit.foundation.database_errors import UnknownConstraint
from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.foundation.errors import DiskFull, Overloaded, Unavailable
from plaudit.foundation.ids import new_id
from plaudit.foundation.migrations import migrate
from plaudit.gifts import Sending, Sent
from plaudit.gifts.intents import Intents
from tests.gifts.conftest import NOW, a_wish, open_stage
from tests.waiting import until


def a_sending(id: UUID | None = None, *, coins: int = 10, at: datetime = NOW) -> Sending:
    return Sending(
        id=id or new_id(),
        sender_id=new_id(),
        creator_id=new_id(),
        live_id=None,
        gift="rosa",
        price_coins=10,
        quantity=1,
        coins=coins,
        combo_id=new_id(),
        message='"Bravo"\\ <b>\N{ROSE}',
        is_anonymous=True,
        asked_at=at,
    )


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as db:
        yield db


async def stored(db: Database) -> int:
    async with db.transaction() as tx:
        return await tx.value(int, "select count(*) from gifts.sendings")


async def test_what_is_stored_is_what_was_asked_to_the_microsecond_and_the_letter(db: Database):
    sending = a_sending(at=datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC))

    async with Intents.open(db) as queue:
        first = await queue.store(sending)
        again = await queue.store(a_sending(sending.id))

    assert first is sending
    assert again == sending


async def test_many_at_once_share_few_commits_and_each_gets_its_own(db: Database):
    async with Intents.open(db, batch_limit=100) as queue:
        sendings = [a_sending() for _ in range(250)]
        answers = await asyncio.gather(*(queue.store(sending) for sending in sendings))

    assert answers == sendings
    assert await stored(db) == 250
    async with db.transaction() as tx:
        assert await tx.value(int, "select count(distinct xmin::text) from gifts.sendings") <= 4


async def test_those_that_come_one_after_another_share_commits(db: Database):
    async with Intents.open(db) as queue:
        waiting = [asyncio.create_task(queue.store(a_sending()))]
        await asyncio.sleep(0)
        for _ in range(40):
            waiting.append(asyncio.create_task(queue.store(a_sending())))
            await asyncio.sleep(0.001)
        await asyncio.gather(*waiting)

    assert await stored(db) == 41
    async with db.transaction() as tx:
        assert await tx.value(int, "select count(distinct xmin::text) from gifts.sendings") <= 30


async def test_one_intent_that_breaks_a_rule_of_the_table_takes_no_other_along(db: Database):
    good = [a_sending() for _ in range(5)]

    async with Intents.open(db) as queue:
        bad = queue.store(a_sending(coins=11))
        answers = await asyncio.gather(bad, *(queue.store(sending) for sending in good), return_exceptions=True)

    assert isinstance(answers[0], UnknownConstraint)
    assert answers[1:] == good
    assert await stored(db) == 5


async def test_callers_who_leave_are_not_stored_and_take_nobody_along(db: Database):
    async with Intents.open(db) as queue:
        tasks = [asyncio.create_task(queue.store(a_sending())) for _ in range(10)]
        await asyncio.sleep(0)
        for task in tasks[:5]:
            task.cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)

    assert all(isinstance(answer, asyncio.CancelledError) for answer in answers[:5])
    assert all(isinstance(answer, Sending) for answer in answers[5:])


async def test_closing_stores_what_waits_and_takes_no_more(db: Database):
    async with Intents.open(db) as queue:
        waiting = [asyncio.create_task(queue.store(a_sending())) for _ in range(10)]
        await asyncio.sleep(0)
    answers = await asyncio.gather(*waiting)

    assert len(answers) == await stored(db) == 10
    with pytest.raises(Unavailable, match="shutting down"):
        await queue.store(a_sending())


async def test_without_a_database_a_caller_hears_so_in_time(tmp_path: Path):
    nowhere = Database.open(f"postgresql:///nowhere?host={tmp_path}")
    async with asyncio.timeout(10), nowhere as db, Intents.open(db, deadline_seconds=0.3) as queue:
        with pytest.raises(Unavailable):
            await queue.store(a_sending())


async def test_closing_answers_everyone_also_when_the_database_is_away(tmp_path: Path):
    async with Database.open(f"postgresql:///nowhere?host={tmp_path}") as db:
        async with asyncio.timeout(10), Intents.open(db, deadline_seconds=0.5) as queue:
            waiting = [asyncio.create_task(queue.store(a_sending())) for _ in range(10)]
            await asyncio.sleep(0)
        answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert all(isinstance(answer, Unavailable) for answer in answers)


async def test_a_database_that_says_no_is_believed_at_once_and_asked_again_for_the_next(db: Database):
    async with Intents.open(db, deadline_seconds=30) as queue:
        await queue.store(a_sending())
        async with db.transaction() as tx:
            await tx.execute(
                """
                create function full_disk() returns trigger language plpgsql as
                $$ begin raise exception 'no space left' using errcode = 'disk_full'; end $$
                """
            )
            await tx.execute("create trigger full_disk before insert on gifts.sendings execute function full_disk()")

        with pytest.raises(DiskFull):
            await queue.store(a_sending())
        async with db.transaction() as tx:
            await tx.execute("drop trigger full_disk on gifts.sendings")
        await queue.store(a_sending())

    assert await stored(db) == 2


async def test_more_than_can_be_served_is_turned_away_at_the_door(db: Database):
    async with Intents.open(db, max_waiting=3) as queue:
        answers = await asyncio.gather(*(queue.store(a_sending()) for _ in range(5)), return_exceptions=True)

    assert [isinstance(answer, Overloaded) for answer in answers] == [False, False, False, True, True]


async def test_a_server_that_is_silent_keeps_nobody_waiting_beyond_the_deadline(db: Database, database_url: str):
    async with asyncio.timeout(20), Intents.open(db, deadline_seconds=0.5) as queue:
        await queue.store(a_sending())
        with psycopg.connect(database_url) as other:
            other.execute("lock table gifts.sendings in exclusive mode")
            with pytest.raises(Unavailable):
                await queue.store(a_sending())


async def test_an_outage_in_the_middle_of_a_storm_loses_and_doubles_nothing(tmp_path: Path):
    async with EmbeddedPostgres(tmp_path / "postgres", options={"fsync": "off"}) as server:
        await migrate(server.url)
        async with open_stage(server.url) as stage:
            fan = await stage.fan(coins=10_000)
            wishes = [a_wish("rosa") for _ in range(400)]
            first = [asyncio.create_task(stage.send(fan, wish)) for wish in wishes[:200]]
            await until(lambda: any(task.done() for task in first))
            await server.stop()
            rest = [asyncio.create_task(stage.send(fan, wish)) for wish in wishes[200:]]
            await asyncio.sleep(0.2)
            await server.start()
            await asyncio.gather(*first, *rest, return_exceptions=True)

            answers = await asyncio.gather(*(stage.send(fan, wish) for wish in wishes))

            assert all(isinstance(answer, Sent) for answer in answers)
            assert (await stage.coins_of(fan), await stage.transfers()) == (6_000, 400)
            assert await stored(stage.gifting.db) == 400


async def test_the_catalogue_stays_known_while_the_database_is_away(tmp_path: Path):
    async with EmbeddedPostgres(tmp_path / "postgres", options={"fsync": "off"}) as server:
        await migrate(server.url)
        async with open_stage(server.url, memory=True) as stage:
            await stage.gifting.catalogue.get_shelf()
            await server.stop()
            # Only now: until then it is read anew every few seconds.
            known = await stage.gifting.catalogue.get_shelf()

            with pytest.raises(Unavailable):
                await stage.gifting.catalogue.refresh()

            assert await stage.gifting.catalogue.get_shelf() is known
