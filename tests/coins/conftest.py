"""A till over real PostgreSQL, whose ledger's books must close whatever a test did with it."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from plaudit.coins import Buyer, Till, TopUp, Wallet, Wish, top_ups, wallet
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.ledger import PostgresLedger
from plaudit.people import Hasher, actions
from plaudit.people import Wish as PersonWish
from plaudit.people.hashing import Cost
from plaudit.people.model import Caller
from plaudit.providers import Sandbox
from tests.ledger.closing import assert_books_close

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Shop:
    """Somebody with a till before them, and the sandbox behind it."""

    def __init__(self, till: Till, sandbox: Sandbox, buyer: Buyer) -> None:
        self.till = till
        self.sandbox = sandbox
        self.buyer = buyer

    async def ask(self, *, pack: str | None = None, coins: int | None = None, id: UUID | None = None) -> TopUp:
        """Ask for a pack of 100, unless something else is wished."""
        pack = "pack_100" if pack is None and coins is None else pack
        wish = Wish(id=id or new_id(), provider="sandbox", pack=pack, coins=coins)
        return await top_ups.start_top_up(self.till, wish, self.buyer, now=NOW)

    async def wallet(self) -> Wallet:
        return await wallet.get_wallet(self.till, self.buyer, now=NOW)


@asynccontextmanager
async def open_shop(database_url: str) -> AsyncGenerator[Shop]:
    async with (
        Database.open(database_url) as db,
        PostgresLedger.open(db, clock=MovableClock(NOW)) as ledger,
    ):
        sandbox = Sandbox(db)
        till = Till(db=db, ledger=ledger, providers={"sandbox": sandbox})
        yield Shop(till, sandbox, await a_buyer(db))
        await assert_books_close(ledger)


async def a_buyer(db: Database) -> Buyer:
    handle = f"fan_{new_id().hex[-12:]}"
    wish = PersonWish(
        email=f"{handle}@example.org",
        password="correct horse battery",
        handle=handle,
        birth_on=date(1990, 5, 17),
        region="US",
    )
    caller = Caller(address="192.0.2.7", user_agent="Test/1")
    signed_in = await actions.sign_up(db, Hasher(Cost(memory_kib=64, rounds=1)), wish, caller=caller, now=NOW)
    return Buyer(person_id=signed_in.person.id, region="US", currency="USD")


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Shop]:
    async with open_shop(database_url) as shop:
        yield shop
