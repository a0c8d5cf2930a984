import asyncio
import json
import shutil
from pathlib import Path
from uuid import UUID

import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.foundation.migrations import migrate, migrations_folder
from plaudit.ledger import PostgresLedger
from tests.cli.running import run
from tests.cli.test_serve import address_of, serving
from tests.ledger.conftest import NOON
from tests.ledger.tampering import CREATOR, LAST, tamper, tell_the_beginning, tell_the_rest


async def tell_a_story(url: str) -> None:
    clock = MovableClock(NOON)
    async with Database.open(url) as db, PostgresLedger.open(db, clock=clock) as ledger:
        await tell_the_beginning(ledger)
        await tell_the_rest(ledger, clock)


async def add_a_coin(url: str) -> None:
    async with Database.open(url) as db:
        await tamper(db, "update ledger.accounts set credits_posted = credits_posted + 1 where code = 300")


@pytest.fixture
def books_url(database_url: str) -> str:
    asyncio.run(tell_a_story(database_url))
    return database_url


def test_books_that_are_right_are_said_to_be_in_one_line(books_url: str, tmp_path: Path):
    first = run("check", cwd=tmp_path, PLAUDIT_DATABASE_URL=books_url)
    second = run("check", cwd=tmp_path, PLAUDIT_DATABASE_URL=books_url)
    full = run("check", "--all", cwd=tmp_path, PLAUDIT_DATABASE_URL=books_url)

    assert (first.returncode, second.returncode, full.returncode) == (0, 0, 0)
    assert first.stderr == second.stderr == full.stderr == ""
    assert first.stdout.startswith("The books are right: 15 transfers, 7 accounts and 2 assets checked in ")
    assert second.stdout.startswith("The books are right: 0 transfers since the last check (15 in all), 7 accounts")
    assert full.stdout.startswith("The books are right: 15 transfers, 7 accounts")
    assert first.stdout.count("\n") == 1


def test_books_that_are_not_right_end_with_1_and_the_exact_account(books_url: str, tmp_path: Path):
    asyncio.run(add_a_coin(books_url))

    ended = run("check", cwd=tmp_path, PLAUDIT_DATABASE_URL=books_url)

    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout.splitlines()[:2] == [
        "asset_does_not_balance: In asset 1, posted debits sum to 1815 and posted credits to 1816.",
        f"counter_differs: Account {CREATOR} has credits_posted 306; its transfers sum to credits_posted 305.",
    ]
    assert ended.stdout.splitlines()[2].startswith(
        "The books are not right (asset_does_not_balance 1, counter_differs 1): 15 transfers"
    )


def test_json_is_one_object_with_every_number(books_url: str, tmp_path: Path):
    clean = run("check", "--json", cwd=tmp_path, PLAUDIT_DATABASE_URL=books_url)
    asyncio.run(add_a_coin(books_url))
    ended = run("check", "--json", cwd=tmp_path, PLAUDIT_DATABASE_URL=books_url)

    report = json.loads(ended.stdout)
    assert (clean.returncode, ended.returncode) == (0, 1)
    assert json.loads(clean.stdout)["is_clean"] is True
    assert (report["is_clean"], report["since"], report["upto"], report["transfers"]) == (False, LAST, LAST, 0)
    assert report["counts"] == {"asset_does_not_balance": 1, "counter_differs": 1}
    assert report["findings"][1] == {
        "code": "counter_differs",
        "sentence": f"Account {CREATOR} has credits_posted 306; its transfers sum to credits_posted 305.",
        "account": str(UUID(int=CREATOR.int)),
        "asset": 1,
        "expected": {"credits_posted": 305},
        "found": {"credits_posted": 306},
    }


def test_a_database_without_the_schema_is_told_how_to_get_it(empty_database_url: str, tmp_path: Path):
    ended = run("check", cwd=tmp_path, PLAUDIT_DATABASE_URL=empty_database_url)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "plaudit: The database has no 0001_ledger.sql yet: run `plaudit migrate` first.\n"


@pytest.mark.parametrize(("migrated", "code"), [(1, 1), (2, 0)])
def test_the_books_are_checked_as_soon_as_the_ledger_has_all_that_it_needs(
    empty_database_url: str, tmp_path: Path, migrated: int, code: int
):
    for migration in sorted(migrations_folder().iterdir())[:migrated]:
        shutil.copy(migration, tmp_path)
    asyncio.run(migrate(empty_database_url, folder=tmp_path))

    ended = run("check", cwd=tmp_path, PLAUDIT_DATABASE_URL=empty_database_url)

    assert ended.returncode == code
    assert ("0002_ledger_check.sql yet" in ended.stderr) == (code == 1)


def test_check_without_a_url_works_on_the_embedded_database_alone(tmp_path: Path):
    run("migrate", cwd=tmp_path)

    ended = run("check", cwd=tmp_path)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("The books are right: 0 transfers, 0 accounts and 0 assets checked in ")
    assert not (tmp_path / "plaudit-data" / "nats.conf").exists()


async def test_check_works_beside_a_server_that_runs_on_the_same_directory(tmp_path: Path):
    async with serving(tmp_path) as server:
        await address_of(server)
        url = EmbeddedPostgres(tmp_path / "plaudit-data").url
        await tell_a_story(url)
        clean = await asyncio.to_thread(run, "check", cwd=tmp_path)
        await add_a_coin(url)
        ended = await asyncio.to_thread(run, "check", cwd=tmp_path)

        assert server.returncode is None
        assert (clean.returncode, ended.returncode) == (0, 1)
        assert clean.stdout.startswith("The books are right: 15 transfers")
        assert str(CREATOR) in ended.stdout
