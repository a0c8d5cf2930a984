"""What operators set for creators' money, each from an instant on: risk tiers' holds, and rates of promotional coins.

What is set takes the place of what was set for the very same instant, so a plan can be corrected until it holds. It
begins after all that is folded, which with an instant of just now may be some microseconds later than was wished.
"""

from datetime import datetime
from uuid import UUID

from msgspec.structs import asdict, replace

from plaudit.earnings import dated_queries as queries
from plaudit.earnings.model import PromotionalRate, RiskTier
from plaudit.earnings.proposal_rules import MOST_MICROS
from plaudit.earnings.terms import take_tier
from plaudit.foundation.database import Database
from plaudit.foundation.errors import Invalid
from plaudit.people.operators import note_act
from plaudit.people.rules import take_currency, take_region

# A year, and the day that some have more.
_LONGEST_HOLD_SECONDS = 366 * 86_400


async def list_risk_tiers(db: Database, *, now: datetime) -> list[RiskTier]:
    """How long each risk tier's money stays pending, and how long it will."""
    async with db.transaction() as tx:
        return await queries.list_risk_tiers(tx, now=now)


async def set_risk_tier(db: Database, operator_id: UUID, wish: RiskTier, *, now: datetime) -> RiskTier:
    """Hold the money of gifts from `valid_from` on for so long; a new name is a new tier.

    What is pending already is released as it was to be. Raises Invalid naming the field.
    """
    take_tier(wish.risk_tier, field="risk_tier")
    if not 0 <= wish.hold_seconds <= _LONGEST_HOLD_SECONDS:
        raise Invalid("A hold takes from no time to a year.", field="hold_seconds")
    async with db.transaction() as tx:
        tier = replace(wish, valid_from=await queries.lock_start(tx, wish.valid_from))
        await queries.store_risk_tier(tx, tier)
        await note_act(tx, operator_id, "risk_tier_set", tier.risk_tier, asdict(tier), now=now)
    return tier


async def list_promotional_rates(db: Database, *, now: datetime) -> list[PromotionalRate]:
    """What creators get for coins that nobody paid for, and what they will."""
    async with db.transaction() as tx:
        return await queries.list_promotional_rates(tx, now=now)


async def set_promotional_rate(
    db: Database, operator_id: UUID, wish: PromotionalRate, *, now: datetime
) -> PromotionalRate:
    """Pay this for each promotional coin of gifts from `valid_from` on. Raises Invalid naming the field."""
    region = take_region(wish.region) if wish.region else ""
    wish = replace(wish, region=region, currency=take_currency(wish.currency))
    if not 0 <= wish.micros_per_coin <= MOST_MICROS:
        raise Invalid("A price per coin isn't below nothing, and not that high.", field="micros_per_coin")
    async with db.transaction() as tx:
        rate = replace(wish, valid_from=await queries.lock_start(tx, wish.valid_from))
        await queries.store_promotional_rate(tx, rate)
        subject = f"{rate.region} {rate.currency}".strip()
        await note_act(tx, operator_id, "promotional_rate_set", subject, asdict(rate), now=now)
    return rate
