"""A creator who is verified and has money, over real PostgreSQL; the books must close whatever a test did."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from pyotp.totp import TOTP

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.envelopes import SettingsKeys, Vault
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import MICROS_PER_MINOR
from plaudit.foundation.sealing import Seal
from plaudit.ledger import Ledger, PostgresLedger, Transfer
from plaudit.ledger.chart import AccountCode, TransferCode, account_id, make_account
from plaudit.payouts import Asked, Details, Method, MethodWish, PayDesk, Payout, PayoutWish, WalletDetails, tax
from plaudit.payouts import methods as payout_methods
from plaudit.payouts import requests as payout_requests
from plaudit.payouts.model import ExchangeRate
from plaudit.payouts.operating import approve_payout
from plaudit.payouts.settings import list_rules, set_exchange_rate, set_rules
from plaudit.payouts.tax_model import TaxDetails
from plaudit.people import Caller, Hasher, actions, operators, profiles, second_factor
from plaudit.people import Wish as PersonWish
from plaudit.people.hashing import Cost
from plaudit.providers import Mailbox
from tests.ledger.closing import assert_books_close

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = b"a key of the tests, 32 letters long"
NAME = "Ada Lovelace"


class Creator:
    """Somebody who is verified as Ada Lovelace and has a second factor."""

    def __init__(self, id: UUID, handle: str, totp: TOTP, clock: MovableClock) -> None:
        self.id = id
        self.handle = handle
        self.email = f"{handle}@example.org"
        self._totp = totp
        self._clock = clock

    def keep_time(self, clock: MovableClock) -> None:
        """Live on by another clock."""
        self._clock = clock

    def code(self) -> str:
        """A code that wasn't used yet: the clock moves to the next one."""
        self._clock.move(timedelta(seconds=30))
        return self._totp.at(self._clock.now())


class House:
    """The desk, its clock, operators, and creators with money."""

    def __init__(self, desk: PayDesk, clock: MovableClock) -> None:
        self.desk = desk
        self.clock = clock

    @property
    def now(self) -> datetime:
        return self.clock.now()

    async def join(self, *, region: str = "US") -> tuple[UUID, str]:
        handle = f"p_{new_id().hex[-12:]}"
        wish = PersonWish(
            email=f"{handle}@example.org",
            password="correct horse battery",
            handle=handle,
            birth_on=date(1990, 5, 17),
            region=region,
        )
        caller = Caller(address="192.0.2.7", user_agent="Test/1")
        signed_in = await actions.sign_up(self.desk.db, self.desk.hasher, wish, caller=caller, now=self.now)
        return signed_in.person.id, handle

    async def operator(self) -> UUID:
        person_id, handle = await self.join()
        await operators.add_operator(self.desk.db, self.desk.hasher, f"{handle}@example.org", now=self.now)
        return person_id

    async def creator(self, *, legal_name: str | None = NAME, region: str = "US") -> Creator:
        person_id, handle = await self.join(region=region)
        await profiles.apply_as_creator(self.desk.db, person_id, "I sing.", now=self.now)
        await operators.verify_creator(self.desk.db, await self.operator(), handle, legal_name=legal_name, now=self.now)
        begun = await second_factor.begin(
            self.desk.db, self.desk.hasher, person_id, "correct horse battery", now=self.now
        )
        creator = Creator(person_id, handle, TOTP(begun.secret), self.clock)
        await second_factor.confirm(self.desk.db, self.desk.hasher, person_id, creator.code(), now=self.now)
        return creator

    async def fund(self, creator: Creator, minor: int, currency: str = "USD", *, micros: int = 0) -> None:
        """So much becomes available, as settled gifts bring it."""
        asset = get_currency(currency).asset
        accounts = [
            make_account(AccountCode.PROVIDER_CLEARING, asset, "sandbox"),
            make_account(AccountCode.COIN_FLOAT, asset),
            make_account(AccountCode.CREATOR_AVAILABLE, asset, creator.id),
        ]
        await self.desk.ledger.open_accounts(accounts)
        clearing, coin_float, available = (account.id for account in accounts)
        amount = minor * MICROS_PER_MINOR + micros
        await self.desk.ledger.post(
            [
                Transfer(new_id(), clearing, coin_float, amount, TransferCode.TOP_UP),
                Transfer(new_id(), coin_float, available, amount, TransferCode.RELEASE),
            ]
        )

    async def available(self, creator: Creator, currency: str = "USD") -> int:
        return await payout_requests.get_available(self.desk, creator.id, currency)

    async def balance(self, code: AccountCode, currency: str, of: UUID | str = "") -> int:
        """Credits less debits, both posted."""
        account = account_id(code, get_currency(currency).asset, of)
        found = (await self.desk.ledger.balances([account])).get(account)
        return found.credits_posted - found.debits_posted if found else 0

    async def last_code(self, address: str) -> str:
        async with self.desk.db.transaction() as tx:
            letters = await Mailbox().list_letters(tx, address)
        return next(found[0] for letter in letters if (found := re.search(r"\b\d{6}\b", letter.body)))

    async def letters(self, creator: Creator) -> list[str]:
        async with self.desk.db.transaction() as tx:
            return [letter.subject for letter in await Mailbox().list_letters(tx, creator.email)]

    async def add_method(self, creator: Creator, details: Details | None = None, *, currency: str = "USD") -> Method:
        """A verified method whose wait isn't over yet; a wallet unless something else is wished."""
        details = details or WalletDetails(holder_name=NAME, email=creator.email)
        wish = MethodWish(id=new_id(), person_id=creator.id, details=details, currency=currency, code=creator.code())
        method = await payout_methods.add_method(self.desk, wish, now=self.now)
        code = await self.last_code(creator.email)
        return await payout_methods.verify_method(self.desk, method.id, code, of=creator.id, now=self.now)

    async def usable_method(self, creator: Creator, details: Details | None = None, *, currency: str = "USD") -> Method:
        method = await self.add_method(creator, details, currency=currency)
        self.clock.move(timedelta(hours=48))
        return method

    async def ask(
        self,
        creator: Creator,
        method: Method,
        minor: int | None,
        currency: str = "USD",
        *,
        id: UUID | None = None,
        code: str | None = None,
    ) -> Payout:
        wish = PayoutWish(
            id=id or new_id(),
            person_id=creator.id,
            method_id=method.id,
            asked=Asked(currency=currency, amount_minor=minor),
            code=code,
        )
        return await payout_requests.request_payout(self.desk, wish, now=self.now)

    async def approve(self, payout: Payout) -> Payout:
        return await approve_payout(self.desk, await self.operator(), payout.id, now=self.now)

    async def sign_tax_form(
        self, creator: Creator, *, residence: str = "US", tax_id: str | None = "123-45-6789"
    ) -> None:
        self.clock.move(timedelta(seconds=1))
        details = TaxDetails(
            name=NAME, residence=residence, address="1 Main Street", tax_id=tax_id, birth_on=date(1990, 5, 17)
        )
        await tax.sign_facts(self.desk, new_id(), creator.id, details, now=self.now)

    async def change_rules(self, currency: str, **different: int) -> None:
        (rules,) = [each for each in await list_rules(self.desk.db, now=self.now) if each.currency == currency]
        changed = msgspec.structs.replace(rules, valid_from=self.now, **different)
        await set_rules(self.desk.db, await self.operator(), changed, now=self.now)

    async def set_rate_later(self, base: str, quote: str, numerator: int, denominator: int) -> ExchangeRate:
        self.clock.move(timedelta(seconds=1))
        return await self.set_rate(base, quote, numerator, denominator)

    async def set_rate(self, base: str, quote: str, numerator: int, denominator: int) -> ExchangeRate:
        rate = ExchangeRate(
            id=new_id(),
            base=base,
            quote=quote,
            numerator=numerator,
            denominator=denominator,
            source="test",
            valid_from=self.now,
        )
        await set_exchange_rate(self.desk.db, await self.operator(), rate, now=self.now)
        return rate


def a_vault(key: bytes = KEY, *older: bytes) -> Vault:
    return Vault(SettingsKeys(key, older=older))


@asynccontextmanager
async def open_house(database_url: str) -> AsyncGenerator[House]:
    clock = MovableClock(NOW)
    async with Database.open(database_url) as db, PostgresLedger.open(db, clock=clock) as ledger:
        yield House(a_desk(db, ledger), clock)
        await assert_books_close(ledger)


def a_desk(db: Database, ledger: Ledger) -> PayDesk:
    hasher = Hasher(Cost(memory_kib=64, rounds=1), seal=Seal(KEY, purpose="second factor"))
    return PayDesk(db=db, ledger=ledger, vault=a_vault(), hasher=hasher, mail=Mailbox())


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with open_house(database_url) as house:
        yield house
