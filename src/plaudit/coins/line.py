"""The line of a fan's coins in the order in which they are spent: what cuts take out of it, and what comes back.

Pure functions on the unspent part of the line. A piece is some coins of one lot that follow each other.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace


class Piece(Struct, frozen=True, kw_only=True):
    """The coins of a lot from `lot_offset` on."""

    lot_id: UUID
    lot_offset: int
    coins: int

    @property
    def end(self) -> int:
        """The first coin of the lot after it."""
        return self.lot_offset + self.coins


def rest_of(line: Iterable[Piece], lot_id: UUID) -> int:
    """How many coins of the lot are in the line."""
    return sum(piece.coins for piece in line if piece.lot_id == lot_id)


def take_out(line: Sequence[Piece], lot_id: UUID, coins: int) -> tuple[list[Piece], list[Piece]]:
    """The line without the last so many coins of the lot, and what was taken, in the order of the lot.

    There must be so many.
    """
    left: list[Piece] = []
    taken: list[Piece] = []
    for piece in reversed(line):
        take = min(coins, piece.coins) if piece.lot_id == lot_id else 0
        coins -= take
        if take:
            taken.append(replace(piece, lot_offset=piece.end - take, coins=take))
        if take < piece.coins:
            left.append(replace(piece, coins=piece.coins - take))
    assert coins == 0, "there must be so many"
    return _joined(reversed(left)), _joined(sorted(taken, key=lambda piece: piece.lot_offset))


def give_back(line: Sequence[Piece], pieces: Iterable[Piece]) -> list[Piece]:
    """The line with the pieces before it, the oldest coins first."""
    return _joined((*sorted(pieces, key=lambda piece: piece.lot_offset), *line))


def first_of(pieces: Iterable[Piece], coins: int) -> list[Piece]:
    """The first so many coins of the pieces."""
    found: list[Piece] = []
    for piece in pieces:
        if coins > 0:
            found.append(replace(piece, coins=min(coins, piece.coins)))
        coins -= piece.coins
    return found


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """The same coins in the same order, with pieces that touch each other as one."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and (joined[-1].lot_id, joined[-1].end) == (piece.lot_id, piece.lot_offset):
            joined[-1] = replace(joined[-1], coins=joined[-1].coins + piece.coins)
        else:
            joined.append(piece)
    return joined


def value_between(value_micros: int, coins: int, *, first: int, end: int) -> int:
    """What the coins from `first` up to `end` of a lot of so many coins are worth.

    However a lot is divided, its parts sum to its value.
    """
    return value_micros * end // coins - value_micros * first // coins
