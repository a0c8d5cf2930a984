"""The worker: which rounds there are, and what they work with."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from plaudit.coins import Till
from plaudit.coins import jobs as coin_jobs
from plaudit.foundation.clock import Clock, SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.ledger import PostgresLedger
from plaudit.people import jobs as people_jobs
from plaudit.providers import Sandbox, nats_line
from plaudit.rooms import Rooms, combos, relay
from plaudit.worker.rounds import Round, going_round


@asynccontextmanager
async def running_worker(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[None]:
    """All rounds go on until the block ends. `settings` must hold both URLs. Several workers are no harm."""
    clock = clock or SystemClock()
    database = Database.open(
        settings.database_url or "",
        application_name="plaudit-worker",
        pool_size=settings.database_pool_size,
        statement_timeout_ms=settings.statement_timeout_ms,
        lock_timeout_ms=settings.lock_timeout_ms,
    )
    async with database as db, nats_line(settings.nats_url or "", name="plaudit-worker") as line:
        ledger = PostgresLedger.open(
            db,
            clock=clock,
            deadline_seconds=settings.ledger_deadline_ms / 1000,
            batch_limit=settings.ledger_batch_limit,
        )
        async with ledger as books, Rooms.open(db, books, line, clock) as rooms:
            till = Till(db=db, ledger=books, providers={"sandbox": Sandbox(db)})
            async with going_round(list_rounds(rooms, till, clock)):
                yield


def list_rounds(rooms: Rooms, till: Till, clock: Clock) -> Sequence[Round]:
    """Everything that is looked after."""
    return [
        Round(name="relay", seconds=1, run=lambda: relay.run_round(rooms, now=clock.now())),
        Round(name="combos", seconds=0.5, run=lambda: combos.close_due(rooms.db, rooms.log, now=clock.now())),
        Round(name="holds", seconds=5, run=rooms.ledger.expire_holds),
        Round(name="top-ups", seconds=1, run=lambda: coin_jobs.run_round(till, now=clock.now())),
        Round(name="sessions", seconds=1, run=lambda: people_jobs.run_round(rooms.db, now=clock.now())),
    ]
