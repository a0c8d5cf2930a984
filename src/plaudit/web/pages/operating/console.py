"""What the console's pages have in common: the frame, what they leave in the address, and how their forms are read."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from litestar import Response
from litestar.params import QueryParameter
from litestar.response import Redirect
from msgspec import Struct

from plaudit.coins import Buyer, packs
from plaudit.foundation.currencies import Currency, get_currency
from plaudit.foundation.errors import Invalid, NotFound, PlauditError, Unavailable
from plaudit.foundation.money import Money
from plaudit.people.rules import take_currency
from plaudit.web.api.desk import Desk, Visit, visitor_of
from plaudit.web.pages.shell import show_page
from plaudit.web.pages.visits import operators_only

ON_A_PAGE = 30
GUARDS = [operators_only]

_MOST_DIGITS = 12

Item = TypeVar("Item")

Done = Annotated[str, QueryParameter(name="done", max_length=40)]


class ProvenForm(Struct, frozen=True, kw_only=True):
    """A form with nothing but the proof that it is ours."""

    csrf: str = ""


class VerifyForm(ProvenForm, frozen=True, kw_only=True):
    """Somebody is verified, by the name of their papers where it was written down."""

    legal_name: str = ""


class Page(Struct, Generic[Item], frozen=True, kw_only=True):
    """Some items of a list; `after` leads to the older ones, where there are any."""

    items: Sequence[Item]
    after: str | None = None


def show_console(
    request: Visit, template: str, *, problem: PlauditError | None = None, done: str = "", **context: Any
) -> Response[str]:
    """One page of the console. `problem` is what its form was refused for, `done` the word for what was just done."""
    status = problem.status if problem else 200
    return show_page(request, f"operator/{template}", status=status, problem=problem, done=done, **context)


class CoinRate(Struct, frozen=True):
    """What a coin costs about: today's rate of the smallest pack, in the currency of whoever looks."""

    price_minor: int
    coins: int
    currency: Currency

    def of(self, coins: int) -> Money:
        """What so many coins cost about."""
        return Money(coins * self.price_minor // self.coins, self.currency)


async def find_coin_rate(request: Visit, desk: Desk) -> CoinRate | None:
    """None where nothing is sold, or while that can't be asked."""
    visitor = visitor_of(request)
    buyer = Buyer(person_id=visitor.person_id, region=visitor.region, currency=visitor.currency)
    try:
        offer = await packs.get_offer(desk.db, buyer, now=desk.now)
    except (NotFound, Unavailable):
        return None
    return CoinRate(offer.smallest.price_minor, offer.smallest.coins, get_currency(offer.currency))


def go_to(path: str, done: str = "") -> Redirect:
    """To a page of the console after something was done there."""
    return Redirect(f"{path}?done={done}" if done else path, status_code=303)


def rename_field(problem: PlauditError, **names: str) -> PlauditError:
    """The same refusal beside the form's own field, where it has another name than the package's."""
    if not isinstance(problem, Invalid) or problem.field not in names:
        return problem
    return Invalid(problem.detail, field=names[problem.field])


def read_whole(text: str, field: str) -> int:
    """A whole number that isn't below zero, as people write it; raises Invalid."""
    plain = text.strip().replace(",", "").replace(" ", "")
    if not (plain.isascii() and plain.isdigit() and len(plain) <= _MOST_DIGITS):
        raise Invalid("This is a whole number.", field=field)
    return int(plain)


def read_minor(text: str, currency: str, field: str) -> int:
    """An amount of a currency in its minor unit, from text like 4.99; raises Invalid, also for the currency."""
    unit = get_currency(take_currency(currency))
    minor = read_decimal(text, field).scaleb(unit.exponent)
    if minor != minor.to_integral_value():
        raise Invalid(f"{unit.code} has {unit.exponent} decimal places.", field=field)
    return int(minor)


def read_bps(text: str, field: str) -> int:
    """Basis points from a percentage like 8.25; raises Invalid."""
    bps = read_decimal(text.removesuffix("%"), field).scaleb(2)
    if bps != bps.to_integral_value():
        raise Invalid("A percentage has two decimal places here.", field=field)
    return int(bps)


def read_instant(text: str, field: str) -> datetime | None:
    """A day and a time in UTC, as a browser sends it; None when it was left empty. Raises Invalid."""
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("This is a day and a time, like 2026-03-01T12:00.", field=field) from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def read_day(text: str, field: str) -> date | None:
    """A day; None when it was left empty. Raises Invalid."""
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise Invalid("This is a day, like 2026-03-01.", field=field) from None


def read_id(text: str, field: str) -> UUID:
    """An id; raises Invalid."""
    try:
        return UUID(text.strip())
    except ValueError:
        raise Invalid("This isn't an id.", field=field) from None


def read_decimal(text: str, field: str) -> Decimal:
    """A number that isn't below zero, from text like 4.99; raises Invalid."""
    plain = text.strip()
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise Invalid("This is a number, like 4.99.", field=field) from None
    if not number.is_finite() or number < 0 or len(plain) > _MOST_DIGITS + 4:
        raise Invalid("This is a number, like 4.99.", field=field)
    return number
