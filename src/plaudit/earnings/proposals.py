"""Setting rates: one operator proposes, another approves or refuses, and only then a rate is among those that hold."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.earnings import proposal_queries as queries
from plaudit.earnings import proposal_rules as rules
from plaudit.earnings.errors import NoSuchProposal
from plaudit.earnings.model import Rate
from plaudit.earnings.proposal_rules import Proposal
from plaudit.earnings.queries import list_all_rates
from plaudit.earnings.rates import RateTable
from plaudit.foundation.database import Database, Transaction
from plaudit.people.operators import note_act

_MOST = 100


class Change(Struct, frozen=True, kw_only=True):
    """A proposal beside the rate that creators would have from that instant on without it; None where there is none."""

    proposal: Proposal
    old: Rate | None


async def propose_rate(db: Database, wish: Proposal, *, now: datetime) -> Proposal:
    """Propose a rate; the same wish again is the same proposal. Raises Invalid naming the field, or IdReused.

    `wish` says who proposes and when.
    """
    wish = rules.take_proposal(wish)
    async with db.transaction() as tx:
        added = await queries.add_proposal(tx, wish)
        stored = await _get(tx, wish.id)
        rules.require_same(stored, wish)
        if added:
            await note_act(tx, wish.proposed_by, "rate_proposed", str(wish.id), _detail(wish), now=now)
    return stored


async def approve_rate(db: Database, operator_id: UUID, proposal_id: UUID, because: str, *, now: datetime) -> Proposal:
    """From its instant on the rate holds. Raises NoSuchProposal, ProposalDecided, OwnProposal, ProposalTooLate or
    RateAlreadySet.
    """
    because = rules.take_reason(because) if because.strip() else ""
    async with db.transaction() as tx:
        proposal = await _lock(tx, proposal_id)
        decided = rules.decide(proposal, operator_id, approved=True, because=because, now=now)
        if decided is not proposal:
            await queries.store_decision(tx, decided)
            await queries.add_rate(tx, decided)
            await note_act(tx, operator_id, "rate_approved", str(proposal_id), _detail(decided), now=now)
        return await _get(tx, proposal_id)


async def refuse_rate(db: Database, operator_id: UUID, proposal_id: UUID, because: str, *, now: datetime) -> Proposal:
    """The rate won't hold; whoever proposed it takes it back so. Raises Invalid, NoSuchProposal or ProposalDecided."""
    because = rules.take_reason(because)
    async with db.transaction() as tx:
        proposal = await _lock(tx, proposal_id)
        decided = rules.decide(proposal, operator_id, approved=False, because=because, now=now)
        if decided is not proposal:
            await queries.store_decision(tx, decided)
            await note_act(tx, operator_id, "rate_refused", str(proposal_id), _detail(decided), now=now)
        return await _get(tx, proposal_id)


async def list_changes(db: Database, *, is_waiting: bool, limit: int = _MOST) -> list[Change]:
    """What waits for a decision, the most urgent first, or what was decided, the newest first."""
    async with db.transaction() as tx:
        found = await queries.list_proposals(tx, is_waiting=is_waiting, limit=limit)
        rates = await list_all_rates(tx)
    return [Change(proposal=each, old=_rate_before(rates, each)) for each in found]


async def get_change(db: Database, proposal_id: UUID) -> Change:
    """One proposal, with old and new. Raises NoSuchProposal."""
    async with db.transaction() as tx:
        proposal = await _get(tx, proposal_id)
        return Change(proposal=proposal, old=_rate_before(await list_all_rates(tx), proposal))


def _rate_before(rates: Sequence[Rate], proposal: Proposal) -> Rate | None:
    """What those get whom the proposal is for, at its instant, without it."""
    others = RateTable(rate for rate in rates if rate != proposal.rate)
    return others.find(proposal.region, proposal.currency, now=proposal.valid_from, tier=proposal.tier)


async def _lock(tx: Transaction, proposal_id: UUID) -> Proposal:
    found = await queries.lock_proposal(tx, proposal_id)
    if found is None:
        raise NoSuchProposal
    return found


async def _get(tx: Transaction, proposal_id: UUID) -> Proposal:
    found = await queries.find_proposal(tx, proposal_id)
    if found is None:
        raise NoSuchProposal
    return found


def _detail(proposal: Proposal) -> dict[str, object]:
    return {
        "region": proposal.region,
        "currency": proposal.currency,
        "tier": proposal.tier,
        "share_bps": proposal.share_bps,
        "micros_per_coin": proposal.micros_per_coin,
        "valid_from": proposal.valid_from,
        "reason": proposal.reason if proposal.approved is None else proposal.decided_because,
    }
