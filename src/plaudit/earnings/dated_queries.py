"""SQL of what operators set for creators' money: terms, risk tiers, promotional rates. The newest row before now holds.

Whoever writes a row here locks the cursor of the fold first (`lock_start`): what is folded was folded without the row.
"""

from datetime import datetime
from uuid import UUID

from msgspec.structs import asdict

from plaudit.earnings.model import DatedTerms, PromotionalRate, RiskTier
from plaudit.foundation.database import Transaction


async def lock_start(tx: Transaction, wished: datetime) -> datetime:
    """The instant that was wished for, or the first after all that is folded; nothing is folded until `tx` ends."""
    return await tx.value(
        datetime,
        """
        select greatest(%(wished)s::timestamptz, at + interval '1 microsecond') from earnings.cursor for update
        """,
        {"wished": wished},
    )


async def list_terms(tx: Transaction, person_id: UUID) -> list[DatedTerms]:
    """All there ever were of a creator, the newest first."""
    return await tx.all(
        DatedTerms,
        """
        select region, tier, risk_tier, valid_from from earnings.terms
        where person_id = %(person_id)s order by valid_from desc
        """,
        {"person_id": person_id},
    )


async def begin_terms(tx: Transaction, person_id: UUID) -> None:
    """Write down what holds for somebody whom the fold hasn't met yet, as it would."""
    await tx.execute(
        """
        insert into earnings.terms (person_id, region, valid_from)
        select id, region, 'epoch' from people.people p
        where id = %(person_id)s and not exists (select from earnings.terms where person_id = p.id)
        """,
        {"person_id": person_id},
    )


async def add_terms(tx: Transaction, person_id: UUID, *, tier: str, risk_tier: str, valid_from: datetime) -> DatedTerms:
    """The newest of their rows with other tiers; it begins no earlier than the one before, whose place it may take."""
    return await tx.one(
        DatedTerms,
        """
        insert into earnings.terms as t (person_id, region, tier, risk_tier, valid_from)
        select person_id, region, %(tier)s, %(risk_tier)s, greatest(valid_from, %(valid_from)s)
        from earnings.terms where person_id = %(person_id)s order by valid_from desc limit 1
        on conflict (person_id, valid_from) do update set tier = excluded.tier, risk_tier = excluded.risk_tier
        returning t.region, t.tier, t.risk_tier, t.valid_from
        """,
        {"person_id": person_id, "tier": tier, "risk_tier": risk_tier, "valid_from": valid_from},
    )


async def has_risk_tier(tx: Transaction, risk_tier: str, *, at: datetime) -> bool:
    """Whether there is such a risk tier by then."""
    return await tx.value(
        bool,
        """
        select exists (select from earnings.risk_tiers where risk_tier = %(risk_tier)s and valid_from <= %(at)s)
        """,
        {"risk_tier": risk_tier, "at": at},
    )


async def list_risk_tiers(tx: Transaction, *, now: datetime) -> list[RiskTier]:
    """What holds, and what will."""
    return await tx.all(
        RiskTier,
        """
        select risk_tier, hold_seconds, valid_from from earnings.risk_tiers r
        where valid_from > %(now)s or valid_from = (
            select max(valid_from) from earnings.risk_tiers where risk_tier = r.risk_tier and valid_from <= %(now)s)
        order by risk_tier, valid_from
        """,
        {"now": now},
    )


async def store_risk_tier(tx: Transaction, risk_tier: RiskTier) -> None:
    """In the place of what was set for the very same instant."""
    await tx.execute(
        """
        insert into earnings.risk_tiers (risk_tier, hold_seconds, valid_from)
        values (%(risk_tier)s, %(hold_seconds)s, %(valid_from)s)
        on conflict (risk_tier, valid_from) do update set hold_seconds = excluded.hold_seconds
        """,
        asdict(risk_tier),
    )


async def list_promotional_rates(tx: Transaction, *, now: datetime) -> list[PromotionalRate]:
    """What holds, and what will."""
    return await tx.all(
        PromotionalRate,
        """
        select region, currency, micros_per_coin, valid_from from earnings.promotional_rates r
        where valid_from > %(now)s or valid_from = (
            select max(valid_from) from earnings.promotional_rates
            where region = r.region and currency = r.currency and valid_from <= %(now)s)
        order by region, currency, valid_from
        """,
        {"now": now},
    )


async def store_promotional_rate(tx: Transaction, rate: PromotionalRate) -> None:
    """In the place of what was set for the very same instant."""
    await tx.execute(
        """
        insert into earnings.promotional_rates (region, currency, micros_per_coin, valid_from)
        values (%(region)s, %(currency)s, %(micros_per_coin)s, %(valid_from)s)
        on conflict (region, currency, valid_from) do update set micros_per_coin = excluded.micros_per_coin
        """,
        asdict(rate),
    )
