"""What coins would bring a creator, pack by pack, at the rates that hold for them: a gift, so many coins, or a goal.

The coins of a large pack cost less each, so the same gift brings less out of it. Nothing here is a promise about who
will give what: it says what each way of buying would bring.
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.coins import operating
from plaudit.coins.model import PackPrice
from plaudit.earnings import rules
from plaudit.earnings.balance_queries import Terms, find_terms
from plaudit.earnings.estimates import Estimates
from plaudit.earnings.model import Rate
from plaudit.earnings.rates import RateTable
from plaudit.earnings.waterfall import part_of_whole
from plaudit.foundation.database import Database
from plaudit.foundation.money import MICROS_PER_MINOR

THOUSAND = 1_000
MOST_COINS = 10**9
MOST_GOAL_MINOR = 10**10


class Yield(Struct, frozen=True, kw_only=True):
    """What some coins out of one pack bring: what a fan pays for them before tax, and the creator's share, in internal
    units. `coins_for_goal` is how many it takes to reach the goal, where one was told in this currency.
    """

    pack: PackPrice
    rate: Rate | None
    paid_micros: int
    share_micros: int
    coins_for_goal: int | None


class RateLine(Struct, frozen=True, kw_only=True):
    """What a creator gets of what was paid in one currency: now, and from which day on something else."""

    currency: str
    now: Rate | None
    coming: tuple[Rate, ...]


class Yields(Struct, frozen=True, kw_only=True):
    """Every way to buy coins, and what so many of them would bring; by currency and channel, small packs first."""

    coins: int
    terms: Terms
    items: tuple[Yield, ...]


async def list_yields(
    db: Database,
    estimates: Estimates,
    person_id: UUID,
    region: str,
    *,
    coins: int,
    goal: tuple[int, str] | None = None,
    now: datetime,
) -> Yields:
    """What `coins` out of each pack that is sold would bring this creator now.

    `goal` is an amount in minor units with its currency. Raises Unavailable.
    """
    packs = [pack for pack in await operating.list_packs(db, now=now) if pack.is_offered and pack.valid_from <= now]
    async with db.transaction() as tx:
        terms = await find_terms(tx, person_id, region, now=now)
    table = await estimates.rates.table(now=now)
    items = [make_yield(pack, _rate(table, terms, pack.currency, now), coins=coins, goal=goal) for pack in packs]
    return Yields(coins=coins, terms=terms, items=tuple(items))


async def list_rate_card(
    db: Database, estimates: Estimates, person_id: UUID, region: str, *, now: datetime
) -> list[RateLine]:
    """What this creator gets, for each currency in which coins are sold, with what is set for later."""
    packs = await operating.list_packs(db, now=now)
    async with db.transaction() as tx:
        terms = await find_terms(tx, person_id, region, now=now)
    table = await estimates.rates.table(now=now)
    return [
        RateLine(
            currency=currency,
            now=_rate(table, terms, currency, now),
            coming=tuple(table.list_changes(terms.region, currency, after=now, tier=terms.tier)),
        )
        for currency in sorted({pack.currency for pack in packs})
    ]


def make_yield(pack: PackPrice, rate: Rate | None, *, coins: int, goal: tuple[int, str] | None = None) -> Yield:
    """What so many coins bring when they are bought in packs of this kind."""
    paid = part_of_whole(pack.price_minor * MICROS_PER_MINOR, offset=0, coins=coins, of=pack.coins)
    wanted = goal[0] * MICROS_PER_MINOR if goal and goal[1] == pack.currency else None
    return Yield(
        pack=pack,
        rate=rate,
        paid_micros=paid,
        share_micros=rules.share_of(rate, coins=coins, micros=paid).micros,
        coins_for_goal=None if wanted is None else coins_for(pack, rate, wanted),
    )


def coins_for(pack: PackPrice, rate: Rate | None, wanted_micros: int) -> int | None:
    """The fewest coins of this pack whose share is at least so much; None when no number of them is enough."""

    def brings(coins: int) -> bool:
        paid = part_of_whole(pack.price_minor * MICROS_PER_MINOR, offset=0, coins=coins, of=pack.coins)
        return rules.share_of(rate, coins=coins, micros=paid).micros >= wanted_micros

    if not brings(MOST_COINS * THOUSAND):
        return None
    # More coins never bring less, so it is found by halving.
    least, most = 0, MOST_COINS * THOUSAND
    while least < most:
        middle = (least + most) // 2
        least, most = (least, middle) if brings(middle) else (middle + 1, most)
    return least


def _rate(table: RateTable, terms: Terms, currency: str, now: datetime) -> Rate | None:
    return table.find(terms.region, currency, now=now, tier=terms.tier)
