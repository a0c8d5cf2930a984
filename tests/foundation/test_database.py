"""What a caller of the database may rely on, with a real PostgreSQL under it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import msgspec
import psycopg
import pytest
import pytest_asyncio

from plaudit.foundation.database import Database
from plaudit.foundation.database_errors import UnknownConstraint, name_constraint
from plaudit.foundation.errors import (
    BadSetting,
    Collided,
    Conflict,
    DiskFull,
    LockedByAnother,
    NotFound,
    Overloaded,
    TookTooLong,
    Unavailable,
)

TABLES = """
create table person (
    id     uuid primary key,
    name   text not null constraint "a name belongs to one person" unique,
    mood   text not null,
    seen_at timestamptz not null,
    age    integer constraint "nobody is younger than nothing" check (age >= 0)
);
"""


class NameTaken(Conflict):
    code = "name_taken"
    title = "Somebody else has this name."


name_constraint("a name belongs to one person", NameTaken)


class Mood(StrEnum):
    MERRY = "merry"


class Person(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    mood: Mood
    seen_at: datetime
    age: int | None


@dataclass(frozen=True)
class Named:
    name: str


ANN = Person(UUID(int=1), "ann", Mood.MERRY, datetime(2026, 1, 2, 3, 4, 5, 6, UTC), None)


@pytest_asyncio.fixture
async def db(empty_database_url: str) -> AsyncIterator[Database]:
    async with Database.open(empty_database_url) as db:
        async with db.transaction() as tx:
            await tx.execute(TABLES)
        yield db


async def add(db: Database, person: Person) -> None:
    async with db.transaction() as tx:
        await tx.execute(
            """
            insert into person (id, name, mood, seen_at, age)
            values (%(id)s, %(name)s, %(mood)s, %(seen_at)s, %(age)s)
            """,
            msgspec.structs.asdict(person),
        )


async def count_people(db: Database) -> int:
    async with db.transaction() as tx:
        return await tx.value(int, "select count(*) from person")


async def test_what_was_committed_is_read_back_as_the_same_value(db: Database):
    await add(db, ANN)

    async with db.transaction() as tx:
        found = await tx.one(
            Person, "select id, name, mood, seen_at, age from person where id = %(id)s", {"id": ANN.id}
        )
        named = await tx.all(Named, "select name from person")

    assert found == ANN
    assert found.mood is Mood.MERRY
    assert named == [Named("ann")]


async def test_an_exception_in_the_block_undoes_everything_and_comes_out_unchanged(db: Database):
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            await tx.execute("delete from person")
            await tx.execute("create table more ()")
            raise ZeroDivisionError

    async with db.transaction() as tx:
        assert await tx.value(bool, "select to_regclass('more') is null")


async def test_find_gives_none_and_one_says_not_found(db: Database):
    async with db.transaction() as tx:
        assert await tx.find(Named, "select name from person") is None
        with pytest.raises(NotFound):
            await tx.one(Named, "select name from person")
        with pytest.raises(NotFound):
            await tx.value(str, "select name from person")


async def test_two_rows_where_one_was_expected_are_a_mistake_in_the_code(db: Database):
    async with db.transaction() as tx:
        with pytest.raises(LookupError, match="one row was expected and 2 came"):
            await tx.one(Named, "select 'ann' as name union all select 'bob'")


async def test_a_value_of_another_type_than_promised_is_a_mistake_in_the_code(db: Database):
    async with db.transaction() as tx:
        with pytest.raises(msgspec.ValidationError):
            await tx.value(int, "select null::integer")
        with pytest.raises(msgspec.ValidationError):
            await tx.one(Named, "select 1 as name")


async def test_a_violated_constraint_is_the_error_that_its_name_stands_for(db: Database):
    await add(db, ANN)

    with pytest.raises(NameTaken) as raised:
        await add(db, msgspec.structs.replace(ANN, id=UUID(int=2)))

    assert raised.value.detail == "Somebody else has this name."
    assert await count_people(db) == 1


async def test_a_constraint_without_an_error_names_itself_and_keeps_its_cause(db: Database):
    with pytest.raises(UnknownConstraint, match="nobody is younger than nothing") as raised:
        await add(db, msgspec.structs.replace(ANN, age=-1))

    assert raised.value.__cause__ is not None


def test_a_constraint_means_one_error_and_fits_into_postgresqls_names():
    name_constraint("a name belongs to one person", NameTaken)

    with pytest.raises(ValueError, match="already means NameTaken"):
        name_constraint("a name belongs to one person", Conflict)
    with pytest.raises(ValueError, match="63 bytes"):
        name_constraint("x" * 64, Conflict)


async def test_a_swallowed_error_of_a_statement_does_not_pass_for_a_commit(db: Database):
    with pytest.raises(RuntimeError, match="nothing was kept"):
        async with db.transaction() as tx:
            await tx.execute("create table more ()")
            with suppress(psycopg.Error):
                await tx.execute("select 1 / 0")

    assert await count_people(db) == 0


async def test_a_statement_that_takes_too_long_is_stopped(empty_database_url: str):
    async with Database.open(empty_database_url, statement_timeout_ms=50) as db:
        with pytest.raises(TookTooLong):
            async with db.transaction() as tx:
                await tx.execute("select pg_sleep(60)")


async def test_a_lock_that_does_not_come_free_is_given_up(empty_database_url: str):
    async with Database.open(empty_database_url, lock_timeout_ms=50) as db, db.transaction() as holder:
        await holder.execute("create table more ()")
        await holder.execute("select pg_advisory_xact_lock(1)")

        with pytest.raises(LockedByAnother):
            async with db.transaction() as tx:
                await tx.execute("select pg_advisory_xact_lock(1)")


@pytest.mark.parametrize(
    ("sqlstate", "error"),
    [
        ("53100", DiskFull),
        ("53200", Unavailable),  # out_of_memory
        ("57P04", Unavailable),  # database_dropped
        ("58030", Unavailable),  # io_error
        ("25006", Unavailable),  # read_only_sql_transaction
        ("40001", Collided),  # serialization_failure
    ],
)
async def test_what_the_server_reports_has_an_error_of_ours(db: Database, sqlstate: str, error: type[Unavailable]):
    sql = "do $$ begin raise exception using errcode = current_setting('test.sqlstate'); end $$"

    with pytest.raises(Unavailable) as raised:
        async with db.transaction() as tx:
            await tx.value(str, "select set_config('test.sqlstate', %(sqlstate)s, true)", {"sqlstate": sqlstate})
            await tx.execute(sql)

    assert type(raised.value) is error
    assert isinstance(raised.value.__cause__, psycopg.Error)


async def test_a_mistake_in_a_statement_stays_what_postgresql_called_it(db: Database):
    with pytest.raises(psycopg.errors.DivisionByZero):
        async with db.transaction() as tx:
            await tx.execute("select 1 / 0")


async def test_a_database_that_was_closed_is_unavailable(empty_database_url: str):
    async with Database.open(empty_database_url) as db:
        pass

    with pytest.raises(Unavailable, match="was closed"):
        await ask_for_one(db)


async def test_one_of_two_that_wait_for_each_other_gives_way(db: Database):
    both_hold_one = asyncio.Barrier(2)

    async def lock(first: int, second: int) -> None:
        async with db.transaction() as tx:
            await tx.execute("select pg_advisory_xact_lock(%(key)s)", {"key": first})
            await both_hold_one.wait()
            await tx.execute("select pg_advisory_xact_lock(%(key)s)", {"key": second})

    answers = await asyncio.gather(lock(1, 2), lock(2, 1), return_exceptions=True)

    assert [type(answer) for answer in answers if answer] == [Collided]


async def test_when_all_connections_are_in_use_the_next_caller_is_turned_away(empty_database_url: str):
    async with Database.open(empty_database_url, pool_size=1, wait_seconds=0.1) as db:
        async with db.transaction():
            with pytest.raises(Overloaded):
                await ask_for_one(db)

        assert await ask_for_one(db) == 1


async def ask_for_one(db: Database) -> int:
    async with db.transaction() as tx:
        return await tx.value(int, "select 1")


async def test_a_cancelled_caller_leaves_a_clean_connection_behind(empty_database_url: str):
    async with Database.open(empty_database_url, pool_size=1) as db:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(create_a_table_slowly(db), timeout=0.1)

        async with db.transaction() as tx:
            assert await tx.value(bool, "select to_regclass('more') is null")


async def create_a_table_slowly(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("create table more ()")
        await tx.execute("select pg_sleep(60)")


async def test_connections_carry_their_settings(empty_database_url: str):
    settings = (
        "select name || '=' || setting as name from pg_settings where name in "
        "('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'application_name', 'TimeZone')"
        " order by lower(name)"
    )
    async with Database.open(
        empty_database_url, application_name="plaudit test", statement_timeout_ms=1234, lock_timeout_ms=567
    ) as db:
        async with db.transaction() as tx:
            pooled = await tx.all(Named, settings)
        async with await db.connect_alone() as alone:
            alone_too = await (await alone.execute(settings)).fetchall()

    expected = [
        "application_name=plaudit test",
        "idle_in_transaction_session_timeout=30000",
        "lock_timeout=567",
        "statement_timeout=1234",
        "TimeZone=UTC",
    ]
    assert [row.name for row in pooled] == expected
    assert [name for (name,) in alone_too] == expected


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:sec ret@localhost/plaudit",
        "postgresql://ann:sec@ret@localhost/plaudit",
        "postgresql://ann:sec/ret@localhost/plaudit",
        "postgresql://ann:12/ret@localhost/plaudit",
        "postgresql://ann:sec%ret@localhost/plaudit",
        "postgresql://ann:sec@localhost:ret/plaudit",
        "sec=ret",
    ],
)
async def test_a_url_that_cannot_be_read_is_refused_without_showing_the_password(url: str):
    with pytest.raises(BadSetting) as raised:
        async with Database.open(url):
            pass

    assert "sec" not in raised.value.detail
    assert "ret" not in raised.value.detail
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None or raised.value.__suppress_context__


async def test_a_server_that_refuses_the_connection_is_unavailable_with_its_reason_and_no_password():
    async with Database.open("postgresql://ann:secret@127.0.0.1:1/plaudit", wait_seconds=0.1) as db:
        with pytest.raises(Unavailable, match="refused") as alone:
            await db.connect_alone()
        with pytest.raises(Unavailable) as pooled:
            async with db.transaction():
                pass

    assert "secret" not in f"{alone.value} {alone.value.__cause__} {pooled.value} {pooled.value.__cause__}"


async def test_a_caller_who_is_cancelled_in_the_moment_of_getting_a_connection_ends(empty_database_url: str):
    async def work(db: Database) -> None:
        async with db.transaction():
            pass
        await asyncio.Event().wait()

    for ticks in range(12):
        async with Database.open(empty_database_url, pool_size=1) as db:
            async with db.transaction():
                waiting = asyncio.create_task(work(db))
                await asyncio.sleep(0.01)
            for _ in range(ticks):
                await asyncio.sleep(0)
            waiting.cancel()
            done, _ = await asyncio.wait({waiting}, timeout=10)

            assert done, f"cancelled {ticks} ticks after the connection came free, it went on"
            assert waiting.cancelled()
            async with db.transaction() as tx:
                assert await tx.value(int, "select 1") == 1
