"""The lots that somebody spends next."""

from uuid import UUID

from plaudit.coins import top_up_queries as queries
from plaudit.coins.model import Lot
from plaudit.foundation.database import Database

_AT_ONCE = 50


async def list_next_lots(db: Database, person_id: UUID, *, first: int, end: int) -> list[Lot]:
    """Every lot that holds any of the coins from `first` up to `end` (of those ever received), and a few after them.

    They come in the order in which they are spent. Raises Unavailable.
    """
    found: list[Lot] = []
    async with db.transaction() as tx:
        while True:
            page = await queries.list_next_lots(tx, person_id, first=first, limit=_AT_ONCE)
            found += page
            if len(page) < _AT_ONCE or end_of(page[-1]) >= end:
                return found
            first = end_of(page[-1])


def end_of(lot: Lot) -> int:
    """The first coin after the lot."""
    return lot.first_coin + lot.coins
