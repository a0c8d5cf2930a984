"""The feed and its filters: pages forwards and backwards that reach everything once."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.ledger import Filter, Ledger, Record
from tests.ledger.building import (
    CREATOR,
    DEBT,
    ISSUED,
    UNKNOWN,
    WALLET,
    a_hold,
    a_transfer,
    feed_of,
    named,
    open_world,
    posted,
)
from tests.ledger.conftest import NOON

pytestmark = pytest.mark.usefixtures("migrated_template")  # the server starts outside of the test's event loop

MINUTE = timedelta(minutes=1)
COUNT = 24
"""Of all transfers below, the funding included."""


async def write_a_day(ledger: Ledger, clock: MovableClock) -> list[Record]:
    """A transfer a minute, of several codes and references, most of them gifts."""
    await open_world(ledger)
    for number in range(1, COUNT - 1):
        clock.move(MINUTE)
        debit, credit = (WALLET, CREATOR) if number % 3 else (DEBT, WALLET)
        reference = named(f"gift {number % 2}") if number % 4 else None
        numbers = {"ref_64": number % 5, "ref_32": number % 7}
        gift = a_transfer(f"gift {number}", debit, credit, 1, 1 + number % 2, ref_128=reference, **numbers)
        await posted(ledger, gift)
    await posted(ledger, a_hold("hold", 1))
    return await feed_of(ledger)


async def pages(
    ledger: Ledger, which: Filter, limit: int, *, newest_first: bool = False
) -> AsyncIterator[list[Record]]:
    after: int | None = None
    while page := await ledger.list_transfers(which, after=after, limit=limit, newest_first=newest_first):
        yield page
        assert page[-1].timestamp != after, "a page that ends where it began would go on for ever"
        after = page[-1].timestamp


FILTERS = [
    Filter(),
    Filter(account=WALLET),
    Filter(account=CREATOR),
    Filter(account=ISSUED),
    Filter(account=UNKNOWN),
    Filter(code=1),
    Filter(code=2),
    Filter(code=3),
    Filter(ref_128=named("gift 1")),
    Filter(ref_64=3),
    Filter(ref_64=0),
    Filter(ref_32=6),
    Filter(since=NOON + 5 * MINUTE),
    Filter(before=NOON + 5 * MINUTE),
    Filter(since=NOON + 5 * MINUTE, before=NOON + 9 * MINUTE),
    Filter(since=NOON + 9 * MINUTE, before=NOON + 5 * MINUTE),
    Filter(before=NOON),
    Filter(since=NOON + timedelta(days=1)),
    Filter(account=WALLET, code=2, since=NOON + 5 * MINUTE, before=NOON + 20 * MINUTE),
    Filter(account=DEBT, ref_128=named("gift 1"), ref_64=3, ref_32=3),
    Filter(code=1, ref_128=named("gift 0"), ref_64=2),
]


async def test_every_page_of_every_filter_is_what_the_feed_shows_forwards_and_backwards(
    ledger: Ledger, clock: MovableClock
):
    feed = await write_a_day(ledger, clock)

    for which in FILTERS:
        admitted = [record for record in feed if which.admits(record)]
        forwards = [record async for page in pages(ledger, which, 5) for record in page]
        backwards = [record async for page in pages(ledger, which, 5, newest_first=True) for record in page]

        assert forwards == admitted, which
        assert backwards == admitted[::-1], which


async def test_a_filter_finds_what_it_says(ledger: Ledger, clock: MovableClock):
    await write_a_day(ledger, clock)

    async def count(which: Filter) -> int:
        return len(await ledger.list_transfers(which))

    # Told apart from `admits`, which the test above leans on: 22 gifts, every third of them from the debt account.
    assert await count(Filter()) == COUNT
    assert await count(Filter(account=CREATOR)) == 15 + 1
    assert await count(Filter(account=WALLET)) == COUNT
    assert await count(Filter(account=DEBT)) == 7
    assert await count(Filter(code=2)) == 11
    assert await count(Filter(ref_128=named("gift 0"))) == 6
    assert await count(Filter(ref_64=4)) == 4
    assert await count(Filter(ref_32=6)) == 3
    assert await count(Filter(since=NOON + 20 * MINUTE)) == 4
    assert await count(Filter(before=NOON + 2 * MINUTE)) == 2
    assert await count(Filter(since=NOON + 2 * MINUTE, before=NOON + 4 * MINUTE)) == 2


async def test_pages_are_as_long_as_asked_for(ledger: Ledger, clock: MovableClock):
    await write_a_day(ledger, clock)

    forwards = [len(page) async for page in pages(ledger, Filter(), 10)]
    backwards = [len(page) async for page in pages(ledger, Filter(account=WALLET), 7, newest_first=True)]

    assert forwards == [10, 10, 4]
    assert backwards == [7, 7, 7, 3]
    assert await ledger.list_transfers(limit=0) == []


async def test_a_page_begins_beyond_the_one_named(ledger: Ledger, clock: MovableClock):
    feed = await write_a_day(ledger, clock)

    assert await ledger.list_transfers(after=20) == feed[20:]
    assert await ledger.list_transfers(after=COUNT) == []
    assert await ledger.list_transfers(after=COUNT + 100) == []
    assert await ledger.list_transfers(after=0, limit=1) == feed[:1]
    assert await ledger.list_transfers(after=4, newest_first=True) == feed[2::-1]
    assert await ledger.list_transfers(after=1, newest_first=True) == []
    assert await ledger.list_transfers(after=COUNT + 100, newest_first=True) == feed[::-1]


async def test_a_cursor_sees_what_came_after_its_last_page(ledger: Ledger, clock: MovableClock):
    feed = await write_a_day(ledger, clock)
    assert await ledger.list_transfers(after=feed[-1].timestamp) == []

    new = await posted(ledger, a_transfer("new"))

    assert await ledger.list_transfers(after=feed[-1].timestamp) == [*new]


async def test_the_ends_of_a_span_of_time_are_exact(ledger: Ledger, clock: MovableClock):
    feed = await write_a_day(ledger, clock)
    at = feed[5].at
    tick = timedelta(microseconds=1)

    assert (await ledger.list_transfers(Filter(since=at), limit=1)) == [feed[5]]
    assert (await ledger.list_transfers(Filter(since=at + tick), limit=1)) == [feed[6]]
    assert (await ledger.list_transfers(Filter(before=at), limit=1, newest_first=True)) == [feed[4]]
    assert (await ledger.list_transfers(Filter(before=at + tick), limit=1, newest_first=True)) == [feed[5]]
