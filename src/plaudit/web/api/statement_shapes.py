"""What goes over the wire about a creator's months."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct, field

from plaudit.earnings.statement_model import InCurrency, Position
from plaudit.earnings.statements import MonthOfCreator, Told
from plaudit.rooms.model import Face
from plaudit.web.api.earnings_shapes import Exact, exact


class MonthAnswer(Struct, frozen=True, kw_only=True):
    """A month with a statement; `sha256` is there once it was written down for good."""

    month: str
    sha256: str | None


class MonthList(Struct, frozen=True, kw_only=True):
    """Every month, the newest first; there is never a next page."""

    items: list[MonthAnswer]
    next: None = None


class PositionAnswer(Struct, frozen=True, kw_only=True):
    """Money in one currency, or a change of it; `total = pending + available + reserve - owed`."""

    pending: Exact
    available: Exact
    reserve: Exact
    owed: Exact
    total: Exact


class MovementOfMonth(Struct, frozen=True, kw_only=True):
    """All transfers of one kind in the month: settlement, release, reserve, payout and so on."""

    kind: str
    count: int
    change: PositionAnswer


class DayAnswer(Struct, frozen=True, kw_only=True):
    """The gifts of one day (UTC) that were settled in the month; `value` is what was paid for them before tax."""

    day: date
    gifts: int
    coins: int
    value: Exact
    share: Exact


class FanAnswer(Struct, frozen=True, kw_only=True):
    """What one fan's gifts brought; `from` is null for all who gave anonymously."""

    face: Face | None = field(name="from")
    gifts: int
    coins: int
    share: Exact


class OtherFansAnswer(Struct, frozen=True, kw_only=True):
    """All fans beyond those who are listed."""

    fans: int
    gifts: int
    coins: int
    share: Exact


class StatementPart(Struct, frozen=True, kw_only=True):
    """The month in one currency: opening and movements sum to closing, exactly.

    `on_its_way` is the part of what is available at the end that payouts hold.
    """

    currency: str
    opening: PositionAnswer
    movements: list[MovementOfMonth]
    closing: PositionAnswer
    on_its_way: Exact
    days: list[DayAnswer]
    fans: list[FanAnswer]
    other_fans: OtherFansAnswer


class CoinsOfMonthAnswer(Struct, frozen=True, kw_only=True):
    """Coins received and not settled yet, at the beginning and the end, and what came and was settled."""

    opening: int
    received: int
    settled: int
    closing: int


class StatementAnswer(Struct, frozen=True, kw_only=True):
    """A month. Once it `is_final` it never changes: `sha256` is the hash of `content`, its canonical JSON.

    It states the ledger up to the transfer `ledger_up_to`; `seal` is the seal that covers all of a final one, as
    number and hash, once it is made.
    """

    month: str
    since: datetime
    until: datetime
    is_final: bool
    sha256: str | None
    made_at: datetime | None
    ledger_up_to: int
    seal: str | None
    coins: CoinsOfMonthAnswer
    currencies: list[StatementPart]
    content: str


def show_months(months: Iterable[MonthOfCreator]) -> MonthList:
    """The months for which there is a statement."""
    return MonthList(items=[MonthAnswer(month=each.month, sha256=each.sha256) for each in months])


def show_statement(told: Told, faces: Mapping[UUID | None, Face]) -> StatementAnswer:
    """A month for its creator; `faces` are those of the fans who are in it."""
    statement = told.statement
    coins = statement.coins
    return StatementAnswer(
        month=statement.month,
        since=statement.since,
        until=statement.until,
        is_final=told.is_final,
        sha256=told.sha256,
        made_at=told.made_at,
        ledger_up_to=statement.ledger_up_to,
        seal=told.seal,
        coins=CoinsOfMonthAnswer(
            opening=coins.opening, received=coins.received, settled=coins.settled, closing=coins.closing
        ),
        currencies=[_show_part(part, faces) for part in statement.currencies],
        content=told.content.decode(),
    )


def _show_part(part: InCurrency, faces: Mapping[UUID | None, Face]) -> StatementPart:
    code, others = part.currency, part.other_fans
    return StatementPart(
        currency=code,
        opening=_show_position(part.opening, code),
        movements=[
            MovementOfMonth(kind=each.kind, count=each.count, change=_show_position(each.change, code))
            for each in part.movements
        ],
        closing=_show_position(part.closing, code),
        on_its_way=exact(part.on_its_way, code),
        days=[
            DayAnswer(
                day=day.day,
                gifts=day.gifts,
                coins=day.coins,
                value=exact(day.value, code),
                share=exact(day.share, code),
            )
            for day in part.days
        ],
        fans=[
            FanAnswer(
                face=faces.get(fan.fan),
                gifts=fan.gifts,
                coins=fan.coins,
                share=exact(fan.share, code),
            )
            for fan in part.fans
        ],
        other_fans=OtherFansAnswer(
            fans=others.fans, gifts=others.gifts, coins=others.coins, share=exact(others.share, code)
        ),
    )


def _show_position(position: Position, code: str) -> PositionAnswer:
    return PositionAnswer(
        pending=exact(position.pending, code),
        available=exact(position.available, code),
        reserve=exact(position.reserve, code),
        owed=exact(position.owed, code),
        total=exact(position.total, code),
    )
