"""SQL of what is offered: the rows that hold now."""

from datetime import datetime

from plaudit.coins.model import ExactRule, Pack, Tax
from plaudit.foundation.database import Transaction


async def list_packs(tx: Transaction, region: str, currency: str, channel: str, *, now: datetime) -> list[Pack]:
    """The packs that are offered, from the smallest up. A row for the region goes before one for all."""
    return await tx.all(
        Pack,
        """
        select id, coins, price_minor
        from (
            select distinct on (id) id, coins, price_minor, is_offered
            from coins.packs
            where currency = %(currency)s and channel = %(channel)s and region in (%(region)s, '')
                and valid_from <= %(now)s
            order by id, region desc, valid_from desc
        ) as newest
        where is_offered
        order by coins, id
        """,
        {"region": region, "currency": currency, "channel": channel, "now": now},
    )


async def find_exact_rule(tx: Transaction, currency: str, channel: str, *, now: datetime) -> ExactRule | None:
    """How exact amounts are sold; None where they aren't."""
    return await tx.find(
        ExactRule,
        """
        select minimum_minor, least_coins, most_coins from coins.exact_amounts
        where currency = %(currency)s and channel = %(channel)s and valid_from <= %(now)s
        order by valid_from desc limit 1
        """,
        {"currency": currency, "channel": channel, "now": now},
    )


async def find_tax(tx: Transaction, region: str, *, now: datetime) -> Tax | None:
    """The region's tax; None where there is none."""
    return await tx.find(
        Tax,
        """
        select name, rate_bps from coins.taxes
        where region = %(region)s and valid_from <= %(now)s
        order by valid_from desc limit 1
        """,
        {"region": region, "now": now},
    )
