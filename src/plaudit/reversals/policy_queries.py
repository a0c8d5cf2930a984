"""SQL of what operators set for refunds and disputes. The newest row before now holds."""

from datetime import datetime

from msgspec.structs import asdict

from plaudit.foundation.database import Transaction
from plaudit.reversals.model import DisputePolicy, RefundPolicy


async def list_refund_policies(tx: Transaction, *, now: datetime) -> list[RefundPolicy]:
    """What holds, and what will."""
    return await tx.all(
        RefundPolicy,
        """
        select days, valid_from from reversals.refund_policies
        where valid_from >= (select max(valid_from) from reversals.refund_policies where valid_from <= %(now)s)
        order by valid_from
        """,
        {"now": now},
    )


async def store_refund_policy(tx: Transaction, policy: RefundPolicy) -> None:
    """In the place of what was set for the very same instant."""
    await tx.execute(
        """
        insert into reversals.refund_policies (days, valid_from) values (%(days)s, %(valid_from)s)
        on conflict (valid_from) do update set days = excluded.days
        """,
        asdict(policy),
    )


async def list_dispute_policies(tx: Transaction, *, now: datetime) -> list[DisputePolicy]:
    """What holds, and what will."""
    return await tx.all(
        DisputePolicy,
        """
        select currency, creator_bears_bps, cap_minor, valid_from from reversals.dispute_policies p
        where valid_from > %(now)s or valid_from = (
            select max(valid_from) from reversals.dispute_policies
            where currency = p.currency and valid_from <= %(now)s)
        order by currency, valid_from
        """,
        {"now": now},
    )


async def store_dispute_policy(tx: Transaction, policy: DisputePolicy) -> None:
    """In the place of what was set for the very same instant."""
    await tx.execute(
        """
        insert into reversals.dispute_policies (currency, creator_bears_bps, cap_minor, valid_from)
        values (%(currency)s, %(creator_bears_bps)s, %(cap_minor)s, %(valid_from)s)
        on conflict (currency, valid_from) do update set creator_bears_bps = excluded.creator_bears_bps,
            cap_minor = excluded.cap_minor
        """,
        asdict(policy),
    )
