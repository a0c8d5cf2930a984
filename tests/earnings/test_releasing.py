"""What becomes of a creator's money after it is settled: pending, available, kept back, paying a debt."""

from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import asdict

from plaudit.earnings import leg_queries, pending, releasing, reserve_queries, reserves
from plaudit.earnings.errors import NoSuchReserve, NotSoMuchAvailable
from plaudit.earnings.leg_queries import Move
from plaudit.earnings.reserve_queries import Reserve
from plaudit.earnings.reserves import ReserveWish
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import IdReused, Invalid
from plaudit.foundation.ids import new_id
from plaudit.ledger import Transfer
from plaudit.ledger.chart import AccountCode, TransferCode, make_account
from tests.earnings.conftest import LONG_AGO
from tests.earnings.settled import World, open_world

SHARE = 1_000_000
"""Half of two dollars, in internal units."""

PENDING, AVAILABLE, RESERVE = (
    AccountCode.CREATOR_PENDING,
    AccountCode.CREATOR_AVAILABLE,
    AccountCode.CREATOR_RESERVE,
)


async def a_creator_with_money(world: World, *, gifts: int = 1) -> UUID:
    """Each gift brings one dollar, in a run of its own."""
    fan, creator = await world.person(), await world.person()
    await world.buy(fan, 100 * gifts, 200 * gifts)
    for _ in range(gifts):
        await world.give(fan, creator, 100)
        await world.round()
    return creator


async def balances(world: World, creator: UUID) -> tuple[int, int, int]:
    return (
        await world.money(PENDING, creator),
        await world.money(AVAILABLE, creator),
        await world.money(RESERVE, creator),
    )


async def owe(world: World, creator: UUID, micros: int) -> None:
    """As a lost dispute leaves it when nothing else is there."""
    asset = get_currency("USD").asset
    owed = make_account(AccountCode.OWED_BY_CREATOR, asset, creator)
    loss = make_account(AccountCode.CHARGEBACK_LOSS, asset)
    await world.ledger.open_accounts([owed, loss])
    await world.post(Transfer(new_id(), owed.id, loss.id, micros, TransferCode.UNWINDING))


async def an_operator(world: World) -> UUID:
    return await world.person()


def a_reserve(creator: UUID, world: World, micros: int = 400_000, *, id: UUID | None = None) -> ReserveWish:
    until = world.clock.now() + timedelta(days=30)
    return ReserveWish(
        id=id or new_id(), creator_id=creator, currency="USD", micros=micros, reason=" Looked into. ", until=until
    )


async def test_money_is_pending_for_seven_days_and_then_available(database_url: str):
    async with open_world(database_url) as world:
        creator = await a_creator_with_money(world)

        world.move(days=7, seconds=-1)
        await world.round()
        before = await balances(world, creator)
        world.move(seconds=1)
        await world.round()

        assert before == (SHARE, 0, 0)
        assert await balances(world, creator) == (0, SHARE, 0)
        await world.assert_settled()


async def test_the_risk_tier_says_how_long_money_is_pending(database_url: str):
    async with open_world(database_url) as world:
        creator = await world.person()
        async with world.db.transaction() as tx:
            await tx.execute(
                """
                insert into earnings.terms (person_id, region, risk_tier, valid_from)
                values (%(creator)s, 'US', 'trusted', %(since)s)
                """,
                {"creator": creator, "since": LONG_AGO},
            )
        fan = await world.person()
        await world.buy(fan, 100, 200)
        await world.give(fan, creator, 100)
        await world.round()

        world.move(days=2)
        await world.round()

        assert await balances(world, creator) == (0, SHARE, 0)


async def test_what_is_taken_back_comes_from_the_runs_leg_first_and_then_from_the_newest(database_url: str):
    async with open_world(database_url) as world:
        creator = await a_creator_with_money(world, gifts=3)
        first, *_ = [row.run for row in await world.legs()]

        async with world.db.transaction() as tx:
            whole = await pending.take_back(tx, creator, "USD", SHARE + 100, run=first)
        left = [row.left_micros for row in await world.legs()]
        async with world.db.transaction() as tx:
            rest = await pending.take_back(tx, creator, "USD", 10 * SHARE)
            none = await pending.take_back(tx, creator, "USD", 1), await pending.take_back(tx, creator, "EUR", 1)

        assert (whole, left) == (SHARE + 100, [0, SHARE, SHARE - 100])
        assert (rest, none) == (2 * SHARE - 100, (0, 0))


async def test_only_what_the_ledger_has_is_taken_back(database_url: str):
    async with open_world(database_url) as world:
        fan, creator = await world.person(), await world.person()
        await world.buy(fan, 100, 200)
        await world.give(fan, creator, 100)
        await world.fold()

        async with world.db.transaction() as tx:
            assert await pending.take_back(tx, creator, "USD", 1) == 0


async def test_what_a_creator_owes_is_paid_from_what_becomes_available(database_url: str):
    async with open_world(database_url) as world:
        creator = await a_creator_with_money(world, gifts=2)
        await owe(world, creator, 3 * SHARE)

        world.move(days=8)
        await world.round()
        part = await balances(world, creator), -await world.money(AccountCode.OWED_BY_CREATOR, creator)
        fan = await world.person()
        await world.buy(fan, 400, 800)
        await world.give(fan, creator, 400)
        world.move(days=8)
        await world.round()
        world.move(days=8)
        await world.round()

        assert part == ((0, 0, 0), SHARE)
        assert await balances(world, creator) == (0, 3 * SHARE, 0)
        assert await world.money(AccountCode.OWED_BY_CREATOR, creator) == 0


async def test_a_repayment_that_was_cut_off_is_made_once(database_url: str):
    async with open_world(database_url) as world:
        creator = await a_creator_with_money(world)
        world.move(days=8)
        await world.round()
        await owe(world, creator, 300)
        now = world.clock.now()
        await releasing.plan_repayments(world.books, now=now)
        (move,) = await releasing.list_repayments(world.books)
        await releasing.post_repayment(world.books, move)

        await world.round()
        await world.round()

        assert await balances(world, creator) == (0, SHARE - 300, 0)


async def test_money_that_is_kept_back_comes_back_at_the_end(database_url: str):
    async with open_world(database_url) as world:
        creator, operator = await a_creator_with_money(world), await an_operator(world)
        world.move(days=8)
        await world.round()
        wish = a_reserve(creator, world)

        made = await reserves.hold_back(world.books, operator, wish, now=world.clock.now())
        again = await reserves.hold_back(world.books, operator, wish, now=world.clock.now())
        held = await balances(world, creator)
        world.move(days=31)
        await world.round()

        assert (made.reason, made.left_micros, made.id) == ("Looked into.", 400_000, again.id)
        assert held == (0, SHARE - 400_000, 400_000)
        assert await balances(world, creator) == (0, SHARE, 0)
        assert await world.count("select count(*) from people.operator_acts where act = 'reserve_made'") == 1


async def test_an_operator_frees_a_reserve_before_its_end_once(database_url: str):
    async with open_world(database_url) as world:
        creator, operator = await a_creator_with_money(world), await an_operator(world)
        world.move(days=8)
        await world.round()
        wish = a_reserve(creator, world)
        await reserves.hold_back(world.books, operator, wish, now=world.clock.now())

        freed = await reserves.free(world.books, operator, wish.id, now=world.clock.now())
        again = await reserves.free(world.books, operator, wish.id, now=world.clock.now())

        assert freed.freed_at == again.freed_at == world.clock.now()
        assert (freed.freed_by, freed.freed_micros, freed.left_micros) == (operator, 400_000, 0)
        assert await balances(world, creator) == (0, SHARE, 0)
        with pytest.raises(NoSuchReserve):
            await reserves.free(world.books, operator, new_id(), now=world.clock.now())


async def test_what_a_lost_dispute_took_of_a_reserve_doesnt_come_back(database_url: str):
    async with open_world(database_url) as world:
        creator, operator = await a_creator_with_money(world), await an_operator(world)
        world.move(days=8)
        await world.round()
        told, untold = a_reserve(creator, world, 300_000), a_reserve(creator, world, 500_000)
        for wish in (told, untold):
            await reserves.hold_back(world.books, operator, wish, now=world.clock.now())
        async with world.db.transaction() as tx:
            assert await pending.take_reserved(tx, creator, "USD", 100_000) == 100_000
        await lose(world, creator, 100_000)
        # And once by somebody who told nobody: then what is there comes back.
        await lose(world, creator, 50_000)

        world.move(days=31)
        await world.round()

        assert await balances(world, creator) == (0, SHARE - 150_000, 0)


async def lose(world: World, creator: UUID, micros: int) -> None:
    asset = get_currency("USD").asset
    loss = make_account(AccountCode.CHARGEBACK_LOSS, asset)
    await world.ledger.open_accounts([loss])
    reserve = make_account(RESERVE, asset, creator)
    await world.post(Transfer(new_id(), reserve.id, loss.id, micros, TransferCode.UNWINDING))


async def test_more_than_is_available_cant_be_kept_back(database_url: str):
    async with open_world(database_url) as world:
        creator, operator = await a_creator_with_money(world), await an_operator(world)
        wish = a_reserve(creator, world)

        for _ in range(2):
            with pytest.raises(NotSoMuchAvailable):
                await reserves.hold_back(world.books, operator, wish, now=world.clock.now())
        world.move(days=31)
        await world.round()

        assert await balances(world, creator) == (0, SHARE, 0)
        assert [each.posted_at for each in await reserves.list_reserves(world.books, creator)] == [None]


async def test_a_reserve_that_the_ledger_has_is_there_though_another_worker_was_refused(database_url: str):
    async with open_world(database_url) as world:
        creator, operator = await a_creator_with_money(world), await an_operator(world)
        wish, now = a_reserve(creator, world), world.clock.now()
        reserve = Reserve(**asdict(wish), left_micros=wish.micros, made_by=operator, made_at=now)
        async with world.db.transaction() as tx:
            await reserve_queries.add_reserve(tx, reserve)

        was_refused = not await reserves.post_reserve(world.books, reserve)
        world.move(days=8)
        await releasing.release_due(world.books, now=world.clock.now())
        is_posted = await reserves.post_reserve(world.books, reserve)
        async with world.db.transaction() as tx:
            for refused in (was_refused, not is_posted, was_refused):
                await reserve_queries.mark_reserved(tx, reserve.id, refused=refused, now=world.clock.now())
            after = await reserve_queries.get_reserve(tx, reserve.id)

        assert (was_refused, is_posted) == (True, True)
        assert (after.posted_at, after.refused_at) == (world.clock.now(), None)
        world.move(days=31)
        await world.round()
        assert await balances(world, creator) == (0, SHARE, 0)


async def test_a_reserve_that_was_refused_isnt_posted_by_a_worker_who_saw_it_before(database_url: str):
    async with open_world(database_url) as world:
        creator, operator = await a_creator_with_money(world), await an_operator(world)
        wish, now = a_reserve(creator, world), world.clock.now()
        seen = Reserve(**asdict(wish), left_micros=wish.micros, made_by=operator, made_at=now)
        with pytest.raises(NotSoMuchAvailable):
            await reserves.hold_back(world.books, operator, wish, now=now)
        world.move(days=8)
        await world.round()

        after = await reserves.settle(world.books, seen, now=world.clock.now())

        assert (after.posted_at, after.refused_at) == (None, now)
        assert await balances(world, creator) == (0, SHARE, 0)


async def test_a_repayment_that_the_ledger_has_is_made_though_another_worker_was_refused(database_url: str):
    async with open_world(database_url) as world:
        creator = await a_creator_with_money(world)
        await owe(world, creator, 300)
        now = world.clock.now()
        move = Move(id=new_id(), creator_id=creator, currency="USD", micros=300)
        async with world.db.transaction() as tx:
            await leg_queries.add_repayment(tx, move, now=now)

        # Refused at first, then posted by another worker, and noted in this order.
        is_posted = [await releasing.post_repayment(world.books, move)]
        world.move(days=8)
        await releasing.release_due(world.books, now=world.clock.now())
        is_posted.append(await releasing.post_repayment(world.books, move))
        async with world.db.transaction() as tx:
            for each in is_posted:
                await leg_queries.end_repayment(tx, move.id, refused=not each, now=now)
        await releasing.settle_repayment(world.books, move, now=world.clock.now())

        assert is_posted == [False, True]
        assert (
            await world.count("select count(*) from earnings.repayments where not refused and ended_at is not null")
            == 1
        )
        assert await balances(world, creator) == (0, SHARE - 300, 0)


async def test_a_repayment_that_was_refused_isnt_posted_by_a_worker_who_saw_it_before(database_url: str):
    async with open_world(database_url) as world:
        creator = await a_creator_with_money(world)
        await owe(world, creator, 300)
        seen = Move(id=new_id(), creator_id=creator, currency="USD", micros=300)
        async with world.db.transaction() as tx:
            await leg_queries.add_repayment(tx, seen, now=world.clock.now())
        await releasing.settle_repayment(world.books, seen, now=world.clock.now())
        world.move(days=8)
        await releasing.release_due(world.books, now=world.clock.now())

        await releasing.settle_repayment(world.books, seen, now=world.clock.now())

        assert await balances(world, creator) == (0, SHARE, 0)


async def test_a_reserve_has_a_reason_an_amount_and_an_end_and_its_id_is_used_once(database_url: str):
    async with open_world(database_url) as world:
        creator, operator = await a_creator_with_money(world), await an_operator(world)
        world.move(days=8)
        await world.round()
        now, wish = world.clock.now(), a_reserve(creator, world)
        await reserves.hold_back(world.books, operator, wish, now=now)

        wrong = [
            ("reason", ReserveWish(wish.id, creator, "USD", 1, "  ", wish.until)),
            ("amount", ReserveWish(wish.id, creator, "USD", 0, "Why", wish.until)),
            ("until", ReserveWish(wish.id, creator, "USD", 1, "Why", now)),
        ]

        for field, each in wrong:
            with pytest.raises(Invalid) as refusal:
                await reserves.hold_back(world.books, operator, each, now=now)
            assert refusal.value.field == field
        with pytest.raises(IdReused):
            await reserves.hold_back(world.books, operator, a_reserve(creator, world, 7, id=wish.id), now=now)
