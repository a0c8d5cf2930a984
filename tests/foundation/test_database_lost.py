"""When the database goes away: what surely didn't happen is Unavailable, what nobody can know is OutcomeUnknown."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
import pytest_asyncio

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.foundation.errors import OutcomeUnknown, TookTooLong, Unavailable

# A constraint trigger that is deferred runs inside COMMIT, so a sleep in it holds COMMIT open.
SLOW_COMMIT = """
create table slow (id integer);
create function sleep_a_while() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return null; end $$;
create constraint trigger "sleep in commit" after insert on slow deferrable initially deferred
    for each row execute function sleep_a_while();
"""
COMMITTING = "select pid from pg_stat_activity where lower(query) = 'commit' and wait_event = %(event)s"


@pytest_asyncio.fixture
async def db(empty_database_url: str) -> AsyncIterator[Database]:
    async with Database.open(empty_database_url, pool_size=1) as db:
        async with db.transaction() as tx:
            await tx.execute(SLOW_COMMIT)
        yield db


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    async with EmbeddedPostgres(tmp_path / "own") as server:
        yield server


async def insert_slowly(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("insert into slow values (1)")


async def pid_waiting_in_commit(url: str, event: LiteralString) -> int:
    async with asyncio.timeout(20), await psycopg.AsyncConnection.connect(url, autocommit=True) as admin:
        while True:
            found = await (await admin.execute(COMMITTING, {"event": event})).fetchone()
            if found:
                return found[0]
            await asyncio.sleep(0.02)


async def tell(url: str, sql: LiteralString, pid: int) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as admin:
        await admin.execute(sql, {"pid": pid})


async def assert_works(db: Database) -> None:
    async with db.transaction() as tx:
        assert await tx.value(int, "select 1") == 1


async def pid_of(tx: Transaction) -> int:
    return await tx.value(int, "select pg_backend_pid()")


async def test_a_connection_terminated_before_commit_means_that_nothing_happened(db: Database, empty_database_url: str):
    with pytest.raises(Unavailable):
        async with db.transaction() as tx:
            await tell(empty_database_url, "select pg_terminate_backend(%(pid)s, 5000)", await pid_of(tx))
            await tx.execute("insert into slow values (1)")

    await assert_works(db)


async def test_a_connection_terminated_while_commit_is_under_way_leaves_the_outcome_unknown(
    db: Database, empty_database_url: str
):
    writing = asyncio.create_task(insert_slowly(db))

    pid = await pid_waiting_in_commit(empty_database_url, "PgSleep")
    await tell(empty_database_url, "select pg_terminate_backend(%(pid)s)", pid)

    with pytest.raises(OutcomeUnknown):
        await writing
    await assert_works(db)


async def test_a_line_cut_while_commit_is_under_way_leaves_the_outcome_unknown(empty_database_url: str):
    # PostgreSQL's statement_timeout doesn't hold inside COMMIT; our own patience does, here made short.
    async with Database.open(empty_database_url) as db:
        async with db.transaction() as tx:
            await tx.execute(SLOW_COMMIT)
        with pytest.raises(OutcomeUnknown):
            async with db.transaction() as tx:
                await tx.execute("insert into slow values (1)")
                tx.connection.patience_seconds = 0.2

        await assert_works(db)


async def test_a_commit_that_the_server_refuses_and_survives_did_not_happen(db: Database, empty_database_url: str):
    writing = asyncio.create_task(insert_slowly(db))

    pid = await pid_waiting_in_commit(empty_database_url, "PgSleep")
    await tell(empty_database_url, "select pg_cancel_backend(%(pid)s)", pid)

    with pytest.raises(TookTooLong):
        await writing
    async with db.transaction() as tx:
        assert await tx.value(int, "select count(*) from slow") == 0


async def test_a_caller_cancelled_while_commit_is_under_way_gives_no_dirty_connection_back(
    db: Database, empty_database_url: str
):
    writing = asyncio.create_task(insert_slowly(db))

    pid = await pid_waiting_in_commit(empty_database_url, "PgSleep")
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing

    async with db.transaction() as tx:
        assert await pid_of(tx) != pid


async def test_a_cancelled_wait_for_a_standby_leaves_the_outcome_unknown(server: EmbeddedPostgres):
    async with Database.open(server.url) as db:
        async with db.transaction() as tx:
            await tx.execute("create table gift (id integer)")
        async with await db.connect_alone() as admin:
            await admin.execute("alter system set synchronous_standby_names = 'nobody'")
            await admin.execute("select pg_reload_conf()")
        writing = asyncio.create_task(write_a_gift(db))

        pid = await pid_waiting_in_commit(server.url, "SyncRep")
        await tell(server.url, "select pg_cancel_backend(%(pid)s)", pid)

        with pytest.raises(OutcomeUnknown):
            await writing


async def write_a_gift(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("insert into gift values (1)")


async def test_while_the_server_is_down_calls_are_unavailable_and_afterwards_they_work(server: EmbeddedPostgres):
    async with Database.open(server.url, pool_size=3, wait_seconds=1.5) as db:
        # Three connections lie in the pool when the server goes.
        async with db.transaction(), db.transaction(), db.transaction():
            pass
        await server.stop()

        with pytest.raises(Unavailable):
            await assert_works(db)
        # Long enough for a pool with a growing pause between its attempts to sleep through the server's return.
        await asyncio.sleep(3)
        with pytest.raises(Unavailable):
            await assert_works(db)

        await server.start()
        await assert_works(db)


async def test_a_call_that_finds_the_server_down_waits_for_its_return(server: EmbeddedPostgres):
    async with Database.open(server.url, wait_seconds=20) as db:
        await server.stop()
        asked = asyncio.create_task(assert_works(db))
        await asyncio.sleep(0.2)

        await server.start()

        await asked


async def test_a_server_that_hangs_is_given_up_after_our_own_time(server: EmbeddedPostgres):
    async with Database.open(server.url, pool_size=1) as db:
        with pytest.raises(Unavailable):
            await ask_a_server_that_hangs(db)

        await assert_works(db)


async def ask_a_server_that_hangs(db: Database) -> None:
    async with db.transaction() as tx:
        pid = await pid_of(tx)
        tx.connection.patience_seconds = 0.2
        os.kill(pid, signal.SIGSTOP)
        try:
            await tx.execute("select 1")
        finally:
            os.kill(pid, signal.SIGCONT)
