"""What banks answer becomes steps of payouts: whatever is doubled, late, in another order, or nobody's."""

import asyncio
from datetime import date, timedelta
from itertools import permutations

import pytest

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import Invalid
from plaudit.foundation.money import MICROS_PER_MINOR, Money, format_minor
from plaudit.ledger.chart import AccountCode
from plaudit.payouts import Payout, Rail, State, bank_files, dispatching, steps
from plaudit.payouts.batch_model import Batch, BatchState, Verdict
from plaudit.payouts.telling import apply_outcome
from plaudit.providers.payouts import ItemOutcome, ItemState, StatusFileUnreadable
from tests.payouts.batching import Counter, open_counter
from tests.payouts.conftest import House
from tests.providers.bank_answers import Entry, Return, ach_returns, camt053, pain002


@pytest.fixture
async def counter(house: House) -> Counter:
    return await open_counter(house)


def euros(payout: Payout) -> str:
    return format_minor(Money(payout.paid_minor, get_currency("EUR"))).removesuffix(" EUR")


def booked(payout: Payout, **more: str) -> Entry:
    return Entry(euros(payout), [payout.id.hex], **more)  # pyright: ignore[reportArgumentType] - texts only


def came_back(payout: Payout, reason: str = "AC04", *, on: str = "2026-03-12", reference: str = "BACK-1") -> Entry:
    return Entry(euros(payout), [payout.id.hex], is_debit=False, reason=reason, on=on, reference=reference)


async def bank_balance(counter: Counter, rail: Rail = Rail.SEPA, currency: str = "EUR") -> int:
    return await counter.house.balance(AccountCode.BANK, currency, rail.value)


async def test_what_the_bank_booked_is_paid_and_the_batch_is_done(counter: Counter):
    payout = await counter.approved()
    batch = await counter.send()

    file = await counter.upload(camt053(booked(payout)))

    assert (file.lines, file.waiting, file.to_look_at) == (1, 0, 0)
    assert await counter.state(payout) is State.PAID
    assert (await counter.batch(batch)).state is BatchState.DONE
    [item] = await counter.items(batch)
    assert (item.state, item.reference) == (ItemState.PAID, "REF-1")
    assert await bank_balance(counter) == payout.paid_minor * MICROS_PER_MINOR


async def test_what_the_bank_rejects_fails_and_the_money_is_available_again(counter: Counter):
    payout, other = await counter.approved(), await counter.approved(minor=3_000)
    batch = await counter.send()
    available = await counter.house.available(counter.creator, "EUR")

    await counter.upload(pain002(batch.id.hex, items=[(payout.id.hex, "RJCT", "AC04"), (other.id.hex, "ACSP", None)]))

    assert await counter.state(payout) is State.FAILED
    assert await counter.state(other) is State.SUBMITTED
    now_available = await counter.house.available(counter.creator, "EUR")
    assert now_available == available + payout.amount_minor * MICROS_PER_MINOR
    told = await steps_of(counter, payout)
    assert told == ["requested", "approved", "submitted", "failed: account_closed"]


async def steps_of(counter: Counter, payout: Payout) -> list[str]:
    async with counter.house.desk.db.transaction() as tx:
        return await tx.value(
            list[str],
            """
            select array_agg(state || case when state in ('failed', 'returned') then ': ' || reason else '' end
                order by number) from payouts.steps where payout_id = %(id)s
            """,
            {"id": payout.id},
        )


async def test_a_whole_batch_may_be_rejected(counter: Counter):
    payouts = [await counter.approved() for _ in range(2)]
    batch = await counter.send()

    await counter.upload(pain002(batch.id.hex, status="RJCT"))

    assert [await counter.state(each) for each in payouts] == [State.FAILED] * 2
    assert (await counter.batch(batch)).state is BatchState.DONE
    assert await bank_balance(counter) == 0


async def test_a_paid_payout_that_comes_back_days_later_is_returned(counter: Counter):
    payout = await counter.approved()
    batch = await counter.send()
    await counter.upload(camt053(booked(payout)))
    available = await counter.house.available(counter.creator, "EUR")
    counter.house.clock.move(timedelta(days=9))

    await counter.upload(camt053(came_back(payout), id="STMT-2"))

    assert await counter.state(payout) is State.RETURNED
    assert await bank_balance(counter) == 0
    [item] = await counter.items(batch)
    assert (item.state, item.reason) == (ItemState.RETURNED, "AC04")
    back = payout.amount_minor - (payout.fee_minor if payout.keeps_fee else 0)
    assert await counter.house.available(counter.creator, "EUR") == available + back * MICROS_PER_MINOR


async def test_a_file_that_is_uploaded_twice_is_taken_once(counter: Counter):
    payout = await counter.approved()
    await counter.send()
    content = camt053(booked(payout))

    files = await asyncio.gather(*(counter.upload(content) for _ in range(3)))
    # The bank makes the same statement anew, in other bytes.
    await counter.upload(content.replace(b"MSG-", b"MSG-AGAIN-"))

    assert len({file.id for file in files}) == 1
    assert await counter.verdicts() == [Verdict.APPLIED, Verdict.SAME]
    assert await bank_balance(counter) == payout.paid_minor * MICROS_PER_MINOR
    [total] = await bank_files.list_totals(counter.house.desk.db, since=date(2026, 3, 5), until=date(2026, 3, 5))
    assert total.booked_minor == payout.paid_minor


async def test_in_whatever_order_it_is_told_it_ends_the_same(house: House):
    counter = await open_counter(house)
    for order in permutations(range(3)):
        payout = await counter.approved()
        batch = await counter.send()
        told = [
            pain002(batch.id.hex, items=[(payout.id.hex, "ACCP", None)]),
            camt053(booked(payout, reference=f"D{batch.id}"), id=f"A{batch.id}"),
            camt053(came_back(payout, reference=f"C{batch.id}"), id=f"B{batch.id}"),
        ]

        for number in order:
            await counter.upload(told[number])

        assert await counter.state(payout) is State.RETURNED
    assert await bank_balance(counter) == 0
    assert set(await counter.verdicts()) <= {Verdict.APPLIED, Verdict.SAME}


async def test_a_batch_that_is_booked_as_one_line_is_paid_as_a_whole(counter: Counter):
    payouts = [await counter.approved(minor=minor) for minor in (2_000, 3_000)]
    batch = await counter.send()
    total = f"{sum(each.paid_minor for each in payouts) / 100:.2f}"

    await counter.upload(camt053(Entry(total, batch=batch.id.hex)))

    assert [await counter.state(each) for each in payouts] == [State.PAID] * 2
    assert (await counter.batch(batch)).state is BatchState.DONE


async def test_a_batch_of_which_a_part_was_rejected_is_booked_without_it(counter: Counter):
    bad, good = await counter.approved(minor=2_000), await counter.approved(minor=3_000)
    batch = await counter.send()
    await counter.upload(pain002(batch.id.hex, items=[(bad.id.hex, "RJCT", "AC01")]))

    await counter.upload(camt053(Entry(euros(good), batch=batch.id.hex)))

    assert (await counter.state(bad), await counter.state(good)) == (State.FAILED, State.PAID)


async def test_what_fits_nothing_is_put_before_an_operator_and_changes_nothing(counter: Counter):
    payout, other = await counter.approved(), await counter.approved(minor=3_000)
    batch = await counter.send()

    file = await counter.upload(
        camt053(
            Entry("19.99", [payout.id.hex], reference="R1"),
            Entry("5.00", ["SOMEBODY-ELSE"], reference="R2"),
            Entry("1.00", batch=batch.id.hex, reference="R3"),
            Entry("1.00", batch="NOT-OURS", reference="R4"),
        )
    )
    await counter.upload(pain002(batch.id.hex, items=[(other.id.hex, "RJCT", "AC04")]))
    await counter.upload(camt053(booked(other, reference="R5"), id="S2"))

    assert await counter.state(payout) is State.SUBMITTED
    assert await counter.state(other) is State.FAILED
    assert file.to_look_at == 4
    lines = await bank_files.list_to_look_at(counter.house.desk.db, limit=10)
    assert sorted(line.verdict or "" for line in lines) == [
        Verdict.AMOUNT_DIFFERS,
        Verdict.AMOUNT_DIFFERS,
        Verdict.CONTRADICTS,
        Verdict.UNMATCHED,
        Verdict.UNMATCHED,
    ]


async def test_a_file_that_cannot_be_read_leaves_nothing(counter: Counter):
    for rail, content in ((Rail.SEPA, b"<x>"), (Rail.ACH, b"nonsense")):
        with pytest.raises(StatusFileUnreadable):
            await counter.upload(content, rail)
    with pytest.raises(Invalid):
        await counter.upload(b"{}", Rail.WALLET)

    assert await bank_files.list_files(counter.house.desk.db, after=None, limit=5) == []


async def test_what_a_crash_kept_from_being_applied_is_applied_by_the_worker(counter: Counter):
    payouts = [await counter.approved() for _ in range(2)]
    batch = await counter.send()
    ledger = counter.house.desk.ledger
    await counter.upload(camt053(*(booked(each, reference=each.id.hex) for each in payouts)))
    # As if the program had ended after the file was stored, after the first step, and before any note of it.
    async with counter.house.desk.db.transaction() as tx:
        await tx.execute("update payouts.bank_lines set verdict = null")
        await tx.execute("update payouts.batch_items set state = 'pending', told_at = null")
        await tx.execute("update payouts.batches set state = 'sent', done_at = null")

    await dispatching.run_round(counter.dispatch, now=counter.house.now)

    assert await counter.verdicts() == [Verdict.SAME] * 2
    assert (await counter.batch(batch)).state is BatchState.DONE
    assert await bank_balance(counter) == sum(each.paid_minor for each in payouts) * MICROS_PER_MINOR
    assert ledger is counter.house.desk.ledger


async def test_a_step_that_was_taken_and_not_noted_is_noted_when_it_is_told_again(counter: Counter):
    payout = await counter.approved()
    batch = await counter.send()
    await steps.mark_paid(counter.house.desk, payout.id, reference="R", at=counter.house.now)
    told = ItemOutcome(end_to_end_id=payout.id.hex, state=ItemState.PAID, at=counter.house.now)

    verdicts = [await apply_outcome(counter.dispatch, told) for _ in range(2)]

    assert verdicts == [Verdict.SAME] * 2
    assert (await counter.items(batch))[0].state is ItemState.PAID


async def test_many_who_tell_the_same_at_once_pay_once(counter: Counter):
    payout = await counter.approved()
    await counter.send()
    told = ItemOutcome(end_to_end_id=payout.id.hex, state=ItemState.PAID, at=counter.house.now)

    await asyncio.gather(*(apply_outcome(counter.dispatch, told) for _ in range(8)))

    assert await steps_of(counter, payout) == ["requested", "approved", "submitted", "paid"]
    assert await bank_balance(counter) == payout.paid_minor * MICROS_PER_MINOR


async def test_ach_is_paid_once_its_day_is_over_and_may_come_back(counter: Counter):
    payout, other = await counter.approved(Rail.ACH), await counter.approved(Rail.ACH)
    batch = await counter.send(Rail.ACH)
    names = {item.payout_id: item for item in await counter.items(batch)}
    mine, theirs = names[payout.id], names[other.id]
    await dispatching.settle_ach(counter.dispatch, now=counter.house.now)
    before = await counter.state(payout)
    counter.house.clock.move(timedelta(days=4))

    await dispatching.settle_ach(counter.dispatch, now=counter.house.now)
    paid = await counter.state(payout)
    await counter.upload(
        ach_returns(
            # This bank kept the trace only.
            Return("", mine.trace or "", mine.amount_minor, "R03"),
            Return(theirs.end_to_end_id, theirs.trace or "", 0, "C01", corrected="1918171614"),
        ),
        Rail.ACH,
    )

    assert (before, paid) == (State.SUBMITTED, State.PAID)
    assert (await counter.state(payout), await counter.state(other)) == (State.RETURNED, State.PAID)
    [line] = await bank_files.list_to_look_at(counter.house.desk.db, limit=5)
    assert (line.verdict, line.corrected, line.payout_id) == (Verdict.CORRECTION, "•••• 1614", other.id)
    assert (await steps_of(counter, payout))[-1] == "returned: no_such_account"


async def test_an_ach_batch_that_nobody_sent_is_never_taken_for_paid(counter: Counter):
    payout = await counter.approved(Rail.ACH)
    await counter.make(Rail.ACH)
    counter.house.clock.move(timedelta(days=9))

    await dispatching.settle_ach(counter.dispatch, now=counter.house.now)

    assert await counter.state(payout) is State.SUBMITTED


async def test_totals_of_days_show_what_the_bank_did_not_book(counter: Counter):
    paid, missing = await counter.approved(minor=2_000), await counter.approved(minor=3_000)
    batch = await counter.send()

    await counter.upload(
        camt053(
            booked(paid, on=batch.pay_on.isoformat()),
            Entry("4.90", reference="FEE", on=batch.pay_on.isoformat()),
            came_back(paid, on=(batch.pay_on + timedelta(days=2)).isoformat()),
        )
    )

    totals = await bank_files.list_totals(
        counter.house.desk.db, since=batch.pay_on, until=batch.pay_on + timedelta(days=2)
    )
    later, first = totals
    assert (first.day, first.currency) == (batch.pay_on, "EUR")
    assert (first.sent_minor, first.booked_minor) == (paid.paid_minor + missing.paid_minor, paid.paid_minor)
    assert (first.difference_minor, first.open_minor, first.other_minor) == (missing.paid_minor,) * 2 + (490,)
    assert (later.returned_minor, later.open_minor) == (paid.paid_minor, missing.paid_minor)
    with pytest.raises(Invalid):
        await bank_files.list_totals(counter.house.desk.db, since=batch.pay_on, until=date(2030, 1, 1))


async def test_a_bank_that_books_what_nobody_marked_as_sent_shows_that_it_was(counter: Counter):
    payout = await counter.approved()
    batch: Batch = (await counter.make()).batch

    await counter.upload(camt053(booked(payout)))

    after = await counter.batch(batch)
    assert (after.state, after.sent_at) == (BatchState.DONE, counter.house.now)
