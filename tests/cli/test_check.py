import asyncio
import json
import re
import shutil
from pathlib import Path
from typing import LiteralString
from uuid import UUID

import pytest

from plaudit.audit.seals import seal_new
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.foundation.migrations import migrate, migrations_folder
from plaudit.ledger import PostgresLedger
from tests.cli.running import run
from tests.cli.test_serve import address_of, serving
from tests.earnings.settled import open_world
from tests.ledger.conftest import NOON
from tests.ledger.tampering import CREATOR, LAST, tamper, tell_the_beginning, tell_the_rest


async def tell_a_story(url: str) -> None:
    clock = MovableClock(NOON)
    async with Database.open(url) as db, PostgresLedger.open(db, clock=clock) as ledger:
        await tell_the_beginning(ledger)
        await tell_the_rest(ledger, clock)


async def change(url: str, statement: LiteralString) -> None:
    async with Database.open(url) as db:
        await tamper(db, statement)


async def add_a_coin(url: str) -> None:
    async with Database.open(url) as db:
        await tamper(db, "update ledger.accounts set credits_posted = credits_posted + 1 where code = 300")


@pytest.fixture
def books_url(empty_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The ledger's own story, in a database that has nothing but the ledger."""
    only_ledger = tmp_path_factory.mktemp("migrations")
    for migration in sorted(migrations_folder().iterdir())[:2]:
        shutil.copy(migration, only_ledger)
    asyncio.run(migrate(empty_database_url, folder=only_ledger))
    asyncio.run(tell_a_story(empty_database_url))
    return empty_database_url


async def tell_of_gifts(url: str, *, seals: bool = False, is_alone: bool = True) -> None:
    async with open_world(url, is_alone=is_alone) as world:
        fan, creator = await world.person(), await world.person()
        await world.buy(fan, 100, 1_000)
        await world.give(fan, creator, 40)
        await world.round()
        await world.give(fan, creator, 2)
        if seals:
            await seal_new(world.db, now=NOON)


@pytest.fixture
def gifts_url(database_url: str) -> str:
    """A house in which one gift is settled and one isn't yet, all of it sealed."""
    asyncio.run(tell_of_gifts(database_url, seals=True))
    return database_url


ONLY_THE_LEDGER = (
    "Only the ledger was checked: run `plaudit migrate` to have lots, settlement and payouts checked, too."
)


def test_books_that_are_right_are_said_to_be_in_one_line(books_url: str, tmp_path: Path):
    first = run("check", cwd=tmp_path, PLAUDIT_DATABASE_URL=books_url)
    second = run("check", cwd=tmp_path, PLAUDIT_DATABASE_URL=books_url)
    full = run("check", "--all", cwd=tmp_path, PLAUDIT_DATABASE_URL=books_url)

    assert (first.returncode, second.returncode, full.returncode) == (0, 0, 0)
    assert first.stderr == second.stderr == full.stderr == ""
    assert first.stdout.startswith("The books are right: 15 transfers, 7 accounts and 2 assets checked in ")
    assert second.stdout.startswith("The books are right: 0 transfers since the last check (15 in all), 7 accounts")
    assert full.stdout.startswith("The books are right: 15 transfers, 7 accounts")
    assert first.stdout.splitlines()[1:] == [ONLY_THE_LEDGER]


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
    assert ended.stdout.splitlines()[1].startswith("Coins, earnings, payouts and reversals: ")
    assert not (tmp_path / "plaudit-data" / "nats.conf").exists()


def test_gifts_lots_and_seals_are_checked_in_one_go(gifts_url: str, tmp_path: Path):
    ended = run("check", "--seals", cwd=tmp_path, PLAUDIT_DATABASE_URL=gifts_url)

    _, books, seals = ended.stdout.splitlines()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.fullmatch(r"Coins, earnings, payouts and reversals: \d+ checks; \d+ transfers not settled yet\.", books)
    assert re.fullmatch(r"Seals: 1 seal compared\. The newest is 1:[0-9a-f]{64}\.", seals)


def test_a_coin_float_that_is_off_ends_with_1_and_says_so(gifts_url: str, tmp_path: Path):
    asyncio.run(change(gifts_url, "update earnings.slices set share_micros = share_micros + 1"))

    ended = run("check", cwd=tmp_path, PLAUDIT_DATABASE_URL=gifts_url)
    as_json = run("check", "--json", cwd=tmp_path, PLAUDIT_DATABASE_URL=gifts_url)

    assert (ended.returncode, as_json.returncode) == (1, 1)
    assert "slice_share_differs: The share of the creator " in ended.stdout
    assert "share 2000001 instead of 2000000." in ended.stdout
    report = json.loads(as_json.stdout)
    assert (report["is_clean"], report["counts"], report["seals"]) == (False, {}, None)
    assert report["books"]["counts"] == {"slice_share_differs": 1, "leg_differs": 1}
    assert report["books"]["findings"][0]["expected"] == {"share": 2_000_000}


def test_a_changed_transfer_is_named_by_its_seal_and_a_rewritten_chain_by_its_anchor(gifts_url: str, tmp_path: Path):
    printed = run("books", "seal", "--print", cwd=tmp_path, PLAUDIT_DATABASE_URL=gifts_url)
    asyncio.run(change(gifts_url, "update ledger.transfers set ref_32 = 7 where timestamp = 2"))

    changed = run("check", "--seals", cwd=tmp_path, PLAUDIT_DATABASE_URL=gifts_url)
    asyncio.run(change(gifts_url, "delete from audit.seals"))
    run("books", "seal", cwd=tmp_path, PLAUDIT_DATABASE_URL=gifts_url)
    rewritten = run("check", "--seals", cwd=tmp_path, PLAUDIT_DATABASE_URL=gifts_url)
    anchor = printed.stdout.strip()
    anchored = run("check", "--anchor", anchor, cwd=tmp_path, PLAUDIT_DATABASE_URL=gifts_url)

    assert re.fullmatch(r"1:[0-9a-f]{64}", anchor)
    assert "sealed_transfer_changed: Transfer 2 isn't what it was when it was sealed." in changed.stdout
    assert (changed.returncode, rewritten.returncode, anchored.returncode) == (1, 0, 1)
    assert "anchor_differs: Seal 1 isn't the one that was kept elsewhere" in anchored.stdout


def test_an_anchor_that_cannot_be_one_is_refused(tmp_path: Path):
    ended = run("check", "--anchor", "12", cwd=tmp_path)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == ("plaudit: An anchor is the number of a seal, a colon, and 64 hexadecimal digits.\n")


async def test_check_works_beside_a_server_that_runs_on_the_same_directory(tmp_path: Path):
    async with serving(tmp_path) as server:
        await address_of(server)
        url = EmbeddedPostgres(tmp_path / "plaudit-data").url
        await tell_of_gifts(url, is_alone=False)
        clean = await asyncio.to_thread(run, "check", cwd=tmp_path)
        await add_a_coin(url)
        ended = await asyncio.to_thread(run, "check", cwd=tmp_path)

        assert server.returncode is None
        assert (clean.returncode, ended.returncode) == (0, 1)
        assert clean.stdout.startswith("The books are right: ")
        assert "counter_differs: Account " in ended.stdout
