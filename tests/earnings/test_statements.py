"""A creator's months: they add up, they are written down once, and the hash is that of what is written."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from random import Random

import psycopg
import pytest

from plaudit.earnings import settling
from plaudit.earnings.errors import NoSuchStatement
from plaudit.earnings.statement_model import Position, decode, sum_positions
from plaudit.earnings.statements import Told, get_statement, list_months, list_stored, make_statement
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.ids import new_id
from plaudit.ledger import Posted, Transfer, make_hold, make_post
from plaudit.ledger.chart import AccountCode, TransferCode, make_account
from tests.earnings.told import Studio, open_studio


@pytest.fixture
async def studio(database_url: str) -> AsyncIterator[Studio]:
    async with open_studio(database_url) as studio:
        yield studio


async def told(studio: Studio, month: str = "2026-03") -> Told:
    return await get_statement(studio.db, studio.ledger, studio.creator, month, now=studio.now)


async def move_money(
    studio: Studio, debit: AccountCode, credit: AccountCode, micros: int, code: TransferCode, *, of_house: bool = False
) -> None:
    """Between two of the creator's accounts, or to one of the house's."""
    asset = get_currency("USD").asset
    one = make_account(debit, asset, studio.creator)
    other = make_account(credit, asset, "" if of_house else studio.creator)
    chain = settling.Chain((Transfer(new_id(), one.id, other.id, micros, code),), (one, other))
    assert isinstance(await settling.post(studio.books, chain), Posted)


async def a_month(studio: Studio) -> None:
    """Gifts of three fans in two currencies over some days, of which some are settled and some become available."""
    fans = [await studio.person("Ada"), await studio.person("Berta", region="DE"), await studio.person("=1+1")]
    for fan in fans:
        await studio.buy(fan, 270, 499, tax=40, fee=44, pack="pack_270")
    random = Random(7)
    for _ in range(9):
        for fan in fans:
            await studio.give(fan, "rose", quantity=random.randint(1, 20), is_anonymous=random.random() < 0.3)
        await studio.settle()
        studio.move(days=1)


async def test_opening_and_movements_sum_to_closing_and_the_days_and_fans_to_what_was_settled(studio: Studio):
    await a_month(studio)
    await move_money(studio, AccountCode.CREATOR_AVAILABLE, AccountCode.CREATOR_RESERVE, 100_001, TransferCode.RESERVE)
    await move_money(
        studio, AccountCode.OWED_BY_CREATOR, AccountCode.PLATFORM_REVENUE, 77, TransferCode.UNWINDING, of_house=True
    )
    await move_money(studio, AccountCode.CREATOR_AVAILABLE, AccountCode.OWED_BY_CREATOR, 7, TransferCode.REPAYMENT)

    statement = (await told(studio)).statement

    assert [part.currency for part in statement.currencies] == ["EUR", "USD"]
    for part in statement.currencies:
        assert sum_positions((part.opening, *(each.change for each in part.movements))) == part.closing
        settled = next(each.change.total for each in part.movements if each.kind == "settlement")
        assert settled == sum(day.share for day in part.days) == sum(fan.share for fan in part.fans)
        assert len(part.days) == 9
    dollars = statement.currencies[1]
    kinds = {each.kind: each.change for each in dollars.movements}
    assert kinds["reserve"] == Position(available=-100_001, reserve=100_001)
    assert kinds["repayment"] == Position(available=-7, owed=-7)
    assert kinds["unwinding"] == Position(owed=77, total=-77)
    assert kinds["release"].total == 0
    assert (dollars.closing.owed, dollars.closing.reserve) == (70, 100_001)
    assert statement.coins.received == statement.coins.settled
    assert None in {fan.fan for fan in dollars.fans}


async def test_what_a_payout_holds_is_still_there_until_it_is_paid(studio: Studio):
    await a_month(studio)
    asset = get_currency("USD").asset
    available = make_account(AccountCode.CREATOR_AVAILABLE, asset, studio.creator)
    under_way = make_account(AccountCode.PAYOUTS_UNDER_WAY, asset)
    hold = make_hold(Transfer(new_id(), available.id, under_way.id, 100_000, TransferCode.PAYOUT))
    outcome = await settling.post(studio.books, settling.Chain((hold,), (available, under_way)))
    assert isinstance(outcome, Posted)

    held = (await told(studio)).statement.currencies[1]
    await studio.ledger.post([make_post(new_id(), hold.id)])
    paid = (await told(studio)).statement.currencies[1]

    assert (held.on_its_way, paid.on_its_way) == (100_000, 0)
    assert held.closing.total - paid.closing.total == 100_000
    assert [each.change.available for each in paid.movements if each.kind == "payout"] == [-100_000]


async def test_a_month_that_is_over_is_written_down_once_and_never_changes(studio: Studio):
    await a_month(studio)
    running = await told(studio)
    studio.clock.move(datetime(2026, 4, 1, 2, tzinfo=UTC) - studio.now)
    await studio.settle()

    final, again = await told(studio), await told(studio)
    await studio.settle()
    (stored,) = await list_stored(studio.db, after=None)

    assert (running.is_final, running.sha256) == (False, None)
    assert final == again
    assert final.sha256 == hashlib.sha256(final.content).hexdigest()
    assert (stored.content, stored.month) == (final.content, date(2026, 3, 1))
    assert await list_stored(studio.db, after=(stored.person_id, stored.month)) == []
    # Whoever checks makes the same bytes from the ledger again.
    assert await make_statement(studio.db, studio.ledger, studio.creator, stored.month) == final.content
    assert decode(final.content) == final.statement


async def test_one_month_ends_where_the_next_begins(studio: Studio):
    await a_month(studio)
    studio.clock.move(datetime(2026, 4, 20, tzinfo=UTC) - studio.now)
    await studio.settle()

    march, april = (await told(studio)).statement, (await told(studio, "2026-04")).statement

    assert [part.closing for part in march.currencies] == [part.opening for part in april.currencies]
    assert march.coins.closing == april.coins.opening
    assert [each.month for each in await list_months(studio.db, studio.ledger, studio.creator, now=studio.now)] == [
        "2026-04",
        "2026-03",
    ]


async def test_a_month_with_gifts_that_arent_settled_isnt_final(studio: Studio):
    await a_month(studio)
    ada = await studio.person()
    await studio.buy(ada, 100, 199)
    await studio.give(ada)
    studio.clock.move(datetime(2026, 4, 1, 2, tzinfo=UTC) - studio.now)

    too_early = await told(studio)
    await studio.settle()

    assert not too_early.is_final
    assert too_early.statement.coins.closing == 1
    assert (await told(studio)).is_final


async def test_two_who_ask_at_once_get_the_same_statement(studio: Studio):
    await a_month(studio)
    studio.clock.move(datetime(2026, 4, 2, tzinfo=UTC) - studio.now)
    await studio.settle()

    found = await asyncio.gather(*(told(studio) for _ in range(4)))

    assert len({each.sha256 for each in found}) == 1
    assert len(await list_stored(studio.db, after=None)) == 1


@pytest.mark.parametrize("month", ["2026-02", "2026-05", "2026-13", "2026-3", "20260301", "", "2026-03-01", "zzzz-zz"])
async def test_there_is_no_statement_of_a_month_without_anything(studio: Studio, month: str):
    await a_month(studio)

    with pytest.raises(NoSuchStatement):
        await told(studio, month)


async def test_the_database_keeps_statements_as_they_are(studio: Studio, database_url: str):
    await a_month(studio)
    studio.clock.move(datetime(2026, 4, 2, tzinfo=UTC) - studio.now)
    await studio.settle()
    await told(studio)

    for change in (
        "update earnings.statements set content = 'x'",
        "delete from earnings.statements",
        """
        insert into earnings.statements (person_id, month, content, sha256, made_at)
        select id, '2026-03-01', 'x', sha256('y'), '2026-04-02' from people.people limit 1
        """,
        """
        insert into earnings.statements (person_id, month, content, sha256, made_at)
        select id, '2026-03-01', 'x', sha256('x'), '2026-03-31 23:00:00Z' from people.people limit 1
        """,
    ):
        with psycopg.connect(database_url) as admin, pytest.raises(psycopg.IntegrityError, match="statement"):
            admin.execute(change)  # pyright: ignore[reportArgumentType] - a test's own SQL
