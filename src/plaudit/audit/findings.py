"""What the audit finds, as values: a stable code, one sentence, exact ids, and only the numbers that differ."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

MAX_LISTED = 100
"""How many findings of each code are listed; the rest is counted."""

Value = int | str | datetime | UUID | None


class Code(StrEnum):
    """What can be off beyond the ledger's own books."""

    COIN_FLOAT_DIFFERS = "coin_float_differs"
    """The coin float of a currency isn't the value that is left in lots."""
    FAN_COINS_DIFFER = "fan_coins_differ"
    """A fan's coins in the ledger aren't those left in their lots."""
    LINE_BROKEN = "line_broken"
    """The stretches of a fan's line overlap, leave a hole, or are more or less than what was received."""
    LOT_DIFFERS = "lot_differs"
    """What was spent, cut and left of a lot isn't the lot, in coins or in value."""
    SLICES_OVERLAP = "slices_overlap"
    """A coin of a lot was spent twice."""
    SLICE_VALUE_DIFFERS = "slice_value_differs"
    """The value of a slice isn't its part of the lot, or the lot is another fan's."""
    SLICE_SHARE_DIFFERS = "slice_share_differs"
    """A creator's share of a slice doesn't follow from value, rate and what was carried."""
    SLICE_RATE_DIFFERS = "slice_rate_differs"
    """The rate of a slice isn't the one that held for the creator then."""
    CARRY_DIFFERS = "carry_differs"
    """What is carried to a creator's next slice isn't what the divisions left over."""
    GIFT_SETTLED_WRONGLY = "gift_settled_wrongly"
    """The slices of a gift aren't the gift, or there are none, or no gift for them."""
    LEG_DIFFERS = "leg_differs"
    """What a run says that it brings a creator isn't the sum of its slices."""
    LEG_POSTED_DIFFERS = "leg_posted_differs"
    """The ledger has something else of a run and a creator than the run says."""
    PENDING_DIFFERS = "pending_differs"
    """A creator's pending money isn't what is left of their legs."""
    CREATOR_BALANCE_DIFFERS = "creator_balance_differs"
    """What a creator has available, in reserve or owes doesn't follow from what happened to it."""
    TOP_UP_DIFFERS = "top_up_differs"
    """A top-up wasn't credited exactly once with what was paid, or was though it isn't paid."""
    GRANT_DIFFERS = "grant_differs"
    """Coins that were given weren't credited exactly once."""
    TRANSFER_UNEXPLAINED = "transfer_unexplained"
    """A transfer refers to nothing that we know."""
    PAYOUT_DIFFERS = "payout_differs"
    """The ledger has something else of a payout than its state says."""
    PAYOUTS_UNDER_WAY_DIFFER = "payouts_under_way_differ"
    """The account of payouts isn't the sum of those under way."""
    REFUND_DIFFERS = "refund_differs"
    """The ledger has something else of a refund than its state says."""
    REFUNDS_UNDER_WAY_DIFFER = "refunds_under_way_differ"
    """The account of refunds isn't the sum of those under way."""
    DISPUTE_DIFFERS = "dispute_differs"
    """The ledger has something else of a dispute than its state says."""
    DISPUTES_OPEN_DIFFER = "disputes_open_differ"
    """The account of disputes isn't the sum of those that are open."""
    UNWINDING_DIFFERS = "unwinding_differs"
    """What a lost dispute took from a creator isn't what was planned, or more than the slices had brought."""
    BATCH_DIFFERS = "batch_differs"
    """The total of a batch isn't the sum of its payouts."""
    REPORT_DIFFERS = "report_differs"
    """A provider reports something else than we have, and no operator has said what it was."""
    STATEMENT_CHANGED = "statement_changed"
    """A statement isn't the one whose hash was kept."""
    STATEMENT_DIFFERS = "statement_differs"
    """A statement says something else than the books do."""
    SEALED_TRANSFER_CHANGED = "sealed_transfer_changed"
    """A transfer isn't what it was when it was sealed."""
    SEALED_TRANSFER_MISSING = "sealed_transfer_missing"
    """A transfer that was sealed isn't there any more."""
    SEALED_TRANSFER_INSERTED = "sealed_transfer_inserted"
    """A transfer stands among sealed ones and wasn't there when they were sealed."""
    SEALED_TRANSFER_MOVED = "sealed_transfer_moved"
    """A transfer has another timestamp than the one that it was sealed with."""
    SEAL_CHANGED = "seal_changed"
    """A seal doesn't follow from the one before it, or from the transfers that it covers."""
    SEAL_MISSING = "seal_missing"
    """A number is missing in the chain of seals."""
    ANCHOR_DIFFERS = "anchor_differs"
    """A seal isn't the one that was kept elsewhere."""


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is off: `where` are the ids that name it."""

    code: Code
    sentence: str
    where: Mapping[str, Value] = {}
    expected: Mapping[str, Value] = {}
    found: Mapping[str, Value] = {}


class Findings:
    """Everything that a run finds: the first of each code in full, all of them counted."""

    def __init__(self, limit: int = MAX_LISTED) -> None:
        self.counts: Counter[Code] = Counter()
        self.limit = limit
        self._listed: list[Finding] = []

    def add(self, finding: Finding, *, times: int = 1) -> None:
        """Note it: in full, or only in the count when there are enough of its kind. It counts so many `times`."""
        if self.counts[finding.code] < self.limit:
            self._listed.append(finding)
        self.counts[finding.code] += times

    def __iter__(self) -> Iterator[Finding]:
        """Those listed, in the order of the codes, then in the order in which they were found."""
        order = list(Code)
        return iter(sorted(self._listed, key=lambda finding: order.index(finding.code)))
