"""Asking to be paid: what is held, who approves, what is refused, and how it comes back."""

from datetime import timedelta

import pytest

from plaudit.foundation.errors import IdReused
from plaudit.foundation.ids import new_id
from plaudit.ledger.chart import AccountCode
from plaudit.payouts import AchDetails, SepaDetails, State, operating, requests, steps
from plaudit.payouts.errors import (
    AboveDayMaximum,
    AlreadyApproved,
    BelowMinimum,
    IllegalStep,
    MethodCoolingDown,
    NoExchangeRate,
    NotEnoughAvailable,
    OwnPayout,
    QuoteChanged,
    TaxFormNeeded,
)
from plaudit.people.errors import SecondFactorNeeded
from tests.payouts.conftest import NAME, House

DOLLARS = 100
GERMAN = SepaDetails(holder_name=NAME, iban="DE89 3704 0044 0532 0130 00")


async def test_a_payout_holds_its_money_at_once_and_waits_for_an_operator_the_first_time(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)

    payout = await house.ask(ada, method, 60 * DOLLARS)

    assert (payout.state, payout.why, payout.operators) == (State.REQUESTED, "first_use", 1)
    assert payout.held_at is not None
    assert await house.available(ada) == 40 * DOLLARS * 10_000


async def test_what_is_paid_leaves_by_the_bank_and_its_fee_stays(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)
    payout = await house.ask(ada, method, 60 * DOLLARS)
    await house.approve(payout)
    batch = new_id()

    await steps.submit(house.desk, payout.id, batch_id=batch, now=house.now)
    paid = await steps.mark_paid(house.desk, payout.id, reference="item-1", at=house.now)

    assert (paid.state, paid.reference, paid.paid_minor) == (State.PAID, "item-1", 59 * DOLLARS)
    assert await house.balance(AccountCode.BANK, "USD", "wallet") == 59 * DOLLARS * 10_000
    assert await house.balance(AccountCode.PAYOUT_FEES, "USD") == 1 * DOLLARS * 10_000
    assert await house.balance(AccountCode.PAYOUTS_UNDER_WAY, "USD") == 0
    assert "Your payout was paid" in await house.letters(ada)


async def test_a_paid_payout_that_comes_back_days_later_is_available_again_without_its_fee(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)
    payout = await house.ask(ada, method, 60 * DOLLARS)
    await house.approve(payout)
    await steps.submit(house.desk, payout.id, batch_id=new_id(), now=house.now)
    await steps.mark_paid(house.desk, payout.id, reference="item-1", at=house.now)
    house.clock.move(timedelta(days=9))

    returned = await steps.mark_returned(house.desk, payout.id, reason="account_closed", at=house.now)
    again = await steps.mark_returned(house.desk, payout.id, reason="account_closed", at=house.now)
    late = await steps.mark_paid(house.desk, payout.id, reference="item-1", at=house.now)

    assert returned.state is again.state is late.state is State.RETURNED
    assert await house.available(ada) == 99 * DOLLARS * 10_000
    assert await house.balance(AccountCode.BANK, "USD", "wallet") == 0
    assert "Your payout came back" in await house.letters(ada)


async def test_a_return_that_is_told_before_the_payment_leaves_the_same_books(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)
    payout = await house.ask(ada, method, 60 * DOLLARS)
    await house.approve(payout)
    await steps.submit(house.desk, payout.id, batch_id=new_id(), now=house.now)

    await steps.mark_returned(house.desk, payout.id, reason="no_such_account", at=house.now)
    await steps.mark_paid(house.desk, payout.id, reference="late", at=house.now)

    assert await house.available(ada) == 99 * DOLLARS * 10_000
    told = await requests.get_payout(house.desk, payout.id, of=ada.id)
    assert [step.state for step in told.steps] == ["requested", "approved", "submitted", "paid", "returned"]


async def test_what_fails_on_its_way_is_available_again_as_a_whole(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)
    payout = await house.ask(ada, method, 60 * DOLLARS)
    await house.approve(payout)
    await steps.submit(house.desk, payout.id, batch_id=new_id(), now=house.now)

    await steps.mark_failed(house.desk, payout.id, reason="no_such_account", at=house.now)

    assert await house.available(ada) == 100 * DOLLARS * 10_000
    with pytest.raises(IllegalStep):
        await steps.mark_paid(house.desk, payout.id, reference="item-1", at=house.now)
    assert "Your payout failed" in await house.letters(ada)


async def test_a_method_that_was_paid_before_needs_nobody_for_a_small_amount(house: House):
    ada = await house.creator()
    await house.fund(ada, 400 * DOLLARS)
    method = await house.usable_method(ada)
    first = await house.ask(ada, method, 20 * DOLLARS)
    await house.approve(first)
    await steps.submit(house.desk, first.id, batch_id=new_id(), now=house.now)
    await steps.mark_paid(house.desk, first.id, reference="item-1", at=house.now)

    small = await house.ask(ada, method, 30 * DOLLARS)
    larger = await house.ask(ada, method, 200 * DOLLARS)

    assert (small.state, small.why) == (State.APPROVED, "automatic")
    assert (larger.state, larger.why) == (State.REQUESTED, "amount")


async def test_a_large_payout_needs_a_code_and_two_different_operators_and_not_the_creator(house: House):
    ada = await house.creator()
    await house.fund(ada, 6_000 * DOLLARS)
    method = await house.usable_method(ada)
    await house.sign_tax_form(ada)
    with pytest.raises(SecondFactorNeeded):
        await house.ask(ada, method, 5_500 * DOLLARS)
    payout = await house.ask(ada, method, 5_500 * DOLLARS, code=ada.code())
    first, second = await house.operator(), await house.operator()

    with pytest.raises(OwnPayout):
        await operating.approve_payout(house.desk, ada.id, payout.id, now=house.now)
    half = await operating.approve_payout(house.desk, first, payout.id, now=house.now)
    with pytest.raises(AlreadyApproved):
        await operating.approve_payout(house.desk, first, payout.id, now=house.now)
    whole = await operating.approve_payout(house.desk, second, payout.id, now=house.now)

    assert (half.state, whole.state) == (State.REQUESTED, State.APPROVED)


async def test_the_same_id_gives_the_same_payout_and_another_wish_under_it_is_refused(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)
    id = new_id()

    first = await house.ask(ada, method, 60 * DOLLARS, id=id)
    again = await house.ask(ada, method, 60 * DOLLARS, id=id)

    assert first == again
    assert await house.available(ada) == 40 * DOLLARS * 10_000
    with pytest.raises(IdReused):
        await house.ask(ada, method, 61 * DOLLARS, id=id)
    with pytest.raises(IdReused):
        await house.ask(ada, method, None, id=id)


async def test_all_takes_every_whole_cent_and_leaves_the_fraction(house: House):
    ada = await house.creator()
    await house.fund(ada, 25 * DOLLARS, micros=9_999)
    method = await house.usable_method(ada)

    payout = await house.ask(ada, method, None)

    assert payout.amount_minor == 25 * DOLLARS
    assert await house.available(ada) == 9_999


async def test_a_new_method_waits_48_hours(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.add_method(ada)

    with pytest.raises(MethodCoolingDown):
        await house.ask(ada, method, 60 * DOLLARS)
    house.clock.move(timedelta(hours=48))

    assert (await house.ask(ada, method, 60 * DOLLARS)).state is State.REQUESTED


async def test_amounts_outside_of_the_rules_are_refused(house: House):
    ada = await house.creator()
    await house.fund(ada, 20_000 * DOLLARS)
    method = await house.usable_method(ada)

    with pytest.raises(BelowMinimum, match=r"10 USD|10\.00 USD"):
        await house.ask(ada, method, 9 * DOLLARS)
    with pytest.raises(TaxFormNeeded) as needed:
        await house.ask(ada, method, 601 * DOLLARS, code=ada.code())
    await house.sign_tax_form(ada)
    with pytest.raises(AboveDayMaximum):
        await house.ask(ada, method, 10_001 * DOLLARS, code=ada.code())
    with pytest.raises(NotEnoughAvailable) as missing:
        await house.ask(ada, method, 20_001 * DOLLARS)

    assert needed.value.members == {"form": "w9"}
    assert missing.value.members == {"available_micros": 20_000 * DOLLARS * 10_000}


async def test_the_day_s_maximum_counts_what_is_under_way_and_ends_at_midnight(house: House):
    ada = await house.creator()
    await house.fund(ada, 20_000 * DOLLARS)
    method = await house.usable_method(ada)
    await house.sign_tax_form(ada)
    first = await house.ask(ada, method, 6_000 * DOLLARS, code=ada.code())

    with pytest.raises(AboveDayMaximum, match="4000"):
        await house.ask(ada, method, 4_001 * DOLLARS, code=ada.code())
    await requests.cancel_payout(house.desk, first.id, of=ada.id, now=house.now)
    await house.ask(ada, method, 10_000 * DOLLARS, code=ada.code())
    house.clock.move(timedelta(days=1))

    assert (await house.ask(ada, method, 10_000 * DOLLARS, code=ada.code())).held_at is not None


async def test_a_creator_takes_a_payout_back_until_it_is_sent(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)
    payout = await house.ask(ada, method, 60 * DOLLARS)

    told = await requests.cancel_payout(house.desk, payout.id, of=ada.id, now=house.now)
    again = await requests.cancel_payout(house.desk, payout.id, of=ada.id, now=house.now)
    sent = await house.ask(ada, method, 60 * DOLLARS)
    await house.approve(sent)
    await steps.submit(house.desk, sent.id, batch_id=new_id(), now=house.now)

    assert told == again
    assert told.payout.state is State.CANCELLED
    assert await house.available(ada) == 40 * DOLLARS * 10_000
    with pytest.raises(IllegalStep):
        await requests.cancel_payout(house.desk, sent.id, of=ada.id, now=house.now)


async def test_an_operator_lets_a_payout_wait_and_it_is_sent_when_approved_again(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)
    payout = await house.ask(ada, method, 60 * DOLLARS)
    await house.approve(payout)
    operator = await house.operator()

    await operating.pause_payout(house.desk, operator, payout.id, "Asked for papers.", now=house.now)
    with pytest.raises(IllegalStep):
        await steps.submit(house.desk, payout.id, batch_id=new_id(), now=house.now)
    async with house.desk.db.transaction() as tx:
        assert await steps.list_approved(tx, method.kind, 10) == []
    await operating.approve_payout(house.desk, operator, payout.id, now=house.now)

    async with house.desk.db.transaction() as tx:
        assert [each.payout.id for each in await steps.list_approved(tx, method.kind, 10)] == [payout.id]


async def test_dollars_arrive_as_euros_at_the_dated_rate_less_the_spread_and_come_back_exactly(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada, GERMAN)
    with pytest.raises(NoExchangeRate):
        await house.ask(ada, method, 60 * DOLLARS)
    await house.set_rate("USD", "EUR", 9137, 10_000)

    payout = await house.ask(ada, method, 60 * DOLLARS)
    await house.approve(payout)
    await steps.submit(house.desk, payout.id, batch_id=new_id(), now=house.now)
    await steps.mark_paid(house.desk, payout.id, reference="r", at=house.now)

    # 60.00 - 0.30 fee = 59.70; 1 % spread = 0.597; 59.103 * 0.9137 = 54.0024...
    assert (payout.fee_minor, payout.spread_micros, payout.paid_minor) == (30, 597_000, 5_400)
    assert await house.balance(AccountCode.BANK, "EUR", "sepa") == 5_400 * 10_000
    assert await house.balance(AccountCode.CURRENCY_EXCHANGE, "USD") == 59_103_000
    assert await house.balance(AccountCode.PAYOUT_FEES, "USD") == 300_000 + 597_000
    await house.set_rate_later("USD", "EUR", 8, 10)
    await steps.mark_returned(house.desk, payout.id, reason="account_closed", at=house.now)
    assert await house.balance(AccountCode.CURRENCY_EXCHANGE, "USD") == 0
    assert await house.balance(AccountCode.CURRENCY_EXCHANGE, "EUR") == 0
    assert await house.available(ada) == 10_000 * (100 * DOLLARS - 30)


async def test_a_quote_that_changed_since_it_was_shown_is_not_taken(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada, GERMAN)
    await house.set_rate("USD", "EUR", 9, 10)
    quote = await requests.quote_payout(
        house.desk, ada.id, method.id, requests.Asked(currency="USD", amount_minor=6_000), now=house.now
    )
    await house.set_rate_later("USD", "EUR", 8, 10)

    wish = requests.PayoutWish(
        id=new_id(),
        person_id=ada.id,
        method_id=method.id,
        asked=requests.Asked(currency="USD", amount_minor=6_000),
        shown_minor=quote.paid_minor,
    )
    with pytest.raises(QuoteChanged):
        await requests.request_payout(house.desk, wish, now=house.now)

    assert await house.available(ada) == 100 * DOLLARS * 10_000


async def test_an_american_bank_account_is_paid_in_dollars(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    details = AchDetails(holder_name="LOVELACE, ADA", routing="021000021", account="123456789")
    method = await house.usable_method(ada, details)

    payout = await house.ask(ada, method, 60 * DOLLARS)

    assert (payout.paid_currency, payout.paid_minor, method.shown) == ("USD", 5_975, "•••• 6789")
    assert await steps.open_details(house.desk, method) == details
