"""Three days in the life of a house, told to the ledger in the chart's own words."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import derive_id
from plaudit.foundation.money import COIN
from plaudit.ledger import Posted, PostgresLedger, Transfer, make_hold, make_post
from plaudit.ledger.chart import AccountCode as A
from plaudit.ledger.chart import TransferCode, account_id, make_account

USD, EUR, JPY = 840, 978, 392
ADA, BOB, EVE, CREATOR = (UUID(int=0xE0 + number) for number in range(4))
FIRST_DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


Side = tuple[A, UUID | str]
Leg = tuple[Side, Side, int, int]


class House:
    """A ledger that knows the chart: `move` posts one chain of plain legs between accounts by their codes."""

    def __init__(self, ledger: PostgresLedger, clock: MovableClock) -> None:
        self.ledger = ledger
        self.clock = clock
        self._number = 0

    async def move(self, code: TransferCode, *legs: Leg) -> None:
        """Each leg is what is debited, what is credited (each a code and whose), the amount, the asset."""
        base = self._next_id()
        chain = [
            Transfer(
                derive_id(base, str(number)),
                account_id(debit[0], asset, debit[1]),
                account_id(credit[0], asset, credit[1]),
                amount,
                code,
                ref_128=base,
            )
            for number, (debit, credit, amount, asset) in enumerate(legs)
        ]
        await self._open(legs)
        assert isinstance(await self.ledger.post(chain), Posted)

    async def hold(self, debit: Side, credit: Side, amount: int, asset: int) -> UUID:
        """A hold that waits for ever."""
        id = self._next_id()
        await self._open([(debit, credit, amount, asset)])
        sides = account_id(debit[0], asset, debit[1]), account_id(credit[0], asset, credit[1])
        outcome = await self.ledger.post([make_hold(Transfer(id, *sides, amount, TransferCode.PAYOUT))])
        assert isinstance(outcome, Posted)
        return id

    async def post(self, hold: UUID, amount: int) -> None:
        """End a hold by transferring so much of it."""
        assert isinstance(await self.ledger.post([make_post(self._next_id(), hold, amount)]), Posted)

    def _next_id(self) -> UUID:
        self._number += 1
        return derive_id(UUID(int=0x570), str(self._number))

    async def _open(self, legs: Sequence[Leg]) -> None:
        wanted = {
            account.id: account
            for debit, credit, _, asset in legs
            for account in (make_account(debit[0], asset, debit[1]), make_account(credit[0], asset, credit[1]))
        }
        await self.ledger.open_accounts(list(wanted.values()))


@asynccontextmanager
async def open_house(db: Database) -> AsyncGenerator[House]:
    clock = MovableClock(FIRST_DAY)
    async with PostgresLedger.open(db, clock=clock) as ledger:
        yield House(ledger, clock)


async def tell_three_days(house: House) -> None:
    """Top-ups in three currencies, gifts, a settlement, a payout that is half posted, a hold that stays open."""
    for person, asset, region, net, coins in ((ADA, USD, "US", 9_990_000, 600), (BOB, EUR, "DE", 4_690_001, 270)):
        await _top_up(house, person, asset, region=region, net=net, coins=coins)
    for person, coins in ((ADA, 100), (BOB, 270), (ADA, 1)):
        await house.move(TransferCode.GIFT, ((A.FAN_COINS, person), (A.CREATOR_COINS, CREATOR), coins, COIN))
    house.clock.move(DAY)
    await _top_up(house, EVE, JPY, region="JP", net=3_000_000, coins=100)
    await house.move(
        TransferCode.SETTLEMENT,
        ((A.COIN_FLOAT, ""), (A.CREATOR_PENDING, CREATOR), 840_826, USD),
        ((A.COIN_FLOAT, ""), (A.PLATFORM_REVENUE, ""), 840_824, USD),
        ((A.CREATOR_COINS, CREATOR), (A.COINS_ISSUED, ""), 101, COIN),
    )
    await house.move(TransferCode.RELEASE, ((A.CREATOR_PENDING, CREATOR), (A.CREATOR_AVAILABLE, CREATOR), 840_000, USD))
    house.clock.move(DAY)
    paid = await house.hold((A.CREATOR_AVAILABLE, CREATOR), (A.PAYOUTS_UNDER_WAY, ""), 500_000, USD)
    await house.hold((A.CREATOR_AVAILABLE, CREATOR), (A.PAYOUTS_UNDER_WAY, ""), 100_000, USD)
    await house.post(paid, 400_000)
    await house.move(TransferCode.PAYOUT, ((A.PAYOUTS_UNDER_WAY, ""), (A.BANK, "sepa"), 400_000, USD))


async def _top_up(house: House, person: UUID, asset: int, *, region: str, net: int, coins: int) -> None:
    await house.move(
        TransferCode.TOP_UP,
        ((A.PROVIDER_CLEARING, "sandbox"), (A.COIN_FLOAT, ""), net, asset),
        ((A.PROVIDER_CLEARING, "sandbox"), (A.TAX_PAYABLE, region), 820_000, asset),
        ((A.PROVIDER_FEES, ""), (A.PROVIDER_CLEARING, "sandbox"), 620_000, asset),
        ((A.COINS_ISSUED, ""), (A.FAN_COINS, person), coins, COIN),
    )
