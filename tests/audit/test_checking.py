import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import LiteralString, cast

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from plaudit.audit import Code
from plaudit.audit.checking import CHECKS, ask_all, check_books
from plaudit.audit.findings import Findings
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.ledger import PostgresLedger
from tests.audit.book_crimes import BOOK_CRIMES, BookCrime
from tests.audit.whole import Whole, open_whole
from tests.conftest import url_of
from tests.earnings.conftest import NOW
from tests.earnings.settled import open_world


@pytest.fixture(scope="module")
def whole(postgres: EmbeddedPostgres, migrated_template: str) -> Iterator[tuple[str, Whole]]:
    """The books with everything in them, in a database that all tests here share: what they do to it is undone."""
    name = "audited_whole"
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        admin.execute(SQL("create database {} template {}").format(Identifier(name), Identifier(migrated_template)))
        url = url_of(postgres, name)
        yield url, asyncio.run(tell(url))
        admin.execute(SQL("drop database {} with (force)").format(Identifier(name)))


async def tell(url: str) -> Whole:
    async with open_whole(url) as whole:
        return whole


@pytest.fixture
async def ledger(db: Database) -> AsyncIterator[PostgresLedger]:
    async with PostgresLedger.open(db, clock=MovableClock(NOW)) as ledger:
        yield ledger


@pytest.fixture
async def db(whole: tuple[str, Whole]) -> AsyncIterator[Database]:
    async with Database.open(whole[0], statement_timeout_ms=60_000) as db:
        yield db


class UndoneAgain(Exception):
    """Nothing that a test did stays."""


async def findings_after(db: Database, *statements: str) -> Findings:
    """What is found once these were done, as only a superuser could; they are undone again."""
    findings = Findings()
    with pytest.raises(UndoneAgain):
        async with db.transaction() as tx:
            await tx.execute("set local session_replication_role = replica")
            await tx.execute(_DROP_CHECKS)
            for statement in statements:
                await tx.execute(cast("LiteralString", statement))
            await ask_all(tx, findings)
            raise UndoneAgain
    return findings


_DROP_CHECKS: LiteralString = """
    do $$
    declare guard record;
    begin
        for guard in select conrelid::regclass as place, conname from pg_constraint
                     where contype = 'c' and connamespace::regnamespace::text in ('ledger', 'payouts', 'reversals')
        loop
            execute format('alter table %s drop constraint %I', guard.place, guard.conname);
        end loop;
    end $$
"""


def put_names(text: str, whole: Whole) -> str:
    names = {"ADA": whole.fans[0], "BOB": whole.fans[1], "CREATOR": whole.creator, "OTHER": whole.other}
    for name, id in names.items():
        text = text.replace(name, str(id))
    return text


async def test_books_with_everything_in_them_pass(db: Database, ledger: PostgresLedger):
    report = await check_books(db, ledger, now=NOW)

    assert report.findings == ()
    assert report.folded < report.timestamp
    assert (await check_books(db, ledger, now=NOW, everything=True)).is_clean


async def test_books_in_which_nothing_happened_pass(database_url: str):
    async with open_world(database_url) as world:
        assert (await check_books(world.db, world.ledger, now=NOW)).is_clean


@pytest.mark.parametrize("crime", BOOK_CRIMES, ids=[crime.name for crime in BOOK_CRIMES])
async def test_exactly_what_was_broken_is_named(db: Database, whole: tuple[str, Whole], crime: BookCrime):
    findings = await findings_after(db, *(put_names(each, whole[1]) for each in crime.statements))

    found = [(finding.code, finding.sentence) for finding in findings]
    assert {code for code, _ in found} == set(crime.codes), found
    wanted = put_names(crime.sentence, whole[1])
    assert any(code is crime.codes[0] and wanted in sentence for code, sentence in found), found


def test_every_check_has_something_that_it_alone_is_for():
    named = {crime.codes[0] for crime in BOOK_CRIMES}

    # Statements are made again, and have tests of their own.
    assert {check.code for check in CHECKS} - {Code.STATEMENT_CHANGED} == named


NOT_MARKED: dict[str, LiteralString] = {
    "legs": "update earnings.legs set posted_at = null where released_at is null",
    "releases": "update earnings.releases set posted_at = null",
    "reserves": "update earnings.reserves set posted_at = null where freed_micros is null",
    "freed reserves": "update earnings.reserves set freed_at = null",
    "payouts": "update payouts.payouts set ledger_due_at = now()",
    "top-ups": "update coins.top_ups set status = 'paid', settled_at = null where status = 'settled'",
    "unwindings": "update reversals.unwindings set posted_at = null",
    "refunds": "update reversals.refunds set state = 'sent', ended_at = null, answer = 'yes' where state = 'refunded'",
    "disputes": "update reversals.disputes set closed_at = null",
    "booked disputes": "update reversals.disputes set booked_at = null, closed_at = null",
}


@pytest.mark.parametrize("what", NOT_MARKED)
async def test_what_a_crash_kept_from_being_marked_as_done_is_judged_by_what_the_ledger_has(db: Database, what: str):
    assert list(await findings_after(db, NOT_MARKED[what])) == []


async def test_legs_that_are_not_posted_yet_are_no_finding(database_url: str):
    async with open_world(database_url) as world:
        fan, creator = await world.person(), await world.person()
        await world.buy(fan, 100, 1_000)
        await world.give(fan, creator, 40)
        await world.fold()

        assert (await check_books(world.db, world.ledger, now=NOW)).findings == ()


async def test_many_findings_of_a_kind_are_counted_and_the_first_listed(db: Database):
    findings = await findings_after(
        db,
        """
        insert into coins.grants (id, person_id, coins, currency, reason, made_at, posted_at)
        select gen_random_uuid(), gen_random_uuid(), 1, 'USD', 'x', now(), now() from generate_series(1, 250)
        """,
    )

    assert findings.counts == {Code.GRANT_DIFFERS: 250}
    assert len(list(findings)) == 100
