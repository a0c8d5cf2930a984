"""The settlement's fold: the ledger's feed, page by page, becomes lines of stretches and slices of gifts.

A page is one transaction that also moves the cursor, so it can stop anywhere and goes on from there. Of a page come
first all lots, which only append to the lines; then all gifts, in one statement; and last the one hold of a refund or
dispute (or its end) at which the page was cut short, because it changes the order in which coins are spent.
"""

from datetime import datetime

from plaudit.coins import cuts, order_queries
from plaudit.earnings import folding_queries as queries
from plaudit.earnings.errors import LineTooShort
from plaudit.earnings.folding_queries import Place, Settled
from plaudit.foundation.database import Database, Transaction

PAGE = 50_000
"""The most transfers in a page: the larger, the fewer legs for as many gifts; it takes about a second."""

_NO_GIFTS = Settled(gifts=0, coins=0, found=0)


async def fold_page(db: Database, *, now: datetime, most: int = PAGE, waits: bool = False) -> Settled | None:
    """Fold the next page; None when there is nothing new, or another worker is folding and this one doesn't wait.

    Raises LineTooShort or SpendingUnknown when the books are wrong: then nothing is folded from there on. Raises
    Unavailable.
    """
    try:
        async with db.transaction() as tx:
            await queries.use_tables(tx)
            return await fold_next(tx, now=now, most=most, waits=waits)
    except LineTooShort as problem:
        raise await _explained(db, problem, most=most) from problem


async def fold_next(
    tx: Transaction,
    *,
    now: datetime,
    most: int = PAGE,
    waits: bool = False,
    notes_terms: bool = True,
    upto: int | None = None,
) -> Settled | None:
    """The same inside a transaction, on the tables that names without a schema mean there; no further than `upto`."""
    cursor = await queries.lock_cursor(tx, waits=waits)
    if cursor is None or cursor.timestamp == upto:
        return None
    left = most if upto is None else min(most, upto - cursor.timestamp)
    page = await queries.find_page(tx, after=cursor.timestamp, most=left)
    if page is None:
        return None
    event = await order_queries.find_event(tx, after=cursor.timestamp, upto=page.timestamp)
    last = event.timestamp - 1 if event else page.timestamp
    settled = await _settle(tx, cursor, last, now=now, notes_terms=notes_terms)
    if event:
        await cuts.apply_event(tx, event)
        page = Place(event.timestamp, event.at)
    await queries.move_cursor(tx, page)
    return settled


async def _settle(tx: Transaction, cursor: Place, last: int, *, now: datetime, notes_terms: bool) -> Settled:
    if last <= cursor.timestamp:
        return _NO_GIFTS
    await order_queries.open_lots(tx, after=cursor.timestamp, upto=last)
    if notes_terms:
        await queries.note_terms(tx, cursor, last)
    settled = await queries.settle(tx, after=cursor.timestamp, upto=last, now=now)
    if settled.found != settled.coins:
        raise LineTooShort(
            f"The gifts up to the transfer {last} spend {settled.coins} coins; {settled.found} are there."
        )
    return settled


async def _explained(db: Database, problem: LineTooShort, *, most: int) -> LineTooShort:
    """The same with the fan and the transfer named, if they can be found."""
    async with db.transaction() as tx, tx.connection.transaction(force_rollback=True):
        await queries.use_tables(tx)
        cursor = await queries.lock_cursor(tx, waits=True)
        page = await queries.find_page(tx, after=cursor.timestamp, most=most) if cursor else None
        if cursor is None or page is None:
            return problem
        event = await order_queries.find_event(tx, after=cursor.timestamp, upto=page.timestamp)
        last = event.timestamp - 1 if event else page.timestamp
        await order_queries.open_lots(tx, after=cursor.timestamp, upto=last)
        found = await queries.find_uncovered(tx, after=cursor.timestamp, upto=last)
    if found is None:
        return problem
    return LineTooShort(f"The transfer {found.timestamp} spends coins of the fan {found.fan_id} that no lot brought.")
