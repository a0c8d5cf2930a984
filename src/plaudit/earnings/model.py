"""Rates, shares and estimates: frozen values."""

from datetime import datetime

from msgspec import Struct

from plaudit.foundation.money import Money

STANDARD = "standard"
"""The tier of every creator who has none of their own."""


class Rate(Struct, frozen=True, kw_only=True):
    """What creators get from `valid_from` on: `share_bps` of what was paid for coins, or `micros_per_coin` for each.

    Exactly one of the two is there. `region` and `currency` (the one that was paid in) are empty where the rate holds
    for every one without its own.
    """

    region: str
    currency: str
    tier: str
    share_bps: int | None
    micros_per_coin: int | None
    valid_from: datetime


class Share(Struct, frozen=True):
    """The creator's part of some coins in internal units, and the carry in ten-thousandths of one for the next part."""

    micros: int
    carry: int


class Estimate(Struct, frozen=True, kw_only=True):
    """What a creator will get for some coins, as far as it can be known before the settlement.

    Each amount is rounded down to its whole minor unit. `share` is in the currency in which most of the coins were
    paid for, `others` in the further ones; there is no exchange rate that would make one of them.
    """

    share: Money
    others: tuple[Money, ...] = ()
