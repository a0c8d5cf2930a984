"""A crash between any two steps, requests at the same moment, and states told in any order: the books stay exact."""

import asyncio
import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from plaudit.foundation.errors import OutcomeUnknown, PlauditError
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import MICROS_PER_MINOR
from plaudit.ledger import Ledger, Outcome, Transfer
from plaudit.ledger.chart import AccountCode
from plaudit.payouts import Asked, Method, PayDesk, Payout, PayoutWish, SepaDetails, State, queries, requests, steps
from plaudit.payouts.chains import bank_account
from plaudit.payouts.errors import AboveDayMaximum, IllegalStep, NotEnoughAvailable, PayoutRefused
from tests.payouts.conftest import NAME, Creator, House

DOLLARS = 100


class Flaky:
    """The ledger, whose answers get lost: before it heard of the chain, or after."""

    def __init__(self, ledger: Ledger, losses: Iterable[str]) -> None:
        self._ledger = ledger
        self._losses = iter(losses)

    async def post(self, chain: Iterable[Transfer]) -> Outcome:
        loss = next(self._losses, "")
        if loss == "before":
            raise OutcomeUnknown
        outcome = await self._ledger.post(chain)
        if loss == "after":
            raise OutcomeUnknown
        return outcome

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


def flaky(desk: PayDesk, *losses: str) -> PayDesk:
    ledger: Any = Flaky(desk.ledger, losses)
    return msgspec.structs.replace(desk, ledger=ledger)


def a_wish(creator: Creator, method: Method, minor: int | None) -> PayoutWish:
    return PayoutWish(
        id=new_id(), person_id=creator.id, method_id=method.id, asked=Asked(currency="USD", amount_minor=minor)
    )


async def test_requests_at_the_same_moment_never_hold_more_than_there_is(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)
    wishes = [a_wish(ada, method, 30 * DOLLARS) for _ in range(12)]

    answers = await asyncio.gather(
        *(requests.request_payout(house.desk, wish, now=house.now) for wish in wishes), return_exceptions=True
    )

    held = [answer for answer in answers if isinstance(answer, Payout)]
    refused = [answer for answer in answers if not isinstance(answer, Payout)]
    assert len(held) == 3
    assert all(isinstance(answer, NotEnoughAvailable) for answer in refused), refused
    assert await house.available(ada) == 10 * DOLLARS * MICROS_PER_MINOR


async def test_requests_at_the_same_moment_never_pass_the_day_s_maximum(house: House):
    ada = await house.creator()
    await house.fund(ada, 50_000 * DOLLARS)
    method = await house.usable_method(ada)
    await house.sign_tax_form(ada)
    await house.change_rules("USD", maximum_day_minor=500 * DOLLARS)
    wishes = [a_wish(ada, method, 150 * DOLLARS) for _ in range(8)]

    answers = await asyncio.gather(
        *(requests.request_payout(house.desk, wish, now=house.now) for wish in wishes), return_exceptions=True
    )

    assert sum(isinstance(answer, Payout) for answer in answers) == 3
    assert sum(isinstance(answer, AboveDayMaximum) for answer in answers) == 5


async def test_the_same_request_many_times_at_once_is_one_payout(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)
    wish = a_wish(ada, method, 60 * DOLLARS)

    answers = await asyncio.gather(*(requests.request_payout(house.desk, wish, now=house.now) for _ in range(8)))

    assert {answer.id for answer in answers} == {wish.id}
    assert await house.available(ada) == 40 * DOLLARS * MICROS_PER_MINOR


@pytest.mark.parametrize("loss", ["before", "after"])
async def test_a_request_whose_answer_was_lost_is_finished_by_the_round_or_by_asking_again(house: House, loss: str):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)
    first, second = a_wish(ada, method, 30 * DOLLARS), a_wish(ada, method, 20 * DOLLARS)
    for wish in (first, second):
        with pytest.raises(OutcomeUnknown):
            await requests.request_payout(flaky(house.desk, loss), wish, now=house.now)

    assert await steps.finish_pending(house.desk, now=house.now) == 2
    asked_again = await requests.request_payout(house.desk, second, now=house.now)

    assert asked_again.held_at is not None
    assert await steps.finish_pending(house.desk, now=house.now) == 0
    assert await house.available(ada) == 50 * DOLLARS * MICROS_PER_MINOR


async def test_a_request_that_was_cancelled_before_the_ledger_heard_of_it_holds_nothing_in_the_end(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)
    wish = a_wish(ada, method, 30 * DOLLARS)
    with pytest.raises(OutcomeUnknown):
        await requests.request_payout(flaky(house.desk, "before"), wish, now=house.now)
    async with house.desk.db.transaction() as tx:
        seen = await queries.lock_payout(tx, wish.id)

    await requests.cancel_payout(house.desk, wish.id, of=ada.id, now=house.now)
    # Another process had read the payout before it was cancelled, and holds its money only now.
    assert not isinstance(await steps.post_chains(house.desk, seen), str)
    assert await house.available(ada) == 70 * DOLLARS * MICROS_PER_MINOR
    house.clock.move(timedelta(minutes=2))
    await steps.finish_pending(house.desk, now=house.now)

    assert await house.available(ada) == 100 * DOLLARS * MICROS_PER_MINOR
    assert await steps.finish_pending(house.desk, now=house.now) == 0


async def test_what_the_ledger_refuses_waits_for_somebody_and_goes_on_when_the_cause_is_gone(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)
    payout = await house.ask(ada, method, 30 * DOLLARS)
    await house.approve(payout)
    await steps.submit(house.desk, payout.id, batch_id=new_id(), now=house.now)
    bank = bank_account(method.kind, payout.paid_in)
    await house.desk.ledger.open_accounts([bank])
    await house.desk.ledger.close_account(bank.id)

    with pytest.raises(PayoutRefused):
        await steps.mark_paid(house.desk, payout.id, reference="r", at=house.now)
    assert await steps.finish_pending(house.desk, now=house.now) == 1
    # It went to the end of the line.
    assert await steps.finish_pending(house.desk, now=house.now) == 0
    await house.desk.ledger.reopen_account(bank.id)
    house.clock.move(timedelta(minutes=2))

    assert await steps.finish_pending(house.desk, now=house.now) == 1
    assert await house.balance(AccountCode.BANK, "USD", "wallet") == 29 * DOLLARS * MICROS_PER_MINOR


async def test_what_was_refused_stays_refused_under_its_id(house: House):
    ada = await house.creator()
    await house.fund(ada, 100 * DOLLARS)
    method = await house.usable_method(ada)
    wish = a_wish(ada, method, 60 * DOLLARS)
    with pytest.raises(OutcomeUnknown):
        await requests.request_payout(flaky(house.desk, "before"), wish, now=house.now)
    await house.ask(ada, method, 80 * DOLLARS)

    for _ in range(2):
        with pytest.raises(NotEnoughAvailable):
            await requests.request_payout(house.desk, wish, now=house.now)
    await house.fund(ada, 100 * DOLLARS)
    with pytest.raises(NotEnoughAvailable):
        await requests.request_payout(house.desk, wish, now=house.now)

    assert await house.available(ada) == 120 * DOLLARS * MICROS_PER_MINOR
    assert [
        told.payout.amount_minor for told in await requests.list_payouts(house.desk, ada.id, after=None, limit=9)
    ] == [80 * DOLLARS]


async def test_any_order_of_tellings_with_any_loss_between_them_leaves_exact_books(house: House, seed: int):
    chance = random.Random(seed)
    ada = await house.creator()
    method = await house.usable_method(ada, SepaDetails(holder_name=NAME, iban="DE89370400440532013000"))
    await house.set_rate("USD", "EUR", 9137, 10_000)
    await house.sign_tax_form(ada)
    kept = 0
    for _ in range(25):
        await house.fund(ada, 50 * DOLLARS)
        payout = await drive(house, ada, method, chance)
        kept += 30 if payout.state is State.RETURNED else 0

    while await steps.finish_pending(house.desk, now=house.now):
        house.clock.move(timedelta(minutes=2))
    told = await requests.list_payouts(house.desk, ada.id, after=None, limit=100)
    gone = sum(each.payout.amount_minor for each in told if each.payout.state is State.PAID)
    under_way = sum(
        each.payout.amount_minor
        for each in told
        if each.payout.state in (State.REQUESTED, State.APPROVED, State.SUBMITTED)
    )
    assert await house.available(ada) == (25 * 50 * DOLLARS - gone - under_way - kept) * MICROS_PER_MINOR


async def drive(house: House, ada: Creator, method: Method, chance: random.Random) -> Payout:
    """One payout through tellings in any order, each twice at times, each of them losing what it loses."""
    wish = a_wish(ada, method, 50 * DOLLARS)
    batch = new_id()

    def lossy() -> PayDesk:
        return flaky(house.desk, *(chance.choice(["", "", "before", "after"]) for _ in range(3)))

    await attempt(requests.request_payout(lossy(), wish, now=house.now))
    await attempt(requests.request_payout(house.desk, wish, now=house.now))
    async with house.desk.db.transaction() as tx:
        payout = await queries.lock_payout(tx, wish.id)
    if payout.state is State.REQUESTED:
        await house.approve(payout)
    tellings = [
        lambda: steps.mark_paid(lossy(), wish.id, reference="r", at=house.now),
        lambda: steps.mark_returned(lossy(), wish.id, reason="account_closed", at=house.now),
        lambda: steps.mark_failed(lossy(), wish.id, reason="bank_refused", at=house.now),
        lambda: requests.cancel_payout(lossy(), wish.id, of=ada.id, now=house.now),
        lambda: steps.submit(lossy(), wish.id, batch_id=batch, now=house.now),
    ]
    for telling in chance.choices(tellings, k=8):
        house.clock.move(timedelta(seconds=chance.choice([0, 1, 90])))
        await attempt(telling())
    # The day's maximum isn't what this is about.
    house.clock.move(timedelta(days=1))
    async with house.desk.db.transaction() as tx:
        return await queries.lock_payout(tx, wish.id)


async def attempt(telling: Any) -> None:
    try:
        await telling
    except (OutcomeUnknown, IllegalStep):
        pass
    except PlauditError as other:
        raise AssertionError(other.code) from other
