"""Posting in a test: short words for a transfer, for many callers at once, and for what they hear."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg

from plaudit.foundation.database import Database
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.ids import new_id
from plaudit.ledger import Outcome, Posted, PostgresLedger, Transfer
from tests.ledger.crash.lanes import CREATORS, WALLETS

DEADLINE_SECONDS = 1.0
# Nobody's machine is so slow that an answer that comes at all comes later; nobody waits for ever.
PATIENCE_SECONDS = 5 * DEADLINE_SECONDS

Heard = Outcome | PlauditError


def transfer(debit: UUID, credit: UUID, amount: int = 1, *, code: int = 1) -> Transfer:
    """A transfer with an id of its own."""
    return Transfer(new_id(), debit, credit, amount, code)


def gift(*, code: int = 1) -> Transfer:
    """One coin from the wallet that has a million of them."""
    return transfer(WALLETS[0], CREATORS[0], code=code)


@asynccontextmanager
async def ledger_on(
    url: str, *, deadline_seconds: float = DEADLINE_SECONDS, lock_timeout_ms: int = 3_000
) -> AsyncGenerator[PostgresLedger]:
    """A ledger whose callers don't wait long."""
    async with (
        Database.open(url, lock_timeout_ms=lock_timeout_ms) as db,
        PostgresLedger.open(db, deadline_seconds=deadline_seconds) as ledger,
    ):
        yield ledger


async def settle_in(ledger: PostgresLedger) -> None:
    """Post until the ledger has found that it is the only writer: from then on it decides ahead."""
    for _ in range(3):
        assert isinstance(await ledger.post([gift()]), Posted)


async def hear(ledger: PostgresLedger, chain: Sequence[Transfer]) -> Heard:
    """The outcome, or the error of ours that came instead; TimeoutError for who hears nothing at all."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await ledger.post(chain)
    except PlauditError as error:
        return error


async def hear_all(ledger: PostgresLedger, chains: Sequence[Sequence[Transfer]]) -> list[Heard]:
    """What each of many callers hears who all ask at once."""
    return await asyncio.gather(*(hear(ledger, chain) for chain in chains))


def is_stored(url: str, chain: Sequence[Transfer]) -> bool:
    """Whether the first transfer of the chain is in the ledger, straight from its table."""
    with psycopg.connect(url) as connection:
        found = connection.execute("select from ledger.transfers where id = %s", [chain[0].id]).fetchall()
    return bool(found)
