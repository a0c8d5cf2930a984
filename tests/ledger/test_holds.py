"""Holds: what pends counts against what can be spent, until it is posted, voided, or its time is over."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from plaudit.ledger import (
    MAX_AMOUNT,
    Balances,
    Kind,
    Ledger,
    Reason,
    Refused,
    Transfer,
    make_hold,
    make_post,
    make_void,
    spendable,
)
from tests.ledger.building import (
    CREATOR,
    DEBT,
    ISSUED,
    WALLET,
    a_hold,
    a_transfer,
    balances_of,
    named,
    open_world,
    post_of,
    posted,
    reason_of,
    refusal_of,
    void_of,
)

pytestmark = pytest.mark.usefixtures("migrated_template")  # the server starts outside of the test's event loop


async def test_a_hold_pends_on_both_accounts(ledger: Ledger):
    await open_world(ledger)

    (record,) = await posted(ledger, a_hold("hold", 40))

    assert record.debit_balances == Balances(debits_pending=40, credits_posted=1_000)
    assert record.credit_balances == Balances(credits_pending=40)
    assert await spendable(ledger, WALLET) == 960


async def test_what_is_held_cannot_be_spent_or_held_again(ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", 700))

    assert await reason_of(ledger, a_transfer("gift", amount=301)) is Reason.EXCEEDS_CREDITS
    assert await reason_of(ledger, a_hold("another", 301)) is Reason.EXCEEDS_CREDITS
    assert await posted(ledger, a_hold("the rest", 300))


async def test_what_is_only_pending_cannot_be_spent_by_its_receiver(ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_hold("on its way", 500, debit=ISSUED, credit=WALLET))

    assert await spendable(ledger, WALLET) == 1_000
    assert await reason_of(ledger, a_transfer("gift", amount=1_001)) is Reason.EXCEEDS_CREDITS


async def test_what_is_owed_cannot_be_paid_back_twice_by_holds(ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_transfer("lent", DEBT, CREATOR, 100))
    await posted(ledger, a_hold("paying back", 70, credit=DEBT))

    assert await reason_of(ledger, a_transfer("too much", credit=DEBT, amount=31)) is Reason.EXCEEDS_DEBITS
    assert await posted(ledger, a_transfer("the rest", credit=DEBT, amount=30))


async def test_posting_a_hold_whole_moves_all_of_it(ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", 40))

    (record,) = await posted(ledger, post_of("hold"))

    assert record.debit_balances == Balances(debits_posted=40, credits_posted=1_000)
    assert record.credit_balances == Balances(credits_posted=40)


@pytest.mark.parametrize("amount", [1, 39, 40])
async def test_posting_a_part_releases_the_rest(amount: int, ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", 40))

    (record,) = await posted(ledger, post_of("hold", amount))

    assert record.debit_balances == Balances(debits_posted=amount, credits_posted=1_000)
    assert record.credit_balances == Balances(credits_posted=amount)


async def test_voiding_a_hold_releases_all_of_it(ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", 40))

    (record,) = await posted(ledger, void_of("hold"))

    assert record.debit_balances == Balances(credits_posted=1_000)
    assert record.credit_balances == Balances()


async def test_what_ends_a_hold_is_recorded_with_all_that_it_left_out(ledger: Ledger):
    await open_world(ledger)
    hold = replace(a_hold("hold", 40, seconds=9), ref_128=named("gift"), ref_64=64, ref_32=32, code=5)
    await posted(ledger, hold)

    (record,) = await posted(ledger, post_of("hold"))

    full = replace(hold, id=named("post of hold"), kind=Kind.POST, hold_id=hold.id, hold_seconds=0)
    assert record.transfer == full


async def test_a_post_may_bring_references_of_its_own(ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, replace(a_hold("hold"), ref_128=named("gift"), ref_64=64, ref_32=32))

    (record,) = await posted(ledger, replace(post_of("hold"), ref_128=named("other"), ref_64=1, ref_32=2))

    assert (record.transfer.ref_128, record.transfer.ref_64, record.transfer.ref_32) == (named("other"), 1, 2)


async def test_a_post_may_repeat_what_it_could_leave_out(ledger: Ledger):
    await open_world(ledger)
    hold = a_hold("hold", 40)
    await posted(ledger, hold)

    (record,) = await posted(ledger, replace(hold, id=named("post of hold"), kind=Kind.POST, hold_id=hold.id))

    assert record.debit_balances == Balances(debits_posted=40, credits_posted=1_000)


@pytest.mark.parametrize(
    ("end", "ended"),
    [
        (make_post(named("end"), named("hold")), Reason.PENDING_TRANSFER_ALREADY_POSTED),
        (make_post(named("end"), named("hold"), 10), Reason.PENDING_TRANSFER_ALREADY_POSTED),
        (make_void(named("end"), named("hold")), Reason.PENDING_TRANSFER_ALREADY_VOIDED),
    ],
    ids=["posted", "posted in part", "voided"],
)
async def test_a_hold_ends_once(end: Transfer, ended: Reason, ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_hold("hold"))
    await posted(ledger, end)

    assert await reason_of(ledger, post_of("hold")) is ended
    assert await reason_of(ledger, void_of("hold")) is ended


async def test_a_post_and_a_void_are_no_holds(ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_hold("hold"))
    await posted(ledger, post_of("hold"))

    assert (
        await reason_of(ledger, make_void(named("void"), named("post of hold"))) is Reason.PENDING_TRANSFER_NOT_PENDING
    )


async def test_a_hold_may_begin_and_end_in_one_chain(ledger: Ledger):
    await open_world(ledger)

    records = await posted(ledger, a_hold("hold", 40, seconds=30), post_of("hold", 15), a_transfer("gift", amount=985))

    assert records[-1].balances_of(WALLET) == Balances(debits_posted=1_000, credits_posted=1_000)
    assert await ledger.expire_holds() == 0


async def test_a_hold_ends_once_within_a_chain_too(ledger: Ledger):
    await open_world(ledger)

    refusal = await refusal_of(ledger, [a_hold("hold"), post_of("hold"), void_of("hold")])

    assert refusal == Refused(Reason.PENDING_TRANSFER_ALREADY_POSTED, 2)


async def test_pending_and_posted_together_fit_in_63_bits(ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_hold("most", MAX_AMOUNT - 1_001, debit=ISSUED, credit=CREATOR))

    assert await reason_of(ledger, a_hold("too much", 2, debit=ISSUED, credit=WALLET)) is Reason.OVERFLOWS_DEBITS
    assert await reason_of(ledger, a_transfer("too much", DEBT, CREATOR, 1_002)) is Reason.OVERFLOWS_CREDITS
    await posted(ledger, a_hold("the last", 1, debit=ISSUED, credit=WALLET))
    await posted(ledger, a_transfer("exactly", DEBT, CREATOR, 1_001))
    await posted(ledger, post_of("most"))

    assert await balances_of(ledger, CREATOR) == Balances(credits_posted=MAX_AMOUNT)


async def test_the_largest_hold_can_be_posted_whole(ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", MAX_AMOUNT, debit=DEBT))

    await posted(ledger, post_of("hold"))

    assert await balances_of(ledger, CREATOR) == Balances(credits_posted=MAX_AMOUNT)


# Closed accounts.


@pytest.mark.parametrize("closed", [WALLET, CREATOR], ids=["debit", "credit"])
async def test_the_holds_of_a_closed_account_may_be_voided_but_not_posted(closed: UUID, ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_hold("hold"))
    await ledger.close_account(closed)
    side = Reason.DEBIT_ACCOUNT_ALREADY_CLOSED if closed == WALLET else Reason.CREDIT_ACCOUNT_ALREADY_CLOSED

    assert await reason_of(ledger, post_of("hold")) is side
    assert await posted(ledger, void_of("hold"))
    assert await spendable(ledger, WALLET) == 1_000


async def test_a_hold_is_posted_once_its_account_is_open_again(ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_hold("hold"))
    await ledger.close_account(CREATOR)
    await reason_of(ledger, post_of("hold"))

    await ledger.reopen_account(CREATOR)

    assert await posted(ledger, post_of("hold"))


def test_a_hold_keeps_everything_of_the_transfer_that_it_is_made_of():
    transfer = replace(a_transfer("gift", code=3), ref_128=named("ref"), ref_64=64, ref_32=32)

    hold = make_hold(transfer, seconds=9)

    assert hold == replace(transfer, kind=Kind.HOLD, hold_seconds=9)
