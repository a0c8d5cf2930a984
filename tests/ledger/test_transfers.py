"""Plain transfers and chains: all or nothing, each sees those before it, up to the borders and in order of time."""

from datetime import timedelta

import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.ledger import MAX_AMOUNT, Balances, Ledger, Posted, Reason, Refused, spendable
from tests.ledger.building import (
    BANK,
    CREATOR,
    DEBT,
    ISSUED,
    UNKNOWN,
    WALLET,
    a_transfer,
    balances_of,
    feed_of,
    open_world,
    posted,
    reason_of,
    refusal_of,
    times_of,
)
from tests.ledger.conftest import NOON

pytestmark = pytest.mark.usefixtures("migrated_template")  # the server starts outside of the test's event loop


async def test_a_gift_moves_from_the_wallet_to_the_creator_and_answers_with_both_balances(ledger: Ledger):
    await open_world(ledger)

    (record,) = await posted(ledger, a_transfer("gift", amount=40))

    assert record.transfer == a_transfer("gift", amount=40)
    assert (record.timestamp, record.at) == (2, NOON)
    assert record.debit_balances == Balances(debits_posted=40, credits_posted=1_000)
    assert record.credit_balances == Balances(credits_posted=40)
    assert await ledger.balances([WALLET, CREATOR, UNKNOWN]) == {
        WALLET: record.debit_balances,
        CREATOR: record.credit_balances,
    }


async def test_a_wallet_can_spend_all_it_has_and_no_more(ledger: Ledger):
    await open_world(ledger)

    await posted(ledger, a_transfer("all", amount=1_000))

    assert await spendable(ledger, WALLET) == 0
    assert await reason_of(ledger, a_transfer("one more", amount=1)) is Reason.EXCEEDS_CREDITS


async def test_a_debt_can_be_paid_back_whole_and_no_more(ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_transfer("lent", DEBT, CREATOR, 70))

    await posted(ledger, a_transfer("paid back", WALLET, DEBT, 70))

    assert (await balances_of(ledger, DEBT)).net_debits == 0
    assert await reason_of(ledger, a_transfer("one more", WALLET, DEBT, 1)) is Reason.EXCEEDS_DEBITS


async def test_an_account_without_a_limit_goes_either_way(ledger: Ledger):
    await open_world(ledger)

    await posted(ledger, a_transfer("from nothing", CREATOR, ISSUED, 5_000))

    assert await balances_of(ledger, CREATOR) == Balances(debits_posted=5_000)
    assert await spendable(ledger, CREATOR) == -5_000
    assert (await balances_of(ledger, ISSUED)).net_debits == 1_000 - 5_000


async def test_an_account_that_was_never_opened_can_spend_nothing(ledger: Ledger):
    assert await spendable(ledger, UNKNOWN) == 0
    assert await ledger.find_account(UNKNOWN) is None
    assert await ledger.find_transfer(UNKNOWN) is None
    assert await ledger.last_timestamp() == 0


async def test_each_transfer_of_a_chain_sees_those_before_it(ledger: Ledger):
    await open_world(ledger)

    records = await posted(
        ledger,
        a_transfer("spend all", WALLET, CREATOR, 1_000),
        a_transfer("give some back", CREATOR, WALLET, 300),
        a_transfer("spend it again", WALLET, CREATOR, 300),
    )

    assert [record.balances_of(WALLET).spendable for record in records] == [0, 300, 0]
    assert [record.timestamp for record in records] == [2, 3, 4]


async def test_a_chain_that_spends_more_than_it_brings_happens_not_at_all(ledger: Ledger):
    await open_world(ledger)

    refusal = await refusal_of(
        ledger,
        [
            a_transfer("spend all", WALLET, CREATOR, 1_000),
            a_transfer("give some back", CREATOR, WALLET, 300),
            a_transfer("too much", WALLET, CREATOR, 301),
        ],
    )

    assert refusal == Refused(Reason.EXCEEDS_CREDITS, 2)


async def test_a_refused_chain_may_come_again_in_another_form(ledger: Ledger):
    await open_world(ledger)
    await refusal_of(ledger, [a_transfer("gift", amount=10), a_transfer("too much", amount=5_000)])

    records = await posted(ledger, a_transfer("gift", amount=20), a_transfer("too much", amount=500))

    assert [record.transfer.amount for record in records] == [20, 500]


async def test_an_id_twice_in_one_chain_is_refused(ledger: Ledger):
    await open_world(ledger)

    same = await refusal_of(ledger, [a_transfer("gift"), a_transfer("gift")])
    other = await refusal_of(ledger, [a_transfer("gift"), a_transfer("gift", amount=41)])

    assert same == Refused(Reason.EXISTS, 1)
    assert other == Refused(Reason.EXISTS_WITH_DIFFERENT_AMOUNT, 1)


async def test_a_chain_may_cover_several_assets(ledger: Ledger):
    await open_world(ledger)

    refusal = await refusal_of(ledger, [a_transfer("gift"), a_transfer("mixed", ISSUED, BANK)])

    assert refusal == Refused(Reason.ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER, 1)


async def test_counters_go_up_to_63_bits_exactly(ledger: Ledger):
    await open_world(ledger)

    await posted(ledger, a_transfer("all there can be", ISSUED, WALLET, MAX_AMOUNT - 1_000))

    assert await balances_of(ledger, WALLET) == Balances(credits_posted=MAX_AMOUNT)
    assert await balances_of(ledger, ISSUED) == Balances(debits_posted=MAX_AMOUNT)
    assert await reason_of(ledger, a_transfer("one more", ISSUED, CREATOR, 1)) is Reason.OVERFLOWS_DEBITS
    assert await reason_of(ledger, a_transfer("one more", CREATOR, WALLET, 1)) is Reason.OVERFLOWS_CREDITS


async def test_the_largest_amount_can_be_moved_at_once(ledger: Ledger):
    await open_world(ledger)

    (record,) = await posted(ledger, a_transfer("everything", DEBT, CREATOR, MAX_AMOUNT))

    assert record.credit_balances == Balances(credits_posted=MAX_AMOUNT)


async def test_every_field_comes_back_as_it_was_given(ledger: Ledger):
    await open_world(ledger)
    full = a_transfer("full", amount=7, code=65_535, ref_128=UNKNOWN, ref_64=2**63 - 1, ref_32=2**31 - 1)

    (record,) = await posted(ledger, full)

    assert record.transfer == full
    assert await ledger.find_transfer(full.id) == record


async def test_timestamps_have_no_gap_also_after_refusals(ledger: Ledger):
    await open_world(ledger)

    for number in range(6):
        await ledger.post([a_transfer(f"gift {number}", amount=1 if number % 2 else 5_000)])

    assert [record.timestamp for record in await feed_of(ledger)] == [1, 2, 3, 4]
    assert await ledger.last_timestamp() == 4


async def test_the_instants_of_the_feed_never_go_back_even_when_the_clock_does(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    for number, seconds in enumerate((10, -60, 5, 46, 0)):
        clock.move(timedelta(seconds=seconds))
        await posted(ledger, a_transfer(f"gift {number}"))

    after = [(at - NOON).total_seconds() for at in times_of(await feed_of(ledger))]

    assert after == [0, 10, 10, 10, 10, 10]


async def test_the_feed_goes_on_with_the_clock_once_it_has_caught_up(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    clock.move(timedelta(hours=-1))
    await posted(ledger, a_transfer("in the past"))
    clock.move(timedelta(hours=1, microseconds=1))

    await posted(ledger, a_transfer("a microsecond later"))

    assert times_of(await feed_of(ledger)) == [NOON, NOON, NOON + timedelta(microseconds=1)]


async def test_the_balances_of_an_outcome_are_those_after_its_last_transfer(ledger: Ledger):
    await open_world(ledger)

    outcome = await ledger.post([a_transfer("one", amount=1), a_transfer("two", amount=2)])

    assert isinstance(outcome, Posted)
    assert outcome.balances_of(CREATOR) == await balances_of(ledger, CREATOR)
    assert outcome.balances_of(WALLET).spendable == 997
    with pytest.raises(KeyError):
        outcome.balances_of(DEBT)
    with pytest.raises(KeyError):
        outcome.records[0].balances_of(DEBT)
