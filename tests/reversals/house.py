"""A house with all that refunds and disputes touch: fans who pay in the sandbox, creators, books that must close."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from plaudit.audit.checking import check_books
from plaudit.coins import Buyer, Movement, Till, TopUp, Wish, inbox, top_ups, wallet
from plaudit.coins import settling as coin_settling
from plaudit.coins.chains import fan_account
from plaudit.coins.order import find_spender
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import COIN
from plaudit.ledger import Balances, PostgresLedger, Transfer
from plaudit.ledger.chart import AccountCode, TransferCode, account_id, make_account
from plaudit.ledger.model import ZERO
from plaudit.providers import Card, DisputeState, Event, Mailbox, Sandbox, sandbox_events, sandbox_rules
from plaudit.providers.sandbox_rules import CannotDispute
from plaudit.reversals import Dispute, Refund, Reversing, jobs, refunds
from plaudit.reversals import inbox as reversal_inbox
from plaudit.reversals.dispute_queries import list_of_top_ups, list_unwindings
from plaudit.reversals.model import Unwinding
from tests.earnings.conftest import NOW
from tests.earnings.settled import World
from tests.ledger.closing import assert_books_close

HALF = 5_000


class _Left(Struct, frozen=True):
    currency: str
    micros: int


class _Pending(Struct, frozen=True):
    creator_id: UUID
    micros: int


class House(World):
    """The world of settlement, with a till before it and the sandbox behind."""

    def __init__(self, db: Database, ledger: PostgresLedger, clock: MovableClock) -> None:
        super().__init__(db, ledger, clock)
        self.sandbox = Sandbox(db)
        self.till = Till(db=db, ledger=ledger, providers={"sandbox": self.sandbox})
        self.desk = Reversing(till=self.till, mail=Mailbox())
        self.is_audited = True

    @property
    def now(self) -> datetime:
        """Where the clock stands."""
        return self.clock.now()

    async def bought(self, fan: UUID, coins: int = 100, *, region: str = "US", currency: str = "USD") -> TopUp:
        """A top-up that was paid for and came; 100 coins cost 1.99 dollars and 16 cents of tax."""
        buyer = Buyer(person_id=fan, region=region, currency=currency)
        wish = Wish(id=new_id(), provider="sandbox", coins=coins)
        top_up = await top_ups.start_top_up(self.till, wish, buyer, now=self.now)
        await self.sandbox.pay(checkout_of(top_up), Card.SUCCESS, now=self.now)
        return await self.settle_payment(top_up)

    async def bought_later(self, fan: UUID) -> TopUp:
        """A top-up that was paid for, of which nobody heard yet."""
        buyer = Buyer(person_id=fan, region="US", currency="USD")
        wish = Wish(id=new_id(), provider="sandbox", coins=100)
        top_up = await top_ups.start_top_up(self.till, wish, buyer, now=self.now)
        await self.sandbox.pay(checkout_of(top_up), Card.SUCCESS, now=self.now)
        return top_up

    async def settle_payment(self, top_up: TopUp) -> TopUp:
        """It is heard of, and the coins come."""
        payment = await self.sandbox.find_payment(top_up.checkout_id or "", now=self.now)
        assert payment is not None
        return await coin_settling.apply_payment(self.till, "sandbox", payment, now=self.now)

    async def refund(self, top_up: TopUp, *, id: UUID | None = None, of: UUID | None = None) -> Refund:
        """The fan asks for what is left."""
        return await refunds.start_refund(self.desk, id or new_id(), top_up.id, of=of or top_up.person_id, now=self.now)

    async def dispute(self, top_up: TopUp, amount_minor: int | None = None) -> UUID:
        """The fan's bank takes the money back; nobody heard of it yet. Gives the sandbox's id."""
        dispute = await self.sandbox.open_dispute(
            checkout_of(top_up), amount_minor=amount_minor, reason="fraudulent", now=self.now
        )
        return dispute.id

    async def hear(self) -> None:
        """Whatever the sandbox has to tell arrives and is applied."""
        await self.sandbox.let_time_pass(now=self.now)

        async def post(body: bytes, headers: Mapping[str, str]) -> bool:
            await inbox.take_webhook(self.till, "sandbox", headers, body, now=self.now)
            return True

        while await self.sandbox.deliver_due(post, now=self.now):
            pass
        await inbox.apply_waiting(self.till, now=self.now)
        await reversal_inbox.apply_waiting(self.desk, now=self.now)

    async def tell(self, event: Event) -> None:
        """One event of the sandbox's arrives, and is applied."""
        body = sandbox_events.write_event(event)
        async with self.db.transaction() as tx:
            secret = await tx.value(bytes, "select secret from sandbox.settings")
        headers = {sandbox_rules.SIGNATURE: sandbox_rules.sign(secret, body)}
        await inbox.take_webhook(self.till, "sandbox", headers, body, now=self.now)
        await inbox.apply_waiting(self.till, now=self.now)
        await reversal_inbox.apply_waiting(self.desk, now=self.now)

    async def sandbox_decides(self, dispute_id: UUID, outcome: DisputeState) -> None:
        """The bank decides, if it didn't; nobody heard of it yet."""
        with suppress(CannotDispute):
            await self.sandbox.close_dispute(dispute_id, outcome, now=self.now)

    async def go_round(self) -> None:
        """What the worker does."""
        await self.round()
        await jobs.run_round(self.desk, now=self.now)
        await self.round()

    async def coins(self, fan: UUID) -> int:
        """What the fan can spend."""
        return (await self._balances(fan_account(fan))).spendable

    async def worth(self, fan: UUID) -> int:
        """What the wallet says was paid for them, in cents."""
        buyer = Buyer(person_id=fan, region="US", currency="USD")
        return (await wallet.get_wallet(self.till, buyer, now=self.now)).worth.minor

    async def movements(self, fan: UUID) -> Sequence[Movement]:
        """What came and went, the newest first."""
        buyer = Buyer(person_id=fan, region="US", currency="USD")
        return await wallet.list_movements(self.till, buyer, after=None, limit=50, now=self.now)

    async def disputes_of(self, top_up: TopUp) -> list[Dispute]:
        """The payment's disputes, the first first."""
        async with self.db.transaction() as tx:
            return await list_of_top_ups(tx, [top_up.id])

    async def unwindings_of(self, dispute: Dispute) -> list[Unwinding]:
        """What a dispute took from whom."""
        async with self.db.transaction() as tx:
            return await list_unwindings(tx, dispute.id)

    async def net(self, code: AccountCode, of: UUID | str = "", currency: str = "USD") -> int:
        """Credits less debits of an account, in internal units."""
        balances = await self._balances(account_id(code, get_currency(currency).asset, of))
        return balances.credits_posted - balances.debits_posted

    async def pay_out(self, creator: UUID, micros: int) -> None:
        """A creator's available money leaves for the bank, without a payout that the audit could look for."""
        self.is_audited = False
        asset = get_currency("USD").asset
        bank = make_account(AccountCode.BANK, asset)
        await self.ledger.open_accounts([bank])
        available = account_id(AccountCode.CREATOR_AVAILABLE, asset, creator)
        await self.post(Transfer(new_id(), available, bank.id, micros, TransferCode.PAYOUT))

    async def letters_to(self, person: UUID) -> list[str]:
        """The subjects of a person's letters, the newest first."""
        async with self.db.transaction() as tx:
            email = await tx.value(str, "select email from people.people where id = %(id)s", {"id": person})
            return [letter.subject for letter in await Mailbox().list_letters(tx, email)]

    async def _balances(self, account: UUID) -> Balances:
        return (await self.ledger.balances([account])).get(account, ZERO)

    async def assert_exact(self, *, disputed: int = 0, refunding: int = 0, currency: str = "USD") -> None:
        """Float equals the value left in lots, and nothing stands open but what is said, in internal units."""
        await self.round()
        async with self.db.transaction() as tx:
            left = {row.currency: row.micros for row in await tx.all(_Left, _VALUE_LEFT)}
            pending_left = await tx.all(_Pending, _PENDING_LEFT)
        assert await self.net(AccountCode.COIN_FLOAT, currency=currency) == left.get(currency, 0)
        assert -await self.net(AccountCode.DISPUTES_OPEN, currency=currency) == disputed
        under_way = account_id(AccountCode.REFUNDS_UNDER_WAY, get_currency(currency).asset)
        balances = await self._balances(under_way)
        assert (balances.credits_posted - balances.debits_posted, balances.credits_pending) == (0, refunding)
        for row in pending_left:
            account = account_id(AccountCode.CREATOR_PENDING, get_currency("USD").asset, row.creator_id)
            assert (await self._balances(account)).spendable == row.micros

    async def assert_coins_fit(self, fan: UUID) -> None:
        """The fan's line holds exactly the coins in the wallet, when nothing is on hold."""
        spender = await find_spender(self.db, fan)
        assert spender.received - spender.spent == await self.coins(fan)


_VALUE_LEFT: LiteralString = """
select currency, sum(
    l.value_micros
    - coalesce((select sum(value_micros) from earnings.slices s where s.lot_id = l.id), 0)
    - coalesce((select sum(value_micros) from coins.cuts c where c.lot_id = l.id and ended = 'posted'), 0)
)::bigint as micros
from coins.lots l group by currency
"""

_PENDING_LEFT: LiteralString = """
select creator_id, sum(left_micros)::bigint as micros
from earnings.legs where posted_at is not null and currency = 'USD' group by creator_id
"""


def checkout_of(top_up: TopUp) -> UUID:
    """Where it was paid."""
    return UUID(top_up.checkout_id or "")


@asynccontextmanager
async def open_house(database_url: str) -> AsyncGenerator[House]:
    """A house whose books must close at its end."""
    clock = MovableClock(NOW)
    async with Database.open(database_url) as db, PostgresLedger.open(db, clock=clock) as ledger:
        house = House(db, ledger, clock)
        await ledger.open_accounts([make_account(AccountCode.COINS_ISSUED, COIN)])
        yield house
        await assert_books_close(ledger)
        if house.is_audited:
            report = await check_books(db, ledger, now=house.now)
            assert report.is_clean, report.findings


DAY = timedelta(days=1)
