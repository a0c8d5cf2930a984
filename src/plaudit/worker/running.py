"""The worker: which rounds there are, and what they work with."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from plaudit.audit import reconciliation, seals
from plaudit.coins import Till
from plaudit.coins import jobs as coin_jobs
from plaudit.earnings import settlement
from plaudit.earnings.settling import Settling
from plaudit.foundation.clock import Clock, SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.envelopes import open_vault
from plaudit.foundation.sealing import Seal
from plaudit.foundation.secret_key import find_secret_key
from plaudit.foundation.settings import Settings
from plaudit.ledger import Ledger, PostgresLedger
from plaudit.payouts import PayDesk, dispatching
from plaudit.payouts import steps as payout_steps
from plaudit.payouts.batch_model import Dispatch
from plaudit.people import Hasher
from plaudit.people import jobs as people_jobs
from plaudit.providers import Mailbox, Sandbox, nats_line
from plaudit.providers.wallets import open_wallet
from plaudit.reversals import Reversing
from plaudit.reversals import jobs as reversal_jobs
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
        async with (
            ledger as books,
            Rooms.open(db, books, line, clock) as rooms,
            open_wallet(settings, db, clock) as wallet,
        ):
            till = Till(db=db, ledger=books, providers={"sandbox": Sandbox(db)})
            dispatch = Dispatch(pay=_pay_desk(db, books, settings), wallet=wallet)
            async with going_round(list_rounds(rooms, till, clock, dispatch=dispatch)):
                yield


def list_rounds(rooms: Rooms, till: Till, clock: Clock, *, dispatch: Dispatch) -> Sequence[Round]:
    """Everything that is looked after."""
    books = Settling(db=rooms.db, ledger=rooms.ledger)
    reversing = Reversing(till=till, mail=Mailbox())
    return [
        Round(name="relay", seconds=1, run=lambda: relay.run_round(rooms, now=clock.now())),
        Round(name="combos", seconds=0.5, run=lambda: combos.close_due(rooms.db, rooms.log, now=clock.now())),
        Round(name="holds", seconds=5, run=rooms.ledger.expire_holds),
        Round(name="top-ups", seconds=1, run=lambda: coin_jobs.run_round(till, now=clock.now())),
        Round(name="settlement", seconds=2, run=lambda: settlement.run_round(books, now=clock.now())),
        Round(name="reversals", seconds=1, run=lambda: reversal_jobs.run_round(reversing, now=clock.now())),
        Round(name="payouts", seconds=2, run=lambda: payout_steps.finish_pending(dispatch.pay, now=clock.now())),
        Round(name="batches", seconds=2, run=lambda: dispatching.run_round(dispatch, now=clock.now())),
        Round(name="seals", seconds=5, run=lambda: seals.run_round(rooms.db, now=clock.now())),
        Round(
            name="reconciliation",
            seconds=300,
            run=lambda: reconciliation.run_round(rooms.db, till.providers, now=clock.now()),
        ),
        Round(name="sessions", seconds=1, run=lambda: people_jobs.run_round(rooms.db, now=clock.now())),
    ]


def _pay_desk(db: Database, ledger: Ledger, settings: Settings) -> PayDesk:
    hasher = Hasher(seal=Seal(find_secret_key(settings).encode(), purpose="second factor"))
    return PayDesk(db=db, ledger=ledger, vault=open_vault(settings), hasher=hasher, mail=Mailbox())
