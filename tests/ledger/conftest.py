"""Ledgers for tests: whatever a test did with one, in the end its books must close."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.ledger import Ledger, MemoryLedger, PostgresLedger
from tests.ledger.closing import assert_books_close

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> MovableClock:
    """Stands at noon until a test moves it."""
    return MovableClock(NOON)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """The test's own database."""
    async with Database.open(database_url) as db:
        yield db


@pytest.fixture
async def postgres_ledger(db: Database, clock: MovableClock) -> AsyncIterator[PostgresLedger]:
    """The ledger in PostgreSQL."""
    async with PostgresLedger.open(db, clock=clock) as ledger:
        yield ledger
        await assert_books_close(ledger)


@pytest.fixture
async def memory_ledger(clock: MovableClock) -> AsyncIterator[MemoryLedger]:
    """The ledger in memory."""
    ledger = MemoryLedger(clock)
    yield ledger
    await assert_books_close(ledger)


@pytest.fixture(params=["memory", "postgres"])
def ledger_url(request: pytest.FixtureRequest) -> str | None:
    """Of the database for the ledger in PostgreSQL; None for the one in memory."""
    return None if request.param == "memory" else request.getfixturevalue("database_url")


@pytest.fixture
async def ledger(ledger_url: str | None, clock: MovableClock) -> AsyncIterator[Ledger]:
    """Each of the two ledgers in turn: what is true of one is true of the other."""
    if ledger_url is None:
        ledger = MemoryLedger(clock)
        yield ledger
        await assert_books_close(ledger)
    else:
        async with Database.open(ledger_url) as db, PostgresLedger.open(db, clock=clock) as ledger:
            yield ledger
            await assert_books_close(ledger)
