"""A world to settle: fans who buy and give, creators who receive, over a real ledger whose clock a test moves."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import LiteralString, TypeVar
from uuid import UUID

import msgspec

from plaudit.coins import Buyer, Till, settling
from plaudit.coins import top_up_queries as top_ups
from plaudit.coins.chains import accounts_of, fan_account, make_chain
from plaudit.coins.model import Quote, Status, Tax, TopUp, Wish
from plaudit.coins.rules import make_top_up
from plaudit.earnings import folding, settlement
from plaudit.earnings.leg_queries import Pending
from plaudit.earnings.settling import Settling
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import COIN, Money
from plaudit.gifts.chains import creator_account
from plaudit.ledger import Posted, PostgresLedger, Transfer, make_hold, make_post, make_void
from plaudit.ledger.chart import AccountCode, TransferCode, account_id, make_account
from plaudit.people.regions import CURRENCY_BY_REGION
from tests.earnings.conftest import NOW
from tests.ledger.closing import assert_books_close

Row = TypeVar("Row")

_WHAT_SLICES_SAY: LiteralString = """
    select creator_id, currency, sliced_micros, value_micros, leg_micros, left_micros
    from (
        select creator_id, currency, sum(share_micros)::bigint as sliced_micros,
            sum(value_micros)::bigint as value_micros
        from earnings.slices group by creator_id, currency
    ) as sliced
    full join (
        select creator_id, currency, sum(share_micros)::bigint as leg_micros, sum(left_micros)::bigint as left_micros
        from earnings.legs group by creator_id, currency
    ) as legs using (creator_id, currency)
"""
# The slices of a lot follow each other, or leave out what is still in the line or was cut out of it.
_LOST_BETWEEN_SLICES: LiteralString = """
    select count(*) from (
        select l.id, l.coins, (select coalesce(sum(coins), 0) from earnings.slices where lot_id = l.id)
            + (select coalesce(sum(s.coins - greatest(p.spent - s.first_coin, 0)), 0)
               from coins.stretches s join coins.spenders p on p.person_id = s.person_id
               where s.lot_id = l.id and s.first_coin + s.coins > p.spent)
            + (select coalesce(sum(c.coins), 0) from coins.cuts c
               where c.lot_id = l.id and c.fits and c.ended is null) as known
        from coins.lots l
    ) as lots
    where known > coins
        or (known < coins and not exists (select from coins.cuts where lot_id = lots.id and ended = 'posted'))
"""
_WHAT_LOTS_COST: LiteralString = """
    select coalesce(sum(value_micros), 0)::bigint from coins.lots where currency = %(currency)s
"""


class _Sums(msgspec.Struct, frozen=True):
    creator_id: UUID
    currency: str
    sliced_micros: int
    value_micros: int
    leg_micros: int
    left_micros: int


class World:
    """People, their coins, and the books."""

    def __init__(self, db: Database, ledger: PostgresLedger, clock: MovableClock) -> None:
        self.db = db
        self.ledger = ledger
        self.clock = clock
        self.books = Settling(db=db, ledger=ledger)

    async def person(self, region: str = "US") -> UUID:
        """Somebody who may buy, give and receive."""
        id = new_id()
        params = {"id": id, "name": f"p{id.hex[-20:]}", "region": region, "currency": CURRENCY_BY_REGION[region]}
        async with self.db.transaction() as tx:
            await tx.execute(
                """
                insert into people.people (id, email, handle, display_name, region, currency, joined_at)
                values (%(id)s, %(name)s || '@example.org', %(name)s, %(name)s, %(region)s, %(currency)s, 'epoch')
                """,
                params,
            )
        await self.ledger.open_accounts(
            [
                make_account(AccountCode.COINS_ISSUED, COIN),
                make_account(AccountCode.FAN_COINS, COIN, id),
                make_account(AccountCode.CREATOR_COINS, COIN, id),
            ]
        )
        return id

    async def buy(self, fan: UUID, coins: int, minor: int, currency: str = "USD") -> UUID:
        """A settled top-up; gives the lot's id."""
        return await self.settle(await self.paid_top_up(fan, coins, minor, currency))

    async def credit(self, top_up: TopUp) -> UUID:
        """The coins are in the wallet, and the till was cut off before it could write the lot down."""
        await self.ledger.open_accounts(accounts_of(top_up))
        assert isinstance(await self.ledger.post(make_chain(top_up)), Posted)
        return top_up.id

    async def settle(self, top_up: TopUp) -> UUID:
        """As the till does it, lot and all."""
        till = Till(db=self.db, ledger=self.ledger, providers={})
        return (await settling.finish(till, top_up, now=self.clock.now())).id

    async def present(self, fan: UUID, coins: int, id: UUID | None = None) -> None:
        """Coins for nothing, by a transfer that no intent stands behind."""
        issued = account_id(AccountCode.COINS_ISSUED, COIN)
        await self.post(Transfer(id or new_id(), issued, fan_account(fan), coins, TransferCode.PROMOTION))

    async def paid_top_up(self, fan: UUID, coins: int, minor: int, currency: str = "USD") -> TopUp:
        """The intent, whose coins aren't in the wallet yet."""
        quote = Quote(
            pack=None,
            coins=coins,
            net=Money(minor, get_currency(currency)),
            tax=Money(0, get_currency(currency)),
            tax_rule=Tax(name="", rate_bps=0),
        )
        buyer = Buyer(person_id=fan, region="US", currency=currency)
        wish = Wish(id=new_id(), provider="sandbox", coins=coins)
        top_up = make_top_up(wish, quote, buyer, now=self.clock.now())
        paid = msgspec.structs.replace(
            top_up, status=Status.PAID, payment_id=str(top_up.id), fee_minor=0, paid_at=self.clock.now()
        )
        async with self.db.transaction() as tx:
            await top_ups.add_top_up(tx, top_up)
            await top_ups.store_top_up(tx, paid)
        return paid

    async def give(self, fan: UUID, creator: UUID, coins: int) -> UUID:
        """A gift; gives its sending's id."""
        gift_id = new_id()
        await self.post(
            Transfer(new_id(), fan_account(fan), creator_account(creator), coins, TransferCode.GIFT, ref_128=gift_id)
        )
        return gift_id

    async def hold(self, fan: UUID, lot_id: UUID, coins: int, code: TransferCode = TransferCode.REFUND) -> UUID:
        """What a refund or a dispute begins with."""
        id = new_id()
        issued = account_id(AccountCode.COINS_ISSUED, COIN)
        await self.post(make_hold(Transfer(id, fan_account(fan), issued, coins, code, ref_128=lot_id)))
        return id

    async def take(self, hold: UUID) -> None:
        """The held coins are gone for good."""
        await self.post(make_post(new_id(), hold))

    async def release(self, hold: UUID) -> None:
        """The held coins come back."""
        await self.post(make_void(new_id(), hold))

    async def post(self, transfer: Transfer) -> None:
        """The ledger takes it."""
        outcome = await self.ledger.post([transfer])
        assert isinstance(outcome, Posted), outcome

    async def fold(self, most: int = folding.PAGE) -> int:
        """Fold all that is new, in pages of at most so many transfers."""
        return await settlement.fold_all(self.books, now=self.clock.now(), most=most)

    async def round(self) -> int:
        """What the worker does."""
        return await settlement.run_round(self.books, now=self.clock.now())

    async def rows(self, kind: type[Row], sql: LiteralString) -> list[Row]:
        """Look into the database."""
        async with self.db.transaction() as tx:
            return await tx.all(kind, sql)

    async def legs(self) -> list[Pending]:
        """What is still pending of each leg, the oldest run first."""
        return await self.rows(Pending, "select run, left_micros from earnings.legs order by run")

    async def count(self, sql: LiteralString, **params: object) -> int:
        """The only number that there is."""
        async with self.db.transaction() as tx:
            return await tx.value(int, sql, params)

    async def assert_settled(self) -> None:
        """Every gift is settled, and what slices, legs and the ledger say of the money is the same."""
        sums = await self.rows(_Sums, _WHAT_SLICES_SAY)
        for each in sums:
            pending = await self.money(AccountCode.CREATOR_PENDING, each.creator_id, each.currency)
            assert pending == each.left_micros, "what is pending is what is left of the legs"
            assert each.sliced_micros == each.leg_micros, "legs are the sums of slices"
        assert await self.count(_LOST_BETWEEN_SLICES) == 0
        for currency in {each.currency for each in sums}:
            in_float = await self.money(AccountCode.COIN_FLOAT, currency=currency)
            released = sum(each.value_micros for each in sums if each.currency == currency)
            bought = await self.count(_WHAT_LOTS_COST, currency=currency)
            assert in_float == bought - released, "the float is what is left in lots"
        received = await self.count(
            "select coalesce(sum(credits_posted - debits_posted), 0)::bigint from ledger.accounts where code = 300"
        )
        assert received == 0, "coins that creators received are retired"

    async def money(self, code: AccountCode, creator: UUID | str = "", currency: str = "USD") -> int:
        """What is in an account that owes somebody, in internal units."""
        account = account_id(code, get_currency(currency).asset, creator)
        balances = (await self.ledger.balances([account])).get(account)
        return balances.credits_posted - balances.debits_posted if balances else 0

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.clock.move(timedelta(**by))


@asynccontextmanager
async def open_other(world: World, database_url: str, *, statement_timeout_ms: int = 10_000) -> AsyncGenerator[World]:
    """Another worker in the same world."""
    async with (
        Database.open(database_url, statement_timeout_ms=statement_timeout_ms) as db,
        PostgresLedger.open(db, clock=world.clock) as ledger,
    ):
        yield World(db, ledger, world.clock)


@asynccontextmanager
async def open_world(database_url: str, *, is_alone: bool = True) -> AsyncGenerator[World]:
    """A world whose books must close at its end; unless it `is_alone`, others write in them while they'd be read."""
    clock = MovableClock(NOW)
    async with Database.open(database_url) as db, PostgresLedger.open(db, clock=clock) as ledger:
        yield World(db, ledger, clock)
        if is_alone:
            await assert_books_close(ledger)
