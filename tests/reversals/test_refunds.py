import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from plaudit.coins.errors import NoSuchTopUp
from plaudit.earnings import folding
from plaudit.foundation.errors import IdReused, NotFound
from plaudit.foundation.ids import new_id
from plaudit.ledger.chart import AccountCode
from plaudit.providers import RefundState as Told
from plaudit.providers import SandboxSettings
from plaudit.providers.sandbox_rules import RefundAnswer
from plaudit.reversals import RefundState, refunding, refunds
from plaudit.reversals.errors import (
    NoSuchRefund,
    NothingLeftToRefund,
    RefundTooLate,
    RefundUnderWay,
    TopUpDisputed,
)
from plaudit.reversals.refund_queries import get_refund
from tests.reversals.house import DAY, House


async def test_unspent_coins_go_back_whole_with_their_tax(house: House, fan: UUID):
    top_up = await house.bought(fan)
    clearing = await house.net(AccountCode.PROVIDER_CLEARING, "sandbox")

    refund = await house.refund(top_up)

    assert (refund.state, refund.coins, refund.net_minor, refund.tax_minor) == (RefundState.REFUNDED, 100, 199, 16)
    assert await house.coins(fan) == 0
    assert await house.net(AccountCode.PROVIDER_CLEARING, "sandbox") - clearing == 2_150_000
    assert await house.net(AccountCode.TAX_PAYABLE, "US") == 0
    # The provider's fee stays a cost.
    assert await house.net(AccountCode.PROVIDER_FEES) < 0
    assert await house.letters_to(fan) == ["Refunded: 2.15 USD"]
    await house.assert_exact()


async def test_only_what_is_left_goes_back_and_the_fraction_of_a_cent_stays(house: House, fan: UUID, iris: UUID):
    top_up = await house.bought(fan)
    await house.give(fan, iris, 30)

    refund = await house.refund(top_up)

    # 70 of 100 coins for 1.99: 1.393; and 11.2 of 16 cents of tax.
    assert (refund.coins, refund.value_micros, refund.net_minor, refund.tax_minor) == (70, 1_393_000, 139, 11)
    assert await house.net(AccountCode.BREAKAGE) == 3_000
    await house.go_round()
    await house.assert_exact()
    await house.assert_coins_fit(fan)


async def test_coins_of_another_purchase_are_not_touched(house: House, fan: UUID, iris: UUID):
    first, second = await house.bought(fan), await house.bought(fan, 50)
    await house.give(fan, iris, 120)

    with pytest.raises(NothingLeftToRefund):
        await house.round()
        await house.refund(first)
    refund = await house.refund(second)

    assert (refund.state, refund.coins) == (RefundState.REFUNDED, 30)
    await house.go_round()
    await house.assert_exact()


async def test_who_asks_for_an_earlier_lot_spends_the_later_one_next(house: House, fan: UUID, iris: UUID):
    first, second = await house.bought(fan), await house.bought(fan, 50)

    await house.refund(first)
    await house.give(fan, iris, 50)
    await house.round()

    async with house.db.transaction() as tx:
        lot_id = await tx.value(UUID, "select lot_id from earnings.slices")
    assert lot_id == second.id
    await house.assert_exact()


async def test_the_wallet_says_what_the_coins_that_are_left_cost_whatever_was_given_back(
    house: House, fan: UUID, iris: UUID
):
    first, second = await house.bought(fan), await house.bought(fan, 50)
    await house.give(fan, iris, 30)
    await house.round()

    await house.refund(first)
    await house.give(fan, iris, 20)
    await house.round()

    # Of the second purchase 30 of 50 coins are left, for 60 of 100 cents.
    assert (await house.coins(fan), second.net_minor, await house.worth(fan)) == (30, 100, 60)
    moved = await house.movements(fan)
    assert [(each.kind, each.coins, each.worth.minor) for each in moved if each.worth] == [
        ("gift", -20, 40),
        ("refunded", 0, 139),
        ("refund", -70, 139),
        ("gift", -30, 59),
        ("top_up", 50, 100),
        ("top_up", 100, 199),
    ]


async def test_two_refunds_of_one_lot_at_once_are_one(house: House, fan: UUID):
    top_up = await house.bought(fan)

    came = await asyncio.gather(*(house.refund(top_up) for _ in range(4)), return_exceptions=True)

    done = [each for each in came if not isinstance(each, BaseException)]
    assert len(done) == 1
    assert all(isinstance(each, RefundUnderWay | NothingLeftToRefund) for each in came if each not in done)
    assert await house.net(AccountCode.PROVIDER_CLEARING, "sandbox") == -await house.net(AccountCode.PROVIDER_FEES)
    await house.assert_exact()


async def test_the_same_id_again_is_the_same_refund_and_never_another(house: House, fan: UUID):
    top_up, other, id = await house.bought(fan), await house.bought(fan, 7), new_id()

    first, again = await house.refund(top_up, id=id), await house.refund(top_up, id=id)

    assert again == first
    with pytest.raises(IdReused):
        await house.refund(other, id=id)


async def test_after_the_days_are_over_nothing_goes_back(house: House, fan: UUID):
    top_up = await house.bought(fan)

    house.clock.move(14 * DAY)
    assert [each.amount.minor for each in await refunds.list_refundable(house.desk, fan, now=house.now)] == [215]
    house.clock.move(timedelta(seconds=1))

    with pytest.raises(RefundTooLate):
        await house.refund(top_up)
    assert await refunds.list_refundable(house.desk, fan, now=house.now) == []


async def test_only_the_own_purchase_goes_back_and_only_its_owner_sees_that(house: House, fan: UUID, iris: UUID):
    top_up = await house.bought(fan)

    with pytest.raises(NoSuchTopUp):
        await house.refund(top_up, of=iris)
    refund = await house.refund(top_up)

    with pytest.raises(NoSuchRefund):
        await refunds.get_refund(house.desk, refund.id, of=iris)
    assert issubclass(NoSuchRefund, NotFound)
    assert await refunds.list_refunds(house.desk, fan, after=None, limit=5) == [refund]


async def test_a_disputed_purchase_is_for_the_bank_to_decide(house: House, fan: UUID):
    top_up = await house.bought(fan)
    await house.dispute(top_up)
    await house.hear()

    with pytest.raises(TopUpDisputed):
        await house.refund(top_up)

    await house.go_round()
    await house.assert_exact(disputed=2_150_000)


async def test_what_the_provider_refuses_comes_back_as_coins(house: House, fan: UUID, iris: UUID):
    await house.sandbox.change_settings(SandboxSettings(refunds=RefundAnswer.FAILED))
    top_up = await house.bought(fan)

    refund = await house.refund(top_up)

    assert (refund.state, refund.reason) == (RefundState.FAILED, "provider_refused")
    assert await house.coins(fan) == 100
    assert await house.letters_to(fan) == ["Your refund didn't go through"]
    await house.assert_exact()
    await house.assert_coins_fit(fan)
    await house.sandbox.change_settings(SandboxSettings())
    assert (await house.refund(top_up)).state is RefundState.REFUNDED


async def test_a_refund_that_failed_comes_back_whatever_amount_is_told_with_it(house: House, fan: UUID):
    await house.sandbox.change_settings(SandboxSettings(refunds=RefundAnswer.PENDING, copies=0))
    top_up = await house.bought(fan)
    refund = await house.refund(top_up)
    told = await house.sandbox.find_refund(refund.id, now=house.now)
    assert told is not None
    nothing = replace(told.amount, minor=0)

    await refunding.take_answer(house.desk, replace(told, amount=nothing, state=Told.FAILED))
    await house.go_round()

    after = await refunds.get_refund(house.desk, refund.id, of=fan)
    assert (after.state, after.note, await house.coins(fan)) == (RefundState.FAILED, None, 100)
    await house.assert_exact()


async def test_a_refund_of_another_amount_waits_for_somebody_to_look(house: House, fan: UUID):
    await house.sandbox.change_settings(SandboxSettings(refunds=RefundAnswer.PENDING, copies=0))
    top_up = await house.bought(fan)
    refund = await house.refund(top_up)
    told = await house.sandbox.find_refund(refund.id, now=house.now)
    assert told is not None
    less = replace(told.amount, minor=214)

    after = await refunding.take_answer(house.desk, replace(told, amount=less, state=Told.SUCCEEDED))

    assert (after.state, after.note) == (RefundState.SENT, "The provider tells of 214 USD.")
    await house.assert_exact(refunding=1_990_000)


async def test_far_behind_the_ledger_a_refund_is_left_to_the_worker(house: House, fan: UUID):
    top_up = await house.bought(fan)
    # As if a whole page and more had happened since the settlement last looked.
    await move_cursor(house, -folding.PAGE)

    refund = await house.refund(top_up)
    await move_cursor(house, folding.PAGE)
    await house.go_round()

    assert refund.state is RefundState.ASKED
    assert (await refunds.get_refund(house.desk, refund.id, of=fan)).state is RefundState.REFUNDED
    await house.assert_exact()


async def move_cursor(house: House, by: int) -> None:
    async with house.db.transaction() as tx:
        await tx.execute("update earnings.cursor set timestamp = timestamp + %(by)s", {"by": by})


async def test_a_refund_settles_nothing_of_the_house_but_whose_coins_they_are(house: House, fan: UUID, iris: UUID):
    top_up = await house.bought(fan)
    await house.give(fan, iris, 30)

    await house.refund(top_up)

    async with house.db.transaction() as tx:
        legs = await tx.value(dict[str, bool], "select jsonb_object_agg(run, posted_at is not null) from earnings.legs")
    assert list(legs.values()) == [False]
    await house.go_round()
    await house.assert_exact()


@pytest.mark.parametrize("way", ["told", "asked"])
async def test_a_refund_that_takes_a_while_holds_coins_and_value_until_it_is_there(house: House, fan: UUID, way: str):
    copies = 1 if way == "told" else 0
    await house.sandbox.change_settings(SandboxSettings(refunds=RefundAnswer.PENDING, copies=copies))
    top_up = await house.bought(fan)

    refund = await house.refund(top_up)
    assert (refund.state, await house.coins(fan)) == (RefundState.SENT, 0)
    await house.assert_exact(refunding=1_990_000)
    house.clock.move(timedelta(seconds=40))
    await house.hear()
    await house.go_round()

    assert (await refunds.get_refund(house.desk, refund.id, of=fan)).state is RefundState.REFUNDED
    await house.assert_exact()


@pytest.mark.parametrize("way", [RefundAnswer.LOST, RefundAnswer.DOWN])
async def test_an_answer_that_never_came_is_asked_after_and_the_money_goes_back_once(
    house: House, fan: UUID, way: RefundAnswer
):
    await house.sandbox.change_settings(SandboxSettings(refunds=way, copies=0))
    top_up = await house.bought(fan)

    refund = await house.refund(top_up)
    await house.go_round()
    assert (await refunds.get_refund(house.desk, refund.id, of=fan)).state is RefundState.SENT
    await house.sandbox.change_settings(SandboxSettings(copies=0))
    house.clock.move(refunding.POLL_AFTER)
    await house.go_round()
    await house.go_round()

    assert (await refunds.get_refund(house.desk, refund.id, of=fan)).state is RefundState.REFUNDED
    async with house.db.transaction() as tx:
        assert await tx.value(int, "select count(*) from sandbox.refunds") == 1
    await house.assert_exact()


async def test_gifts_that_race_a_refund_leave_it_what_they_didnt_spend(house: House, fan: UUID, iris: UUID):
    top_up = await house.bought(fan)

    asked = asyncio.create_task(house.refund(top_up))
    await asyncio.gather(*(house.give(fan, iris, 7) for _ in range(9)), return_exceptions=True)
    refund = await asked
    await house.go_round()
    await house.go_round()

    after = await refunds.get_refund(house.desk, refund.id, of=fan)
    async with house.db.transaction() as tx:
        given = await tx.value(int, "select coalesce(sum(coins), 0)::bigint from earnings.slices")
    assert (after.state, after.coins) == (RefundState.REFUNDED, 100 - given)
    assert await house.coins(fan) == 0
    await house.assert_exact()
    await house.assert_coins_fit(fan)


@pytest.mark.parametrize("answer", [RefundAnswer.SUCCESS, RefundAnswer.FAILED])
@pytest.mark.parametrize("stops", range(5))
async def test_a_crash_after_any_step_ends_as_if_there_was_none(
    house: House, fan: UUID, stops: int, answer: RefundAnswer
):
    await house.sandbox.change_settings(SandboxSettings(refunds=answer, copies=0))
    top_up = await house.bought(fan)
    refund_id = await asked_for(house, top_up.id, fan)

    for _ in range(stops):
        async with house.db.transaction() as tx:
            refund = await get_refund(tx, refund_id)
        await refunding.step(house.desk, refund, top_up, now=house.now)
    house.clock.move(refunding.POLL_AFTER)
    await house.go_round()
    await house.go_round()

    ended = RefundState.REFUNDED if answer is RefundAnswer.SUCCESS else RefundState.FAILED
    assert (await refunds.get_refund(house.desk, refund_id, of=fan)).state is ended
    assert await house.coins(fan) == (0 if ended is RefundState.REFUNDED else 100)
    assert len(await house.letters_to(fan)) == 1
    await house.assert_exact()
    await house.assert_coins_fit(fan)


async def asked_for(house: House, top_up_id: UUID, fan: UUID) -> UUID:
    """A refund of which nothing but the intent is there, as if the program had ended just then."""
    refund_id = new_id()
    async with house.db.transaction() as tx:
        await refunds.add_intent(tx, refund_id, top_up_id, of=fan, now=house.now)
    return refund_id


async def test_a_crash_between_the_ledger_and_its_note_changes_nothing(house: House, fan: UUID):
    top_up = await house.bought(fan)
    refund_id = await asked_for(house, top_up.id, fan)
    async with house.db.transaction() as tx:
        refund = await get_refund(tx, refund_id)
    held = await refunding.hold(house.desk, refund, top_up, now=house.now)

    # The same step from what was known before it: as after a crash just before its note.
    again = await refunding.hold(house.desk, refund, top_up, now=house.now)
    sent = await refunding.decide(house.desk, again, now=house.now)
    answered = await refunding.ask_provider(house.desk, sent, top_up, now=house.now)
    await refunding.finish(house.desk, answered, top_up, now=house.now)
    done = await refunding.finish(house.desk, answered, top_up, now=house.now)

    assert (held, done.state) == (again, RefundState.REFUNDED)
    assert len(await house.letters_to(fan)) == 1
    await house.assert_exact()
