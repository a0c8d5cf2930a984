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


class DatedTerms(Struct, frozen=True, kw_only=True):
    """A creator's region, share tier and risk tier of record, from `valid_from` on."""

    region: str
    tier: str
    risk_tier: str
    valid_from: datetime


class RiskTier(Struct, frozen=True, kw_only=True):
    """How long money stays pending of creators of a risk tier, for gifts from `valid_from` on."""

    risk_tier: str
    hold_seconds: int
    valid_from: datetime


class PromotionalRate(Struct, frozen=True, kw_only=True):
    """What creators get for a coin that nobody paid for, in internal units, from `valid_from` on.

    An empty region is for every one without its own.
    """

    region: str
    currency: str
    micros_per_coin: int
    valid_from: datetime
