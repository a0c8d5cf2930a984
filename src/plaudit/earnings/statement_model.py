"""What a creator is told about a month: frozen values, written down as canonical JSON. Amounts are internal units."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

VERSION = 1


class Position(Struct, frozen=True, kw_only=True):
    """A creator's money in one currency, or a change of it; `total = pending + available + reserve - owed`."""

    pending: int = 0
    available: int = 0
    reserve: int = 0
    owed: int = 0
    total: int = 0


class Movement(Struct, frozen=True, kw_only=True):
    """All transfers of a month that were made for the same reason, summed; `kind` is the reason's name."""

    kind: str
    count: int
    change: Position


class DayOfGifts(Struct, frozen=True, kw_only=True):
    """The gifts of one day (UTC) that were settled in the month. `value` is what was paid for them before tax."""

    day: date
    gifts: int
    coins: int
    value: int
    share: int


class FanOfMonth(Struct, frozen=True, kw_only=True):
    """What one fan's gifts brought; None is everyone who gave anonymously."""

    fan: UUID | None
    gifts: int
    coins: int
    share: int


class OtherFans(Struct, frozen=True, kw_only=True):
    """All the fans beyond the first ones."""

    fans: int
    gifts: int
    coins: int
    share: int


class InCurrency(Struct, frozen=True, kw_only=True):
    """The month in one currency. `on_its_way` is the part of what is available at the end that payouts hold."""

    currency: str
    opening: Position
    movements: tuple[Movement, ...]
    closing: Position
    on_its_way: int
    days: tuple[DayOfGifts, ...]
    fans: tuple[FanOfMonth, ...]
    other_fans: OtherFans


class CoinsOfMonth(Struct, frozen=True, kw_only=True):
    """Coins that were received and not settled yet at the beginning and at the end, and what came and was settled."""

    opening: int
    received: int
    settled: int
    closing: int


class Statement(Struct, frozen=True, kw_only=True):
    """A creator's month, as the ledger has it up to the transfer `ledger_up_to`; `since` is in it, `until` is not."""

    version: int
    person_id: UUID
    month: str
    since: datetime
    until: datetime
    ledger_up_to: int
    coins: CoinsOfMonth
    currencies: tuple[InCurrency, ...]


def encode(statement: Statement) -> bytes:
    """Canonical JSON: keys in the order of the alphabet, without spaces. The same statement gives the same bytes."""
    return msgspec.json.encode(statement, order="sorted")


def decode(content: bytes) -> Statement:
    """What was written down."""
    return msgspec.json.decode(content, type=Statement)


def make_position(*, pending: int = 0, available: int = 0, reserve: int = 0, owed: int = 0) -> Position:
    """With its total."""
    return Position(
        pending=pending,
        available=available,
        reserve=reserve,
        owed=owed,
        total=pending + available + reserve - owed,
    )


def sum_positions(positions: Iterable[Position]) -> Position:
    """All of them added up."""
    listed = list(positions)
    return make_position(
        pending=sum(each.pending for each in listed),
        available=sum(each.available for each in listed),
        reserve=sum(each.reserve for each in listed),
        owed=sum(each.owed for each in listed),
    )


def own_first(parts: Iterable[InCurrency], own: str) -> list[InCurrency]:
    """The currencies of a month as somebody reads them: their own before the others."""
    return sorted(parts, key=lambda part: (part.currency != own, part.currency))
