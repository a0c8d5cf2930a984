"""One story of crashes: the application under load, killed again and again, alone or together with PostgreSQL."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Self

import psycopg

from plaudit.foundation.database import Database
from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.foundation.migrations import migrate
from plaudit.ledger import PostgresLedger
from tests.ledger.closing import assert_books_close, assert_check_passes
from tests.ledger.crash.answers import Answer, find_lost, find_torn, find_uninvited, read_answers, read_feed
from tests.ledger.crash.victims import Application, kill_postgres
from tests.ledger.crash.worker import LANES

_NEWS_BEFORE_A_CRASH = 64


class CrashStory:
    """A PostgreSQL and an application of its own in `directory`; all that is random in it begins with `seed`."""

    def __init__(self, directory: Path, seed: int, *, options: Mapping[str, str] | None = None) -> None:
        self.server = EmbeddedPostgres(directory / "server", memory_mb=64, options=options)
        self.application = Application(self.server.url, directory, seed)
        self._seed = seed
        self._chance = Random(seed)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as on_failure:
            await on_failure.enter_async_context(self.server)
            await migrate(self.server.url)
            with psycopg.connect(self.server.url, autocommit=True) as admin:
                # A server without synchronous_commit would lose its tables, too.
                admin.execute("checkpoint")
            self._end = on_failure.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.application.kill()
        await self._end.aclose()

    async def crash(self, *victims: str) -> str:
        """Kill one of the victims ("application", "postgres", "both") while callers post, and start it again."""
        if not self.application.is_running:
            self.application.start()
        await self.application.has_news(_NEWS_BEFORE_A_CRASH)
        await asyncio.sleep(self._chance.random() * 0.4)
        victim = self._chance.choice(victims)
        if victim != "postgres":
            self.application.kill()
        if victim != "application":
            await kill_postgres(self.server)
            await self.server.start()
        if victim == "postgres":
            # Nobody restarts the application: it finds the server again by itself.
            await self.application.has_news(_NEWS_BEFORE_A_CRASH)
        return victim

    def find_lost(self) -> list[Answer]:
        """Who was told that a chain was posted that is not in the ledger."""
        # In this order: what is answered in between is in the feed all the same.
        answers = read_answers(self.application.answers)
        return find_lost(self._seed, answers, read_feed(self.server.url))

    async def assert_nothing_is_amiss(self) -> None:
        """Every answer is true, no chain is torn, and the books close."""
        with self.application.frozen():
            answers = read_answers(self.application.answers)
            feed = read_feed(self.server.url)
            assert find_lost(self._seed, answers, feed) == []
            assert find_uninvited(self._seed, answers, feed) == []
            assert find_torn(self._seed, answers, feed, lanes=LANES) == []
            async with Database.open(self.server.url) as db, PostgresLedger.open(db) as ledger:
                await assert_books_close(ledger)
                await assert_check_passes(db)
