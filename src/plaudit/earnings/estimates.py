"""What a creator will get for a gift, told before it is settled: before it is sent, and in the answer to it.

Coins are spent first in, first out, so a gift that a fan sends after `spent_before` coins had left their account, or
were on hold, is made of exactly the coins from there on in their line (`coins.order`). Those are parts of lots, and a
creator's share is a share of what was paid for them. Promotional coins, and those of no lot, are worth nothing here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from plaudit.coins import Offer
from plaudit.coins import rules as coin_rules
from plaudit.coins.chains import fan_account
from plaudit.coins.model import LotKind, Part
from plaudit.earnings import rules
from plaudit.earnings.known_lots import KnownLots
from plaudit.earnings.model import Estimate
from plaudit.earnings.rates import Rates, RateTable
from plaudit.foundation.clock import Clock
from plaudit.foundation.database import Database
from plaudit.foundation.money import MICROS_PER_MINOR
from plaudit.ledger import Ledger
from plaudit.ledger.model import ZERO
from plaudit.people.regions import CURRENCY_BY_REGION

_FALLBACK_CURRENCY = "USD"


class Estimates:
    """What estimates are made with: rates and lots, both held in memory. One for a process."""

    def __init__(self, db: Database, ledger: Ledger, clock: Clock) -> None:
        self.db = db
        self.ledger = ledger
        self.clock = clock
        self.rates = Rates(db)
        self.lots = KnownLots(db)


async def estimate_share(
    estimates: Estimates, *, fan_id: UUID, creator_region: str, spent_before: int, coins: int, now: datetime
) -> Estimate:
    """What the creator will get for a gift that was sent: `spent_before` is the fan's debits just before it.

    From memory it takes some microseconds; it asks the database when the fan reaches a lot that isn't known yet. Raises
    Unavailable when that can't be asked: the gift was sent all the same. `now` is the instant of the
    gift, however long ago, and says which rate holds.
    """
    end = spent_before + coins
    present = estimates.clock.now()
    known = await estimates.lots.of(fan_id, spent_before, end, now=present)
    table = await estimates.rates.table(now=present)
    return _estimate(_paid(coin_rules.parts_of(known, spent_before, end)), table, creator_region, now)


async def add_share(
    estimates: Estimates, *, fan_id: UUID, creator_region: str, spent_before: int, coins: int, now: datetime
) -> dict[str, int]:
    """The same before it is rounded, in internal units by currency: what is to be added up. Raises Unavailable."""
    present = estimates.clock.now()
    known = await estimates.lots.of(fan_id, spent_before, spent_before + coins, now=present)
    table = await estimates.rates.table(now=present)
    parts = _paid(coin_rules.parts_of(known, spent_before, spent_before + coins))
    return rules.add_shares(parts, partial(table.find, creator_region, now=now))


async def estimate_before(
    estimates: Estimates, *, fan_id: UUID, creator_region: str, coins: int, offer: Offer | None, now: datetime
) -> Estimate:
    """What the creator would get for a gift of so many coins, were it sent now. As `estimate_each_before`."""
    found = await estimate_each_before(
        estimates, fan_id=fan_id, creator_region=creator_region, prices=(coins,), offer=offer, now=now
    )
    return found[coins]


async def estimate_each_before(
    estimates: Estimates,
    *,
    fan_id: UUID,
    creator_region: str,
    prices: Iterable[int],
    offer: Offer | None,
    now: datetime,
) -> dict[int, Estimate]:
    """The same for a whole catalogue: by price in coins, each as if it were the next gift. Raises Unavailable.

    Coins that the fan hasn't got yet count at the rate at which `offer` sells exact amounts, because that is what they
    would cost; without an offer they are worth nothing. A `creator_region` of "" stands for a creator not chosen yet.
    """
    wanted = sorted(set(prices))
    account = fan_account(fan_id)
    balances = (await estimates.ledger.balances([account])).get(account, ZERO)
    spent, received = balances.debits_posted + balances.debits_pending, balances.credits_posted
    last = min(spent + max(wanted, default=0), received)
    known = await estimates.lots.of(fan_id, spent, last, now=now) if spent < last else ()
    table = await estimates.rates.table(now=now)

    def estimate(coins: int) -> Estimate:
        there = min(spent + coins, received)
        own = _paid(coin_rules.parts_of(known, spent, there))
        parts = (*own, *_still_to_buy(offer, spent + coins - max(there, spent)))
        return _estimate(parts, table, creator_region, now)

    return {coins: estimate(coins) for coins in wanted}


def _paid(parts: Iterable[Part]) -> list[Part]:
    """What promotional coins bring is told when they are settled: their rate has nothing to do with what was paid."""
    return [part for part in parts if part.kind is LotKind.PAID]


def _still_to_buy(offer: Offer | None, coins: int) -> Sequence[rules.Priced]:
    if offer is None or coins <= 0:
        return ()
    pack = coin_rules.pack_within(offer, coins)
    return (rules.Priced(coins, coins * pack.price_minor * MICROS_PER_MINOR // pack.coins, offer.currency),)


def _estimate(parts: Iterable[rules.Paid], table: RateTable, creator_region: str, now: datetime) -> Estimate:
    otherwise = CURRENCY_BY_REGION.get(creator_region, _FALLBACK_CURRENCY)
    return rules.make_estimate(parts, partial(table.find, creator_region, now=now), otherwise=otherwise)
