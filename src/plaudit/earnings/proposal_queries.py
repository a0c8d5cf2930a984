"""SQL of proposed rates."""

from uuid import UUID

import msgspec

from plaudit.earnings.errors import RateAlreadySet
from plaudit.earnings.proposal_rules import Proposal
from plaudit.foundation.database import Transaction
from plaudit.foundation.database_errors import name_constraint

name_constraint("a rate changes once at an instant", RateAlreadySet)


async def add_proposal(tx: Transaction, proposal: Proposal) -> bool:
    """False, and nothing changes, when there is one with this id."""
    added = await tx.execute(
        """
        insert into earnings.rate_proposals (id, region, currency, tier, share_bps, micros_per_coin, valid_from, reason,
            proposed_by, proposed_at)
        values (%(id)s, %(region)s, %(currency)s, %(tier)s, %(share_bps)s, %(micros_per_coin)s, %(valid_from)s,
            %(reason)s, %(proposed_by)s, %(proposed_at)s)
        on conflict (id) do nothing
        """,
        msgspec.structs.asdict(proposal),
    )
    return added == 1


async def find_proposal(tx: Transaction, proposal_id: UUID) -> Proposal | None:
    """The proposal with the handles of those who had to do with it, or None."""
    return await tx.find(
        Proposal,
        """
        select p.id, p.region, p.currency, tier, share_bps, micros_per_coin, valid_from, reason, proposed_by,
            proposed_at, proposer.handle as proposer, approved, decided_by, decided_at, decided_because,
            decider.handle as decider
        from earnings.rate_proposals p
            join people.people proposer on proposer.id = proposed_by
            left join people.people decider on decider.id = decided_by
        where p.id = %(id)s
        """,
        {"id": proposal_id},
    )


async def lock_proposal(tx: Transaction, proposal_id: UUID) -> Proposal | None:
    """The same, which stays as it is until `tx` ends."""
    await tx.execute("select from earnings.rate_proposals where id = %(id)s for update", {"id": proposal_id})
    return await find_proposal(tx, proposal_id)


async def store_decision(tx: Transaction, proposal: Proposal) -> None:
    """Approved or refused."""
    await tx.execute(
        """
        update earnings.rate_proposals set approved = %(approved)s, decided_by = %(decided_by)s,
            decided_at = %(decided_at)s, decided_because = %(decided_because)s
        where id = %(id)s
        """,
        msgspec.structs.asdict(proposal),
    )


async def add_rate(tx: Transaction, proposal: Proposal) -> None:
    """The rate that was approved. Raises RateAlreadySet, as soon as the transaction notices."""
    await tx.execute(
        """
        insert into earnings.rates (region, currency, tier, share_bps, micros_per_coin, valid_from, proposal_id)
        values (%(region)s, %(currency)s, %(tier)s, %(share_bps)s, %(micros_per_coin)s, %(valid_from)s, %(id)s)
        """,
        msgspec.structs.asdict(proposal),
    )


async def list_proposals(tx: Transaction, *, is_waiting: bool, limit: int) -> list[Proposal]:
    """Those that wait, the most urgent first; or those that were decided, the newest first."""
    return await tx.all(
        Proposal,
        """
        select p.id, p.region, p.currency, tier, share_bps, micros_per_coin, valid_from, reason, proposed_by,
            proposed_at, proposer.handle as proposer, approved, decided_by, decided_at, decided_because,
            decider.handle as decider
        from earnings.rate_proposals p
            join people.people proposer on proposer.id = proposed_by
            left join people.people decider on decider.id = decided_by
        where (approved is null) = %(is_waiting)s
        order by case when approved is null then valid_from end, decided_at desc, p.id
        limit %(limit)s
        """,
        {"is_waiting": is_waiting, "limit": limit},
    )
