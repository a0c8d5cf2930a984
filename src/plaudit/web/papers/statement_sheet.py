"""A creator's month as CSV: one table, whose column `section` says what a line is about. Names of columns are English,
as in the API, because programs read them.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

from plaudit.earnings.statement_model import InCurrency, Position
from plaudit.earnings.statements import Told
from plaudit.rooms.model import Face
from plaudit.web.papers.sheet import Cell, in_units, write_sheet

HEAD = "month section currency name count coins paid_before_tax your_share pending available reserve owed total".split()

_NO_FIGURES: tuple[Cell, ...] = (None, None, None, None)


def write_statement_sheet(told: Told, faces: Mapping[UUID | None, Face]) -> bytes:
    """The file. Amounts are exact, in whole units of their currency."""
    return write_sheet(HEAD, _rows(told, faces))


def _rows(told: Told, faces: Mapping[UUID | None, Face]) -> Iterator[list[Cell]]:
    statement = told.statement
    for part in statement.currencies:
        for row in _rows_of(part, faces):
            yield [statement.month, *row]
    coins = statement.coins
    counted = {"opening": coins.opening, "received": coins.received, "settled": coins.settled, "closing": coins.closing}
    for name, number in counted.items():
        yield [statement.month, "coins", "", name, None, number, *[None] * 7]
    yield [statement.month, "proof", "", f"ledger up to transfer {statement.ledger_up_to}", *[None] * 9]
    proof = f"sha256 {told.sha256}" if told.sha256 else "not final yet"
    yield [statement.month, "proof", "", proof, *[None] * 9]
    if told.seal:
        yield [statement.month, "proof", "", f"seal {told.seal}", *[None] * 9]


def _rows_of(part: InCurrency, faces: Mapping[UUID | None, Face]) -> Iterator[list[Cell]]:
    code = part.currency

    def money(position: Position) -> list[Cell]:
        amounts = (position.pending, position.available, position.reserve, position.owed, position.total)
        return [in_units(amount, code) for amount in amounts]

    yield ["opening", code, "opening", *_NO_FIGURES, *money(part.opening)]
    for each in part.movements:
        yield ["movement", code, each.kind, each.count, None, None, None, *money(each.change)]
    yield ["closing", code, "closing", *_NO_FIGURES, *money(part.closing)]
    for day in part.days:
        figures = [day.gifts, day.coins, in_units(day.value, code), in_units(day.share, code)]
        yield ["gifts_by_day", code, day.day.isoformat(), *figures, *[None] * 5]
    for fan in part.fans:
        name = _name(faces.get(fan.fan)) if fan.fan else "anonymous"
        yield ["gifts_by_fan", code, name, fan.gifts, fan.coins, None, in_units(fan.share, code), *[None] * 5]
    others = part.other_fans
    if others.fans:
        name = f"{others.fans} others"
        yield ["gifts_by_fan", code, name, others.gifts, others.coins, None, in_units(others.share, code), *[None] * 5]


def _name(face: Face | None) -> str:
    return f"{face.name} (@{face.handle})" if face else "somebody"
