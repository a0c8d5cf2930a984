"""A creator to whom real gifts come, out of coins that were bought with tax and fees; settled when a test says so."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from plaudit.coins import Buyer
from plaudit.coins import top_up_queries as top_ups
from plaudit.coins.model import Quote, Status, Tax, Till, Wish
from plaudit.coins.rules import make_top_up
from plaudit.coins.settling import finish
from plaudit.earnings import Estimates, settlement
from plaudit.earnings.settling import Settling
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import Money
from plaudit.gifts import Gifting, Sender, Sent, sending
from plaudit.gifts import Wish as GiftWish
from plaudit.ledger import PostgresLedger
from plaudit.people.regions import CURRENCY_BY_REGION
from tests.earnings.conftest import NOW
from tests.ledger.closing import assert_books_close


class Studio:
    """One creator, fans, and the books; the clock stands where it is put."""

    def __init__(self, gifting: Gifting, clock: MovableClock) -> None:
        self.gifting = gifting
        self.db = gifting.db
        self.ledger = gifting.ledger
        self.clock = clock
        self.estimates = Estimates(self.db, self.ledger, clock)
        self.books = Settling(db=self.db, ledger=self.ledger)
        self.creator = new_id()

    @property
    def now(self) -> datetime:
        """Where the clock stands."""
        return self.clock.now()

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.clock.move(timedelta(**by))

    async def person(self, name: str = "Ada", *, region: str = "US", id: UUID | None = None) -> Sender:
        """Somebody who may buy, give and receive."""
        id = id or new_id()
        handle, currency = f"p_{id.hex[-16:]}", CURRENCY_BY_REGION[region]
        async with self.db.transaction() as tx:
            await tx.execute(
                """
                insert into people.people (id, email, handle, display_name, region, currency, joined_at)
                values (%(id)s, %(email)s, %(handle)s, %(name)s, %(region)s, %(currency)s, 'epoch')
                """,
                {
                    "id": id,
                    "email": f"{handle}@example.org",
                    "handle": handle,
                    "name": name,
                    "region": region,
                    "currency": currency,
                },
            )
        return Sender(person_id=id, handle=handle, name=name, picture_url=None, region=region, currency=currency)

    async def buy(
        self, fan: Sender, coins: int, net: int, *, tax: int = 0, fee: int = 0, pack: str | None = None
    ) -> UUID:
        """A settled top-up, in the fan's own currency; amounts in minor units. Gives the lot's id."""
        currency = get_currency(fan.currency)
        quote = Quote(
            pack=pack,
            coins=coins,
            net=Money(net, currency),
            tax=Money(tax, currency),
            tax_rule=Tax(name="Tax", rate_bps=0),
        )
        buyer = Buyer(person_id=fan.person_id, region=fan.region, currency=fan.currency)
        top_up = make_top_up(Wish(id=new_id(), provider="sandbox", coins=coins), quote, buyer, now=self.now)
        paid = msgspec.structs.replace(
            top_up, status=Status.PAID, payment_id=str(top_up.id), fee_minor=fee, paid_at=self.now
        )
        async with self.db.transaction() as tx:
            await top_ups.add_top_up(tx, top_up)
            await top_ups.store_top_up(tx, paid)
        await finish(Till(db=self.db, ledger=self.ledger, providers={}), paid, now=self.now)
        return top_up.id

    async def give(self, fan: Sender, gift: str = "rose", *, quantity: int = 1, is_anonymous: bool = False) -> Sent:
        """A gift to the creator."""
        wish = GiftWish(id=new_id(), gift=gift, quantity=quantity, is_anonymous=is_anonymous)
        return await sending.send_gift(self.gifting, wish, fan, creator_id=self.creator, live_id=None, now=self.now)

    async def settle(self) -> None:
        """What the worker does."""
        await settlement.run_round(self.books, now=self.now)


@asynccontextmanager
async def open_studio(database_url: str) -> AsyncGenerator[Studio]:
    """A studio whose books must close at its end; its creator lives in the US."""
    clock = MovableClock(NOW)
    async with (
        Database.open(database_url) as db,
        PostgresLedger.open(db, clock=clock) as ledger,
        Gifting.open(db, ledger) as gifting,
    ):
        studio = Studio(gifting, clock)
        await studio.person("Iris", id=studio.creator)
        yield studio
        await assert_books_close(ledger)
