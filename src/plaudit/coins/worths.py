"""What was paid for the coins of each movement: found in the line in which they are spent, or told by the cut itself.

A movement's place in the line is its place among all that the ledger ever debited, less what refunds and disputes had
taken out of the line, or had on hold, just then.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from plaudit.coins import movements, order_queries
from plaudit.coins.line import value_between
from plaudit.coins.model import Offer, Part, Stretch
from plaudit.coins.order import Cut, list_stretches
from plaudit.coins.rules import worth_of
from plaudit.foundation.database import Transaction
from plaudit.foundation.money import Money
from plaudit.ledger import Kind, Record
from plaudit.ledger.chart import TransferCode

CUTS = frozenset({TransferCode.REFUND, TransferCode.DISPUTE})
_BRINGS_A_LOT = frozenset({TransferCode.TOP_UP, TransferCode.PROMOTION})


def parts_in_line(stretches: Iterable[Stretch], first: int, end: int) -> list[Part]:
    """What the places of the line from `first` up to `end` are parts of."""
    parts: list[Part] = []
    for stretch in stretches:
        begins, ends = max(first, stretch.first_coin), min(end, stretch.end)
        if begins < ends:
            shift = stretch.lot_offset - stretch.first_coin
            micros = value_between(stretch.value_micros, stretch.lot_coins, first=begins + shift, end=ends + shift)
            parts.append(
                Part(
                    lot_id=stretch.lot_id,
                    coins=ends - begins,
                    micros=micros,
                    currency=stretch.currency,
                    kind=stretch.kind,
                )
            )
    return parts


async def list_worths(
    tx: Transaction, person_id: UUID, account: UUID, records: Sequence[Record], offer: Offer
) -> list[Money]:
    """What was paid for the coins of each record, in the offer's currency, rounded down to the minor unit."""
    cuts = await order_queries.list_cuts(tx, Cut, person_id)
    whole = {part.lot_id: part for part in await order_queries.list_whole(tx, [_lot_of(each) for each in records])}
    placed = {each.timestamp: _place(each, account, cuts) for each in records if not is_cut(each)}
    first = min((place.start for place in placed.values()), default=0)
    end = max((place.stop for place in placed.values()), default=0)
    stretches = await list_stretches(tx, person_id, first=first, end=end) if first < end else []
    taken = {cut.hold_id: cut for cut in cuts}

    def parts(record: Record) -> Sequence[Part]:
        if is_cut(record):
            return _parts_of_cut(taken.get(record.transfer.hold_id or record.transfer.id), whole)
        lot = whole.get(_lot_of(record)) if record.transfer.code in _BRINGS_A_LOT else None
        place = placed[record.timestamp]
        return [lot] if lot else parts_in_line(stretches, place.start, place.stop)

    return [worth_of(parts(record), offer) for record in records]


def is_cut(record: Record) -> bool:
    """Whether it is about coins of one lot that a refund or a dispute wants back."""
    return record.transfer.code in CUTS


def _lot_of(record: Record) -> UUID:
    return record.transfer.ref_128 or record.transfer.id


def _place(record: Record, account: UUID, cuts: Sequence[Cut]) -> range:
    moved = movements.coins_of(record, account)
    # What was only held isn't among what was posted, where a gift's place is counted.
    is_out = _was_posted if record.transfer.kind is Kind.TRANSFER else _was_out
    shift = sum(cut.coins for cut in cuts if is_out(cut, record.timestamp))
    return range(max(0, moved.start - shift), max(0, moved.stop - shift))


def _was_posted(cut: Cut, timestamp: int) -> bool:
    """Whether its coins were gone just then."""
    return cut.ended == "posted" and cut.ended_timestamp is not None and cut.ended_timestamp < timestamp


def _was_out(cut: Cut, timestamp: int) -> bool:
    """Whether its coins were held or gone just then."""
    came_back = cut.ended == "voided" and cut.ended_timestamp is not None and cut.ended_timestamp < timestamp
    return cut.timestamp < timestamp and not came_back


def _parts_of_cut(cut: Cut | None, whole: Mapping[UUID, Part]) -> Sequence[Part]:
    lot = whole.get(cut.lot_id) if cut and cut.lot_id else None
    if cut is None or lot is None:
        return ()
    return (Part(lot_id=lot.lot_id, coins=cut.coins, micros=cut.value_micros, currency=lot.currency, kind=lot.kind),)
