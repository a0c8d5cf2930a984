"""What happens rarely: an operator lets a payout wait or takes it back, rules change, a creator moves."""

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from plaudit.payouts import State, operating
from tests.simulation.populace import REGIONS, Payee
from tests.simulation.town import Town

Happening = Callable[[], Awaitable[object]]
"""What somebody decided to do, with the ids that they made for it: done again, it is the same."""


def let_wait(town: Town, rng: random.Random) -> Happening:
    """An operator wants to look at a payout first; whoever approves it then lets it go on."""
    operator = rng.choice(town.populace.operators)

    async def doing() -> None:
        found = await operating.list_files(town.db, operator, State.APPROVED, after=None, limit=1, now=town.now)
        for file in found:
            await operating.pause_payout(town.pay, operator, file.payout.id, "A look at the account.", now=town.now)
            await operating.approve_payout(town.pay, operator, file.payout.id, now=town.now)

    return doing


def send_back(town: Town, rng: random.Random) -> Happening:
    """The bank calls: a payout that was paid came back."""
    operator = rng.choice(town.populace.operators)

    async def doing() -> None:
        found = await operating.list_files(town.db, operator, State.PAID, after=None, limit=1, now=town.now)
        for file in found:
            await operating.return_payout(town.pay, operator, file.payout.id, "The bank called.", now=town.now)

    return doing


def move(town: Town, rng: random.Random, stars: list[Payee]) -> Happening:
    """A creator moves to another region: their terms change from then on."""
    star, region = rng.choice(stars).creator.id, rng.choice(REGIONS)

    async def doing() -> None:
        async with town.db.transaction() as tx:
            await tx.execute(
                "update people.people set region = %(region)s where id = %(id)s", {"id": star, "region": region}
            )

    return doing


def change_policy(town: Town, rng: random.Random) -> Happening:
    """From now on creators bear only a part of lost disputes, or of one no more than a cap."""
    part, cap, currency = rng.randrange(0, 10_001), rng.randrange(0, 2_000), rng.choice(("USD", "EUR", "JPY"))

    async def doing() -> None:
        async with town.db.transaction() as tx:
            await tx.execute(
                """
                insert into reversals.dispute_policies (currency, valid_from, creator_bears_bps, cap_minor)
                values (%(currency)s, %(now)s, %(part)s, %(cap)s) on conflict do nothing
                """,
                {"currency": currency, "now": town.now, "part": part, "cap": cap},
            )

    return doing


def promise(town: Town, rng: random.Random) -> Happening:
    """From a later instant on, coins that nobody paid for bring creators something."""
    micros, days = rng.randrange(1, 300), rng.randrange(1, 9)

    async def doing() -> None:
        later = town.now + timedelta(days=days)
        async with town.db.transaction() as tx:
            await tx.execute(
                """
                insert into earnings.promotional_rates (currency, micros_per_coin, valid_from)
                select currency, %(micros)s, %(later)s from unnest(array['USD', 'EUR', 'GBP', 'JPY']) as c (currency)
                on conflict do nothing
                """,
                {"micros": micros, "later": later},
            )

    return doing
