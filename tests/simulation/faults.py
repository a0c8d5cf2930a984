"""Crashes between any two steps: a database and a ledger through which a program can die, before or after a commit."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Iterable
from contextlib import asynccontextmanager

from plaudit.foundation.database import Database, Transaction
from plaudit.ledger import Outcome, PostgresLedger, Transfer


class Crash(BaseException):
    """The program ends here. No error of ours, so nothing that looks after errors sees it."""


class Fate:
    """Whether the program dies now: one chance in so many, as long as it is armed."""

    def __init__(self, one_in: int) -> None:
        self._rng = random.Random()
        self._one_in = one_in
        self.is_armed = False
        self.crashes = 0

    def strike(self) -> None:
        if self.is_armed and self._rng.randrange(self._one_in) == 0:
            self.crashes += 1
            raise Crash

    async def survive(self, doing: Awaitable[object], rng: random.Random) -> bool:
        """Whether it came to its end. What it had begun beside itself ends first, as a restart finds it."""
        before = asyncio.all_tasks()
        self._rng = rng
        self.is_armed = True
        try:
            await doing
        except Crash:
            return False
        finally:
            self.is_armed = False
            await asyncio.gather(*_begun_since(before), return_exceptions=True)
        return True


def _begun_since(before: set[asyncio.Task[object]]) -> list[asyncio.Task[object]]:
    """What runs beside us now, but for the naps of those who are always there, such as a pool of connections."""
    begun = asyncio.all_tasks() - before
    return [task for task in begun if getattr(task.get_coro(), "__qualname__", "") != "Event.wait"]


class FragileDatabase(Database):
    """A program can die before a transaction, in it, and after its commit."""

    fate: Fate

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        self.fate.strike()
        async with super().transaction() as tx:
            yield tx
            self.fate.strike()
        self.fate.strike()


class FragileLedger(PostgresLedger):
    """A program can die before the ledger hears of a chain, and before it hears the ledger's answer."""

    fate: Fate

    async def post(self, chain: Iterable[Transfer]) -> Outcome:
        self.fate.strike()
        outcome = await super().post(chain)
        self.fate.strike()
        return outcome
