"""The time of a hold: open to its last microsecond, then over, and ended by the ledger with a transfer of its own."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import derive_id
from plaudit.ledger import (
    Account,
    Balances,
    Kind,
    Ledger,
    Limit,
    Posted,
    PostgresLedger,
    Reason,
    Refused,
    Transfer,
    spendable,
)
from plaudit.ledger.book import Book
from plaudit.ledger.model import MAX_HOLD_SECONDS
from plaudit.ledger.rules import decide, expiry_id
from plaudit.ledger.scribe import MAX_EXPIRED_AT_ONCE
from tests.ledger.building import (
    COINS,
    CREATOR,
    ISSUED,
    WALLET,
    a_hold,
    a_transfer,
    balances_of,
    feed_of,
    named,
    open_world,
    post_of,
    posted,
    reason_of,
    unchanged,
    void_of,
)
from tests.ledger.conftest import NOON

pytestmark = pytest.mark.usefixtures("migrated_template")  # the server starts outside of the test's event loop

TICK = timedelta(microseconds=1)


def expiry_of(name: str) -> UUID:
    return derive_id(named(name), "expire")


async def test_a_hold_is_open_until_the_last_microsecond_of_its_time(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", seconds=30))
    clock.move(timedelta(seconds=30) - TICK)

    assert await ledger.expire_holds() == 0
    assert await posted(ledger, post_of("hold"))


async def test_a_hold_is_over_at_the_very_end_of_its_time(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", seconds=30))
    clock.move(timedelta(seconds=30))

    outcome = await ledger.post([post_of("hold")])

    assert outcome == Refused(Reason.PENDING_TRANSFER_EXPIRED)
    assert await balances_of(ledger, WALLET) == Balances(credits_posted=1_000)
    assert await reason_of(ledger, void_of("hold")) is Reason.PENDING_TRANSFER_EXPIRED


async def test_the_time_of_a_hold_is_counted_from_its_own_instant(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    clock.move(timedelta(microseconds=123_457))
    await posted(ledger, a_hold("hold", seconds=1))

    clock.move(timedelta(seconds=1) - TICK)
    early = await ledger.expire_holds()
    clock.move(TICK)

    assert (early, await ledger.expire_holds()) == (0, 1)


async def test_an_expiry_is_a_transfer_of_the_feed_whose_id_comes_from_the_hold(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    hold = replace(a_hold("hold", 40, seconds=30), ref_128=named("gift"), ref_64=64, ref_32=32)
    await posted(ledger, hold)
    clock.move(timedelta(seconds=45))

    assert await ledger.expire_holds() == 1

    last = (await feed_of(ledger))[-1]
    assert last == await ledger.find_transfer(expiry_of("hold"))
    assert (last.timestamp, last.at) == (3, NOON + timedelta(seconds=45))
    assert last.transfer == replace(hold, id=expiry_of("hold"), kind=Kind.EXPIRE, hold_id=hold.id, hold_seconds=0)
    assert last.debit_balances == Balances(credits_posted=1_000)
    assert last.credit_balances == Balances()


async def test_what_expires_can_be_spent_by_the_chain_that_comes_next(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", 1_000, seconds=30))
    clock.move(timedelta(seconds=30))

    await posted(ledger, a_transfer("gift", amount=1_000))

    kinds = [record.transfer.kind for record in await feed_of(ledger)]
    assert kinds == [Kind.TRANSFER, Kind.HOLD, Kind.EXPIRE, Kind.TRANSFER]


async def test_a_hold_without_a_time_never_expires(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", 40))
    clock.move(timedelta(days=365 * 200))

    assert await ledger.expire_holds() == 0
    assert await posted(ledger, post_of("hold"))


async def test_the_longest_hold_lasts_136_years(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", 40, seconds=MAX_HOLD_SECONDS))
    clock.move(timedelta(seconds=MAX_HOLD_SECONDS - 1))

    early = await ledger.expire_holds()
    clock.move(timedelta(seconds=1))

    assert (early, await ledger.expire_holds()) == (0, 1)


async def test_a_hold_that_has_ended_does_not_expire(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    await posted(ledger, a_hold("posted", seconds=30))
    await posted(ledger, a_hold("voided", seconds=30))
    await posted(ledger, post_of("posted"))
    await posted(ledger, void_of("voided"))
    clock.move(timedelta(seconds=60))

    async with unchanged(ledger):
        assert await ledger.expire_holds() == 0


async def test_holds_expire_in_the_order_of_their_ends_and_each_once(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    for name, seconds in (("late", 30), ("early", 10), ("as early", 10), ("not yet", 31)):
        await posted(ledger, a_hold(name, 10, seconds=seconds))
    clock.move(timedelta(seconds=30))

    assert await ledger.expire_holds() == 3
    assert await ledger.expire_holds() == 0
    expired = [record.transfer.hold_id for record in (await feed_of(ledger))[5:]]
    assert expired == [named("early"), named("as early"), named("late")]
    assert await spendable(ledger, WALLET) == 990


async def test_each_hold_expires_at_its_own_time_while_gifts_go_on(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    for seconds in (3, 1, 2):
        await posted(ledger, a_hold(f"hold {seconds}", 100, seconds=seconds))

    left: list[int] = []
    for number in range(4):
        (record,) = await posted(ledger, a_transfer(f"gift {number}", amount=1))
        left.append(record.debit_balances.debits_pending)
        clock.move(timedelta(seconds=1))

    assert left == [300, 200, 100, 0]


async def test_more_holds_than_one_sweep_takes_all_expire(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    count = MAX_EXPIRED_AT_ONCE + 250
    for start in range(0, count, 250):
        await posted(ledger, *(a_hold(f"hold {start + number}", 1, seconds=5, debit=ISSUED) for number in range(250)))
    clock.move(timedelta(seconds=5))

    expired = 0
    while ended := await ledger.expire_holds():
        expired += ended

    assert expired == count
    assert await balances_of(ledger, CREATOR) == Balances()


async def test_one_call_ends_all_holds_whose_time_is_over(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    count = MAX_EXPIRED_AT_ONCE + 1
    for start in range(0, count, 143):
        await posted(ledger, *(a_hold(f"hold {start + number}", 1, seconds=5, debit=ISSUED) for number in range(143)))
    clock.move(timedelta(seconds=5))

    assert await ledger.expire_holds() == count


async def test_a_hold_that_time_has_ended_is_over_even_before_anyone_swept():
    at = NOON
    hold = a_hold("hold", seconds=30)
    book = Book()
    book.accounts = {id.int: Account(id, COINS, 1, Limit.NONE) for id in (WALLET, CREATOR)}
    book.balances = {id.int: Balances() for id in (WALLET, CREATOR)}
    outcome = decide(book, [hold], at)
    assert isinstance(outcome, Posted)
    book.enter(outcome.records)

    in_time = decide(book, [post_of("hold")], at + timedelta(seconds=30) - TICK)
    too_late = decide(book, [post_of("hold")], at + timedelta(seconds=30))

    assert isinstance(in_time, Posted)
    assert too_late == Refused(Reason.PENDING_TRANSFER_EXPIRED)


async def test_the_holds_of_closed_accounts_expire(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", seconds=30))
    await ledger.close_account(WALLET)
    await ledger.close_account(CREATOR)
    clock.move(timedelta(seconds=30))

    assert await ledger.expire_holds() == 1
    assert await spendable(ledger, WALLET) == 1_000


async def test_an_id_that_a_caller_took_from_an_expiry_stops_nobody(ledger: Ledger, clock: MovableClock):
    await open_world(ledger)
    await posted(ledger, a_hold("hold", 10, seconds=30))
    taken = expiry_id(named("hold"))
    theirs = Transfer(taken, WALLET, CREATOR, 1, code=1)
    assert isinstance(await ledger.post([theirs]), Posted)
    clock.move(timedelta(seconds=31))

    await posted(ledger, a_transfer("innocent", amount=1))

    expiry = await ledger.find_transfer(expiry_id(taken))
    assert expiry is not None
    assert expiry.transfer.kind is Kind.EXPIRE
    untouched = await ledger.find_transfer(taken)
    assert untouched is not None
    assert untouched.transfer == theirs


async def test_a_call_beside_a_gift_ends_all_that_the_gift_has_left(
    db: Database, postgres_ledger: PostgresLedger, clock: MovableClock
):
    await open_world(postgres_ledger)
    count = 2 * MAX_EXPIRED_AT_ONCE + 500
    for start in range(0, count, 250):
        holds = (a_hold(f"hold {start + number}", 1, seconds=5, debit=ISSUED) for number in range(250))
        await posted(postgres_ledger, *holds)
    clock.move(timedelta(seconds=5))

    gift = asyncio.create_task(postgres_ledger.post([a_transfer("gift", amount=1)]))
    for _ in range(5):
        await asyncio.sleep(0)
    expired = await postgres_ledger.expire_holds()
    await gift

    assert expired in (count, count - MAX_EXPIRED_AT_ONCE)
    async with db.transaction() as tx:
        assert await tx.value(int, "select count(*) from ledger.open_holds") == 0
