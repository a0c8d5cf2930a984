"""Coins and money as whole numbers with a type. Nothing here, or near it, is ever a float.

Money that enters or leaves the house is `Money`: whole minor units. Inside, the ledger counts finer: four more decimal
places than the minor unit has, so that a share of a cent isn't lost. For US dollars that makes micro-dollars, hence
`Micros`; for yen it is a ten-thousandth of a yen under the same name.
"""

from collections.abc import Hashable, Mapping
from typing import Generic, NewType, TypeVar, cast

from msgspec import Struct

from plaudit.foundation.currencies import Currency
from plaudit.foundation.errors import FractionOfMinorUnit, MixedCurrencies

Coins = NewType("Coins", int)
Micros = NewType("Micros", int)

COIN = 1
"""The number of the ledger that counts coins. A currency's is its ISO 4217 number (`Currency.asset`)."""

INTERNAL_DIGITS = 4
MICROS_PER_MINOR = 10**INTERNAL_DIGITS

Amount = TypeVar("Amount", bound=int)
Side = TypeVar("Side", bound=Hashable)


class Money(Struct, frozen=True):
    """A whole number of a currency's minor units: Money(1250, USD) is 12 dollars and 50 cents."""

    minor: int
    currency: Currency

    def __post_init__(self) -> None:
        """Refuse anything but a true integer, which a type checker can't do for values from outside."""
        if type(self.minor) is not int:
            raise TypeError(f"money is counted in whole minor units, not in {type(self.minor).__name__}")

    def __add__(self, other: "Money") -> "Money":
        """The sum; raises MixedCurrencies."""
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """The difference, which may be negative; raises MixedCurrencies."""
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        """As much in the other direction."""
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        """Whether this is less; raises MixedCurrencies."""
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        """Whether this is at most the other; raises MixedCurrencies."""
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        """Whether this is more; raises MixedCurrencies."""
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        """Whether this is at least the other; raises MixedCurrencies."""
        return self.minor >= self._same(other)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise MixedCurrencies(f"{self.currency.code} and {other.currency.code} can't be added or compared.")
        return other.minor


class Floored(Struct, Generic[Side], frozen=True):
    """An amount rounded down to whole minor units, and who gets the rest (0 to 9,999 micros)."""

    whole: Money
    rest: Micros
    rest_to: Side


def to_internal(money: Money) -> Micros:
    """The same amount in the ledger's units of this currency; always exact."""
    return Micros(money.minor * MICROS_PER_MINOR)


def to_minor(amount: Micros, currency: Currency) -> Money:
    """The same amount as money; raises FractionOfMinorUnit when it isn't whole."""
    minor, rest = divmod(amount, MICROS_PER_MINOR)
    if rest:
        raise FractionOfMinorUnit(
            f"{amount} internal units are not whole minor units of {currency.code}: {rest} would be left over."
        )
    return Money(minor, currency)


def floor_to_minor(amount: Micros, currency: Currency, *, rest_to: Side) -> Floored[Side]:
    """The most whole minor units that are not above `amount`, and the rest for `rest_to`.

    The rest is never negative: a debt is rounded to the larger debt.
    """
    minor, rest = divmod(amount, MICROS_PER_MINOR)
    return Floored(Money(minor, currency), Micros(rest), rest_to)


def split(total: Amount, weights: Mapping[Side, int], *, rest_to: Side) -> dict[Side, Amount]:
    """Divide by weight: each side gets its share rounded towards zero, and `rest_to` what is then left.

    The parts sum to `total` exactly, and splitting `-total` undoes it part by part. Raises ValueError when a weight is
    negative, all are zero, or `rest_to` is not among the sides.
    """
    whole = sum(weights.values())
    if whole <= 0 or min(weights.values()) < 0:
        raise ValueError("weights must not be negative, and not all zero")
    if rest_to not in weights:
        raise ValueError(f"the rest is for {rest_to!r}, who is not among those who share")
    sign = -1 if total < 0 else 1
    parts = {side: sign * (abs(total) * weight // whole) for side, weight in weights.items()}
    parts[rest_to] += total - sum(parts.values())
    return {side: cast("Amount", part) for side, part in parts.items()}


def allocate(money: Money, weights: Mapping[Side, int], *, rest_to: Side) -> dict[Side, Money]:
    """`split` for money: whole minor units for every side, and what doesn't divide for `rest_to`."""
    parts = split(money.minor, weights, rest_to=rest_to)
    return {side: Money(minor, money.currency) for side, minor in parts.items()}


def format_minor(money: Money) -> str:
    """The exact amount with its code: "12.50 USD", "3 HUF"; more digits than usual only where the amount has them."""
    currency = money.currency
    sign = "-" if money.minor < 0 else ""
    units, fraction = divmod(abs(money.minor), 10**currency.exponent)
    digits = f"{fraction:0{currency.exponent}d}" if currency.exponent else ""
    if not fraction:
        digits = digits[: currency.display_digits]
    return f"{sign}{units}{'.' if digits else ''}{digits} {currency.code}"
