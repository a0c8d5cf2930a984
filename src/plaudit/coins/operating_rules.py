"""What an operator may set: each refusal names its field."""

import re

from msgspec.structs import replace

from plaudit.coins.model import ExactAmounts, PackPrice, TaxRate
from plaudit.foundation.errors import Invalid
from plaudit.people.rules import take_currency, take_region

# Far above what anybody buys, and low enough that no sum of them leaves the ledger's 63 bits.
MOST_COINS = 10**9
MOST_MINOR = 10**12

CHANNELS = ("web", "app")

_PACK_ID = re.compile(r"[a-z0-9_]{1,40}")
_NAME_LIMIT = 40


def take_pack(price: PackPrice) -> PackPrice:
    """The price in its normal form; raises Invalid unless this can be sold."""
    if not _PACK_ID.fullmatch(price.id):
        raise Invalid("A pack's id has 1 to 40 of the letters a to z, digits and _.", field="id")
    _require_range(price.coins, 1, MOST_COINS, field="coins")
    _require_range(price.price_minor, 1, MOST_MINOR, field="price_minor")
    _require_channel(price.channel)
    region = take_region(price.region) if price.region else ""
    return replace(price, region=region, currency=take_currency(price.currency))


def take_tax(tax: TaxRate) -> TaxRate:
    """The tax in its normal form; raises Invalid unless a region can have it."""
    name = tax.name.strip()
    if not (1 <= len(name) <= _NAME_LIMIT and name.isprintable()):
        raise Invalid(f"A tax has a name of 1 to {_NAME_LIMIT} characters.", field="name")
    _require_range(tax.rate_bps, 0, 10_000, field="rate_bps")
    return replace(tax, name=name, region=take_region(tax.region))


def take_exact(exact: ExactAmounts) -> ExactAmounts:
    """The rule in its normal form; raises Invalid unless some exact amount can be bought by it."""
    _require_range(exact.minimum_minor, 1, MOST_MINOR, field="minimum_minor")
    _require_range(exact.most_coins, 1, MOST_COINS, field="most_coins")
    _require_range(exact.least_coins, 1, exact.most_coins, field="least_coins")
    _require_channel(exact.channel)
    return replace(exact, currency=take_currency(exact.currency))


def _require_channel(channel: str) -> None:
    if channel not in CHANNELS:
        raise Invalid("Coins are sold on the web or in an app.", field="channel")


def _require_range(number: int, least: int, most: int, *, field: str) -> None:
    if not least <= number <= most:
        raise Invalid(f"This is a number from {least:,} to {most:,}.", field=field)
