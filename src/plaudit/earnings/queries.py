"""SQL of rates."""

from datetime import datetime

from plaudit.earnings.model import Rate
from plaudit.foundation.database import Transaction


async def list_all_rates(tx: Transaction) -> list[Rate]:
    """Also what was in force once: a gift of then got the share of then."""
    return await tx.all(
        Rate, "select region, currency, tier, share_bps, micros_per_coin, valid_from from earnings.rates"
    )


async def list_rates(tx: Transaction, *, now: datetime) -> list[Rate]:
    """What is in force and what is to come, by tier, region and currency, then by date."""
    return await tx.all(
        Rate,
        """
        select region, currency, tier, share_bps, micros_per_coin, valid_from from earnings.rates r
        where not exists (
            select from earnings.rates later
            where (later.tier, later.region, later.currency) = (r.tier, r.region, r.currency)
                and later.valid_from > r.valid_from and later.valid_from <= %(now)s)
        order by tier, region, currency, valid_from
        """,
        {"now": now},
    )
