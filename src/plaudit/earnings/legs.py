"""From slices to money: the legs of each run go to the ledger, one chain for each creator and currency."""

from datetime import datetime

from plaudit.earnings import leg_queries as queries
from plaudit.earnings.leg_queries import Leg
from plaudit.earnings.settling import Settling, leg_chain, post_all

_AT_ONCE = 2_000


async def finish_pending(books: Settling, *, now: datetime) -> int:
    """Post every leg that isn't marked as posted, once, however often it is tried; how many are posted now.

    What the ledger refuses stays, and stops no other. Raises what the ledger raises: then ask again.
    """
    posted = 0
    after: Leg | None = None
    while legs := await list_legs(books, after=after):

        async def mark(done: list[Leg]) -> None:
            await mark_legs(books, done, now=now)

        refused = await post_all(books, legs, leg_chain, mark)
        posted += len(legs) - len(refused)
        after = legs[-1]
        if len(legs) < _AT_ONCE:
            break
    return posted


async def list_legs(books: Settling, *, after: Leg | None) -> list[Leg]:
    """The next legs that the ledger may not have yet, beyond the leg `after`."""
    async with books.db.transaction() as tx:
        return await queries.list_unposted(tx, after=after, limit=_AT_ONCE)


async def mark_legs(books: Settling, legs: list[Leg], *, now: datetime) -> None:
    """The ledger has them."""
    async with books.db.transaction() as tx:
        await queries.mark_posted(tx, legs, now=now)
