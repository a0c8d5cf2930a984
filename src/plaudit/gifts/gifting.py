"""What gifts are sent with."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from msgspec import Struct

from plaudit.foundation.database import Database
from plaudit.gifts.catalogue import Catalogue
from plaudit.gifts.intents import Intents
from plaudit.ledger import Ledger


class Gifting(Struct, frozen=True, kw_only=True):
    """Everything that sending gifts needs; made once when the program starts."""

    db: Database
    ledger: Ledger
    catalogue: Catalogue
    intents: Intents

    @classmethod
    @asynccontextmanager
    async def open(
        cls, db: Database, ledger: Ledger, *, deadline_seconds: float = 5.0, batch_limit: int = 512
    ) -> AsyncGenerator["Gifting"]:
        """Ready for as long as the block runs, whether the database is there yet or not; see `Intents.open`."""
        catalogue = Catalogue(db)
        async with Intents.open(db, deadline_seconds=deadline_seconds, batch_limit=batch_limit) as intents:
            refreshing = asyncio.create_task(catalogue.keep_fresh())
            try:
                yield cls(db=db, ledger=ledger, catalogue=catalogue, intents=intents)
            finally:
                refreshing.cancel()
                with suppress(asyncio.CancelledError):
                    await refreshing
