"""What refunds and disputes do to a fan's line: the part of the settlement's fold that is decided one by one."""

from enum import IntEnum

from plaudit.coins import line, order_queries
from plaudit.coins.errors import SpendingUnknown
from plaudit.coins.order import value_of
from plaudit.coins.order_queries import Event
from plaudit.foundation.database import Transaction
from plaudit.ledger import Kind
from plaudit.ledger.chart import TransferCode

_CUTTING: frozenset[IntEnum] = frozenset((TransferCode.REFUND, TransferCode.DISPUTE))


async def apply_event(tx: Transaction, event: Event) -> None:
    """Fold one transfer into the line. Raises SpendingUnknown for what isn't a gift, and no cut either."""
    if event.code not in _CUTTING or event.kind == Kind.TRANSFER:
        raise SpendingUnknown(f"The transfer {event.timestamp} takes coins from the fan {event.person_id} unexplained.")
    if event.kind == Kind.HOLD:
        await _cut(tx, event)
    else:
        await _end(tx, event)


async def _cut(tx: Transaction, event: Event) -> None:
    unspent = await order_queries.list_unspent(tx, event.person_id)
    rest = line.rest_of(unspent, event.lot_id) if event.lot_id else 0
    taken: list[line.Piece] = []
    value_micros = 0
    if event.lot_id and event.amount <= rest:
        left, taken = line.take_out(unspent, event.lot_id, event.amount)
        lot = await order_queries.get_worth(tx, event.lot_id)
        value_micros = sum(value_of(lot, piece) for piece in taken)
        await order_queries.replace_unspent(tx, event.person_id, left)
        await order_queries.note_taken(tx, event.person_id, event.amount)
    cut: dict[str, object] = {
        "hold_id": event.id,
        "timestamp": event.timestamp,
        "lot_id": event.lot_id,
        "person_id": event.person_id,
        "coins": event.amount,
        "rest_before": rest,
        "fits": bool(taken),
        "lot_offset": taken[0].lot_offset if taken else 0,
        "value_micros": value_micros,
    }
    await order_queries.add_cut(tx, cut, taken)


async def _end(tx: Transaction, event: Event) -> None:
    assert event.hold_id is not None, "what ends a hold names it"
    is_posted = event.kind == Kind.POST
    ended = "posted" if is_posted else "voided"
    fits = await order_queries.end_cut(tx, event.hold_id, ended, timestamp=event.timestamp)
    if not fits:
        if is_posted:
            raise SpendingUnknown(
                f"The transfer {event.timestamp} takes coins from the fan {event.person_id} that its hold didn't find."
            )
        return
    pieces = await order_queries.list_pieces(tx, event.hold_id)
    coins = sum(piece.coins for piece in pieces) - (event.amount if is_posted else 0)
    if not coins:
        return
    # Of a hold that is posted in part, the last coins are gone: the first are spent the sooner.
    unspent = await order_queries.list_unspent(tx, event.person_id)
    await order_queries.note_taken(tx, event.person_id, -coins)
    await order_queries.replace_unspent(tx, event.person_id, line.give_back(unspent, line.first_of(pieces, coins)))
