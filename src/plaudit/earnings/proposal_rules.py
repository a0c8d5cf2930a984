"""Rates that two people set: what a proposal is, and when it may be approved. Pure."""

import re
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from plaudit.earnings.errors import OwnProposal, ProposalDecided, ProposalTooLate
from plaudit.earnings.model import Rate
from plaudit.foundation.errors import IdReused, Invalid
from plaudit.people.rules import take_currency, take_region

# Programs hold rates in memory for some seconds; what they haven't heard of yet must not hold yet.
LEAD = timedelta(minutes=5)
MOST_MICROS = 10**9

_FURTHEST = timedelta(days=3653)
_TIER = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LONGEST_REASON = 500


class Proposal(Struct, frozen=True, kw_only=True):
    """A rate that an operator wants from an instant on, and what became of it; `approved` is None while it waits.

    `proposer` and `decider` are handles.
    """

    id: UUID
    region: str
    currency: str
    tier: str
    share_bps: int | None
    micros_per_coin: int | None
    valid_from: datetime
    reason: str
    proposed_by: UUID
    proposed_at: datetime
    proposer: str = ""
    approved: bool | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    decided_because: str | None = None
    decider: str | None = None

    @property
    def rate(self) -> Rate:
        """The rate as it would hold."""
        return Rate(
            region=self.region,
            currency=self.currency,
            tier=self.tier,
            share_bps=self.share_bps,
            micros_per_coin=self.micros_per_coin,
            valid_from=self.valid_from,
        )


def take_proposal(wish: Proposal) -> Proposal:
    """The proposal in its normal form; raises Invalid naming the field unless such a rate can be."""
    if (wish.share_bps is None) == (wish.micros_per_coin is None):
        raise Invalid("A rate is a share or a price per coin: one of the two.", field="share_bps")
    if wish.share_bps is not None and not 0 <= wish.share_bps <= 10_000:
        raise Invalid("A share is from nothing to all of what was paid.", field="share_bps")
    if wish.micros_per_coin is not None and not 0 <= wish.micros_per_coin <= MOST_MICROS:
        raise Invalid("A price per coin isn't below nothing, and not that high.", field="micros_per_coin")
    if wish.micros_per_coin is not None and not wish.currency:
        raise Invalid("A price per coin counts in one currency.", field="currency")
    if not _TIER.fullmatch(wish.tier):
        raise Invalid("A tier's name begins with a letter and has 1 to 40 of a to z, digits and _.", field="tier")
    if wish.valid_from <= wish.proposed_at + LEAD:
        raise Invalid("A rate is set ahead of time: choose an instant that leaves time to approve.", field="valid_from")
    if wish.valid_from > wish.proposed_at + _FURTHEST:
        raise Invalid("A change can't be planned more than ten years ahead.", field="valid_from")
    return replace(
        wish,
        region=take_region(wish.region) if wish.region else "",
        currency=take_currency(wish.currency) if wish.currency else "",
        reason=take_reason(wish.reason),
    )


def take_reason(reason: str) -> str:
    """Why, in words that other operators read; raises Invalid."""
    plain = " ".join(reason.split())
    if not (1 <= len(plain) <= _LONGEST_REASON and plain.isprintable()):
        raise Invalid(f"Say why, in 1 to {_LONGEST_REASON} characters.", field="reason")
    return plain


def require_same(stored: Proposal, wish: Proposal) -> None:
    """Raises IdReused when the id was used by somebody else or for another rate."""
    if (stored.rate, stored.reason, stored.proposed_by) != (wish.rate, wish.reason, wish.proposed_by):
        raise IdReused


def decide(proposal: Proposal, by: UUID, *, approved: bool, because: str, now: datetime) -> Proposal:
    """The proposal as decided; itself when this very operator decided the same before.

    Raises ProposalDecided, OwnProposal, or ProposalTooLate. Whoever proposed may refuse, which takes it back.
    """
    if proposal.approved is not None:
        if (proposal.approved, proposal.decided_by) == (approved, by):
            return proposal
        raise ProposalDecided
    if approved and by == proposal.proposed_by:
        raise OwnProposal
    if approved and now + LEAD > proposal.valid_from:
        raise ProposalTooLate
    return replace(proposal, approved=approved, decided_by=by, decided_at=now, decided_because=because)
