"""A creator's share of coins: pure functions."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from msgspec import Struct

from plaudit.earnings.model import Estimate, Rate, Share
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.money import Micros, Money, floor_to_minor

_WHOLE_BPS = 10_000


class Paid(Protocol):
    """Some coins, and what was paid for them in internal units of the currency; a part of a lot is one."""

    @property
    def coins(self) -> int: ...  # noqa: D102 - the class says it
    @property
    def micros(self) -> int: ...  # noqa: D102
    @property
    def currency(self) -> str: ...  # noqa: D102


class Priced(Struct, frozen=True):
    """Coins that aren't a part of any lot, at a price."""

    coins: int
    micros: int
    currency: str


def share_of(rate: Rate | None, *, coins: int, micros: int, carry: int = 0) -> Share:
    """The share of coins for which `micros` were paid, `carry` (0 to 9,999) being what the part before left over.

    Of a share in basis points the rest of the division is carried into the next part, so that the shares of parts sum
    to the share of the whole: `n = micros * bps + carry; share = n // 10000; carry = n % 10000`. A price per coin
    divides nothing. It is a promise whatever was paid: where that was less, the house pays the difference. Without a
    rate a creator gets nothing.
    """
    if rate is None:
        return Share(0, carry)
    if rate.micros_per_coin is not None:
        return Share(coins * rate.micros_per_coin, carry)
    assert rate.share_bps is not None, "a rate is a share or a price per coin"
    return Share(*divmod(micros * rate.share_bps + carry, _WHOLE_BPS))


def make_estimate(parts: Iterable[Paid], rate_for: Callable[[str], Rate | None], *, otherwise: str) -> Estimate:
    """The shares of all parts, by currency, each rounded down to the minor unit; the rest is nobody's yet.

    The settlement carries that rest on, so it can come to a minor unit more. `rate_for` gives the rate that holds for
    a currency. Without parts it is nothing in the currency `otherwise`.
    """
    micros = add_shares(parts, rate_for)
    return round_shares(micros) or Estimate(share=Money(0, get_currency(otherwise)))


def add_shares(parts: Iterable[Paid], rate_for: Callable[[str], Rate | None]) -> dict[str, int]:
    """The shares of all parts in internal units, by currency: first the one in which most of the coins were paid."""
    coins: dict[str, int] = {}
    micros: dict[str, int] = {}
    carries: dict[str, int] = {}
    for part in parts:
        currency = part.currency
        share = share_of(rate_for(currency), coins=part.coins, micros=part.micros, carry=carries.get(currency, 0))
        coins[currency] = coins.get(currency, 0) + part.coins
        micros[currency] = micros.get(currency, 0) + share.micros
        carries[currency] = share.carry
    # Sorting is stable: of two with as many coins, the one that is spent first leads.
    return {code: micros[code] for code in sorted(coins, key=lambda code: -coins[code])}


def round_shares(micros: Mapping[str, int]) -> Estimate | None:
    """Shares in internal units as money, each rounded down to its minor unit; None where there are none."""
    if not micros:
        return None
    first, *others = (_whole(amount, code) for code, amount in micros.items())
    return Estimate(share=first, others=tuple(others))


def _whole(micros: int, code: str) -> Money:
    return floor_to_minor(Micros(micros), get_currency(code), rest_to="settlement").whole
