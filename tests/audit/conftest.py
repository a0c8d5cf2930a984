"""A ledger with a story in it, for what is asked about it afterwards."""

from collections.abc import AsyncIterator

import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.ledger import PostgresLedger
from tests.ledger.conftest import NOON
from tests.ledger.tampering import tell_the_beginning, tell_the_rest


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """The test's own database."""
    async with Database.open(database_url) as db:
        yield db


@pytest.fixture
async def books(db: Database) -> Database:
    """The whole story of the ledger's own tests, 15 transfers."""
    clock = MovableClock(NOON)
    async with PostgresLedger.open(db, clock=clock) as ledger:
        await tell_the_beginning(ledger)
        await tell_the_rest(ledger, clock)
    return db
