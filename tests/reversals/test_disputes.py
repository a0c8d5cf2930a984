"""Disputes: each story ends with exact books."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from plaudit.earnings.reserves import ReserveWish, hold_back
from plaudit.foundation.ids import new_id
from plaudit.ledger.chart import AccountCode
from plaudit.providers import DisputeState, SandboxSettings
from plaudit.providers.sandbox_rules import DISPUTE_FEE_MINOR, RefundAnswer
from plaudit.reversals import RefundState, list_unwound
from tests.earnings.conftest import a_rate, set_rate
from tests.reversals.house import DAY, House

PENDING, AVAILABLE = AccountCode.CREATOR_PENDING, AccountCode.CREATOR_AVAILABLE
RESERVE, OWED = AccountCode.CREATOR_RESERVE, AccountCode.OWED_BY_CREATOR
FEE = DISPUTE_FEE_MINOR * 10_000


async def lose(house: House, dispute_id: UUID) -> None:
    """The bank decides for the fan, and everything that follows from that happens."""
    await house.sandbox.close_dispute(dispute_id, DisputeState.LOST, now=house.now)
    await house.hear()
    await house.go_round()


async def win(house: House, dispute_id: UUID) -> None:
    """The bank decides for us."""
    await house.sandbox.close_dispute(dispute_id, DisputeState.WON, now=house.now)
    await house.hear()
    await house.go_round()


async def set_policy(house: House, bps: int, *, cap_minor: int | None = None) -> None:
    """Who bears what from long ago on, in dollars."""
    async with house.db.transaction() as tx:
        await tx.execute(
            """
            insert into reversals.dispute_policies (currency, valid_from, creator_bears_bps, cap_minor)
            values ('USD', '2020-01-01', %(bps)s, %(cap)s)
            """,
            {"bps": bps, "cap": cap_minor},
        )


async def test_an_opened_dispute_takes_the_money_from_us_and_holds_what_is_left(house: House, fan: UUID, iris: UUID):
    top_up = await house.bought(fan)
    await house.give(fan, iris, 30)

    await house.dispute(top_up)
    await house.hear()

    (dispute,) = await house.disputes_of(top_up)
    assert (dispute.state, dispute.coins, dispute.value_micros) == (DisputeState.OPENED, 70, 1_393_000)
    assert await house.coins(fan) == 0
    assert -await house.net(AccountCode.DISPUTE_FEES) == FEE
    assert await house.letters_to(fan) == ["A payment of yours is disputed"]
    await house.assert_exact(disputed=2_150_000)


async def test_a_won_dispute_gives_everything_back_to_be_spent_next(house: House, fan: UUID, iris: UUID):
    first = await house.bought(fan)
    await house.give(fan, iris, 30)
    dispute_id = await house.dispute(first)
    await house.hear()
    second = await house.bought(fan, 50)
    await house.give(fan, iris, 20)
    # So that of the two letters one is the newer.
    house.clock.move(timedelta(seconds=1))

    await win(house, dispute_id)
    await house.give(fan, iris, 40)
    await house.go_round()

    assert await house.coins(fan) == 60
    async with house.db.transaction() as tx:
        lots = await tx.value(
            dict[str, int],
            """
            select jsonb_object_agg(lot_id, coins)
            from (select lot_id, sum(coins) as coins from earnings.slices group by lot_id) as lots
            """,
        )
    # 30 of the first, 20 of the second while it was on hold, then 40 of the first again.
    assert lots == {str(first.id): 70, str(second.id): 20}
    assert await house.letters_to(fan) == [
        "The dispute is over: your coins are back",
        "A payment of yours is disputed",
    ]
    assert await house.net(AccountCode.CHARGEBACK_LOSS) == 0
    await house.assert_exact()
    await house.assert_coins_fit(fan)


async def test_a_lost_dispute_takes_the_rest_the_tax_and_every_gift_of_the_lot(house: House, fan: UUID, iris: UUID):
    top_up = await house.bought(fan)
    await house.give(fan, iris, 30)
    dispute_id = await house.dispute(top_up)
    await house.hear()

    await lose(house, dispute_id)

    (dispute,) = await house.disputes_of(top_up)
    (part,) = await house.unwindings_of(dispute)
    assert (dispute.tax_minor, dispute.rest_micros, dispute.loss_micros) == (16, 1_393_000, 0)
    assert (part.value_micros, part.share_micros, part.platform_micros) == (597_000, 298_500, 298_500)
    assert (part.pending_micros, part.available_micros, part.owed_micros) == (298_500, 0, 0)
    for account in (AccountCode.PLATFORM_REVENUE, AccountCode.CHARGEBACK_LOSS, AccountCode.BREAKAGE):
        assert await house.net(account) == 0
    assert (await house.net(PENDING, iris), await house.net(AccountCode.TAX_PAYABLE, "US")) == (0, 0)
    assert await house.coins(fan) == 0
    assert await house.letters_to(iris) == ["0.30 USD was taken back"]
    assert [each.borne_micros for each in await list_unwound(house.db, iris)] == [298_500]
    await house.assert_exact()


async def test_what_is_taken_back_comes_from_pending_then_available_then_reserve_then_is_owed(
    house: House, fan: UUID, iris: UUID
):
    top_up = await house.bought(fan)
    other = await house.person()
    await house.bought(other)
    await house.give(fan, iris, 100)
    await house.go_round()
    house.clock.move(8 * DAY)
    await house.go_round()
    # 99.5 cents are available: 30 of them into reserve, 40 leave for the bank.
    await reserve(house, iris, 300_000)
    await house.pay_out(iris, 400_000)
    await house.give(other, iris, 10)
    await house.go_round()

    dispute_id = await house.dispute(top_up)
    await house.hear()
    await lose(house, dispute_id)

    (dispute,) = await house.disputes_of(top_up)
    (part,) = await house.unwindings_of(dispute)
    taken = (part.pending_micros, part.available_micros, part.reserve_micros, part.owed_micros)
    assert taken == (99_500, 295_000, 300_000, 300_500)
    assert -await house.net(OWED, iris) == 300_500
    assert [await house.net(code, iris) for code in (PENDING, AVAILABLE, RESERVE)] == [0, 0, 0]
    await house.assert_exact()


async def reserve(house: House, creator: UUID, micros: int) -> None:
    """An operator keeps some money back."""
    operator = await house.person()
    wish = ReserveWish(
        id=new_id(), creator_id=creator, currency="USD", micros=micros, reason="A look.", until=house.now + 30 * DAY
    )
    await hold_back(house.books, operator, wish, now=house.now)


async def test_after_a_payout_what_a_dispute_takes_is_owed_and_paid_from_what_comes_next(
    house: House, fan: UUID, iris: UUID
):
    top_up = await house.bought(fan)
    await house.give(fan, iris, 100)
    await house.go_round()
    house.clock.move(8 * DAY)
    await house.go_round()
    await house.pay_out(iris, 995_000)

    dispute_id = await house.dispute(top_up)
    await house.hear()
    await lose(house, dispute_id)
    assert -await house.net(OWED, iris) == 995_000
    await house.bought(fan)
    await house.give(fan, iris, 50)
    await house.go_round()
    house.clock.move(8 * DAY)
    await house.go_round()

    assert -await house.net(OWED, iris) == 995_000 - 497_500
    assert await house.net(AVAILABLE, iris) == 0
    await house.assert_exact()


async def test_a_dispute_larger_than_the_payment_costs_the_house_the_difference(house: House, fan: UUID, iris: UUID):
    top_up = await house.bought(fan)
    await house.give(fan, iris, 100)

    dispute_id = await house.dispute(top_up, 300)
    await house.hear()
    await lose(house, dispute_id)

    (dispute,) = await house.disputes_of(top_up)
    assert (dispute.covered_micros, dispute.loss_micros) == (2_150_000, 850_000)
    assert -await house.net(AccountCode.CHARGEBACK_LOSS) == 850_000
    await house.assert_exact()


async def test_a_dispute_after_a_refund_takes_only_what_the_refund_left(house: House, fan: UUID, iris: UUID):
    top_up = await house.bought(fan)
    await house.give(fan, iris, 40)
    await house.go_round()
    refund = await house.refund(top_up)
    assert (refund.state, refund.net_minor, refund.tax_minor) == (RefundState.REFUNDED, 119, 9)

    dispute_id = await house.dispute(top_up)
    await house.hear()
    await lose(house, dispute_id)

    (dispute,) = await house.disputes_of(top_up)
    (part,) = await house.unwindings_of(dispute)
    assert (dispute.coins, dispute.tax_minor, dispute.covered_micros) == (0, 7, 866_000)
    assert part.value_micros == 796_000
    # What was refunded before, and the fraction of a cent that the refund kept.
    assert dispute.loss_micros == 1_280_000 + 4_000
    assert await house.coins(fan) == 0
    await house.assert_exact()


async def test_a_dispute_while_a_refund_is_under_way_waits_for_it(house: House, fan: UUID):
    await house.sandbox.change_settings(SandboxSettings(refunds=RefundAnswer.PENDING))
    top_up = await house.bought(fan)
    refund = await house.refund(top_up)
    dispute_id = await house.dispute(top_up)
    await house.hear()
    (dispute,) = await house.disputes_of(top_up)
    assert (refund.state, dispute.held_at) == (RefundState.SENT, None)

    house.clock.move(timedelta(seconds=40))
    await house.hear()
    await house.go_round()
    await lose(house, dispute_id)

    (dispute,) = await house.disputes_of(top_up)
    assert (dispute.coins, dispute.covered_micros, dispute.loss_micros) == (0, 0, 2_150_000)
    await house.assert_exact()


async def test_a_partial_dispute_takes_the_rest_first_and_then_the_newest_gifts(house: House, fan: UUID, iris: UUID):
    top_up, hugo = await house.bought(fan), await house.person()
    await house.give(fan, hugo, 40)
    await house.give(fan, iris, 50)
    await house.go_round()

    # 1.08 of 2.15: 8 cents of the tax, and 1.00 for coins: the 10 that are left, and 40.25 of those that Iris received.
    dispute_id = await house.dispute(top_up, 108)
    await house.hear()
    await lose(house, dispute_id)

    (dispute,) = await house.disputes_of(top_up)
    (part,) = await house.unwindings_of(dispute)
    assert (dispute.tax_minor, dispute.coins, dispute.rest_micros, dispute.loss_micros) == (8, 10, 199_000, 0)
    assert (part.creator_id, part.value_micros, part.share_micros) == (iris, 801_000, 400_500)
    assert await house.net(PENDING, hugo) == 398_000
    await house.assert_exact()


async def test_a_partial_dispute_that_unspent_coins_cover_leaves_the_others_to_the_fan(
    house: House, fan: UUID, iris: UUID
):
    top_up = await house.bought(fan)
    await house.give(fan, iris, 10)

    dispute_id = await house.dispute(top_up, 54)
    await house.hear()
    assert await house.coins(fan) == 65
    await lose(house, dispute_id)

    (dispute,) = await house.disputes_of(top_up)
    # 4 cents of the tax; 50 cents are 25 coins and a bit, which stays with the house.
    assert (dispute.tax_minor, dispute.coins, dispute.rest_micros, dispute.loss_micros) == (4, 25, 497_500, 2_500)
    assert await house.unwindings_of(dispute) == []
    assert await house.coins(fan) == 65
    await house.assert_exact()
    await house.assert_coins_fit(fan)


async def test_two_disputes_of_one_payment_never_take_the_same_twice(house: House, fan: UUID, iris: UUID):
    top_up = await house.bought(fan)
    await house.give(fan, iris, 60)
    first, second = await house.dispute(top_up, 150), await house.dispute(top_up, 150)
    await house.hear()

    await lose(house, second)
    await lose(house, first)

    disputes = await house.disputes_of(top_up)
    assert sum(each.covered_micros or 0 for each in disputes) == 2_150_000
    assert -await house.net(AccountCode.CHARGEBACK_LOSS) == 850_000
    assert (await house.net(PENDING, iris), await house.coins(fan)) == (0, 0)
    await house.assert_exact()


async def test_of_two_disputes_the_one_that_is_won_gives_back_and_the_lost_one_takes_its_own(
    house: House, fan: UUID, iris: UUID
):
    top_up = await house.bought(fan)
    await house.give(fan, iris, 20)
    whole, part = await house.dispute(top_up), await house.dispute(top_up, 108)
    await house.hear()

    await win(house, whole)
    await lose(house, part)

    disputes = {each.amount_minor: each for each in await house.disputes_of(top_up)}
    assert disputes[108].coins == 50
    assert await house.coins(fan) == 30
    assert await house.net(PENDING, iris) == 199_000
    await house.assert_exact()
    await house.assert_coins_fit(fan)


@pytest.mark.parametrize(("bps", "cap_minor"), [(5_000, None), (10_000, 20), (0, None)])
async def test_the_house_bears_what_the_policy_says(
    house: House, fan: UUID, iris: UUID, bps: int, cap_minor: int | None
):
    await set_policy(house, bps, cap_minor=cap_minor)
    top_up, hugo = await house.bought(fan), await house.person()
    await house.give(fan, iris, 60)
    await house.give(fan, hugo, 40)

    dispute_id = await house.dispute(top_up)
    await house.hear()
    await lose(house, dispute_id)

    (dispute,) = await house.disputes_of(top_up)
    parts = {part.creator_id: part for part in await house.unwindings_of(dispute)}
    borne = {5_000: [298_500, 199_000], 10_000: [120_000, 80_000], 0: [0, 0]}[bps]
    assert [parts[each].borne_micros for each in (iris, hugo)] == borne
    assert -await house.net(AccountCode.CHARGEBACK_LOSS) == 995_000 - sum(borne)
    assert await house.letters_to(iris) == ([f"{borne[0] / 1_000_000:.2f} USD was taken back"] if borne[0] else [])
    await house.assert_exact()


async def test_what_was_promised_above_what_was_paid_goes_back_to_the_house(house: House, fan: UUID, iris: UUID):
    await set_rate(house.db, a_rate(fixed=25_000, valid_from=datetime(2021, 1, 1, tzinfo=UTC)))
    top_up = await house.bought(fan)
    await house.give(fan, iris, 40)
    await house.go_round()
    assert await house.net(PENDING, iris) == 1_000_000

    dispute_id = await house.dispute(top_up)
    await house.hear()
    await lose(house, dispute_id)

    (dispute,) = await house.disputes_of(top_up)
    (part,) = await house.unwindings_of(dispute)
    assert (part.value_micros, part.share_micros, part.promotion_micros) == (796_000, 1_000_000, 204_000)
    assert (await house.net(PENDING, iris), await house.net(AccountCode.PROMOTIONS)) == (0, 0)
    await house.assert_exact()
