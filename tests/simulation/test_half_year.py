"""A half-year of everything, in random order, with crashes between any two steps; afterwards the books are exact.

CI plays two dozen half-years, `make soak` thousands of them (PLAUDIT_HALF_YEARS). A failure prints its seed;
PLAUDIT_TEST_SEED repeats it: the same people decide the same things, and crashes have the same chances. Ids and the
order of what happens at the same moment are the machine's, so a crash may strike a step earlier or later.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from plaudit.foundation.embedded import EmbeddedPostgres
from tests.conftest import url_of
from tests.payouts.conftest import open_house
from tests.simulation.life import Life
from tests.simulation.populace import Populace, populate
from tests.simulation.reckoning import EVERYTHING, assert_other_programs_agree, reckon, settle_everything, take_census
from tests.simulation.town import open_town

HALF_YEARS = 24
SOAK_HALF_YEARS = int(os.environ.get("PLAUDIT_HALF_YEARS", "2000"))
EVENTS = 400


@pytest.fixture(scope="module")
def populated(postgres: EmbeddedPostgres, migrated_template: str) -> tuple[str, Populace]:
    """The name of a database in which everybody has joined, to be copied."""
    name = "half_year"
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        admin.execute(SQL("create database {} template {}").format(Identifier(name), Identifier(migrated_template)))

    async def join() -> Populace:
        async with open_house(url_of(postgres, name)) as house:
            return await populate(house)

    return name, asyncio.run(join())


@contextmanager
def a_copy(postgres: EmbeddedPostgres, template: str) -> Generator[str]:
    """A database of one half-year's own, in which everybody has joined."""
    name = "half_year_now"
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        admin.execute(
            SQL("create database {} template {} strategy file_copy").format(Identifier(name), Identifier(template))
        )
        yield url_of(postgres, name)
        admin.execute(SQL("drop database {} with (force)").format(Identifier(name)))


async def play(url: str, populace: Populace, seed: int, folder: Path) -> Counter[str]:
    """One half-year, and its reckoning; gives what happened in it, and how often."""
    async with open_town(url, populace) as town:
        life = Life(town, seed, EVENTS)
        await life.live(EVENTS)
        await life.come_to_rest()
        await settle_everything(town)
        await life.come_to_rest()
        await reckon(town)
        await assert_other_programs_agree(town, folder)
        return Counter({**await take_census(town), "crashes": town.fate.crashes})


async def test_half_years_end_with_exact_books(
    seed: int, postgres: EmbeddedPostgres, populated: tuple[str, Populace], tmp_path: Path
):
    template, populace = populated
    happened: Counter[str] = Counter()

    for nth in range(HALF_YEARS):
        print(f"PLAUDIT_TEST_SEED={seed + nth}")
        with a_copy(postgres, template) as url:
            happened += await play(url, populace, seed + nth, tmp_path)

    print("It happened in them:", dict(happened))
    assert [what for what in EVERYTHING if not happened[what]] == []


@pytest.mark.soak
async def test_thousands_of_half_years_end_with_exact_books(
    seed: int, postgres: EmbeddedPostgres, populated: tuple[str, Populace], tmp_path: Path
):
    template, populace = populated

    for nth in range(SOAK_HALF_YEARS):
        print(f"PLAUDIT_TEST_SEED={seed + nth}")
        with a_copy(postgres, template) as url:
            await play(url, populace, seed + nth, tmp_path)
