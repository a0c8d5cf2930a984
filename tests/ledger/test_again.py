"""The same ids again give the same answer, whatever has happened since; with other content they are refused."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.ledger import (
    Kind,
    Ledger,
    Posted,
    PostgresLedger,
    Reason,
    Refused,
    Transfer,
    make_post,
    make_void,
)
from tests.ledger.building import (
    CREATOR,
    ISSUED,
    WALLET,
    a_hold,
    a_transfer,
    named,
    open_world,
    posted,
    reason_of,
    refusal_of,
    unchanged,
)
from tests.ledger.refusals import DIFFERENCES, OLD, OLD_POST

pytestmark = pytest.mark.usefixtures("migrated_template")  # the server starts outside of the test's event loop

Later = Callable[[Ledger, MovableClock], Awaitable[object]]


async def nothing_happens(ledger: Ledger, clock: MovableClock) -> None:
    """At once."""


async def other_gifts_are_sent(ledger: Ledger, clock: MovableClock) -> None:
    await posted(ledger, a_transfer("another", amount=100), a_transfer("a third", amount=100))


async def the_wallet_is_emptied(ledger: Ledger, clock: MovableClock) -> None:
    await posted(ledger, a_transfer("all that is left", amount=920))


async def both_accounts_are_closed(ledger: Ledger, clock: MovableClock) -> None:
    await ledger.close_account(WALLET)
    await ledger.close_account(CREATOR)


async def the_hold_is_posted(ledger: Ledger, clock: MovableClock) -> None:
    await posted(ledger, make_post(named("post"), named("hold"), 10))


async def the_hold_expires(ledger: Ledger, clock: MovableClock) -> None:
    clock.move(timedelta(days=1))
    await ledger.expire_holds()


async def the_clock_goes_back(ledger: Ledger, clock: MovableClock) -> None:
    clock.move(timedelta(days=-1))


LATER: list[Later] = [
    nothing_happens,
    other_gifts_are_sent,
    the_wallet_is_emptied,
    both_accounts_are_closed,
    the_hold_is_posted,
    the_hold_expires,
    the_clock_goes_back,
]


@pytest.mark.parametrize("later", LATER)
async def test_the_same_chain_again_gives_the_same_answer_after(later: Later, ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    chain = [a_transfer("gift", amount=40), a_hold("hold", 40, seconds=60)]
    first = await ledger.post(chain)
    await later(ledger, clock)

    async with unchanged(ledger):
        again = await ledger.post(chain)

    assert isinstance(first, Posted)
    assert again == first


@pytest.mark.parametrize("later", LATER)
async def test_a_hold_that_is_gone_is_ended_again_with_the_same_answer_after(
    later: Later, ledger: Ledger, clock: MovableClock
):
    await open_world(ledger)
    await posted(ledger, a_hold("gone", 40), a_hold("hold", 40, seconds=60))
    ending = make_void(named("void"), named("gone"))
    first = await ledger.post([ending])
    await later(ledger, clock)

    async with unchanged(ledger):
        again = await ledger.post([ending])

    assert isinstance(first, Posted)
    assert again == first


async def test_a_hold_posted_again_in_full_words_is_the_same(ledger: Ledger):
    await open_world(ledger)
    first = await posted(ledger, OLD, OLD_POST)

    again = await posted(ledger, OLD, first[1].transfer)

    assert again == first


async def test_another_process_gives_the_same_answer(
    postgres_ledger: PostgresLedger, database_url: str, clock: MovableClock
):
    await open_world(postgres_ledger)
    chain = [a_transfer("gift"), a_hold("hold", seconds=60), make_post(named("post"), named("hold"), 10)]
    first = await postgres_ledger.post(chain)

    async with Database.open(database_url) as db, PostgresLedger.open(db, clock=clock) as other:
        again = await other.post(chain)

    assert isinstance(first, Posted)
    assert again == first


async def test_a_refusal_is_no_answer_for_ever(ledger: Ledger):
    await open_world(ledger)
    gift = a_transfer("gift", amount=1_500)
    first = await ledger.post([gift])
    await posted(ledger, a_transfer("more coins", ISSUED, WALLET, 500))

    second = await ledger.post([gift])

    assert first == Refused(Reason.EXCEEDS_CREDITS)
    assert isinstance(second, Posted)


@pytest.mark.parametrize(("reason", "wish"), DIFFERENCES.items())
async def test_an_id_with_other_content_is_refused_with_the_field_that_differs(
    reason: Reason, wish: Transfer, ledger: Ledger, clock: MovableClock
):
    await open_world(ledger)
    await posted(ledger, OLD)
    await posted(ledger, OLD_POST)
    clock.move(timedelta(hours=1))

    refusal = await refusal_of(ledger, [wish])

    assert refusal == Refused(reason)


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (replace(OLD_POST, amount=31), Reason.EXISTS_WITH_DIFFERENT_AMOUNT),
        (replace(OLD_POST, amount=2**63 - 1), Reason.EXISTS_WITH_DIFFERENT_AMOUNT),
        (replace(OLD_POST, kind=Kind.VOID), Reason.EXISTS_WITH_DIFFERENT_FLAGS),
        (replace(OLD_POST, code=9), Reason.EXISTS_WITH_DIFFERENT_CODE),
        (replace(OLD_POST, debit_account=ISSUED), Reason.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID),
        (replace(OLD_POST, credit_account=ISSUED), Reason.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID),
        (replace(OLD_POST, ref_64=1), Reason.EXISTS_WITH_DIFFERENT_USER_DATA_64),
        (make_post(OLD.id, named("old post")), Reason.EXISTS_WITH_DIFFERENT_FLAGS),
        (a_transfer("old post"), Reason.EXISTS_WITH_DIFFERENT_FLAGS),
    ],
    ids=str,
)
async def test_the_end_of_a_hold_with_other_content_is_refused(wish: Transfer, reason: Reason, ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, OLD, OLD_POST)

    assert await reason_of(ledger, wish) is reason


async def test_the_id_of_an_expiry_is_used_too(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", seconds=1))
    clock.move(timedelta(seconds=1))
    await ledger.expire_holds()
    (*_, expiry) = await ledger.list_transfers(newest_first=True, limit=1)

    taken = await reason_of(ledger, make_void(expiry.transfer.id, named("hold")))

    assert taken is Reason.EXISTS_WITH_DIFFERENT_FLAGS


async def test_a_chain_of_which_a_part_exists_is_refused_at_that_part(ledger: Ledger):
    await open_world(ledger)
    one, two, three = (a_transfer(name) for name in ("one", "two", "three"))
    await posted(ledger, one, two)

    assert await refusal_of(ledger, [one, two, three]) == Refused(Reason.EXISTS, 0)
    assert await refusal_of(ledger, [three, two]) == Refused(Reason.EXISTS, 1)
    assert await refusal_of(ledger, [one, two, two]) == Refused(Reason.EXISTS, 0)


async def test_in_a_chain_of_which_a_part_exists_a_field_that_differs_is_named_first(ledger: Ledger):
    await open_world(ledger)
    one, two = a_transfer("one"), a_transfer("two")
    await posted(ledger, one, two)

    refusal = await refusal_of(ledger, [one, replace(two, amount=41), a_transfer("three")])

    assert refusal == Refused(Reason.EXISTS_WITH_DIFFERENT_AMOUNT, 1)


async def test_a_part_of_a_chain_can_be_asked_for_alone(ledger: Ledger):
    await open_world(ledger)
    records = await posted(ledger, a_transfer("one"), a_transfer("two"))

    assert await posted(ledger, a_transfer("two")) == records[1:]
