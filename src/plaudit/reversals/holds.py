"""Holds on the coins of one lot: asked for, judged by the settlement's fold, and asked for again until one fits.

The ledger knows how many coins somebody has, and only the fold knows whose turn each is: a hold that the ledger took
may find that its lot has less left. So each hold is an intent with an id of its own; how many coins it holds is decided
when it is posted, by whoever posts it first. A hold that doesn't fit, or isn't wanted any more, is *dropped*: noted as
such first, then voided, and again by each round for as long as the ledger has it.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from plaudit.coins import order
from plaudit.coins.model import TopUp
from plaudit.coins.order import Cut, Rest
from plaudit.earnings import settlement
from plaudit.earnings.settling import Settling
from plaudit.foundation.database import Transaction
from plaudit.foundation.ids import derive_id
from plaudit.ledger import Posted, Reason, Record
from plaudit.reversals import chains
from plaudit.reversals import hold_queries as queries
from plaudit.reversals.errors import ReversalRefused, StillSettling
from plaudit.reversals.model import Hold, Reversing

Wanted = Callable[[int], int]
"""How many coins to hold, of so many that are left."""

_AT_ONCE = 100


def first_hold(lot_id: UUID, *, refund_id: UUID | None = None, dispute_id: UUID | None = None, now: datetime) -> Hold:
    """The first intent to hold coins, for a refund or a dispute."""
    return _hold(lot_id, refund_id, dispute_id, 1, now)


def _hold(lot_id: UUID, refund_id: UUID | None, dispute_id: UUID | None, attempt: int, now: datetime) -> Hold:
    owner_id = refund_id or dispute_id
    assert owner_id is not None, "a hold is for a refund or a dispute"
    id = derive_id(owner_id, "hold", str(attempt))
    return Hold(id=id, lot_id=lot_id, refund_id=refund_id, dispute_id=dispute_id, attempt=attempt, made_at=now)


async def settle(
    desk: Reversing, hold: Hold, top_up: TopUp, wanted: Wanted, *, now: datetime
) -> tuple[Hold, Cut | None]:
    """The hold that was asked for last, and the cut that it made of its lot: None when nothing is left that is wanted.

    Whether the hold still stands is for the caller to see, under the lock of the refund or dispute. Raises
    StillSettling while gifts race it, and what the ledger raises: try again later.
    """
    while True:
        cut = await order.find_cut(desk.db, hold.id) or await _place(desk, hold, top_up, wanted, now=now)
        if cut is None or cut.fits:
            return hold, cut
        hold = await try_again(desk, hold, now=now)


async def _place(desk: Reversing, hold: Hold, top_up: TopUp, wanted: Wanted, *, now: datetime) -> Cut | None:
    """Post the hold, and have it judged. None when there is nothing to hold."""
    record = await desk.ledger.find_transfer(hold.id) or await _post(desk, hold, top_up, wanted, now=now)
    if record is None:
        return None
    await settlement.catch_up(Settling(desk.db, desk.ledger), timestamp=record.timestamp, now=now)
    cut = await order.find_cut(desk.db, hold.id)
    if cut is None:
        raise StillSettling
    return cut


async def _post(desk: Reversing, hold: Hold, top_up: TopUp, wanted: Wanted, *, now: datetime) -> Record | None:
    """The hold in the ledger; None when nothing is left that is wanted."""
    rest = await get_rest(desk, top_up, now=now)
    coins = wanted(rest.coins)
    if coins <= 0:
        # Nothing may be left because somebody else posted this very hold meanwhile.
        return await desk.ledger.find_transfer(hold.id)
    outcome = await desk.ledger.post((chains.hold_coins(hold, top_up.person_id, coins),))
    if isinstance(outcome, Posted):
        return outcome.records[0]
    if outcome.reason is Reason.EXCEEDS_CREDITS:
        raise StillSettling
    # Somebody else may have posted it with another number of coins: then theirs stands.
    record = await desk.ledger.find_transfer(hold.id)
    if record is None:
        raise ReversalRefused(f"The hold {hold.id} was refused: {outcome.reason}.")
    return record


async def get_rest(desk: Reversing, top_up: TopUp, *, now: datetime) -> Rest:
    """What is left of a lot as of all that is in the ledger now."""
    last = await desk.ledger.last_timestamp()
    await settlement.catch_up(Settling(desk.db, desk.ledger), timestamp=last, now=now)
    async with desk.db.transaction() as tx:
        return await order.get_rest(tx, top_up.id)


async def try_again(desk: Reversing, hold: Hold, *, now: datetime) -> Hold:
    """Drop a hold that isn't right, and make the intent of the next; gives the one that stands then.

    Raises StillSettling when none does: somebody else dropped this one, for its refund or dispute wants none any more.
    """
    again = _hold(hold.lot_id, hold.refund_id, hold.dispute_id, hold.attempt + 1, now)
    async with desk.db.transaction() as tx:
        await queries.lock_owner(tx, hold)
        if await queries.drop_hold(tx, hold.id, now=now):
            await queries.add_hold(tx, again)
        live = await queries.find_hold(tx, hold.owner_id)
    await void(desk, hold)
    if live is None:
        raise StillSettling
    return live


async def add_next(tx: Transaction, lot_id: UUID, *, dispute_id: UUID, now: datetime) -> None:
    """The intent of another hold, after all before it were dropped."""
    before = await queries.list_holds(tx, dispute_id)
    await queries.add_hold(tx, _hold(lot_id, None, dispute_id, len(before) + 1, now))


async def drop(tx: Transaction, hold: Hold | None, *, now: datetime) -> None:
    """It isn't wanted any more; `void` it when `tx` has committed."""
    if hold is not None:
        await queries.drop_hold(tx, hold.id, now=now)


async def void(desk: Reversing, hold: Hold | None) -> None:
    """Give back what a dropped hold holds; nothing where it never held anything."""
    if hold is None or await desk.ledger.find_transfer(hold.id) is None:
        return
    outcome = await desk.ledger.post((chains.void_coins(hold),))
    if not isinstance(outcome, Posted):
        raise ReversalRefused(f"The hold {hold.id} can't be voided: {outcome.reason}.")


async def void_dropped_of(desk: Reversing, top_up: TopUp) -> None:
    """Give back what dropped holds have of a lot, so that another one finds all coins that are left of it."""
    async with desk.db.transaction() as tx:
        dropped = await queries.list_dropped_of_lot(tx, top_up.id)
    for hold in dropped:
        await void(desk, hold)


async def list_dropped(desk: Reversing) -> list[Hold]:
    """Some of those that were dropped and are still held, as far as the fold knows."""
    async with desk.db.transaction() as tx:
        return await queries.list_dropped(tx, limit=_AT_ONCE)


async def find(tx: Transaction, owner_id: UUID) -> Hold | None:
    """The hold of a refund or a dispute that isn't dropped."""
    return await queries.find_hold(tx, owner_id)
