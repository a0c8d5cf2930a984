"""Lines that break at the worst moments: nobody is told that nothing happened when something did, or still may."""

import asyncio
import gc
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest

from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.foundation.errors import OutcomeUnknown, Unavailable
from plaudit.foundation.ids import new_id
from plaudit.ledger import Account, Limit, Posted, Refused
from tests.ledger.crash.lanes import COIN, CREATORS, WALLETS
from tests.ledger.crash.posting import PATIENCE_SECONDS, gift, hear, is_stored, ledger_on, settle_in, transfer
from tests.ledger.crash.victims import clock_locked, kill_postgres, silence, waiting_for_locks
from tests.ledger.crash.wire import wire_to
from tests.waiting import until


async def test_a_refusal_stays_true_when_a_statement_of_a_broken_line_arrives_late(
    server: EmbeddedPostgres, tmp_path: Path
):
    empty = Account(new_id(), COIN, 200, Limit.DEBITS_MUST_NOT_EXCEED_CREDITS)
    spend = [transfer(empty.id, CREATORS[0])]
    async with wire_to(server.url, tmp_path) as (wire, url), ledger_on(url, deadline_seconds=5) as ledger:
        await ledger.open_accounts([empty])
        await settle_in(ledger)

        # Both are in one batch, whose statement is sent and gets held up on its way. The first caller leaves.
        wire.hold_up(b"insert into ledger.transfers")
        funding = asyncio.create_task(ledger.post([transfer(WALLETS[0], empty.id)]))
        spending = asyncio.create_task(ledger.post(spend))
        await wire.something_is_held_up()
        funding.cancel()
        wire.cut_clients()
        outcome = await spending
        wire.deliver()
        await asyncio.sleep(0.3)

        assert isinstance(outcome, Refused) == (await ledger.find_transfer(spend[0].id) is None)


async def test_a_batch_that_was_stored_is_never_called_unavailable(server: EmbeddedPostgres, tmp_path: Path):
    chain = [gift()]
    async with wire_to(server.url, tmp_path) as (wire, url), ledger_on(url, deadline_seconds=2) as ledger:
        await settle_in(ledger)

        # While the batch is being stored, what the next one wants to read gets held up; then the server dies.
        async with clock_locked(server.url):
            first = asyncio.create_task(hear(ledger, chain))
            await until(lambda: waiting_for_locks(server.url) == 1)
            wire.hold_up(b"")
            second = asyncio.create_task(hear(ledger, [gift()]))
            await wire.something_is_held_up()
        await until(lambda: is_stored(server.url, chain))
        await kill_postgres(server)
        heard = await first
        await second
        await server.start()

    assert not isinstance(heard, Unavailable)


async def test_what_stops_the_next_batch_is_not_said_of_the_one_that_is_stored(server: EmbeddedPostgres):
    chain = [gift()]
    async with ledger_on(server.url, deadline_seconds=10) as ledger:
        await settle_in(ledger)

        # Who wants the whole table waits behind the batch that is being stored, and the next one's reading behind him.
        async with await psycopg.AsyncConnection.connect(server.url) as mason:
            async with clock_locked(server.url):
                first = asyncio.create_task(hear(ledger, chain))
                await until(lambda: waiting_for_locks(server.url) == 1)
                table = asyncio.create_task(mason.execute("lock table ledger.transfers in access exclusive mode"))
                await until(lambda: waiting_for_locks(server.url) == 2)
                second = asyncio.create_task(hear(ledger, [gift()]))
                await until(lambda: waiting_for_locks(server.url) == 3)
            await table
            cancel_waiting(server.url)
            await asyncio.sleep(0.2)
        heard = await first
        await second

    assert is_stored(server.url, chain) == isinstance(heard, Posted)


async def test_closing_on_a_silent_server_answers_everyone_soon(server: EmbeddedPostgres):
    async with AsyncExitStack() as stack:
        ledger = await stack.enter_async_context(ledger_on(server.url))
        await settle_in(ledger)
        with silence(server):
            waiting = [asyncio.create_task(hear(ledger, [gift()])) for _ in range(500)]
            await asyncio.sleep(0)

            async with asyncio.timeout(PATIENCE_SECONDS):
                closing = asyncio.create_task(stack.aclose())
                heard = await asyncio.gather(*waiting)
        await closing

    assert all(isinstance(each, Unavailable | OutcomeUnknown) for each in heard)


async def test_a_line_of_two_that_cannot_be_had_leaves_the_other_one_closed(server: EmbeddedPostgres, tmp_path: Path):
    async with wire_to(server.url, tmp_path) as (wire, url), ledger_on(url) as ledger:
        await ledger.last_timestamp()
        wire.accepts = 1

        heard = await hear(ledger, [gift()])

        assert isinstance(heard, Unavailable)
        # Python complains about a connection that nobody closed when it finds it; a complaint fails the test.
        gc.collect()


async def test_a_server_that_dies_while_one_batch_is_stored_and_the_next_decided_leaves_no_loose_ends(
    server: EmbeddedPostgres, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async with wire_to(server.url, tmp_path) as (wire, url), ledger_on(url) as ledger:
        await settle_in(ledger)

        async with clock_locked(server.url) as other:
            first = asyncio.create_task(hear(ledger, [gift()]))
            await until(lambda: waiting_for_locks(server.url) == 1)
            wire.hold_up(b"")
            second = asyncio.create_task(hear(ledger, [gift()]))
            await wire.something_is_held_up()
            await kill_postgres(server)
            await other.close()
        heard = await asyncio.gather(first, second)
        await server.start()
        gc.collect()

    assert all(isinstance(each, Unavailable | OutcomeUnknown) for each in heard)
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


def cancel_waiting(url: str) -> None:
    """Cancel the statements of those who wait for a lock in this database."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "select pg_cancel_backend(pid) from pg_stat_activity"
            " where wait_event_type = 'Lock' and datname = current_database()"
        )
