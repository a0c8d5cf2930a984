"""What becomes of a settlement that is cut off between any two steps, and of two that go on at once."""

import asyncio
from typing import LiteralString
from uuid import UUID

import msgspec
import pytest

from plaudit.coins.chains import fan_account
from plaudit.coins.errors import SpendingUnknown
from plaudit.earnings import folding, legs, releasing, settlement
from plaudit.earnings.errors import LineTooShort
from plaudit.earnings.refolding import find_differences
from plaudit.earnings.settling import leg_chain, post
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import COIN
from plaudit.gifts.chains import creator_account
from plaudit.ledger import Transfer
from plaudit.ledger.chart import AccountCode, TransferCode, account_id
from tests.earnings.settled import World, open_other, open_world


class Slice(msgspec.Struct, frozen=True):
    timestamp: int
    place: int
    lot_id: UUID
    share_micros: int


_SLOW: LiteralString = """
    create function dawdle() returns trigger language plpgsql as $$
    begin
        if (select count(*) from added) > 15 then
            perform pg_sleep(30);
        end if;
        return null;
    end
    $$
"""


async def slices_of(world: World) -> list[Slice]:
    return await world.rows(
        Slice, "select timestamp, place, lot_id, share_micros from earnings.slices order by timestamp, place"
    )


async def a_busy_evening(world: World, gifts: int = 40) -> tuple[UUID, list[UUID]]:
    """One fan with two lots, two creators."""
    fan, creators = await world.person(), [await world.person(), await world.person("DE")]
    await world.buy(fan, 333, 777)
    await world.buy(fan, 500, 1_000, "EUR")
    for number in range(gifts):
        await world.give(fan, creators[number % 2], 1 + number % 13)
    return fan, creators


async def test_whatever_step_comes_last_before_a_crash_the_next_round_goes_on_from_there(database_url: str):
    async with open_world(database_url) as world:
        _, creators = await a_busy_evening(world)
        now = world.clock.now()
        await folding.fold_page(world.db, now=now, most=20)
        assert await world.money(AccountCode.CREATOR_PENDING, creators[0]) == 0
        first_leg = (await legs.list_legs(world.books, after=None))[0]
        # Posted, and cut off before it was marked.
        await post(world.books, leg_chain(first_leg))

        await world.round()
        await world.assert_settled()
        world.move(days=8)
        due = world.clock.now()
        assert await releasing.plan_releases(world.books, now=due) > 0
        await world.round()

        assert await world.count("select count(*) from earnings.legs where posted_at is null") == 0
        assert await world.count("select count(*) from earnings.runs where posted_at is null") == 0
        assert await world.count("select count(*) from earnings.releases where posted_at is null") == 0
        assert await world.money(AccountCode.CREATOR_PENDING, creators[0]) == 0
        available = await world.money(AccountCode.CREATOR_AVAILABLE, creators[0])
        assert available == await world.count(
            "select sum(share_micros)::bigint from earnings.slices where currency = 'USD' and creator_id = ("
            "select creator_id from earnings.slices order by timestamp limit 1)"
        )


async def test_a_fold_that_is_cut_off_leaves_nothing(database_url: str):
    async with open_world(database_url) as world:
        await a_busy_evening(world)

        with pytest.raises(asyncio.CancelledError):
            async with world.db.transaction() as tx:
                await folding.queries.use_tables(tx)
                assert await folding.fold_next(tx, now=world.clock.now()) is not None
                raise asyncio.CancelledError
        nothing = await slices_of(world), await settlement.folded_upto(world.db)
        await world.round()

        assert nothing == ([], 0)
        assert len(await slices_of(world)) >= 40


async def test_two_workers_at_once_settle_each_gift_once(database_url: str):
    async with open_world(database_url) as world, open_other(world, database_url) as other:
        await a_busy_evening(world)

        counts = await asyncio.gather(*(each.fold(most=3) for each in (world, other, world, other)))
        await asyncio.gather(world.fold(), other.fold())
        await asyncio.gather(*(legs.finish_pending(each.books, now=world.clock.now()) for each in (world, other)))
        await world.round()

        assert sum(counts) <= 40
        assert await world.count("select count(distinct timestamp) from earnings.slices") == 40
        await world.assert_settled()
        assert (await find_differences(world.db, now=world.clock.now()))[1] == []


async def test_who_waits_for_a_verdict_folds_after_whoever_is_folding(database_url: str):
    async with open_world(database_url) as world, open_other(world, database_url) as other:
        await a_busy_evening(world)
        last = await world.ledger.last_timestamp()

        async with world.db.transaction() as tx:
            await folding.queries.use_tables(tx)
            await folding.fold_next(tx, now=world.clock.now())
            skipped = await folding.fold_page(other.db, now=world.clock.now())
            waiting = asyncio.create_task(settlement.catch_up(other.books, timestamp=last, now=world.clock.now()))
            await asyncio.sleep(0.1)
            assert not waiting.done()
        await waiting

        assert skipped is None
        assert await settlement.folded_upto(world.db) == last


async def test_a_gift_of_coins_that_no_lot_brought_stops_the_settlement_and_names_the_fan(database_url: str):
    async with open_world(database_url) as world:
        fan, creators = await a_busy_evening(world, gifts=3)
        await world.round()
        # Somebody tampered: the line is shorter than what the ledger credited.
        await tamper(world)
        await world.give(fan, creators[0], 100)
        timestamp = await world.ledger.last_timestamp()

        with pytest.raises(LineTooShort) as refusal:
            await world.round()

        assert f"transfer {timestamp} " in str(refusal.value)
        assert str(fan) in str(refusal.value)
        assert await settlement.folded_upto(world.db) < timestamp


async def test_what_was_earned_before_becomes_available_though_the_settlement_has_stopped(database_url: str):
    async with open_world(database_url) as world:
        fan, creators = await a_busy_evening(world, gifts=3)
        await world.round()
        earned = await world.money(AccountCode.CREATOR_PENDING, creators[0])
        await tamper(world)
        await world.give(fan, creators[0], 100)
        world.move(days=8)

        with pytest.raises(LineTooShort):
            await world.round()

        assert await world.money(AccountCode.CREATOR_AVAILABLE, creators[0]) == earned > 0


async def tamper(world: World) -> None:
    async with world.db.transaction() as tx:
        await tx.execute("update coins.spenders set received = spent + 10")


async def test_coins_that_leave_a_wallet_unexplained_stop_the_settlement(database_url: str):
    async with open_world(database_url) as world:
        fan, creators = await a_busy_evening(world, gifts=3)
        issued = account_id(AccountCode.COINS_ISSUED, COIN)
        await world.post(Transfer(new_id(), fan_account(fan), issued, 5, TransferCode.ADJUSTMENT))
        await world.give(fan, creators[0], 1)

        with pytest.raises(SpendingUnknown) as refusal:
            await world.round()

        assert str(fan) in str(refusal.value)
        assert await world.count("select count(distinct timestamp) from earnings.slices") == 0


async def test_a_page_that_takes_too_long_is_cut_smaller(database_url: str):
    async with open_world(database_url) as world, open_other(world, database_url, statement_timeout_ms=500) as slow:
        await a_busy_evening(world)
        async with world.db.transaction() as tx:
            await tx.execute(_SLOW)
            await tx.execute(
                """
                create trigger slow after insert on earnings.slices referencing new table as added
                for each statement execute function dawdle()
                """
            )

        assert await slow.fold(most=80) == 40


async def test_a_gift_without_an_intent_is_settled_under_its_transfers_id(database_url: str):
    async with open_world(database_url) as world:
        fan, creator = await world.person(), await world.person()
        await world.buy(fan, 10, 100)
        id = new_id()
        await world.post(Transfer(id, fan_account(fan), creator_account(creator), 5, TransferCode.GIFT))

        await world.round()

        assert await world.count("select count(*) from earnings.slices where gift_id = %(id)s", id=id) == 1
