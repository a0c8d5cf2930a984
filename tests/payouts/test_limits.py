"""What one operator can set, what many small payouts pass, and what a payout that is looked at is kept from."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from plaudit.foundation.errors import Invalid
from plaudit.foundation.ids import new_id
from plaudit.payouts import Method, Payout, State, operating, requests, steps
from plaudit.payouts.errors import IllegalStep, TaxFormNeeded
from plaudit.payouts.settings import list_exchange_rates, list_rules, set_rules
from plaudit.people import operators
from plaudit.people.errors import SecondFactorNeeded
from tests.payouts.conftest import Creator, House

DOLLARS = 100


async def paid_before(house: House) -> tuple[Creator, Method]:
    """A creator with much money, and a method that was paid yesterday."""
    ada = await house.creator()
    await house.fund(ada, 20_000 * DOLLARS)
    method = await house.usable_method(ada)
    await house.sign_tax_form(ada)
    await pay(house, await house.ask(ada, method, 20 * DOLLARS))
    house.clock.move(timedelta(days=1))
    return ada, method


async def pay(house: House, payout: Payout) -> None:
    await house.approve(payout)
    await steps.submit(house.desk, payout.id, batch_id=new_id(), now=house.now)
    await steps.mark_paid(house.desk, payout.id, reference="r", at=house.now)


async def test_a_rate_far_from_the_one_that_holds_is_refused_however_many_steps_it_takes(house: House):
    await house.set_rate("USD", "EUR", 92, 100)
    house.clock.move(timedelta(days=2))

    with pytest.raises(Invalid, match="more than a quarter") as far:
        await house.set_rate("USD", "EUR", 116, 100)
    with pytest.raises(Invalid):
        await house.set_rate("USD", "EUR", 68, 100)
    await house.set_rate("USD", "EUR", 115, 100)
    with pytest.raises(Invalid):
        await house.set_rate_later("USD", "EUR", 140, 100)
    house.clock.move(timedelta(days=1))
    await house.set_rate("USD", "EUR", 140, 100)

    assert far.value.field == "numerator"
    assert [each.numerator for each in await list_exchange_rates(house.desk.db, now=house.now)] == [140]


@pytest.mark.parametrize(
    "gate", ["maximum_day_minor", "code_above_minor", "automatic_below_minor", "two_operators_above_minor"]
)
async def test_rules_that_let_more_out_hold_a_day_later_and_stricter_ones_at_once(house: House, gate: str):
    db, operator = house.desk.db, await house.operator()
    (rules,) = [each for each in await list_rules(db, now=house.now) if each.currency == "USD"]
    looser = replace(rules, **{gate: getattr(rules, gate) + 1})
    stricter = replace(rules, **{gate: getattr(rules, gate) - 1}, valid_from=house.now)

    for valid_from in (rules.valid_from, house.now, house.now + timedelta(hours=23)):
        with pytest.raises(Invalid) as early:
            await set_rules(db, operator, replace(looser, valid_from=valid_from), now=house.now)
        assert early.value.field == "valid_from"
    await set_rules(db, operator, replace(looser, valid_from=house.now + timedelta(days=1)), now=house.now)
    await set_rules(db, operator, stricter, now=house.now)

    held = [each for each in await list_rules(db, now=house.now) if each.currency == "USD"]
    assert [getattr(each, gate) - getattr(rules, gate) for each in held] == [-1, 1]


async def test_an_operators_own_payout_never_goes_out_by_itself(house: House):
    ada, method = await paid_before(house)
    await operators.add_operator(house.desk.db, house.desk.hasher, ada.email, now=house.now)

    payout = await house.ask(ada, method, 20 * DOLLARS)

    assert (payout.state, payout.operators) == (State.REQUESTED, 1)


async def test_many_small_payouts_pass_neither_the_second_factor_nor_operators(house: House):
    ada, method = await paid_before(house)

    first = await house.ask(ada, method, 199 * DOLLARS)
    second = await house.ask(ada, method, 199 * DOLLARS)
    with pytest.raises(SecondFactorNeeded):
        await house.ask(ada, method, 199 * DOLLARS)
    third = await house.ask(ada, method, 199 * DOLLARS, code=ada.code())
    await house.ask(ada, method, 4_400 * DOLLARS, code=ada.code())
    last = await house.ask(ada, method, 10 * DOLLARS, code=ada.code())
    house.clock.move(timedelta(days=1))
    tomorrow = await house.ask(ada, method, 199 * DOLLARS)

    assert (first.operators, second.operators, third.operators, last.operators) == (0, 1, 1, 2)
    assert tomorrow.state is State.APPROVED


async def test_a_creator_takes_nothing_back_that_an_operator_lets_wait(house: House):
    ada, method = await paid_before(house)
    payout = await house.ask(ada, method, 60 * DOLLARS)
    operator = await house.operator()
    await operating.pause_payout(house.desk, operator, payout.id, "Asked for papers.", now=house.now)

    with pytest.raises(IllegalStep, match="looks at this payout"):
        await requests.cancel_payout(house.desk, payout.id, of=ada.id, now=house.now)
    await operating.approve_payout(house.desk, operator, payout.id, now=house.now)

    told = await requests.cancel_payout(house.desk, payout.id, of=ada.id, now=house.now)
    assert told.payout.state is State.CANCELLED


async def test_only_the_form_of_where_somebody_lives_passes_the_threshold(house: House):
    bea = await house.creator(region="DE")
    await house.fund(bea, 3_000 * DOLLARS)
    method = await house.usable_method(bea)
    await house.sign_tax_form(bea)

    with pytest.raises(TaxFormNeeded) as needed:
        await house.ask(bea, method, 2_100 * DOLLARS, code=bea.code())
    await house.sign_tax_form(bea, residence="DE", tax_id="36574261809")

    assert needed.value.members == {"form": "dac7"}
    assert (await house.ask(bea, method, 2_100 * DOLLARS, code=bea.code())).form == "dac7"
