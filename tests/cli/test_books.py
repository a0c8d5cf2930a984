import asyncio
import re
from pathlib import Path

import pytest

from tests.audit.readers import bean_check, hledger_check
from tests.cli.running import run
from tests.earnings.settled import open_world

DAYS = ("--from", "2026-03-01", "--to", "2026-03-31")


async def tell_of_gifts(url: str) -> None:
    async with open_world(url) as world:
        fan, creator = await world.person(), await world.person()
        await world.buy(fan, 100, 1_000)
        await world.give(fan, creator, 40)
        await world.round()


@pytest.fixture
def gifts_url(database_url: str) -> str:
    asyncio.run(tell_of_gifts(database_url))
    return database_url


def test_the_newest_seal_is_printed_for_keeping_elsewhere(gifts_url: str, tmp_path: Path):
    first = run("books", "seal", cwd=tmp_path, PLAUDIT_DATABASE_URL=gifts_url)
    printed = run("books", "seal", "--print", cwd=tmp_path, PLAUDIT_DATABASE_URL=gifts_url)
    again = run("books", "seal", cwd=tmp_path, PLAUDIT_DATABASE_URL=gifts_url)

    seal = printed.stdout.strip()
    assert re.fullmatch(r"1:[0-9a-f]{64}", seal)
    assert first.stdout == f"1 new seal. The newest covers everything up to transfer 6: {seal}\n"
    assert again.stdout == f"0 new seals. The newest covers everything up to transfer 6: {seal}\n"


def test_where_nothing_happened_there_is_nothing_to_seal(database_url: str, tmp_path: Path):
    ended = run("books", "seal", cwd=tmp_path, PLAUDIT_DATABASE_URL=database_url)

    assert (ended.returncode, ended.stdout) == (0, "There is nothing to seal yet.\n")


def test_the_books_are_exported_to_a_file_or_to_the_standard_output(gifts_url: str, tmp_path: Path):
    file = tmp_path / "march.beancount"
    to_file = run(
        *("books", "export", "--format", "beancount", *DAYS, "--output", str(file)),
        cwd=tmp_path,
        PLAUDIT_DATABASE_URL=gifts_url,
    )
    shown = run("books", "export", "--format", "hledger", *DAYS, cwd=tmp_path, PLAUDIT_DATABASE_URL=gifts_url)
    journal = tmp_path / "march.journal"
    journal.write_text(shown.stdout)

    assert to_file.stdout == f"6 transfers from 2026-03-01 to 2026-03-31 written to {file}.\n"
    assert (bean_check(file), hledger_check(journal)) == ("", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["march.beancount", "march.journal"]


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "excel", *DAYS),
        ("--format", "hledger", "--group", "week", *DAYS),
        ("--format", "hledger", "--from", "2026-03-01"),
        ("--format", "hledger", "--from", "yesterday", "--to", "2026-03-01"),
    ],
)
def test_what_cannot_be_exported_is_a_usage_error(tmp_path: Path, words: tuple[str, ...]):
    assert run("books", "export", *words, cwd=tmp_path).returncode == 2


def test_days_in_the_wrong_order_are_said_to_be(tmp_path: Path):
    ended = run("books", "export", "--format", "hledger", "--from", "2026-03-02", "--to", "2026-03-01", cwd=tmp_path)

    assert (ended.returncode, ended.stderr) == (1, "plaudit: The last day is before the first one.\n")
