"""How the schema comes forward, and what stops it, with folders of migrations made for each test."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from plaudit.foundation.errors import MigrationFailed, Unavailable
from plaudit.foundation.migration_files import split_statements
from plaudit.foundation.migrations import migrate, migrations_folder, pending_migrations, read_migrations

FIRST = "create table fan (id integer);\n"
SECOND = "insert into fan values (1);\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "0001_fans.sql", FIRST)
    write(tmp_path, "0002_first_fan.sql", SECOND)
    return tmp_path


def write(folder: Path, name: str, sql: str) -> None:
    (folder / name).write_bytes(sql.encode())


async def fans(url: str) -> int:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        row = await (await connection.execute("select count(*) from fan")).fetchone()
        assert row
        return row[0]


async def names_of_applied(url: str) -> list[str]:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        rows = await connection.execute("select name from migrations order by number")
        return [name for (name,) in await rows.fetchall()]


async def test_an_empty_database_gets_every_migration_once_and_in_order(empty_database_url: str, folder: Path):
    pending = await pending_migrations(empty_database_url, folder=folder)
    applied = await migrate(empty_database_url, folder=folder)
    applied_again = await migrate(empty_database_url, folder=folder)

    assert [migration.name for migration in pending] == ["0001_fans.sql", "0002_first_fan.sql"]
    assert applied == pending
    assert applied_again == []
    assert await pending_migrations(empty_database_url, folder=folder) == []
    assert await fans(empty_database_url) == 1


async def test_asking_what_is_pending_writes_nothing(empty_database_url: str, folder: Path):
    await pending_migrations(empty_database_url, folder=folder)

    async with await psycopg.AsyncConnection.connect(empty_database_url) as connection:
        tables = await connection.execute("select to_regclass('migrations')")
        assert await tables.fetchone() == (None,)


async def test_a_later_version_applies_only_what_is_new(empty_database_url: str, folder: Path):
    await migrate(empty_database_url, folder=folder)
    write(folder, "0003_second_fan.sql", SECOND)

    applied = await migrate(empty_database_url, folder=folder)

    assert [migration.name for migration in applied] == ["0003_second_fan.sql"]
    assert await fans(empty_database_url) == 2


async def test_of_several_programs_that_migrate_at_once_each_file_is_applied_by_one(
    empty_database_url: str, folder: Path
):
    applied = await asyncio.gather(*(migrate(empty_database_url, folder=folder) for _ in range(4)))

    assert sorted(len(each) for each in applied) == [0, 0, 0, 2]
    assert await fans(empty_database_url) == 1


async def test_a_runner_that_waits_too_long_for_another_says_so(empty_database_url: str, folder: Path):
    write(folder, "0003_slow.sql", "select pg_sleep(60);")
    other = asyncio.create_task(migrate(empty_database_url, folder=folder))
    while not await asleep(empty_database_url):
        await asyncio.sleep(0.02)

    with pytest.raises(MigrationFailed, match="Another program has been migrating this database for 0.1 seconds"):
        await migrate(empty_database_url, folder=folder, runner_wait_ms=100)

    other.cancel()
    with pytest.raises(asyncio.CancelledError):
        await other


async def asleep(url: str) -> bool:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        rows = await connection.execute("select from pg_stat_activity where wait_event = 'PgSleep'")
        return await rows.fetchone() is not None


async def test_an_error_names_file_and_line_and_keeps_only_the_files_before(empty_database_url: str, folder: Path):
    write(folder, "0003_wrong.sql", "-- more fans\ninsert into fan values (2);\n\ninsert into\n  fans values (3);\n")

    with pytest.raises(MigrationFailed, match=r'^0003_wrong.sql, line 5: relation "fans" does not exist$'):
        await migrate(empty_database_url, folder=folder)

    assert await names_of_applied(empty_database_url) == ["0001_fans.sql", "0002_first_fan.sql"]
    assert await fans(empty_database_url) == 1


async def test_an_error_that_shows_only_when_it_runs_names_its_statements_line(empty_database_url: str, folder: Path):
    write(folder, "0003_wrong.sql", "select 1;\n/* now\n   this: */\nselect 1\n  / (select count(*) - 1 from fan);\n")

    with pytest.raises(MigrationFailed, match=r"^0003_wrong.sql, line 4: division by zero$"):
        await migrate(empty_database_url, folder=folder)


async def test_a_constraint_that_is_checked_at_the_end_names_the_file(empty_database_url: str, folder: Path):
    deferred = """
    create table pet (id integer primary key, friend integer references pet initially deferred);
    insert into pet values (1, 2);
    """
    write(folder, "0003_pets.sql", deferred)

    with pytest.raises(MigrationFailed, match=r"^0003_pets.sql, at its end: .*pet_friend_fkey"):
        await migrate(empty_database_url, folder=folder)


async def test_a_migration_does_not_queue_behind_a_long_transaction(empty_database_url: str, folder: Path):
    await migrate(empty_database_url, folder=folder)
    write(folder, "0003_names.sql", "alter table fan add name text;")

    async with await psycopg.AsyncConnection.connect(empty_database_url) as long:
        await long.execute("select * from fan")
        with pytest.raises(MigrationFailed, match=r"0003_names.sql, line 1: a long transaction holds a table"):
            await migrate(empty_database_url, folder=folder, lock_timeout_ms=50)

    applied = await migrate(empty_database_url, folder=folder)
    assert [migration.name for migration in applied] == ["0003_names.sql"]


async def test_a_file_that_was_changed_after_it_was_applied_stops_everything(empty_database_url: str, folder: Path):
    await migrate(empty_database_url, folder=folder)
    write(folder, "0001_fans.sql", FIRST + "-- a later thought\n")

    with pytest.raises(MigrationFailed, match="0001_fans.sql is not what was applied"):
        await migrate(empty_database_url, folder=folder)
    with pytest.raises(MigrationFailed, match="0001_fans.sql is not what was applied"):
        await pending_migrations(empty_database_url, folder=folder)


async def test_other_line_ends_are_the_same_file(empty_database_url: str, folder: Path):
    await migrate(empty_database_url, folder=folder)
    write(folder, "0001_fans.sql", FIRST.replace("\n", "\r\n"))

    assert await migrate(empty_database_url, folder=folder) == []


async def test_a_database_newer_than_the_code_is_left_alone(empty_database_url: str, folder: Path):
    await migrate(empty_database_url, folder=folder)
    (folder / "0002_first_fan.sql").unlink()

    with pytest.raises(MigrationFailed, match="The database has 0002_first_fan.sql, which this version"):
        await migrate(empty_database_url, folder=folder)


async def test_a_record_with_a_gap_is_not_filled_in_silence(empty_database_url: str, folder: Path):
    await migrate(empty_database_url, folder=folder)
    async with await psycopg.AsyncConnection.connect(empty_database_url) as connection:
        await connection.execute("delete from migrations where number = 1")

    with pytest.raises(MigrationFailed, match="0001_fans.sql was never applied"):
        await migrate(empty_database_url, folder=folder)


@pytest.mark.parametrize(
    ("name", "sql", "complaint"),
    [
        ("0004_later.sql", "", r"0004_later.sql comes after a gap: there is no 0003_"),
        ("0002_twice.sql", "", r"0002_twice.sql has the number of 0002_first_fan.sql"),
        ("3_short.sql", "", r"3_short.sql is not named like 0001_what_it_does.sql"),
        ("0000_zero.sql", "", r"0000_zero.sql is not named like 0001_what_it_does.sql"),
        ("0003_ends.sql", "select 1;\nCommit;", r"0003_ends.sql, line 2: a migration is one transaction already"),
    ],
)
def test_a_file_that_breaks_the_rules_is_named(folder: Path, name: str, sql: str, complaint: str):
    write(folder, name, sql)

    with pytest.raises(MigrationFailed, match=complaint):
        read_migrations(folder)


def test_a_file_in_another_encoding_is_named(folder: Path):
    (folder / "0003_latin.sql").write_bytes(b"-- caf\xe9")

    with pytest.raises(MigrationFailed, match=r"0003_latin.sql is not written in UTF-8"):
        read_migrations(folder)


def test_a_folder_without_migrations_is_a_broken_installation(tmp_path: Path):
    with pytest.raises(MigrationFailed, match="There are no migrations"):
        read_migrations(tmp_path)


def test_the_product_brings_its_own_migrations():
    assert read_migrations(migrations_folder())[0].number == 1


async def test_a_server_that_is_not_there_is_unavailable(folder: Path):
    with pytest.raises(Unavailable):
        await migrate("postgresql://ann@127.0.0.1:1/plaudit", folder=folder)


def test_semicolons_inside_quotes_and_comments_end_nothing():
    text = """\
    -- one; two
    select ';', E'it\\'s;', "a;b", 'it''s;'; /* ; */
    create function f() returns void language sql as $body$ select 1; $$;$$ $body$;
    select price$usd from t -- ;
    """

    found = [(statement.line, statement.sql.split()[0]) for statement in split_statements(text)]

    assert found == [(2, "select"), (3, "create"), (4, "select")]
