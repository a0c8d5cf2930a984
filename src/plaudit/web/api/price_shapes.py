"""What goes over the wire about prices, taxes and rates, each with the instant from which it holds."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from plaudit.coins.model import ExactAmounts, PackPrice, TaxRate
from plaudit.earnings import Rate
from plaudit.people.operators import take_start
from plaudit.web.api.fields import Coins, Currency, Region

# An instant without a zone would mean another one for every reader.
Start = Annotated[datetime, Meta(tz=True, description="From when it holds; now when left out, never in the past.")]


class PackBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pack as it is to be sold. `region` is left empty for all without a row of their own."""

    region: str = ""
    currency: Currency
    channel: Literal["web", "app"]
    id: str
    coins: Coins
    price_minor: int
    is_offered: bool = True
    valid_from: Start | None = None

    def price(self, now: datetime) -> PackPrice:
        """As the coins package takes it. Raises Invalid when it was to hold in the past."""
        return PackPrice(
            region=self.region,
            currency=self.currency,
            channel=self.channel,
            id=self.id,
            coins=self.coins,
            price_minor=self.price_minor,
            is_offered=self.is_offered,
            valid_from=take_start(self.valid_from, now=now),
        )


class TaxBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A region's tax, in basis points of the price."""

    region: Region
    name: str
    rate_bps: int
    valid_from: Start | None = None

    def tax(self, now: datetime) -> TaxRate:
        """As the coins package takes it. Raises Invalid when it was to hold in the past."""
        return TaxRate(
            region=self.region, name=self.name, rate_bps=self.rate_bps, valid_from=take_start(self.valid_from, now=now)
        )


class ExactBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How few and how many coins can be bought as an exact amount, and the least that is charged for them."""

    currency: Currency
    channel: Literal["web", "app"]
    minimum_minor: int
    least_coins: Coins
    most_coins: Coins
    valid_from: Start | None = None

    def exact(self, now: datetime) -> ExactAmounts:
        """As the coins package takes it. Raises Invalid when it was to hold in the past."""
        return ExactAmounts(
            currency=self.currency,
            channel=self.channel,
            minimum_minor=self.minimum_minor,
            least_coins=self.least_coins,
            most_coins=self.most_coins,
            valid_from=take_start(self.valid_from, now=now),
        )


class PackPriceList(Struct, frozen=True, kw_only=True):
    """Every pack as it is sold now, and as it will be; there is never a next page."""

    items: list[PackPrice]
    next: None = None


class TaxList(Struct, frozen=True, kw_only=True):
    """Every region's tax now, and what is to come; there is never a next page."""

    items: list[TaxRate]
    next: None = None


class ExactList(Struct, frozen=True, kw_only=True):
    """How exact amounts are sold now, and what is to come; there is never a next page."""

    items: list[ExactAmounts]
    next: None = None


class RateAnswer(Struct, frozen=True, kw_only=True):
    """What creators get: `share_bps` of what was paid, or `micros_per_coin` (ten-thousandths of a minor unit)."""

    region: str
    currency: str
    tier: str
    share_bps: int | None
    micros_per_coin: int | None
    valid_from: datetime


class RateList(Struct, frozen=True, kw_only=True):
    """The rates that hold now, and what is to come; there is never a next page."""

    items: list[RateAnswer]
    next: None = None


def show_rates(rates: Iterable[Rate]) -> RateList:
    """Rates for operators."""
    return RateList(items=[show_rate(rate) for rate in rates])


def show_rate(rate: Rate) -> RateAnswer:
    """A rate on the wire."""
    return RateAnswer(
        region=rate.region,
        currency=rate.currency,
        tier=rate.tier,
        share_bps=rate.share_bps,
        micros_per_coin=rate.micros_per_coin,
        valid_from=rate.valid_from,
    )
