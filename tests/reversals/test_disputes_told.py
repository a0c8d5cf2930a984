"""Disputes told of twice, late, backwards or not at all, and crashes between their steps: they end the same."""

import asyncio
from itertools import permutations
from uuid import UUID

import pytest
from msgspec.structs import replace

from plaudit.providers import DisputeState, Event, SandboxSettings
from plaudit.providers import sandbox_rules as provider_rules
from plaudit.providers.sandbox_rules import SandboxDispute
from plaudit.reversals import disputing, jobs, unwinding
from plaudit.reversals.dispute_queries import get_dispute, list_files
from tests.reversals.house import DAY, House, checkout_of
from tests.reversals.test_disputes import OWED, PENDING, lose


def events_of(dispute: SandboxDispute, *states: DisputeState) -> list[Event]:
    """What the sandbox tells when the dispute comes to these states."""
    return [provider_rules.event_of_dispute(replace(dispute, state=state)) for state in states]


@pytest.mark.parametrize("ends", [DisputeState.LOST, DisputeState.WON])
@pytest.mark.parametrize("order", [*permutations(range(3)), (1, 1, 0, 0, 1, 2, 2), (1,), (2, 1)])
async def test_events_doubled_lost_and_in_any_order_end_the_same(
    house: House, fan: UUID, iris: UUID, order: tuple[int, ...], ends: DisputeState
):
    await house.sandbox.change_settings(SandboxSettings(copies=0))
    top_up = await house.bought(fan)
    await house.give(fan, iris, 30)
    dispute = await house.sandbox.open_dispute(checkout_of(top_up), reason="fraudulent", now=house.now)
    payment = await house.sandbox.find_payment(top_up.checkout_id or "", now=house.now)
    assert payment is not None
    events = [*events_of(dispute, DisputeState.OPENED, ends), Event("evt_paid", payment)]

    for number in order:
        await house.tell(events[number])
    await house.go_round()
    await house.go_round()

    (found,) = await house.disputes_of(top_up)
    assert found.state is ends
    assert found.closed_at is not None
    assert await house.coins(fan) == (70 if ends is DisputeState.WON else 0)
    assert await house.net(PENDING, iris) == (298_500 if ends is DisputeState.WON else 0)
    await house.assert_exact()
    await house.assert_coins_fit(fan)


async def test_a_decision_that_is_told_otherwise_later_stays_and_is_noted(house: House, fan: UUID):
    await house.sandbox.change_settings(SandboxSettings(copies=0))
    top_up = await house.bought(fan)
    dispute = await house.sandbox.open_dispute(checkout_of(top_up), reason="fraudulent", now=house.now)

    for event in events_of(dispute, DisputeState.WON, DisputeState.LOST):
        await house.tell(event)

    (found,) = await house.disputes_of(top_up)
    assert (found.state, found.note) == (DisputeState.WON, disputing.TOLD_OTHERWISE)
    await house.assert_exact()


@pytest.mark.parametrize("ends", [DisputeState.LOST, DisputeState.WON])
async def test_a_decision_told_with_another_amount_counts_for_the_amount_that_was_booked(
    house: House, fan: UUID, ends: DisputeState
):
    await house.sandbox.change_settings(SandboxSettings(copies=0))
    top_up = await house.bought(fan)
    dispute = await house.sandbox.open_dispute(checkout_of(top_up), reason="fraudulent", now=house.now)
    (opened,) = events_of(dispute, DisputeState.OPENED)
    (decided,) = events_of(replace(dispute, amount_minor=200), ends)

    await house.tell(opened)
    await house.tell(decided)
    await house.go_round()

    (found,) = await house.disputes_of(top_up)
    assert (found.state, found.amount_minor, found.note) == (ends, 215, disputing.TOLD_OTHERWISE)
    assert found.closed_at is not None
    assert await house.coins(fan) == (100 if ends is DisputeState.WON else 0)
    await house.assert_exact()


async def test_a_dispute_of_a_payment_that_nobody_knows_is_kept_until_it_is_known(house: House, fan: UUID):
    await house.sandbox.change_settings(SandboxSettings(copies=0))
    top_up = await house.bought_later(fan)
    dispute = await house.sandbox.open_dispute(checkout_of(top_up), reason="fraudulent", now=house.now)

    for event in events_of(dispute, DisputeState.OPENED):
        await house.tell(event)
    async with house.db.transaction() as tx:
        (file,) = await list_files(tx, None, after=None, limit=5)
        assert await tx.value(str, "select note from coins.inbox where kind = 'dispute'") == "no_such_payment"
    assert (file.note, file.handle) == (disputing.NO_SUCH_PAYMENT, None)
    await house.settle_payment(top_up)
    await house.go_round()

    (found,) = await house.disputes_of(top_up)
    assert (found.note, found.coins) == (None, 100)
    await house.assert_exact(disputed=2_150_000)


async def test_a_dispute_in_another_currency_is_left_for_somebody_to_look(house: House, fan: UUID):
    await house.sandbox.change_settings(SandboxSettings(copies=0))
    top_up = await house.bought(fan)
    dispute = await house.sandbox.open_dispute(checkout_of(top_up), reason="fraudulent", now=house.now)

    (event,) = events_of(replace(dispute, currency="EUR"), DisputeState.OPENED)
    await house.tell(event)
    await house.go_round()

    async with house.db.transaction() as tx:
        (file,) = await list_files(tx, None, after=None, limit=5)
    assert (file.note, file.booked_at) == (disputing.OTHER_CURRENCY, None)
    await house.assert_exact()


async def test_a_dispute_of_which_no_webhook_came_is_found_by_asking(house: House, fan: UUID, iris: UUID):
    await house.sandbox.change_settings(SandboxSettings(copies=0))
    top_up = await house.bought(fan)
    dispute_id = await house.dispute(top_up)

    await house.go_round()
    assert await house.coins(fan) == 0
    await house.sandbox.close_dispute(dispute_id, DisputeState.LOST, now=house.now)
    house.clock.move(jobs.POLL_AFTER)
    await house.go_round()
    await house.go_round()

    (found,) = await house.disputes_of(top_up)
    assert found.state is DisputeState.LOST
    await house.assert_exact()


async def test_available_money_that_leaves_while_a_part_is_taken_makes_it_plan_again(
    house: House, fan: UUID, iris: UUID
):
    top_up = await house.bought(fan)
    await house.give(fan, iris, 100)
    await house.go_round()
    house.clock.move(8 * DAY)
    await house.go_round()
    dispute_id = await house.dispute(top_up)
    await house.hear()
    await house.sandbox.close_dispute(dispute_id, DisputeState.LOST, now=house.now)
    (dispute,) = await house.disputes_of(top_up)
    told = await house.sandbox.find_dispute(f"dis_{dispute_id.hex}", now=house.now)
    assert told is not None
    dispute = await disputing.take(house.desk, "sandbox", told, now=house.now)
    await unwinding.plan(house.desk, dispute, now=house.now)

    await house.pay_out(iris, 900_000)
    await house.go_round()

    (part,) = await house.unwindings_of(dispute)
    assert (part.attempt, part.available_micros, part.owed_micros) == (2, 95_000, 900_000)
    await house.assert_exact()


async def test_an_old_attempt_that_comes_late_takes_nothing_twice(house: House, fan: UUID, iris: UUID):
    top_up = await house.bought(fan)
    await house.give(fan, iris, 100)
    await house.go_round()
    house.clock.move(8 * DAY)
    await house.go_round()
    dispute_id = await house.dispute(top_up)
    await house.hear()
    await house.sandbox.close_dispute(dispute_id, DisputeState.LOST, now=house.now)
    told = await house.sandbox.find_dispute(f"dis_{dispute_id.hex}", now=house.now)
    assert told is not None
    dispute = await disputing.take(house.desk, "sandbox", told, now=house.now)
    await unwinding.plan(house.desk, dispute, now=house.now)
    (old,) = await unwinding.list_unposted(house.desk, dispute.id)
    await house.pay_out(iris, 900_000)
    await house.go_round()

    await unwinding.post_part(house.desk, old, now=house.now)
    await house.go_round()

    (part,) = await house.unwindings_of(dispute)
    assert (part.attempt, part.posted_at is not None) == (2, True)
    assert -await house.net(OWED, iris) == 900_000
    await house.assert_exact()


@pytest.mark.parametrize("ends", [DisputeState.LOST, DisputeState.WON])
@pytest.mark.parametrize("stops", range(6))
async def test_a_crash_after_any_step_ends_as_if_there_was_none(
    house: House, fan: UUID, iris: UUID, stops: int, ends: DisputeState
):
    await house.sandbox.change_settings(SandboxSettings(copies=0))
    top_up = await house.bought(fan)
    await house.give(fan, iris, 30)
    dispute = await house.sandbox.open_dispute(checkout_of(top_up), reason="fraudulent", now=house.now)
    told = provider_rules.dispute_of(dispute)
    heard = await disputing.take(house.desk, "sandbox", told, now=house.now)

    for _ in range(stops):
        # Each step from what was known before it, once and again: as after a crash just before its note.
        async with house.db.transaction() as tx:
            known = await get_dispute(tx, heard.id)
        await disputing.step(house.desk, known, top_up, now=house.now)
        await disputing.step(house.desk, known, top_up, now=house.now)
        if stops >= 3:
            await house.sandbox_decides(dispute.id, ends)
    await house.sandbox_decides(dispute.id, ends)
    house.clock.move(jobs.SWEEP_EVERY)
    await house.go_round()
    await house.go_round()

    (found,) = await house.disputes_of(top_up)
    assert (found.state, found.closed_at is not None) == (ends, True)
    assert await house.coins(fan) == (70 if ends is DisputeState.WON else 0)
    assert len(await house.letters_to(fan)) == 2
    await house.assert_exact()
    await house.assert_coins_fit(fan)


async def test_gifts_that_race_a_dispute_are_unwound_with_it(house: House, fan: UUID, iris: UUID):
    top_up = await house.bought(fan)
    dispute_id = await house.dispute(top_up)

    await asyncio.gather(house.hear(), *(house.give(fan, iris, 7) for _ in range(9)), return_exceptions=True)
    await house.go_round()
    await lose(house, dispute_id)
    await house.go_round()

    (dispute,) = await house.disputes_of(top_up)
    assert (dispute.loss_micros, await house.net(PENDING, iris), await house.coins(fan)) == (0, 0, 0)
    await house.assert_exact()
