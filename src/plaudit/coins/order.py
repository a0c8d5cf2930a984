"""Who spends which lot, in which order: the line of stretches, as far as the settlement has folded the ledger.

Only the settlement's fold writes it. Positions are places in the line, from 0: a gift consumes the line from where the
one before ended. What a cut (the hold of a refund or a dispute) takes out isn't in the line any more, so a position is
not the same as what the ledger's account was ever debited: see `position`.
"""

from uuid import UUID

from msgspec import Struct

from plaudit.coins import order_queries as queries
from plaudit.coins.line import Piece, value_between
from plaudit.coins.model import Spender, Stretch
from plaudit.foundation.database import Database, Transaction
from plaudit.ledger import Balances

__all__ = [
    "Cut",
    "Rest",
    "find_cut",
    "find_spender",
    "get_rest",
    "list_changed",
    "list_next",
    "list_stretches",
    "position",
]

_AT_ONCE = 50


class Rest(Struct, frozen=True, kw_only=True):
    """The unspent coins of a lot as of the fold, cuts that took some of them aside. `lot_offset` is the first of them.

    `value_micros` is what was paid for them, in internal units of the lot's currency.
    """

    coins: int
    lot_offset: int
    value_micros: int


class Cut(Struct, frozen=True, kw_only=True):
    """What came of a hold on coins of one lot. `fits` is false: nothing was taken, so void the hold and ask again.

    `rest_before` is how many coins of the lot were unspent just before it. `ended` is None, `posted` or `voided`.
    """

    hold_id: UUID
    timestamp: int
    lot_id: UUID | None
    person_id: UUID
    coins: int
    rest_before: int
    fits: bool
    lot_offset: int
    value_micros: int
    ended: str | None
    ended_timestamp: int | None


def position(balances: Balances, taken: int) -> int:
    """The place in the line of a fan's next coin: all that left their account or is held, less what cuts took."""
    return balances.debits_posted + balances.debits_pending - taken


async def find_spender(db: Database, person_id: UUID) -> Spender:
    """How long the fan's line is and how much of it is spent, as of the fold; all zero for whoever has none."""
    async with db.transaction() as tx:
        return await queries.find_spender(tx, person_id) or Spender()


async def list_next(db: Database, person_id: UUID, *, first: int, end: int) -> list[Stretch]:
    """The stretches that hold any of the places from `first` up to `end`, and a few after them, in their order.

    Lots whose coins are in the wallet and not in the line yet come last, where they will be. Raises Unavailable.
    """
    async with db.transaction() as tx:
        return await list_stretches(tx, person_id, first=first, end=end)


async def list_stretches(tx: Transaction, person_id: UUID, *, first: int, end: int) -> list[Stretch]:
    """The same inside a transaction."""
    found: list[Stretch] = []
    spender = await queries.find_spender(tx, person_id) or Spender()
    is_folded = True
    while True:
        if is_folded:
            page = await queries.list_stretches(tx, person_id, first=first, limit=_AT_ONCE)
        else:
            page = await queries.list_unfolded(tx, person_id, spender, first=first, limit=_AT_ONCE)
        found += page
        first = page[-1].end if page else first
        if len(page) == _AT_ONCE and first < end:
            continue
        if len(page) == _AT_ONCE or not is_folded:
            return found
        is_folded = False


async def get_rest(tx: Transaction, lot_id: UUID) -> Rest:
    """The unspent coins of a lot as of the fold; none of a lot that isn't folded yet."""
    pieces = await queries.list_rest(tx, lot_id)
    if not pieces:
        return Rest(coins=0, lot_offset=0, value_micros=0)
    lot = await queries.get_worth(tx, lot_id)
    return Rest(
        coins=sum(piece.coins for piece in pieces),
        lot_offset=min(piece.lot_offset for piece in pieces),
        value_micros=sum(value_of(lot, piece) for piece in pieces),
    )


async def find_cut(db: Database, hold_id: UUID) -> Cut | None:
    """What came of the hold; None while the fold hasn't reached it."""
    async with db.transaction() as tx:
        return await queries.find_cut(tx, Cut, hold_id)


async def list_changed(tx: Transaction, *, after: int) -> tuple[int, set[UUID]]:
    """Whose lines cuts have changed after the transfer `after`, and up to which transfer that is known."""
    return await queries.list_changed(tx, after=after)


def value_of(lot: queries.Worth, piece: Piece) -> int:
    """What a piece of a lot is worth in internal units."""
    return value_between(lot.value_micros, lot.coins, first=piece.lot_offset, end=piece.end)
