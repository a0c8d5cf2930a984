"""What every test may ask for: a database of its own, a seed, and the rule for tests that take long."""

import asyncio
import os
import secrets
from collections.abc import Generator, Iterator
from itertools import count
from urllib.parse import urlsplit

import hypothesis
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.foundation.migrations import migrate

# Random on purpose, also where the environment says that this is CI: an example once found is kept as a blob to paste.
hypothesis.settings.register_profile("plaudit", print_blob=True, derandomize=False, deadline=None)
hypothesis.settings.load_profile("plaudit")

# The session's server answers in memory's time: a test that is about durability starts a server of its own.
_FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}
_TEMPLATE = "migrated"
_numbers = count(1)
_left_out = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the soak tests out, and remember how many, unless they are asked for."""
    soak = [] if os.environ.get("PLAUDIT_SOAK") else [item for item in items if item.get_closest_marker("soak")]
    config.stash[_left_out] = len(soak)
    if soak:
        config.hook.pytest_deselected(items=soak)
        items[:] = [item for item in items if item not in soak]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out and how to run it: nothing is skipped in silence."""
    if left_out := config.stash.get(_left_out, 0):
        terminalreporter.write_line(f"Soak tests left out: {left_out}. `make soak` runs them (PLAUDIT_SOAK=1).")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """The run's own PostgreSQL. Stopping or configuring it it would disturb the other tests: start another."""
    with asyncio.Runner() as runner:
        server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), options=_FAST)
        runner.run(server.start())
        try:
            yield server
        finally:
            runner.run(server.stop())


@pytest.fixture(scope="session")
def migrated_template(postgres: EmbeddedPostgres) -> str:
    """The name of a database with our schema and no rows, to be copied."""
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        admin.execute(SQL("create database {}").format(Identifier(_TEMPLATE)))
    asyncio.run(migrate(url_of(postgres, _TEMPLATE)))
    return _TEMPLATE


@pytest.fixture
def database_url(postgres: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """A migrated database of the test's own."""
    yield from _database(postgres, migrated_template)


@pytest.fixture
def empty_database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database of the test's own with nothing in it."""
    yield from _database(postgres, "template0")


def _database(postgres: EmbeddedPostgres, template: str) -> Generator[str]:
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        admin.execute(
            SQL("create database {} template {} strategy file_copy").format(Identifier(name), Identifier(template))
        )
        yield url_of(postgres, name)
        admin.execute(SQL("drop database {} with (force)").format(Identifier(name)))


def url_of(postgres: EmbeddedPostgres, database: str) -> str:
    """The URL of another database of the same server."""
    return urlsplit(postgres.url)._replace(path=f"/{database}").geturl()


@pytest.fixture
def seed() -> int:
    """Where a test's random choices begin; a failing test shows it, and PLAUDIT_TEST_SEED repeats it."""
    chosen = int(os.environ.get("PLAUDIT_TEST_SEED") or secrets.randbits(32))
    print(f"To repeat this: PLAUDIT_TEST_SEED={chosen}")
    return chosen
