"""Books with everything in them: people buy and give, gifts are settled and released, money is paid out and comes back.

All of it is done by the packages themselves, so what the audit finds clean here is what they write.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from plaudit.coins import settling as coin_settling
from plaudit.earnings import reserves
from plaudit.earnings.reserves import ReserveWish
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import COIN
from plaudit.ledger.chart import AccountCode, make_account
from plaudit.payouts import steps
from plaudit.providers import DisputeState, SandboxSettings
from plaudit.providers.sandbox_rules import RefundAnswer
from tests.earnings.conftest import a_rate, set_rate
from tests.payouts.conftest import Creator, a_desk
from tests.payouts.conftest import House as PayHouse
from tests.reversals.house import House, open_house


class Whole(Struct, frozen=True, kw_only=True):
    """The books, and who is in them."""

    world: House
    house: PayHouse
    creator: UUID
    other: UUID
    fans: tuple[UUID, UUID]


@asynccontextmanager
async def open_whole(database_url: str) -> AsyncGenerator[Whole]:
    """A world in which a week passes, with its last gifts not settled yet."""
    async with open_house(database_url) as world:
        yield await tell(world)


async def tell(world: House) -> Whole:
    house = PayHouse(a_desk(world.db, world.ledger), world.clock)
    creator = await house.creator()
    await world.ledger.open_accounts([make_account(AccountCode.CREATOR_COINS, COIN, creator.id)])
    other = await world.person("DE")
    ada, bob = await world.person("US"), await world.person("DE")
    for fan, coins, minor, currency in (
        (ada, 101, 20_003, "USD"), (bob, 777, 70_001, "EUR"), (ada, 33, 101, "USD"), (bob, 9, 5, "EUR"),
        (bob, 12, 100, "EUR"),
    ):  # fmt: skip
        top_up = await world.paid_top_up(fan, coins, minor, currency)
        await coin_settling.finish(world.till, top_up, now=world.clock.now())
    await set_rate(world.db, a_rate(3_333, valid_from=world.clock.now() + timedelta(seconds=30)))
    for fan, coins, receiver in ((ada, 7, creator.id), (bob, 500, creator.id), (ada, 95, other), (bob, 1, other)):
        await world.give(fan, receiver, coins)
    await world.round()
    world.move(minutes=1)
    for fan, coins, receiver in ((ada, 30, creator.id), (bob, 277, creator.id)):
        await world.give(fan, receiver, coins)
    await world.fold(3)
    world.move(days=8)
    await world.round()
    await _hold_back(world, await house.operator(), creator.id)
    await _pay_out(house, creator)
    await _batch(world)
    await _quarrel(world, creator.id)
    await world.give(ada, creator.id, 1)
    return Whole(world=world, house=house, creator=creator.id, other=other, fans=(ada, bob))


async def _hold_back(world: House, operator: UUID, creator: UUID) -> None:
    now = world.clock.now()
    for days in (2, 30):
        wish = ReserveWish(
            id=new_id(),
            creator_id=creator,
            currency="EUR",
            micros=1_234_567,
            reason="A look at the payment.",
            until=now + timedelta(days=days),
        )
        await reserves.hold_back(world.books, operator, wish, now=now)


async def _pay_out(house: PayHouse, creator: Creator) -> None:
    method = await house.usable_method(creator, currency="EUR")
    for step in ("open", "paid", "returned", "cancelled"):
        payout = await house.ask(creator, method, 2_000, "EUR", code=creator.code())
        batch = new_id()
        if payout.state == "requested":
            payout = await house.approve(payout)
        if step in ("paid", "returned"):
            await steps.submit(house.desk, payout.id, batch_id=batch, now=house.now)
            await steps.mark_paid(house.desk, payout.id, reference="R1", at=house.now)
        if step == "returned":
            await steps.mark_returned(house.desk, payout.id, reason="account closed", at=house.now)
        if step == "cancelled":
            await steps.mark_failed(house.desk, payout.id, reason="no such account", at=house.now)


async def _batch(world: House) -> None:
    """What was paid left in one file."""
    async with world.db.transaction() as tx:
        await tx.execute(
            """
            with batch as (
                insert into payouts.batches
                    (id, rail, currency, made_at, pay_on, items, total_minor, file_name, sealed, sha256)
                select gen_random_uuid(), 'wallet', 'EUR', now(), current_date, count(*), sum(paid_minor), 'a file', '',
                    sha256('')
                from payouts.payouts where state = 'paid'
                returning id
            )
            insert into payouts.batch_items (batch_id, payout_id, number, end_to_end_id, amount_minor, state)
            select batch.id, payout.id, 1, 'P1', paid_minor, 'paid'
            from payouts.payouts as payout, batch where payout.state = 'paid'
            """
        )


async def _quarrel(world: House, creator: UUID) -> None:
    """Refunds that came and that don't come yet; disputes that are open, won and lost."""
    kept, refunded, waiting, disputed, won, lost = [
        await world.bought(await world.person(), region="DE", currency="EUR") for _ in range(6)
    ]
    for top_up in (kept, refunded, waiting, disputed, won, lost):
        await world.give(top_up.person_id, creator, 41)
    await world.go_round()
    await world.refund(refunded)
    await world.hear()
    quarrels = {top_up.id: await world.dispute(top_up) for top_up in (disputed, won, lost)}
    await world.hear()
    await world.sandbox_decides(quarrels[won.id], DisputeState.WON)
    await world.sandbox_decides(quarrels[lost.id], DisputeState.LOST)
    await world.hear()
    await world.go_round()
    await world.sandbox.change_settings(SandboxSettings(refunds=RefundAnswer.PENDING, settle_seconds=10**6))
    await world.refund(waiting)
    await world.go_round()
