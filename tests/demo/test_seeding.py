import asyncio
import sys
from datetime import timedelta
from typing import Any, LiteralString

import psycopg
import pytest

from plaudit.coins.chains import fan_account
from plaudit.demo.cast import AURORA, CREATORS, FAN, LOGINS, PLAYED
from plaudit.demo.errors import WorldTaken
from plaudit.demo.script import PAST
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.gifts.chains import creator_account
from plaudit.ledger import PostgresLedger, spendable
from plaudit.ledger.chart import TransferCode
from plaudit.people import Hasher, actions, queries
from plaudit.people.actions import SignIn
from plaudit.people.model import Caller, Person
from plaudit.rooms import eligibility
from tests.demo.writing import CHEAP, NOW, SMALL, write_past
from tests.ledger.closing import assert_books_close, assert_check_passes
from tests.waiting import until

ROWS: list[LiteralString] = [
    "select id, handle, email, display_name, region, joined_at from people.people order by id",
    "select follower_id, followed_id, since from people.follows order by 1, 2",
    "select id, person_id, pack, coins, status, asked_at from coins.top_ups order by id",
    "select id, sender_id, creator_id, live_id, gift, coins, asked_at from gifts.sendings order by id",
    "select id, debit_account, credit_account, amount, code from ledger.transfers order by id",
    "select id, creator_id, title, started_at, ended_at, end_reason from rooms.lives order by id",
    "select id, live_id, person_id, text from rooms.chat order by id",
    "select creator_id, span, fan_id, coins from rooms.leaderboard order by 1, 2, 3",
    "select kind, region, value, holds_from from rooms.requirements order by 1, 2, 3, 4",
]


async def rows_of(url: str) -> list[list[Any]]:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        return [await (await connection.execute(sql)).fetchall() for sql in ROWS]


async def value(url: str, sql: LiteralString) -> int:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        row = await (await connection.execute(sql)).fetchone()
    assert row is not None
    return int(row[0])


async def test_a_past_that_is_written_is_left_alone(database_url: str):
    await write_past(database_url)
    before = await rows_of(database_url)

    told = await write_past(database_url, now=NOW + timedelta(days=2))

    assert told == []
    assert await rows_of(database_url) == before


async def test_a_past_whose_writer_was_killed_is_written_to_its_end(database_url: str):
    victim = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.demo.victim", database_url)
    try:

        async def has_begun() -> bool:
            return await value(database_url, "select timestamp from ledger.clock") > 60

        await until(has_begun, seconds=60)
    finally:
        victim.kill()
        await victim.wait()
    sent_by_the_victim = await value(database_url, "select count(*) from gifts.sendings")

    told = await write_past(database_url, now=NOW + timedelta(hours=1))

    assert told
    assert await value(database_url, "select count(*) from gifts.sendings") > sent_by_the_victim
    await assert_the_past_is_whole(database_url)


async def test_the_books_close_and_the_rooms_know_every_gift_of_the_ledger(database_url: str):
    await write_past(database_url)

    await assert_the_past_is_whole(database_url)


async def assert_the_past_is_whole(url: str) -> None:
    async with Database.open(url) as db, PostgresLedger.open(db) as ledger:
        await assert_books_close(ledger)
        await assert_check_passes(db)
        async with db.transaction() as tx:
            told = await tx.value(
                bool,
                """
                select bool_and(exists (select from rooms.events e where e.gift_id = s.id)
                    or exists (select from rooms.messages m where m.sending_id = s.id))
                from gifts.sendings s
                """,
            )
            transfers, sendings = [
                await tx.value(
                    int, "select count(*) from ledger.transfers where code = %(gift)s", {"gift": TransferCode.GIFT}
                ),
                await tx.value(int, "select count(*) from gifts.sendings"),
            ]
            lives_on = await tx.value(int, "select count(*) from rooms.lives where ended_at is null")
            unpaid = await tx.value(int, "select count(*) from coins.top_ups where status <> 'settled'")
            on_the_way = await tx.value(int, "select count(*) from sandbox.deliveries where delivered_at is null")
        assert told
        assert transfers == sendings
        assert (lives_on, unpaid) == (0, 0)
        # The last payment's alone: everything else was asked for.
        assert on_the_way <= 1
        for creator in CREATORS:
            await assert_the_sums_agree(db, ledger, creator.member.id)
            assert await eligibility.may_receive(db, creator.member.id, NOW)
        assert await spendable(ledger, fan_account(FAN.id)) >= 3_900


async def assert_the_sums_agree(db: Database, ledger: PostgresLedger, creator_id: Any) -> None:
    """What the ledger says that a creator received is what their rooms and letters say."""
    account = creator_account(creator_id)
    received = (await ledger.balances([account]))[account].credits_posted
    async with db.transaction() as tx:
        params = {"id": creator_id}
        listed = await tx.value(
            int,
            "select sum(coins)::bigint from rooms.leaderboard where creator_id = %(id)s and span = 'all'",
            params,
        )
        in_letters = await tx.value(
            int,
            """
            select coalesce(sum(coins), 0)::bigint from gifts.sendings
            where creator_id = %(id)s and live_id is null
            """,
            params,
        )
    assert received == listed + in_letters > 0


async def test_history_lies_in_the_past_and_has_its_order(database_url: str):
    await write_past(database_url)

    async with Database.open(database_url) as db, PostgresLedger.open(db) as ledger:
        instants = [record.at for record in await ledger.list_transfers(limit=1000)]

    assert instants == sorted(instants)
    assert NOW - PAST < instants[0] < instants[-1] < NOW


async def test_the_three_logins_are_good_whatever_a_visitor_did_to_them(database_url: str):
    await write_past(database_url)
    hasher = Hasher(CHEAP)
    async with Database.open(database_url) as db:
        async with db.transaction() as tx:
            await queries.store_password(tx, AURORA.member.id, await hasher.hash("something else entirely"), now=NOW)

        await write_past(database_url)

        for word, login in LOGINS.items():
            wish = SignIn(email=login.email, password=login.password)
            caller = Caller(address="127.0.0.1", user_agent="Test/1")
            signed_in = await actions.sign_in(db, hasher, wish, caller=caller, now=MovableClock(NOW).now())
            assert signed_in.person.handle == PLAYED[word].handle
            assert signed_in.person.is_operator == (word == "operator")
            assert signed_in.person.is_creator == (word == "creator")


async def test_a_database_with_somebody_elses_people_is_left_alone(database_url: str):
    person = Person(
        id=new_id(),
        email="somebody@example.org",
        handle="somebody",
        display_name="Somebody",
        picture_url=None,
        region="US",
        currency="USD",
        birth_on=None,
        birth_verified_at=None,
        joined_at=NOW,
    )
    async with Database.open(database_url) as db, db.transaction() as tx:
        await queries.add_person(tx, person)

    with pytest.raises(WorldTaken):
        await write_past(database_url)

    assert await value(database_url, "select count(*) from people.people") == 1


async def test_everybody_is_there(database_url: str):
    await write_past(database_url)

    people = await value(database_url, "select count(*) from people.people")

    assert people == SMALL.fans + len(CREATORS) + 2
