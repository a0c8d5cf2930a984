"""Random stories of fans who buy, give, want their money back and quarrel, and creators in two regions."""

from datetime import timedelta
from random import Random
from uuid import UUID

from msgspec import Struct

from plaudit.coins.chains import fan_account
from plaudit.coins.order import find_cut
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import COIN
from plaudit.ledger import Posted, Transfer, make_hold, make_post, make_void
from plaudit.ledger.chart import AccountCode, TransferCode, account_id
from tests.earnings.conftest import NOW, a_rate, set_rate
from tests.earnings.settled import World

PROMOTIONAL_MICROS = 333


class Lot(Struct, frozen=True):
    """What a story bought."""

    id: UUID
    fan: UUID
    coins: int
    micros: int
    currency: str
    is_paid: bool


class Slice(Struct, frozen=True):
    """A slice, as far as a story can know it."""

    timestamp: int
    place: int
    creator_id: UUID
    lot_id: UUID
    lot_offset: int
    coins: int
    value_micros: int
    share_micros: int
    currency: str


class Story:
    """One random story; `folds_between` also settles some of it at random moments, in pages of random sizes."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = Random(seed)
        self.lots: dict[UUID, Lot] = {}
        self.regions: dict[UUID, str] = {}
        self.fans: list[UUID] = []
        self.holds: list[tuple[UUID, int]] = []

    async def begin(self) -> None:
        """People, and rates that change on the way: shares, and prices per coin that are above what was paid."""
        self.fans = [await self.world.person(region) for region in ("US", "DE", "GB")]
        for region in ("US", "US", "DE"):
            self.regions[await self.world.person(region)] = region
        hour = timedelta(hours=1)
        await set_rate(self.world.db, a_rate(3_333, valid_from=NOW + 3 * hour))
        await set_rate(self.world.db, a_rate(fixed=12_345, valid_from=NOW + 6 * hour))
        async with self.world.db.transaction() as tx:
            await tx.execute(
                """
                insert into earnings.promotional_rates (currency, micros_per_coin, valid_from)
                values ('EUR', %(micros)s, '2020-01-01')
                """,
                {"micros": PROMOTIONAL_MICROS},
            )

    async def tell(self, steps: int, *, folds_between: bool) -> None:
        """So many random steps."""
        acts = (self.buy, self.give, self.give, self.give, self.give, self.cut, self.end, self.grow_older, self.present)
        for _ in range(steps):
            await self.random.choice(acts)()
            if folds_between and self.random.random() < 0.15:
                await self.world.fold(self.random.randint(1, 12))

    async def buy(self) -> None:
        """Odd numbers, so that hardly anything divides."""
        fan, coins = self.random.choice(self.fans), self.random.randint(1, 60)
        minor, currency = self.random.randint(1, 700), self.random.choice(("USD", "EUR", "JPY"))
        top_up = await self.world.paid_top_up(fan, coins, minor, currency)
        id = await self.random.choice((self.world.settle, self.world.credit))(top_up)
        self.lots[id] = Lot(id, fan, coins, minor * 10_000, currency, is_paid=True)

    async def present(self) -> None:
        """Coins for nothing, by a transfer that no intent stands behind."""
        fan, coins = self.random.choice(self.fans), self.random.randint(1, 20)
        id = new_id()
        await self.world.present(fan, coins, id)
        currency = {"US": "USD", "DE": "EUR", "GB": "GBP"}[("US", "DE", "GB")[self.fans.index(fan)]]
        self.lots[id] = Lot(id, fan, coins, 0, currency, is_paid=False)

    async def give(self) -> None:
        """As much as there is, or less; nothing when there is nothing."""
        fan = self.random.choice(self.fans)
        there = await self.spendable(fan)
        if there:
            coins = min(there, self.random.choice((1, 3, 10, 40, 200)))
            await self.world.give(fan, self.random.choice(list(self.regions)), coins)

    async def cut(self) -> None:
        """A hold on coins of some lot, of which there may not be so many left."""
        if not self.lots:
            return
        lot = self.random.choice(list(self.lots.values()))
        coins = self.random.randint(1, lot.coins)
        code = self.random.choice((TransferCode.REFUND, TransferCode.DISPUTE))
        id, issued = new_id(), account_id(AccountCode.COINS_ISSUED, COIN)
        wish = Transfer(id, fan_account(lot.fan), issued, coins, code, ref_128=lot.id)
        outcome = await self.world.ledger.post([make_hold(wish, seconds=self.random.choice((0, 0, 3_000)))])
        if isinstance(outcome, Posted):
            self.holds.append((id, coins))

    async def end(self) -> None:
        """A hold that fitted may be posted, whole or in part; any may be voided, if it didn't expire."""
        if not self.holds:
            return
        id, coins = self.holds.pop(self.random.randrange(len(self.holds)))
        is_posted = self.random.random() < 0.5 and await self.fitted(id)
        amount = self.random.choice((coins, coins, self.random.randint(1, coins)))
        await self.world.ledger.post([make_post(new_id(), id, amount) if is_posted else make_void(new_id(), id)])

    async def fitted(self, hold: UUID) -> bool:
        """What the fold says, as whoever asks for a refund finds out."""
        await self.world.fold(self.random.randint(1, 12))
        cut = await find_cut(self.world.db, hold)
        assert cut is not None
        return cut.fits

    async def grow_older(self) -> None:
        """Holds expire, rates change, days pass."""
        self.world.move(minutes=self.random.choice((1, 40, 200)))
        await self.world.ledger.expire_holds()

    async def spendable(self, fan: UUID) -> int:
        """What the fan has."""
        found = await self.world.ledger.find_account(fan_account(fan))
        return found[1].spendable if found else 0
