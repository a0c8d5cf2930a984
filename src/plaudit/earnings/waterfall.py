"""Where the money for a gift's coins went: what the fan paid, tax, the provider's fee, the house's part, the creator's.

Pure. Tax and fee of a part of a lot are divided by the same rule as its value, `whole * (c + k) // n - whole * c // n`,
so however a lot is spent, the parts sum to what was charged, exactly.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.money import MICROS_PER_MINOR


class Bought(StrEnum):
    """How the coins were bought: as a pack, as an exact amount, or not at all."""

    PACK = "pack"
    EXACT = "exact"
    PROMOTION = "promotion"


class Spent(Struct, frozen=True, kw_only=True):
    """`coins` of one lot from `lot_offset` on, as a gift spent them, with what is known of the lot and of the share.

    `tax_minor` and `fee_minor` are of the whole lot. A slice is one; so is what an unsettled gift will be made of.
    """

    timestamp: int
    lot_id: UUID
    lot_offset: int
    coins: int
    value_micros: int
    share_micros: int
    currency: str
    tier: str
    share_bps: int | None
    micros_per_coin: int | None
    lot_coins: int
    lot_kind: str
    lot_region: str
    pack: str | None
    provider: str
    tax_minor: int
    fee_minor: int
    available_at: datetime | None = None


class Flow(Struct, frozen=True, kw_only=True):
    """Amounts in internal units: `paid = tax + fee + platform + share`, always.

    `platform` is below zero where the house adds to what was paid.
    """

    paid: int = 0
    tax: int = 0
    fee: int = 0
    platform: int = 0
    share: int = 0

    def plus(self, other: "Flow") -> "Flow":
        """Both together."""
        return Flow(
            paid=self.paid + other.paid,
            tax=self.tax + other.tax,
            fee=self.fee + other.fee,
            platform=self.platform + other.platform,
            share=self.share + other.share,
        )


class Part(Struct, frozen=True, kw_only=True):
    """One part of a gift: so many coins of one lot, and where their money went."""

    coins: int
    currency: str
    kind: Bought
    pack: str | None
    region: str
    provider: str
    tier: str
    share_bps: int | None
    micros_per_coin: int | None
    flow: Flow
    available_at: datetime | None


def part_of_whole(whole: int, *, offset: int, coins: int, of: int) -> int:
    """What `coins` from `offset` on are of a whole that `of` coins share, so that all parts sum to it."""
    return whole * (offset + coins) // of - whole * offset // of


def make_part(spent: Spent) -> Part:
    """Where the money for these coins went."""

    def portion(minor: int) -> int:
        return part_of_whole(minor * MICROS_PER_MINOR, offset=spent.lot_offset, coins=spent.coins, of=spent.lot_coins)

    tax, fee = portion(spent.tax_minor), portion(spent.fee_minor)
    return Part(
        coins=spent.coins,
        currency=spent.currency,
        kind=kind_of(spent.lot_kind, spent.pack),
        pack=spent.pack,
        region=spent.lot_region,
        provider=spent.provider,
        tier=spent.tier,
        share_bps=spent.share_bps,
        micros_per_coin=spent.micros_per_coin,
        flow=Flow(
            paid=spent.value_micros + tax,
            tax=tax,
            fee=fee,
            platform=spent.value_micros - fee - spent.share_micros,
            share=spent.share_micros,
        ),
        available_at=spent.available_at,
    )


def kind_of(lot_kind: str, pack: str | None) -> Bought:
    """How the coins of a lot were bought."""
    if lot_kind == "promotional":
        return Bought.PROMOTION
    return Bought.EXACT if pack is None else Bought.PACK


def add_up(parts: Iterable[Part]) -> dict[str, Flow]:
    """All parts together, by currency: the one with most coins first."""
    coins: dict[str, int] = {}
    flows: dict[str, Flow] = {}
    for part in parts:
        coins[part.currency] = coins.get(part.currency, 0) + part.coins
        flows[part.currency] = flows.get(part.currency, Flow()).plus(part.flow)
    return {code: flows[code] for code in sorted(flows, key=lambda code: -coins[code])}
