"""The database goes away, is silent, busy or contradicts: everyone gets a true answer, and it works again by itself."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg.sql import SQL, Literal

from plaudit.foundation.database_errors import UnknownConstraint
from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.foundation.errors import OutcomeUnknown, Unavailable
from plaudit.ledger import Posted, PostgresLedger
from tests.ledger.closing import assert_books_close
from tests.ledger.crash.lanes import HOUSE, WALLETS, accounts
from tests.ledger.crash.posting import gift, hear, hear_all, is_stored, ledger_on, settle_in, transfer
from tests.ledger.crash.victims import clock_locked, kill_postgres, silence, waiting_for_locks
from tests.waiting import until

CALLERS = 100


@pytest.fixture
async def funded_url(database_url: str) -> AsyncIterator[str]:
    """A database on the run's shared server, for what leaves the server alone. In the end its books must close."""
    async with ledger_on(database_url) as ledger:
        await ledger.open_accounts(accounts())
        await ledger.post([transfer(HOUSE, WALLETS[0], 1_000_000)])
    yield database_url
    async with ledger_on(database_url) as ledger:
        await assert_books_close(ledger)


@pytest.fixture
async def ledger(funded_url: str) -> AsyncIterator[PostgresLedger]:
    """A ledger that has found itself to be the only writer."""
    async with ledger_on(funded_url) as ledger:
        await settle_in(ledger)
        yield ledger


async def works_again(ledger: PostgresLedger) -> bool:
    return isinstance(await hear(ledger, [gift()]), Posted)


async def test_while_the_server_is_down_everyone_is_told_so_and_afterwards_it_works_with_no_restart(
    server: EmbeddedPostgres,
):
    async with ledger_on(server.url) as ledger:
        await settle_in(ledger)
        chains = [[gift()] for _ in range(CALLERS)]

        callers = asyncio.create_task(hear_all(ledger, chains))
        await asyncio.sleep(0.002)
        await kill_postgres(server)
        heard = await callers
        heard_later = await hear_all(ledger, [[gift()] for _ in range(CALLERS)])

        assert all(isinstance(each, Posted | Unavailable | OutcomeUnknown) for each in heard)
        assert {type(each) for each in heard_later} == {Unavailable}

        await server.start()
        await until(lambda: works_again(ledger))
        for chain, each in zip(chains, heard, strict=True):
            if not isinstance(each, OutcomeUnknown):
                assert is_stored(server.url, chain) == isinstance(each, Posted)
        assert all(isinstance(each, Posted) for each in await hear_all(ledger, chains))


async def test_a_server_that_was_down_from_the_start_is_found_when_it_comes(server: EmbeddedPostgres):
    await server.stop()
    async with ledger_on(server.url) as ledger:
        heard = await hear(ledger, [gift()])

        assert isinstance(heard, Unavailable)

        await server.start()
        await until(lambda: works_again(ledger))


async def test_a_silent_server_keeps_nobody_waiting_and_when_it_speaks_again_everything_works(server: EmbeddedPostgres):
    async with ledger_on(server.url) as ledger:
        await settle_in(ledger)
        chains = [[gift()] for _ in range(CALLERS)]

        with silence(server):
            heard = await hear_all(ledger, chains)
            heard_later = await hear_all(ledger, [[gift()] for _ in range(CALLERS)])

        assert {type(each) for each in heard} <= {Unavailable, OutcomeUnknown}
        assert {type(each) for each in heard_later} <= {Unavailable, OutcomeUnknown}
        await until(lambda: works_again(ledger))
        for chain, each in zip(chains, heard, strict=True):
            assert isinstance(each, OutcomeUnknown) or not is_stored(server.url, chain)
        assert all(isinstance(each, Posted) for each in await hear_all(ledger, chains))


async def test_a_line_that_is_terminated_in_the_middle_of_a_batch_costs_nobody_the_answer(
    ledger: PostgresLedger, funded_url: str
):
    chains = [[gift()] for _ in range(CALLERS)]

    async with clock_locked(funded_url):
        callers = asyncio.create_task(hear_all(ledger, chains))
        await until(lambda: waiting_for_locks(funded_url) == 1)
        terminate_the_waiting(funded_url)
    heard = await callers

    assert all(isinstance(each, Posted) for each in heard)


async def test_what_was_unknown_has_a_definite_answer_when_asked_again(server: EmbeddedPostgres):
    chains = [[gift()] for _ in range(CALLERS)]
    async with ledger_on(server.url) as ledger:
        await settle_in(ledger)
        async with clock_locked(server.url) as other:
            callers = asyncio.create_task(hear_all(ledger, chains))
            await until(lambda: waiting_for_locks(server.url) == 1)
            await kill_postgres(server)
            await other.close()
        heard = await callers
        assert any(isinstance(each, OutcomeUnknown) for each in heard)

        await server.start()
        await until(lambda: works_again(ledger))
        answers = await hear_all(ledger, chains)

        assert all(isinstance(each, Posted) for each in answers)
        assert await hear_all(ledger, chains) == answers


async def test_a_caller_who_leaves_does_not_take_the_batch_along(ledger: PostgresLedger, funded_url: str):
    async with clock_locked(funded_url):
        callers = [asyncio.create_task(hear(ledger, [gift()])) for _ in range(CALLERS)]
        await until(lambda: waiting_for_locks(funded_url) == 1)
        for leaving in callers[::2]:
            leaving.cancel()
    heard = await asyncio.gather(*callers, return_exceptions=True)

    assert all(isinstance(each, asyncio.CancelledError) for each in heard[::2])
    assert all(isinstance(each, Posted) for each in heard[1::2])


async def test_closing_answers_everyone_who_still_waits(funded_url: str):
    async with ledger_on(funded_url) as ledger:
        callers = [asyncio.create_task(hear(ledger, [gift()])) for _ in range(500)]
        await asyncio.sleep(0)
    heard = await asyncio.gather(*callers)

    assert all(isinstance(each, Posted) for each in heard)
    assert isinstance(await hear(ledger, [gift()]), Unavailable)


async def test_closing_answers_everyone_also_while_the_clock_is_locked_by_somebody_else(funded_url: str):
    async with clock_locked(funded_url):
        async with ledger_on(funded_url) as ledger:
            chains = [[gift()] for _ in range(500)]
            callers = [asyncio.create_task(hear(ledger, chain)) for chain in chains]
            await asyncio.sleep(0)
        heard = await asyncio.gather(*callers)

    assert all(isinstance(each, Unavailable | OutcomeUnknown) for each in heard)
    for chain, each in zip(chains, heard, strict=True):
        assert isinstance(each, OutcomeUnknown) or not is_stored(funded_url, chain)


async def test_a_clock_that_somebody_else_keeps_locked_makes_the_ledger_unavailable_for_as_long(funded_url: str):
    async with ledger_on(funded_url, lock_timeout_ms=100) as ledger:
        await settle_in(ledger)
        chains = [[gift()] for _ in range(CALLERS)]

        async with clock_locked(funded_url):
            heard = await hear_all(ledger, chains)

        assert all(isinstance(each, Unavailable | OutcomeUnknown) for each in heard)
        await until(lambda: works_again(ledger))
        assert all(isinstance(each, Posted) for each in await hear_all(ledger, chains))


async def test_without_the_standby_that_must_confirm_nobody_is_told_that_it_was_posted(server: EmbeddedPostgres):
    async with ledger_on(server.url) as ledger:
        await settle_in(ledger)
        chain = [gift()]
        await require_standby(server.url, "nobody")

        heard = await hear(ledger, chain)
        asking = asyncio.create_task(hear(ledger, chain))
        await until(lambda: cancel_waits_for_a_standby(server.url))
        heard_again = await asking

        assert isinstance(heard, OutcomeUnknown)
        assert isinstance(heard_again, OutcomeUnknown | Unavailable)

        await require_standby(server.url, "")
        await until(lambda: works_again(ledger))
        assert isinstance(await hear(ledger, chain), Posted)


async def test_a_chain_that_breaks_a_constraint_unknown_to_the_rules_fails_alone(
    ledger: PostgresLedger, funded_url: str
):
    with psycopg.connect(funded_url, autocommit=True) as admin:
        admin.execute('alter table ledger.transfers add constraint "no code is 77" check (code <> 77) not valid')
    good = [[gift()] for _ in range(CALLERS)]
    bad = [gift(), gift(code=77)]

    callers = asyncio.create_task(hear_all(ledger, good))
    with pytest.raises(UnknownConstraint, match="no code is 77"):
        await ledger.post(bad)
    heard = await callers

    assert all(isinstance(each, Posted) for each in heard)
    assert not is_stored(funded_url, bad)
    assert await works_again(ledger)


def terminate_the_waiting(url: str) -> None:
    """End the connections of this database that wait for a lock."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where wait_event_type = 'Lock' and datname = current_database()"
        )


async def require_standby(url: str, name: str) -> None:
    """From now on a commit waits until the standby `name` has it, too; "" for none."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(SQL("alter system set synchronous_standby_names = {}").format(Literal(name)))
        admin.execute("select pg_reload_conf()")
    await until(lambda: shown(url, "synchronous_standby_names") == name)


def shown(url: str, setting: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("select current_setting(%s)", [setting]).fetchone()
    assert row
    return row[0]


def cancel_waits_for_a_standby(url: str) -> bool:
    """Whether there was one to cancel."""
    with psycopg.connect(url) as connection:
        waits = "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'"
        return bool(connection.execute(waits).fetchall())
