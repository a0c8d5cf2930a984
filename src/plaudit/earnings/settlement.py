"""The settlement as the worker runs it: fold until nothing is new, post the legs, release, repay, free reserves.

Each step can be the last before a crash: what is done again is done once.
"""

import asyncio
from datetime import datetime

from prometheus_client import Counter, Gauge

from plaudit.earnings import folding, folding_queries, legs, releasing, reserves
from plaudit.earnings.settling import Settling
from plaudit.foundation.database import Database
from plaudit.foundation.errors import PlauditError, TookTooLong
from plaudit.foundation.logs import get_logger

_LOOK_SECONDS = 0.2

log = get_logger(__name__)

_gifts = Counter("plaudit_settlement_gifts", "Gifts that were settled.")
_behind = Gauge("plaudit_settlement_transfers_behind", "Transfers that the settlement hasn't folded yet.")


async def run_round(books: Settling, *, now: datetime) -> int:
    """One round of all of it; how many gifts were settled. Raises Unavailable and its like; the next round goes on.

    One fan's line that is wrong stops the fold; what creators earned before becomes available all the same.
    """
    try:
        settled = await settle_all(books, now=now)
    except PlauditError:
        await move_on(books, now=now)
        raise
    await move_on(books, now=now)
    return settled


async def move_on(books: Settling, *, now: datetime) -> None:
    """Release what is due, free reserves, repay debts: of what is settled already."""
    await releasing.release_due(books, now=now)
    await reserves.free_due(books, now=now)
    await releasing.repay_debts(books, now=now)


async def settle_all(books: Settling, *, now: datetime) -> int:
    """Fold until nothing is new, and post the legs of each page while the next is folded; how many gifts.

    Folding keeps the database busy and posting this process, so the two together take little longer than one.
    """
    folding_all = asyncio.create_task(fold_all(books, now=now))
    try:
        while not folding_all.done():
            if not await legs.finish_pending(books, now=now):
                await asyncio.wait({folding_all}, timeout=_LOOK_SECONDS)
        settled = await folding_all
    finally:
        folding_all.cancel()
        await asyncio.gather(folding_all, return_exceptions=True)
    await legs.finish_pending(books, now=now)
    return settled


async def fold_all(books: Settling, *, now: datetime, most: int = folding.PAGE) -> int:
    """Fold until nothing is new, or another worker does; how many gifts were settled.

    A page that takes too long is cut smaller, down to one transfer.
    """
    settled = 0
    while True:
        try:
            page = await folding.fold_page(books.db, now=now, most=most)
        except TookTooLong:
            if most == 1:
                raise
            most = max(most // 8, 1)
            log.warning("a page of the settlement took too long", next_page=most)
            continue
        await count_behind(books.db)
        if page is None:
            return settled
        settled += page.gifts
        _gifts.inc(page.gifts)


async def catch_up(books: Settling, *, timestamp: int, now: datetime) -> None:
    """Fold at least up to a transfer, waiting for whoever is folding: for those who need a verdict.

    The legs are left to the worker: they are those of the whole house, and no verdict needs them. Raises Unavailable
    and its like.
    """
    while await folded_upto(books.db) < timestamp:
        page = await folding.fold_page(books.db, now=now, waits=True)
        if page is None:
            break
        _gifts.inc(page.gifts)


async def is_far_behind(db: Database, *, most: int = folding.PAGE) -> bool:
    """Whether more is left to fold than somebody who asked by a request should wait for."""
    async with db.transaction() as tx:
        return await folding_queries.count_behind(tx) > most


async def folded_upto(db: Database) -> int:
    """The last transfer that is folded; 0 when none is."""
    async with db.transaction() as tx:
        return (await folding_queries.get_place(tx)).timestamp


async def count_behind(db: Database) -> int:
    """How many transfers aren't folded yet; the gauge shows the same."""
    async with db.transaction() as tx:
        behind = await folding_queries.count_behind(tx)
    _behind.set(behind)
    return behind
