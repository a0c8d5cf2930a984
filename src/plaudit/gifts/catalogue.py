"""The catalogue in memory: read again every few seconds, and at once when this process has changed it."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from plaudit.foundation.database import Database
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.gifts import queries
from plaudit.gifts.model import Entry, Gift, Shelf
from plaudit.gifts.queries import PricedRow

REFRESH_SECONDS = 3.0

log = get_logger(__name__)


class Catalogue:
    """What there is to give. A price that was set for later is known before, and so holds from its instant on."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._shelf: Shelf | None = None

    async def get_shelf(self) -> Shelf:
        """The catalogue as it was a few seconds ago or later. Raises Unavailable when it was never read."""
        return self._shelf or await self.refresh()

    async def refresh(self) -> Shelf:
        """Read it from the database now."""
        async with self._db.transaction() as tx:
            rows, levels = await queries.list_catalogue(tx), await queries.list_levels(tx)
        self._shelf = Shelf(_entries_of(rows), tuple(levels))
        return self._shelf

    async def keep_fresh(self) -> None:
        """Read it again and again until cancelled; while the database is away, what was known stays."""
        while True:
            try:
                await self.refresh()
            except PlauditError as problem:
                log.warning("the catalogue can't be read", code=problem.code)
            await asyncio.sleep(REFRESH_SECONDS)


def _entries_of(rows: Iterable[PricedRow]) -> dict[str, Entry]:
    return {id: Entry(tuple(_version_of(row) for row in group)) for id, group in groupby(rows, lambda row: row.id)}


def _version_of(row: PricedRow) -> tuple[datetime, Gift]:
    gift = Gift(
        id=row.id,
        name=row.name,
        tier=row.tier,
        art=row.art,
        price_coins=row.price_coins,
        regions=row.regions,
        least_level=row.least_level,
        offered_from=row.offered_from,
        offered_until=row.offered_until,
    )
    return row.valid_from, gift
