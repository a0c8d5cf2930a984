"""Every refusal of the documented list, by each ledger: exactly its reason, and nothing changed."""

import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.ledger import Account, Ledger, MemoryLedger, Reason, Refused
from tests.ledger.building import COINS, a_transfer, named, open_world, refusal_of
from tests.ledger.refusals import EXAMPLES, INDEXES

pytestmark = pytest.mark.usefixtures("migrated_template")  # the server starts outside of the test's event loop

REASONS = list(Reason)
OF_THE_WHOLE_CHAIN = {Reason.CHAIN_EMPTY, Reason.LINKED_EVENT_CHAIN_OPEN, Reason.CHAIN_TOO_LONG}
LEFT, RIGHT = named("left"), named("right")
SOUND_BEGINNING = a_transfer("sound beginning", LEFT, RIGHT)


def test_every_reason_has_an_example():
    assert EXAMPLES.keys() == set(Reason)


@pytest.mark.parametrize("reason", REASONS)
async def test_a_refusal_has_its_reason_and_changes_nothing(reason: Reason, ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    chain = await EXAMPLES[reason](ledger, clock)

    refusal = await refusal_of(ledger, chain)

    assert refusal == Refused(reason, INDEXES.get(reason, 0))


@pytest.mark.parametrize("reason", [reason for reason in REASONS if reason not in OF_THE_WHOLE_CHAIN])
async def test_a_refused_transfer_takes_the_sound_one_before_it_along(
    reason: Reason, memory_ledger: MemoryLedger, clock: MovableClock
):
    await open_world(memory_ledger)
    await memory_ledger.open_accounts([Account(LEFT, COINS, 100), Account(RIGHT, COINS, 100)])
    chain = await EXAMPLES[reason](memory_ledger, clock)

    refusal = await refusal_of(memory_ledger, [SOUND_BEGINNING, *chain])

    assert refusal == Refused(reason, INDEXES.get(reason, 0) + 1)


@pytest.mark.parametrize("reason", [reason for reason in REASONS if reason not in OF_THE_WHOLE_CHAIN])
async def test_a_refused_transfer_takes_the_sound_one_after_it_along(
    reason: Reason, memory_ledger: MemoryLedger, clock: MovableClock
):
    await open_world(memory_ledger)
    await memory_ledger.open_accounts([Account(LEFT, COINS, 100), Account(RIGHT, COINS, 100)])
    chain = await EXAMPLES[reason](memory_ledger, clock)

    refusal = await refusal_of(memory_ledger, [*chain, SOUND_BEGINNING])

    assert refusal == Refused(reason, INDEXES.get(reason, 0))


async def test_what_was_refused_once_may_be_posted_when_its_reason_is_gone(ledger: Ledger):
    await open_world(ledger)
    gift = a_transfer("gift", LEFT, RIGHT)
    first = await refusal_of(ledger, [gift])

    await ledger.open_accounts([Account(LEFT, COINS, 100), Account(RIGHT, COINS, 100)])
    second = await ledger.post([gift])

    assert first == Refused(Reason.DEBIT_ACCOUNT_NOT_FOUND)
    assert not isinstance(second, Refused)
