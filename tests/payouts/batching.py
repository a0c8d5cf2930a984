"""Batches over a house with creators: rails, house accounts, and payouts that wait for them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

import httpx
from msgspec.structs import replace

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.envelopes import open_vault
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.ledger import PostgresLedger
from plaudit.payouts import AchDetails, Details, Method, Payout, Rail, SepaDetails, State, WalletDetails, bank_files
from plaudit.payouts import batches as payout_batches
from plaudit.payouts import house as house_accounts
from plaudit.payouts import requests as payout_requests
from plaudit.payouts.bank_files import UploadWish
from plaudit.payouts.batch_model import BankFile, Batch, BatchWish, Dispatch, Item, MadeBatch
from plaudit.providers.ach import Ach
from plaudit.providers.payouts import ApiRail, FileRail, HouseAccount
from plaudit.providers.sandbox_wallet import SandboxTransport, WalletSandbox
from plaudit.providers.sepa import Sepa
from plaudit.providers.wallet import Wallet
from tests.payouts.conftest import NAME, Creator, House, a_desk

SEPA_ACCOUNT = HouseAccount(name="Plaudit GmbH", iban="DE89370400440532013000", bic="COBADEFFXXX")
ACH_ACCOUNT = HouseAccount(
    name="Plaudit Inc.", company_id="1234567890", odfi="021000021", destination="091000019", destination_name="BANK"
)
CURRENCY = {Rail.SEPA: "EUR", Rail.ACH: "USD", Rail.WALLET: "USD"}


class Counter:
    """Where operators make batches: a house whose accounts are set, one creator with a method for each rail."""

    def __init__(self, house: House, dispatch: Dispatch, operator: UUID, creator: Creator) -> None:
        self.house = house
        self.dispatch = dispatch
        self.operator = operator
        self.creator = creator
        self.methods: dict[Rail, Method] = {}

    async def approved(self, rail: Rail = Rail.SEPA, minor: int = 2_000, *, email: str | None = None) -> Payout:
        """A payout that waits for its rail; `email` is the wallet that it goes to."""
        method = await self.method(rail, email)
        currency = CURRENCY[rail]
        await self.house.fund(self.creator, minor, currency)
        payout = await self.house.ask(self.creator, method, minor, currency)
        return payout if payout.state is State.APPROVED else await self.house.approve(payout)

    async def method(self, rail: Rail, email: str | None) -> Method:
        if email is None and rail in self.methods:
            return self.methods[rail]
        details: dict[Rail, Details] = {
            Rail.SEPA: SepaDetails(holder_name=NAME, iban="FR1420041010050500013M02606"),
            Rail.ACH: AchDetails(holder_name=NAME, routing="011401533", account="00721234"),
            Rail.WALLET: WalletDetails(holder_name=NAME, email=email or self.creator.email),
        }
        method = await self.add_method(details[rail])
        if email is None:
            self.methods[rail] = method
        return method

    async def add_method(self, details: Details) -> Method:
        own = self.creator.email
        # The code of a wallet's method is mailed to the wallet.
        self.creator.email = details.email if isinstance(details, WalletDetails) else own
        try:
            return await self.house.usable_method(self.creator, details)
        finally:
            self.creator.email = own

    async def make(self, rail: Rail = Rail.SEPA, *, id: UUID | None = None, pay_on: date | None = None) -> MadeBatch:
        wish = BatchWish(id=id or new_id(), rail=rail, currency=CURRENCY[rail], pay_on=pay_on)
        return await payout_batches.make_batch(
            self.dispatch, wish, house_name="Plaudit", by=self.operator, now=self.house.now
        )

    async def send(self, rail: Rail = Rail.SEPA) -> Batch:
        """A batch of all that waits, which an operator fetched and gave to the bank."""
        batch = (await self.make(rail)).batch
        await payout_batches.fetch_file(self.dispatch, batch.id, self.operator, now=self.house.now)
        return await payout_batches.mark_sent(self.dispatch, batch.id, self.operator, now=self.house.now)

    async def upload(self, content: bytes, rail: Rail = Rail.SEPA) -> BankFile:
        wish = UploadWish(rail=rail, name="answer.xml", content=content)
        return await bank_files.take_file(self.dispatch, wish, self.operator, now=self.house.now)

    async def batch(self, batch: Batch) -> Batch:
        return await payout_batches.get_batch(self.dispatch, batch.id)

    async def items(self, batch: Batch) -> list[Item]:
        return await payout_batches.list_items(
            self.dispatch, batch.id, self.operator, after=None, limit=100, now=self.house.now
        )

    async def state(self, payout: Payout) -> State:
        found = await payout_requests.get_payout(self.house.desk, payout.id, of=payout.person_id)
        return found.payout.state

    async def verdicts(self) -> list[str]:
        async with self.house.desk.db.transaction() as tx:
            return await tx.value(
                list[str],
                """
                select coalesce(array_agg(coalesce(verdict, 'waits') order by file_id, number), '{}')
                from payouts.bank_lines
                """,
            )


def dispatch_of(house: House, *, files: Mapping[Rail, FileRail] | None = None, wallet: ApiRail) -> Dispatch:
    return Dispatch(pay=house.desk, files=files or {Rail.SEPA: Sepa(), Rail.ACH: Ach()}, wallet=wallet)


async def open_counter(house: House) -> Counter:
    sandbox = WalletSandbox(house.desk.db)
    client = httpx.AsyncClient(transport=SandboxTransport(sandbox, house.clock), base_url="http://sandbox")
    wallet = Wallet(client, sandbox.keys, house_name="Plaudit")
    operator = await house.operator()
    for rail, account in ((Rail.SEPA, SEPA_ACCOUNT), (Rail.ACH, ACH_ACCOUNT)):
        await house_accounts.set_house_account(house.desk.db, operator, rail, account, now=house.now)
    return Counter(house, dispatch_of(house, wallet=wallet), operator, await house.creator())


def days(number: int) -> timedelta:
    return timedelta(days=number)


async def seed_waiting(settings: Settings, now: datetime, *, count: int = 2) -> list[Payout]:
    """Payouts by SEPA that wait for a batch, in the database of an app with these settings."""
    clock = MovableClock(now - days(4))
    async with (
        Database.open(settings.database_url or "") as db,
        PostgresLedger.open(db, clock=MovableClock(now)) as ledger,
    ):
        house = House(replace(a_desk(db, ledger), vault=open_vault(settings)), clock)
        creator = await house.creator()
        details = SepaDetails(holder_name=NAME, iban="FR1420041010050500013M02606")
        method = await house.usable_method(creator, details)
        await house.fund(creator, 5_000, "EUR")
        asked = [await house.ask(creator, method, 2_000 + number, "EUR") for number in range(count)]
        return [each if each.state is State.APPROVED else await house.approve(each) for each in asked]
