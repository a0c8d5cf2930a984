"""The world that the ledger is measured in: many fans with coins, and creators of whom a few are very popular."""

import asyncio
from bisect import bisect_left
from itertools import accumulate
from random import Random
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.ids import new_id
from plaudit.foundation.money import COIN
from plaudit.ledger import Account, Ledger, Limit, Posted, Transfer
from plaudit.ledger.chart import AccountCode, TransferCode

FANS = 10_000
CREATORS = 100
ZIPF = 1.1
"""The n-th creator gets a share of the gifts that is proportional to n to the power of minus this."""

COINS_OF_A_FAN = 1_000_000_000
GIFT_PRICES = (1, 1, 1, 5, 10, 30, 99, 199, 1000)


class World(Struct, frozen=True):
    """The ids of the accounts, and how gifts are made between them."""

    issued: UUID
    fans: list[UUID]
    creators: list[UUID]
    lives: list[UUID]
    popularity: list[float]
    random: Random

    def make_gift(self) -> Transfer:
        """One fan's gift to one creator, which names the live that it was given in."""
        random = self.random
        creator = bisect_left(self.popularity, random.random() * self.popularity[-1])
        fan = self.fans[int(random.random() * FANS)]
        price = GIFT_PRICES[int(random.random() * len(GIFT_PRICES))]
        return Transfer(new_id(), fan, self.creators[creator], price, TransferCode.GIFT, ref_128=self.lives[creator])


def make_world(seed: int) -> World:
    """New ids, and gifts whose order depends on nothing but the seed."""
    return World(
        issued=new_id(),
        fans=[new_id() for _ in range(FANS)],
        creators=[new_id() for _ in range(CREATORS)],
        lives=[new_id() for _ in range(CREATORS)],
        popularity=list(accumulate(1 / place**ZIPF for place in range(1, CREATORS + 1))),  # float: a chance
        random=Random(seed),
    )


async def settle_in(world: World, ledger: Ledger) -> None:
    """Open every account and fund every fan."""
    wallet = Limit.DEBITS_MUST_NOT_EXCEED_CREDITS
    accounts = [Account(world.issued, COIN, AccountCode.COINS_ISSUED, Limit.CREDITS_MUST_NOT_EXCEED_DEBITS)]
    accounts += [Account(fan, COIN, AccountCode.FAN_COINS, wallet) for fan in world.fans]
    accounts += [Account(creator, COIN, AccountCode.CREATOR_COINS, wallet) for creator in world.creators]
    for start in range(0, len(accounts), 1000):
        await ledger.open_accounts(accounts[start : start + 1000])
    funding = [Transfer(new_id(), world.issued, fan, COINS_OF_A_FAN, TransferCode.TOP_UP) for fan in world.fans]
    outcomes = await asyncio.gather(*(ledger.post([transfer]) for transfer in funding))
    if not all(isinstance(outcome, Posted) for outcome in outcomes):
        raise RuntimeError("the fans can't be funded")
