"""A crash at a bad moment, somebody slow, a bad event, a provider that is away: nothing else stands still for it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import pytest
from msgspec.structs import replace

from plaudit.foundation.errors import Unavailable
from plaudit.providers import DisputeState, Mailbox, Sandbox, SandboxSettings
from plaudit.providers import sandbox_rules as provider_rules
from plaudit.providers.payment import Dispute as Told
from plaudit.reversals import (
    RefundState,
    Reversing,
    disputing,
    hold_queries,
    holds,
    inbox,
    jobs,
    refunding,
    refunds,
    unwinding,
)
from plaudit.reversals.errors import StillSettling, TopUpDisputed
from plaudit.reversals.model import Dispute, Hold
from tests.reversals.house import House, checkout_of
from tests.reversals.test_disputes import lose, win


class Away(Sandbox):
    """A provider that can't be reached."""

    async def list_disputes(self, *, since: datetime) -> Sequence[Told]:
        del since
        raise Unavailable

    async def find_dispute(self, dispute_id: str, *, now: datetime) -> Told | None:
        del dispute_id, now
        raise Unavailable


async def told_lost(house: House, dispute_id: UUID) -> Dispute:
    """The bank decides for the fan, and that is stored and nothing more."""
    await house.sandbox.close_dispute(dispute_id, DisputeState.LOST, now=house.now)
    told = await house.sandbox.find_dispute(f"dis_{dispute_id.hex}", now=house.now)
    assert told is not None
    return await disputing.take(house.desk, "sandbox", told, now=house.now)


async def live_hold(house: House, owner_id: UUID) -> Hold | None:
    async with house.db.transaction() as tx:
        return await holds.find(tx, owner_id)


async def body_to(house: House, person: UUID, subject: str) -> str:
    """What the letter with this subject says to somebody."""
    async with house.db.transaction() as tx:
        email = await tx.value(str, "select email from people.people where id = %(id)s", {"id": person})
        letters = {letter.subject: letter.body for letter in await Mailbox().list_letters(tx, email)}
    return letters[subject]


async def test_a_crash_between_dropping_a_hold_and_voiding_it_leaves_the_fan_nothing_of_a_lost_dispute(
    house: House, fan: UUID
):
    top_up = await house.bought(fan)
    # Each asks for a half, and holds it; one half comes back, and then the whole is asked for.
    half, whole = await house.dispute(top_up, 108), await house.dispute(top_up)
    await house.hear()
    await win(house, half)
    dispute = await told_lost(house, whole)
    assert dispute.coins == 50

    await unwinding.let_go(house.desk, dispute, now=house.now)
    await disputing.advance(house.desk, dispute.id, now=house.now)
    await house.go_round()

    lost = next(each for each in await house.disputes_of(top_up) if each.state is DisputeState.LOST)
    assert (lost.coins, lost.rest_micros, await house.coins(fan)) == (100, 1_990_000, 0)
    await house.assert_exact()


async def test_somebody_slow_makes_no_hold_for_a_dispute_that_has_ended(house: House, fan: UUID):
    top_up = await house.bought(fan)
    dispute_id = await house.dispute(top_up)
    await house.hear()
    (dispute,) = await house.disputes_of(top_up)
    first = await live_hold(house, dispute.id)
    assert first is not None
    await win(house, dispute_id)

    with pytest.raises(StillSettling):
        await holds.try_again(house.desk, first, now=house.now)
    await house.go_round()

    async with house.db.transaction() as tx:
        assert all(each.dropped_at for each in await hold_queries.list_holds(tx, dispute.id))
    assert await house.coins(fan) == 100
    await house.assert_exact()


async def test_who_is_quicker_makes_the_next_hold_and_the_other_goes_on_with_it(house: House, fan: UUID):
    top_up = await house.bought(fan)
    await house.dispute(top_up)
    await house.hear()
    (dispute,) = await house.disputes_of(top_up)
    first = await live_hold(house, dispute.id)
    assert first is not None

    second = await holds.try_again(house.desk, first, now=house.now)
    third = await holds.try_again(house.desk, second, now=house.now)

    assert await holds.try_again(house.desk, first, now=house.now) == third
    assert await live_hold(house, dispute.id) == third


async def test_an_event_that_cant_be_applied_holds_up_none_behind_it(house: House, fan: UUID):
    await house.sandbox.change_settings(SandboxSettings(copies=0))
    top_up, other = await house.bought(fan), await house.bought(fan, 50)
    odd, good = [
        await house.sandbox.open_dispute(checkout_of(each), reason="fraudulent", now=house.now)
        for each in (top_up, other)
    ]

    await house.tell(provider_rules.event_of_dispute(replace(odd, amount_minor=0)))
    await house.tell(provider_rules.event_of_dispute(good))

    async with house.db.transaction() as tx:
        notes = await tx.value(
            list[str | None],
            "select jsonb_agg(note order by received_at, event_id) from coins.inbox where kind = 'dispute'",
        )
    assert sorted(notes, key=str) == [None, inbox.ACCIDENT]
    assert await house.coins(fan) == 100
    await house.go_round()
    # What the event couldn't say, asking the provider did.
    assert await house.coins(fan) == 0
    await house.assert_exact(disputed=2_150_000 + 1_080_000)


async def test_a_provider_that_is_away_stops_no_other(house: House, fan: UUID):
    await house.sandbox.change_settings(SandboxSettings(copies=0))
    top_up, other = await house.bought(fan), await house.bought(fan, 50)
    dispute = await house.sandbox.open_dispute(checkout_of(top_up), reason="fraudulent", now=house.now)
    for name in ("away", "gone"):
        await disputing.take(house.desk, name, provider_rules.dispute_of(dispute), now=house.now)
    providers = {"away": Away(house.db), "sandbox": house.sandbox}
    house.desk = Reversing(till=replace(house.till, providers=providers), mail=house.desk.mail)
    house.clock.move(jobs.POLL_AFTER)

    await house.dispute(other)
    await house.go_round()

    (found,) = await house.disputes_of(other)
    assert found.coins == 50
    assert await house.coins(fan) == 0
    await house.assert_exact(disputed=2_150_000 + 1_080_000)


async def test_a_letter_says_that_coins_of_a_disputed_payment_are_on_hold(house: House, fan: UUID):
    await house.sandbox.change_settings(SandboxSettings(copies=0))
    top_up = await house.bought(fan)
    refund_id = top_up.id
    async with house.db.transaction() as tx:
        await refunds.add_intent(tx, refund_id, top_up.id, of=fan, now=house.now)
    refund = await refunds.get_refund(house.desk, refund_id, of=fan)
    await refunding.hold(house.desk, refund, top_up, now=house.now)
    dispute = await house.sandbox.open_dispute(checkout_of(top_up), reason="fraudulent", now=house.now)
    await disputing.take(house.desk, "sandbox", provider_rules.dispute_of(dispute), now=house.now)

    refund = await refunding.advance(house.desk, refund_id, now=house.now)

    assert (refund.state, refund.reason) == (RefundState.FAILED, TopUpDisputed.code)
    body = await body_to(house, fan, "Your refund didn't go through")
    assert body.endswith("Until the bank decides, these coins are on hold.\n")
    await house.go_round()
    await house.assert_exact(disputed=2_150_000)


@pytest.mark.parametrize("given", [0, 30])
async def test_a_letter_speaks_of_creators_only_where_something_was_taken_from_them(
    house: House, fan: UUID, iris: UUID, given: int
):
    top_up = await house.bought(fan)
    if given:
        await house.give(fan, iris, given)
    dispute_id = await house.dispute(top_up)
    await house.hear()

    await lose(house, dispute_id)

    body = await body_to(house, fan, "The dispute is over: you have your money back")
    assert ("was taken back from those who received it" in body) == bool(given)
    await house.assert_exact()
