import asyncio
import random
import tracemalloc
from contextlib import suppress
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.database_errors import UnknownConstraint
from plaudit.ledger import PostgresLedger, Transfer
from plaudit.ledger.checking import check_ledger
from plaudit.ledger.findings import MAX_LISTED, Code, Finding, Report
from tests.ledger.conftest import NOON
from tests.ledger.crimes import CLOCK_TO_16, CRIMES, Crime, forged
from tests.ledger.generated import generate_gifts
from tests.ledger.tampering import (
    ACCOUNTS,
    ADA,
    BOB,
    ISSUER,
    LAST,
    NAMES,
    drop_checks,
    tamper,
    tell_the_beginning,
    tell_the_rest,
)
from tests.waiting import until

MEGABYTE = 2**20


async def check(db: Database, *, everything: bool = False, **more: Any) -> Report:
    return await check_ledger(db, now=NOON, everything=everything, **more)


def found_in(report: Report) -> set[str]:
    """Each finding as its code, the timestamp and the account that it names."""
    return {in_short(finding) for finding in report.findings}


def in_short(finding: Finding) -> str:
    account = NAMES.get(finding.account, str(finding.account)) if finding.account else None
    return " ".join(
        str(part)
        for part in (finding.code, finding.timestamp, account, finding.asset if not account else None)
        if part is not None
    )


@pytest.fixture
async def books(db: Database, clock: MovableClock) -> Database:
    """The whole story, never checked."""
    async with PostgresLedger.open(db, clock=clock) as ledger:
        await tell_the_beginning(ledger)
        await tell_the_rest(ledger, clock)
    return db


@pytest.fixture
async def books_checked_early(db: Database, clock: MovableClock) -> Database:
    """The whole story, checked after its beginning: the rest of it is new to the next run."""
    async with PostgresLedger.open(db, clock=clock) as ledger:
        await tell_the_beginning(ledger)
        await check(db)
        await tell_the_rest(ledger, clock)
    return db


@pytest.fixture
async def books_checked(books: Database) -> Database:
    """The whole story, checked: all of it is old to the next run."""
    await check(books)
    return books


by_name = pytest.mark.parametrize("crime", CRIMES, ids=[crime.name for crime in CRIMES])


async def test_books_that_are_right_pass(books: Database):
    report = await check(books)

    assert report.is_clean
    assert (report.since, report.upto, report.transfers) == (0, LAST, LAST)
    assert (report.accounts, report.assets) == (len(ACCOUNTS), 2)


async def test_a_ledger_in_which_nothing_happened_yet_passes_again_and_again(db: Database):
    reports = [await check(db), await check(db), await check(db, everything=True)]

    assert [(report.is_clean, report.upto) for report in reports] == [(True, 0)] * 3


@by_name
async def test_everything_new_and_everything_at_all_is_checked_in_full(books_checked_early: Database, crime: Crime):
    await drop_checks(books_checked_early)
    await tamper(books_checked_early, *crime.statements)

    of_what_is_new = await check(books_checked_early)
    of_everything = await check(books_checked_early, everything=True)

    assert found_in(of_everything) == crime.in_full
    assert of_everything.counts.keys() == {finding.code for finding in of_everything.findings}
    assert found_in(of_what_is_new) == (crime.in_full if crime.when_new is None else crime.when_new)
    assert (of_what_is_new.since, of_everything.since) == (3, 0)


@by_name
async def test_of_what_is_old_the_present_is_checked(books_checked: Database, crime: Crime):
    await drop_checks(books_checked)
    await tamper(books_checked, *crime.statements)

    report = await check(books_checked)

    assert found_in(report) == (crime.in_full if crime.when_old is None else crime.when_old)


async def test_a_forged_transfer_that_the_counters_do_not_know_is_found(books_checked: Database):
    await tamper(books_checked, *forged(debit_posted=56, credit_posted=306))

    report = await check(books_checked)

    assert found_in(report) == {"clock_differs 16", "counter_differs bob", "counter_differs creator"}
    assert found_in(await check(books_checked, everything=True)) == found_in(report)


async def test_a_forged_transfer_that_the_history_does_not_know_is_found(books_checked: Database):
    await tamper(books_checked, *forged(debit_posted=55, credit_posted=305), CLOCK_TO_16)

    report = await check(books_checked)

    assert found_in(report) == {
        *("history_differs 16 bob", "history_differs 16 creator", "counter_differs bob", "counter_differs creator"),
    }


async def test_a_forged_transfer_that_fits_in_everywhere_but_breaks_a_limit_is_found(books_checked: Database):
    await drop_checks(books_checked)
    await tamper(
        books_checked,
        *forged(amount=1000, debit_posted=1055, credit_posted=1305),
        CLOCK_TO_16,
        "update ledger.accounts set debits_posted = 1055 where id = '000000000000000000000000000000a3'",
        "update ledger.accounts set credits_posted = 1305 where code = 300",
    )

    report = await check(books_checked)

    assert found_in(report) == {"limit_broken 16 bob", "limit_broken bob"}


async def test_a_forged_transfer_of_no_possible_form_is_found(books_checked: Database):
    await drop_checks(books_checked)
    await tamper(books_checked, *forged(kind=9, debit_posted=56, credit_posted=306), CLOCK_TO_16)

    report = await check(books_checked)

    assert "transfer_ill_formed 16" in found_in(report)


async def test_a_finding_says_in_numbers_and_in_words_what_is_off(books: Database):
    await tamper(books, "update ledger.accounts set credits_posted = 306 where code = 300")

    finding = next(iter((await check(books)).findings))
    second = (await check(books)).findings[1]

    assert finding.code is Code.ASSET_DOES_NOT_BALANCE
    assert (second.expected, second.found) == ({"credits_posted": 305}, {"credits_posted": 306})
    assert (
        second.sentence == f"Account {second.account} has credits_posted 306; its transfers sum to credits_posted 305."
    )


async def test_so_many_findings_of_a_kind_are_listed_and_the_rest_is_counted(db: Database):
    await generate_gifts(db, fans=150, creators=5, gifts=100)
    await tamper(db, "update ledger.accounts set credits_pending = 1")

    report = await check(db)

    assert report.counts[Code.COUNTER_DIFFERS] == report.counts[Code.PENDING_DIFFERS] == 156
    assert len([finding for finding in report.findings if finding.code is Code.COUNTER_DIFFERS]) == MAX_LISTED
    assert len([finding for finding in report.findings if finding.code is Code.PENDING_DIFFERS]) == MAX_LISTED


async def test_the_next_check_reads_only_what_is_new(books_checked: Database, clock: MovableClock):
    idle = await check(books_checked)
    async with PostgresLedger.open(books_checked, clock=clock) as ledger:
        await ledger.post([Transfer(uuid4(), ISSUER, ADA, 1, code=7), Transfer(uuid4(), ADA, BOB, 1, code=7)])

    report = await check(books_checked)

    assert (idle.transfers, idle.since, idle.upto) == (0, LAST, LAST)
    assert (report.transfers, report.since, report.upto) == (2, LAST, LAST + 2)
    assert report.accounts == len(ACCOUNTS)
    assert report.is_clean


async def test_after_a_check_that_found_something_the_next_reads_everything_until_it_is_put_right(
    books_checked: Database,
):
    await tamper(books_checked, "update ledger.transfers set amount = amount + 1 where timestamp = 4")
    await check(books_checked, everything=True)

    still_wrong = await check(books_checked)
    await tamper(books_checked, "update ledger.transfers set amount = amount - 1 where timestamp = 4")
    right_again = await check(books_checked)
    afterwards = await check(books_checked)

    assert (still_wrong.is_clean, still_wrong.transfers) == (False, LAST)
    assert (right_again.is_clean, right_again.transfers) == (True, LAST)
    assert (afterwards.is_clean, afterwards.transfers) == (True, 0)


@pytest.mark.parametrize(("page", "remember"), [(1, 0), (2, 3), (4, 1000)])
async def test_small_pages_and_a_short_memory_find_the_same(books: Database, page: int, remember: int):
    clean = await check(books, page=page, remember=remember)
    await tamper(books, "update ledger.transfers set amount = amount + 1 where timestamp in (4, 9)")

    report = await check(books, everything=True, page=page, remember=remember)

    assert clean.is_clean
    assert found_in(report) == found_in(await check(books))
    assert len(report.findings) == 8


async def test_progress_is_told_after_each_page(books: Database):
    told: list[tuple[str, int, int]] = []

    def note(what: str, done: int, total: int) -> None:
        told.append((what, done, total))

    await check(books, page=6, progress=note)

    assert told[:3] == [("transfers", 6, LAST), ("transfers", 12, LAST), ("transfers", LAST, LAST)]
    assert told[-2:] == [("accounts", 6, len(ACCOUNTS)), ("accounts", len(ACCOUNTS), len(ACCOUNTS))]


async def ledger_has_grown(ledger: PostgresLedger) -> bool:
    return await ledger.last_timestamp() > LAST


async def test_books_pass_while_they_go_on_being_written(books: Database, clock: MovableClock):
    async def keep_writing(ledger: PostgresLedger) -> None:
        while True:
            await asyncio.gather(*(ledger.post([Transfer(uuid4(), ISSUER, ADA, 1, code=7)]) for _ in range(20)))
            await asyncio.sleep(0.005)

    async with PostgresLedger.open(books, clock=clock) as ledger:
        writing = asyncio.create_task(keep_writing(ledger))
        await until(lambda: ledger_has_grown(ledger))
        reports = [await check(books, everything=number == 9, page=50) for number in range(10)]
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing

    assert all(report.is_clean for report in reports)
    assert reports[-1].upto > reports[0].upto > LAST


REFUSED: list[LiteralString] = [
    "update ledger.transfers set amount = amount + 1 where timestamp = 4",
    "update ledger.transfers set at = at - interval '1 hour' where timestamp = 5",
    "delete from ledger.transfers where timestamp = 15",
    "truncate ledger.transfers cascade",
    "delete from ledger.accounts where code = 1000",
    "update ledger.accounts set debits_posted = credits_posted + 1 where code = 200",
    "update ledger.accounts set debits_posted = -1 where code = 2000",
    "insert into ledger.open_holds (id, timestamp) values (gen_random_uuid(), 999)",
    "delete from ledger.checks",
    "update ledger.checks set findings = 0",
]


@pytest.mark.parametrize("statement", REFUSED)
async def test_the_database_itself_refuses_while_nobody_has_switched_its_guards_off(
    books_checked: Database, statement: LiteralString
):
    with pytest.raises(UnknownConstraint):
        async with books_checked.transaction() as tx:
            await tx.execute(statement)

    assert (await check(books_checked, everything=True)).is_clean


# Where a number stands that something else repeats, and so can't be changed alone. Codes and references aren't among
# them, nor is how long a hold was to last that ended before.
NUMBERS = {
    "transfers": [
        *("timestamp", "amount", "kind"),
        *("debit_debits_posted", "debit_debits_pending", "debit_credits_posted", "debit_credits_pending"),
        *("credit_debits_posted", "credit_debits_pending", "credit_credits_posted", "credit_credits_pending"),
    ],
    "accounts": ["debits_posted", "debits_pending", "credits_posted", "credits_pending", "ledger"],
    "open_holds": ["timestamp"],
    "clock": ["timestamp"],
}
STEPS = [1, -1, 2, -2, 3, 1000, -1000, 2**31, -(2**31), 2**40, 2**62, -(2**62)]


async def test_any_change_of_any_number_is_found(books: Database, database_url: str, seed: int):
    chance = random.Random(seed)
    await drop_checks(books)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as intruder:
        await intruder.execute("set session_replication_role = replica")

        for _ in range(150):
            table = chance.choice(list(NUMBERS))
            column = chance.choice(NUMBERS[table])
            step = chance.choice(STEPS)
            where = await change_one(intruder, chance, table, column, step)
            report = await check(books, everything=True)
            await change_at(intruder, table, column, -step, where)

            assert where is None or not report.is_clean, f"{table}.{column} changed by {step} in row {where}"

    assert (await check(books, everything=True)).is_clean


async def change_one(
    intruder: psycopg.AsyncConnection[Any], chance: random.Random, table: str, column: str, step: int
) -> str | None:
    """Add `step` to the column of some row and tell where the row lies now; None when its type can't hold that."""
    rows = await intruder.execute(SQL("select ctid::text from {} order by ctid").format(Identifier("ledger", table)))
    (row,) = chance.choice(await rows.fetchall())
    return await change_at(intruder, table, column, step, row)


async def change_at(
    intruder: psycopg.AsyncConnection[Any], table: str, column: str, step: int, row: str | None
) -> str | None:
    if row is None:
        return None
    change = SQL("update {table} set {column} = {column} + %s where ctid = %s::tid returning ctid::text").format(
        table=Identifier("ledger", table), column=Identifier(column)
    )
    try:
        changed = await (await intruder.execute(change, [step, row])).fetchone()
    except (psycopg.errors.NumericValueOutOfRange, psycopg.errors.UniqueViolation):
        return None
    assert changed is not None
    return changed[0]


async def test_memory_stays_within_its_bounds_however_many_transfers_there_are(db: Database):
    await generate_gifts(db, fans=2_000, creators=100, gifts=200_000)

    tracemalloc.start()
    try:
        report = await check(db, everything=True, page=2_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert report.is_clean
    assert report.transfers == 202_000
    # All of them at once would take some 200 MB.
    assert peak < 12 * MEGABYTE
