"""What operators set for refunds and disputes, each from an instant on.

What is set takes the place of what was set for the very same instant, so a plan can be corrected until it holds.
"""

from datetime import datetime
from uuid import UUID

from msgspec.structs import asdict, replace

from plaudit.foundation.database import Database
from plaudit.foundation.errors import Invalid
from plaudit.people.operators import note_act
from plaudit.people.rules import take_currency
from plaudit.reversals import policy_queries as queries
from plaudit.reversals.model import DisputePolicy, RefundPolicy

_MOST_DAYS = 3653
_MOST_MINOR = 10**14


async def list_refund_policies(db: Database, *, now: datetime) -> list[RefundPolicy]:
    """For how many days coins can be given back, and for how many they will."""
    async with db.transaction() as tx:
        return await queries.list_refund_policies(tx, now=now)


async def set_refund_policy(db: Database, operator_id: UUID, policy: RefundPolicy, *, now: datetime) -> RefundPolicy:
    """Give back coins that came at most so many days ago, from `valid_from` on, whenever they were bought.

    Raises Invalid naming the field.
    """
    if not 0 <= policy.days <= _MOST_DAYS:
        raise Invalid("Refunds are for no days to ten years.", field="days")
    async with db.transaction() as tx:
        await queries.store_refund_policy(tx, policy)
        await note_act(tx, operator_id, "refund_policy_set", "refunds", asdict(policy), now=now)
    return policy


async def list_dispute_policies(db: Database, *, now: datetime) -> list[DisputePolicy]:
    """Who bears lost disputes in each currency, and who will."""
    async with db.transaction() as tx:
        return await queries.list_dispute_policies(tx, now=now)


async def set_dispute_policy(db: Database, operator_id: UUID, wish: DisputePolicy, *, now: datetime) -> DisputePolicy:
    """Share what is lost like this in disputes that are planned from `valid_from` on.

    Raises Invalid naming the field.
    """
    policy = take_dispute_policy(wish)
    async with db.transaction() as tx:
        await queries.store_dispute_policy(tx, policy)
        await note_act(tx, operator_id, "dispute_policy_set", policy.currency or "all", asdict(policy), now=now)
    return policy


def take_dispute_policy(wish: DisputePolicy) -> DisputePolicy:
    """The policy in its normal form; raises Invalid naming the field."""
    if not 0 <= wish.creator_bears_bps <= 10_000:
        raise Invalid("Creators bear from nothing to all of their share.", field="creator_bears_bps")
    if wish.cap_minor is not None and not wish.currency:
        raise Invalid("A cap is in one currency.", field="cap_minor")
    if wish.cap_minor is not None and not 0 <= wish.cap_minor <= _MOST_MINOR:
        raise Invalid("A cap isn't below nothing, and not that high.", field="cap_minor")
    return replace(wish, currency=take_currency(wish.currency) if wish.currency else "")
