"""What gifts are told to bring: estimates that follow refunds, and slices that nothing changes any more."""

from uuid import UUID

import msgspec

from plaudit.coins import order
from plaudit.earnings import Estimates, estimate_before, estimate_share
from plaudit.earnings.known_lots import LOOK_AGAIN
from plaudit.earnings.told import list_settled, tell_parts, tell_share
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.money import Money
from plaudit.gifts import Sent
from plaudit.gifts.rules import make_sent
from plaudit.ledger import Filter
from plaudit.ledger.chart import TransferCode
from tests.earnings.settled import World, open_world
from tests.gifts.test_rules import ROSE, a_sending

USD, EUR = get_currency("USD"), get_currency("EUR")


async def sent_by(world: World, fan: UUID, creator: UUID, coins: int) -> Sent:
    """A gift, as whoever shows it has it."""
    await world.give(fan, creator, coins)
    (record,) = await world.ledger.list_transfers(Filter(code=TransferCode.GIFT), limit=1, newest_first=True)
    sending = msgspec.structs.replace(a_sending(), sender_id=fan, creator_id=creator, coins=coins)
    return make_sent(sending, ROSE, record)


async def share_of(estimates: Estimates, sent: Sent) -> Money:
    found = await estimate_share(
        estimates,
        fan_id=sent.sending.sender_id,
        creator_region="US",
        spent_before=sent.spent_before,
        coins=sent.sending.coins,
        now=sent.at,
    )
    return found.share


async def test_after_a_refund_estimates_go_on_with_the_lot_that_is_next_then(database_url: str):
    async with open_world(database_url) as world:
        fan, creator = await world.person(), await world.person()
        dear = await world.buy(fan, 100, 200)
        await world.buy(fan, 100, 100, "EUR")
        estimates = Estimates(world.db, world.ledger, world.clock)
        first = await share_of(estimates, await sent_by(world, fan, creator, 20))

        hold = await world.hold(fan, dear, 80)
        await world.fold()
        world.move(seconds=LOOK_AGAIN.total_seconds())
        held = await share_of(estimates, await sent_by(world, fan, creator, 20))
        await world.release(hold)
        await world.fold()
        world.move(seconds=LOOK_AGAIN.total_seconds())
        given_back = await share_of(estimates, await sent_by(world, fan, creator, 20))
        next_one = await estimate_before(
            estimates, fan_id=fan, creator_region="US", coins=80, offer=None, now=world.clock.now()
        )

        assert (first, held, given_back) == (Money(20, USD), Money(10, EUR), Money(20, USD))
        assert (next_one.share, next_one.others) == (Money(60, USD), (Money(10, EUR),))


async def test_a_settled_gift_tells_the_same_for_ever(database_url: str):
    async with open_world(database_url) as world:
        fan, creator = await world.person(), await world.person()
        lot = await world.buy(fan, 100, 200)
        await world.buy(fan, 100, 100, "EUR")
        sent = await sent_by(world, fan, creator, 30)
        estimates = Estimates(world.db, world.ledger, world.clock)
        before = await tell_share(estimates, sent, creator_region="US"), await tell_parts(estimates, sent)
        await world.fold()

        await world.take(await world.hold(fan, lot, 70))
        await world.give(fan, creator, 10)
        await world.fold()

        after = await tell_share(estimates, sent, creator_region="US"), await tell_parts(estimates, sent)
        assert before == after
        assert [(part.lot_id, part.coins, part.micros) for part in after[1]] == [(lot, 30, 600_000)]
        assert set(await list_settled(world.db, [sent.timestamp, 10**9])) == {sent.timestamp}


async def test_promotional_coins_are_spent_in_their_turn_and_bring_nothing(database_url: str):
    async with open_world(database_url) as world:
        fan, creator = await world.person(), await world.person()
        await world.present(fan, 10)
        await world.buy(fan, 100, 200)
        estimates = Estimates(world.db, world.ledger, world.clock)

        first = await share_of(estimates, await sent_by(world, fan, creator, 10))
        second = await share_of(estimates, await sent_by(world, fan, creator, 10))
        await world.round()
        third = await share_of(estimates, await sent_by(world, fan, creator, 10))

        assert (first, second, third) == (Money(0, USD), Money(10, USD), Money(10, USD))


async def test_a_lot_that_is_in_the_wallet_and_not_folded_yet_comes_last(database_url: str):
    async with open_world(database_url) as world:
        fan = await world.person()
        first = await world.buy(fan, 10, 100)
        await world.fold()
        await world.take(await world.hold(fan, first, 4))
        await world.fold()
        second = await world.settle(await world.paid_top_up(fan, 5, 100))

        found = await order.list_next(world.db, fan, first=0, end=100)

        assert [(each.lot_id, each.first_coin, each.coins) for each in found] == [(first, 0, 6), (second, 6, 5)]


async def test_a_creator_who_moved_gets_the_rates_of_the_new_region_from_then_on(database_url: str):
    async with open_world(database_url) as world:
        fan, creator = await world.person(), await world.person("US")
        await world.buy(fan, 100, 200)
        await world.give(fan, creator, 1)
        await world.fold()
        async with world.db.transaction() as tx:
            await tx.execute("update people.people set region = 'DE' where id = %(id)s", {"id": creator})
        world.move(minutes=1)

        await world.give(fan, creator, 1)
        await world.fold()

        regions = await world.rows(_Region, "select region from earnings.slices order by timestamp")
        assert [each.region for each in regions] == ["US", "DE"]


class _Region(msgspec.Struct, frozen=True):
    region: str
