from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, date, datetime

import pytest

from plaudit.foundation.database import Database
from plaudit.foundation.sealing import Seal
from plaudit.people import Caller, Hasher, Wish, actions
from plaudit.people.hashing import Cost
from plaudit.people.model import SignedIn

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
CALLER = Caller(address="192.0.2.7", user_agent="Test/1")
CHEAP = Cost(memory_kib=64, rounds=1)

Join = Callable[[str], Awaitable[SignedIn]]


@pytest.fixture
async def db(database_url: str) -> AsyncGenerator[Database]:
    async with Database.open(database_url) as db:
        yield db


@pytest.fixture(scope="session")
def hasher() -> Hasher:
    return Hasher(CHEAP, seal=Seal(b"a key of the tests, 32 letters long", purpose="second factor"))


@pytest.fixture
def join(db: Database, hasher: Hasher) -> Join:
    """Sign somebody up by their handle."""

    async def sign_up(handle: str) -> SignedIn:
        return await actions.sign_up(db, hasher, a_wish(handle), caller=CALLER, now=NOW)

    return sign_up


def a_wish(handle: str, *, email: str | None = None) -> Wish:
    return Wish(
        email=email or f"{handle}@example.org",
        password=PASSWORD,
        handle=handle,
        birth_on=date(1990, 5, 17),
        region="US",
    )
