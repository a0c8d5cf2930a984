"""What goes over the wire about rates that are proposed and decided."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from plaudit.earnings.proposal_rules import Proposal
from plaudit.earnings.proposals import Change
from plaudit.web.api import fields
from plaudit.web.api.price_shapes import RateAnswer, show_rate

Later = Annotated[datetime, Meta(tz=True, description="From when it holds: some minutes from now, or later.")]


class ProposalBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rate that is wished for: `share_bps` of what was paid, or `micros_per_coin`; one of the two.

    `region` and `currency` are left empty where it is for every one without its own. The id is the caller's: the same
    again is the same proposal.
    """

    id: UUID
    region: fields.AnyRegion = ""
    currency: str = ""
    tier: str = "standard"
    share_bps: int | None = None
    micros_per_coin: int | None = None
    valid_from: Later
    reason: fields.Reason

    def wish(self, operator_id: UUID, now: datetime) -> Proposal:
        """As the earnings package takes it."""
        return Proposal(
            id=self.id,
            region=self.region,
            currency=self.currency,
            tier=self.tier,
            share_bps=self.share_bps,
            micros_per_coin=self.micros_per_coin,
            valid_from=self.valid_from,
            reason=self.reason,
            proposed_by=operator_id,
            proposed_at=now,
        )


class ApproveBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is approved, if there is something to say."""

    reason: str = ""


class RefuseBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is refused."""

    reason: fields.Reason


class ProposalAnswer(Struct, frozen=True, kw_only=True):
    """A proposal: the rate as it would hold beside the one without it, who proposed it, and who decided.

    `state` is waiting, approved or refused.
    """

    id: UUID
    state: Literal["waiting", "approved", "refused"]
    old: RateAnswer | None
    new: RateAnswer
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decided_because: str | None


class ProposalList(Struct, frozen=True, kw_only=True):
    """Those that wait, the most urgent first; or the last hundred that were decided. There is never a next page."""

    items: list[ProposalAnswer]
    next: None = None


def show_changes(changes: Iterable[Change]) -> ProposalList:
    """Proposals for operators."""
    return ProposalList(items=[show_change(each) for each in changes])


def show_change(change: Change) -> ProposalAnswer:
    """One proposal with old and new."""
    proposal = change.proposal
    return ProposalAnswer(
        id=proposal.id,
        state="waiting" if proposal.approved is None else "approved" if proposal.approved else "refused",
        old=None if change.old is None else show_rate(change.old),
        new=show_rate(proposal.rate),
        reason=proposal.reason,
        proposed_by=proposal.proposer,
        proposed_at=proposal.proposed_at,
        decided_by=proposal.decider,
        decided_at=proposal.decided_at,
        decided_because=proposal.decided_because,
    )
