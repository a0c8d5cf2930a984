"""Gifting over real PostgreSQL, on each of the two ledgers, whose books must close whatever a test did."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import COIN
from plaudit.gifts import Gifting, Sender, Sent, Wish, sending
from plaudit.gifts.chains import fan_account
from plaudit.ledger import Ledger, MemoryLedger, Posted, PostgresLedger, Transfer, spendable
from plaudit.ledger.chart import AccountCode, TransferCode, make_account
from plaudit.people import Hasher
from plaudit.people.hashing import Cost
from plaudit.people.operators import add_operator
from plaudit.people.queries import get_id_by_handle
from tests.ledger.closing import assert_books_close

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_CHEAP = Hasher(Cost(memory_kib=64, rounds=1))


class Stage:
    """A live with its creator, and fans with coins."""

    def __init__(self, gifting: Gifting, clock: MovableClock) -> None:
        self.gifting = gifting
        self.ledger = gifting.ledger
        self.clock = clock
        self.creator = new_id()
        self.live = new_id()

    async def fan(self, *, coins: int, region: str = "US", id: UUID | None = None) -> Sender:
        id = id or new_id()
        if coins:
            issued, wallet = (
                make_account(AccountCode.COINS_ISSUED, COIN),
                make_account(AccountCode.FAN_COINS, COIN, id),
            )
            await self.ledger.open_accounts((issued, wallet))
            funding = Transfer(new_id(), issued.id, wallet.id, coins, TransferCode.TOP_UP)
            assert isinstance(await self.ledger.post((funding,)), Posted)
        return Sender(person_id=id, handle="fan", name="Fan", picture_url=None, region=region, currency="USD")

    async def send(self, fan: Sender, wish: Wish, *, creator: UUID | None = None, direct: bool = False) -> Sent:
        return await sending.send_gift(
            self.gifting,
            wish,
            fan,
            creator_id=creator or self.creator,
            live_id=None if direct else self.live,
            now=self.clock.now(),
        )

    async def operator(self) -> UUID:
        """The id of somebody who may change the catalogue."""
        made = await add_operator(self.gifting.db, _CHEAP, f"{new_id().hex}@example.org", now=NOW)
        async with self.gifting.db.transaction() as tx:
            return await get_id_by_handle(tx, made.handle)

    async def coins_of(self, fan: Sender) -> int:
        return await spendable(self.ledger, fan_account(fan.person_id))

    async def transfers(self) -> int:
        """How many gifts the ledger has."""
        return sum(
            record.transfer.code == TransferCode.GIFT for record in await self.ledger.list_transfers(limit=10_000)
        )


def a_wish(gift: str = "rose", **more: object) -> Wish:
    wish: dict[str, object] = {"id": new_id(), "gift": gift, **more}
    return Wish(**wish)  # pyright: ignore[reportArgumentType] - whatever a test wishes


@asynccontextmanager
async def open_stage(database_url: str, *, memory: bool = False) -> AsyncGenerator[Stage]:
    clock = MovableClock(NOW)
    async with Database.open(database_url, pool_size=4) as db:
        ledger: Ledger
        if memory:
            ledger = MemoryLedger(clock)
            async with Gifting.open(db, ledger) as gifting:
                yield Stage(gifting, clock)
        else:
            async with PostgresLedger.open(db, clock=clock) as ledger, Gifting.open(db, ledger) as gifting:
                yield Stage(gifting, clock)
                await assert_books_close(ledger)
        if memory:
            await assert_books_close(ledger)


@pytest.fixture(params=["memory", "postgres"])
async def stage(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Stage]:
    """On each ledger in turn: what is true of one is true of the other."""
    async with open_stage(database_url, memory=request.param == "memory") as stage:
        yield stage
