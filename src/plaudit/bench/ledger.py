"""`plaudit bench ledger`: gifts a second through the ledger, beside one database transaction a gift."""

from collections.abc import Callable, Sequence

import psutil
from msgspec import Struct, field

from plaudit.bench.apart import fresh_database, opened_ledger, postgres_beside
from plaudit.bench.measuring import Act, Figure, measure
from plaudit.bench.naive import naive_callers
from plaudit.bench.preload import preload
from plaudit.bench.world import World, make_world, settle_in
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.ledger import Ledger, Refused

NAIVE_CALLERS = (1, 64)
LEDGER_CALLERS = (1, 16, 64, 256, 1024)
EMPTY_CALLERS = (256, 1024)

Say = Callable[[str], None]


class LedgerPlan(Struct, frozen=True, kw_only=True):
    """What to measure: seconds for each figure, and how many transfers are in the tables before."""

    seconds: float = 5.0
    preload: int = 0
    seed: int = 1


class LedgerFigures(Struct, kw_only=True):
    """The figures by name, and the memory of this process before and after those of the ledger.

    `naive_64` and `ledger_256` say how many callers there were; with a preload, `empty_256` is the same before it.
    """

    figures: dict[str, Figure] = field(default_factory=dict[str, Figure])
    preloaded: int = 0
    process_mb_before: int = 0
    process_mb_after: int = 0

    def ratio(self, callers: int) -> float:
        """How many times as many gifts a second as naive at 64 connections."""
        return round(self.figures[f"ledger_{callers}"].per_s / self.figures["naive_64"].per_s, 1)


async def bench_ledger(settings: Settings, plan: LedgerPlan, say: Say) -> LedgerFigures:
    """Measure on a fresh embedded PostgreSQL with the product's own settings, on the disk of the data directory."""
    run = _Run(settings, plan, say)
    async with postgres_beside(settings) as postgres:
        async with fresh_database(postgres, "naive", settings) as db:
            await run.measure_naive(db, await run.settle(db))
        async with fresh_database(postgres, "measured", settings) as db:
            world = await run.settle(db)
            if plan.preload:
                await run.measure_ledger(db, world, "empty", EMPTY_CALLERS)
                await preload(db, world, plan.preload, say)
            run.found.process_mb_before = _memory_mb()
            await run.measure_ledger(db, world, "ledger", LEDGER_CALLERS)
            run.found.process_mb_after = _memory_mb()
    return run.found


class _Run:
    """One run of the bench, and what it has found so far."""

    def __init__(self, settings: Settings, plan: LedgerPlan, say: Say) -> None:
        self.found = LedgerFigures(preloaded=plan.preload)
        self._settings = settings
        self._plan = plan
        self._say = say

    async def settle(self, db: Database) -> World:
        self._say("opening and funding the accounts")
        world = make_world(self._plan.seed)
        async with opened_ledger(db, self._settings) as ledger:
            await settle_in(world, ledger)
        return world

    async def measure_naive(self, db: Database, world: World) -> None:
        for count in NAIVE_CALLERS:
            self._say(f"naive: {count} connections")
            async with naive_callers(db, world, count) as acts:
                self.found.figures[f"naive_{count}"] = await measure(list(acts), self._plan.seconds)

    async def measure_ledger(self, db: Database, world: World, name: str, callers: Sequence[int]) -> None:
        async with opened_ledger(db, self._settings) as ledger:
            for count in callers:
                self._say(f"{name}: {count} callers")
                acts = [_giver(ledger, world)] * count
                self.found.figures[f"{name}_{count}"] = await measure(acts, self._plan.seconds)


def _giver(ledger: Ledger, world: World) -> Act:
    async def give() -> None:
        match await ledger.post((world.make_gift(),)):
            case Refused(reason):
                raise RuntimeError(f"a gift was refused: {reason}")
            case _:
                pass

    return give


def _memory_mb() -> int:
    return psutil.Process().memory_info().rss // 2**20
