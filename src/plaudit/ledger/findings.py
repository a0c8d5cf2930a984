"""What `plaudit check` finds, as values: each with a stable code, where it is, what was expected, and one sentence."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

MAX_LISTED = 100
"""How many findings of each code are listed; the rest is counted."""

Value = int | str | datetime | None


class Code(StrEnum):
    """What can be off with the books."""

    ASSET_DOES_NOT_BALANCE = "asset_does_not_balance"
    """Debits and credits of an asset's accounts differ, posted or pending."""
    COUNTER_DIFFERS = "counter_differs"
    """A counter isn't the sum of the account's transfers."""
    COUNTER_OUT_OF_RANGE = "counter_out_of_range"
    """A counter is below zero, or posted and pending together pass 2^63-1."""
    LIMIT_BROKEN = "limit_broken"
    """A wallet spent what it hadn't got, or its mirror, now or just after a transfer."""
    HISTORY_DIFFERS = "history_differs"
    """The balances after a transfer don't follow from those before it."""
    TIMESTAMP_MISSING = "timestamp_missing"
    """No transfer has this timestamp (nor perhaps some after it), though a later one was given."""
    TIME_GOES_BACK = "time_goes_back"
    """The instant of a transfer is before that of the one before."""
    CLOCK_DIFFERS = "clock_differs"
    """The ledger's clock stands before the last transfer."""
    ACCOUNT_MISSING = "account_missing"
    """A transfer names an account that isn't there."""
    ASSETS_MIXED = "assets_mixed"
    """A transfer is between accounts of two assets."""
    TRANSFER_ILL_FORMED = "transfer_ill_formed"
    """An amount that isn't above zero, a kind that isn't known, or the same account on both sides."""
    HOLD_MISSING = "hold_missing"
    """A transfer ends a hold that isn't there."""
    HOLD_ENDED_WRONGLY = "hold_ended_wrongly"
    """A transfer ends a hold of other accounts or another code, takes more than was held, or came at the wrong time."""
    HOLD_ENDED_TWICE = "hold_ended_twice"
    """Two transfers end the same hold."""
    OPEN_HOLD_MISSING = "open_hold_missing"
    """A hold that no transfer ended isn't among the open ones."""
    OPEN_HOLD_DIFFERS = "open_hold_differs"
    """An open hold is no hold, was ended, or expires at another time than it says."""
    PENDING_DIFFERS = "pending_differs"
    """The pending counters of an account aren't the sum of its open holds."""
    CHECKED_PART_DIFFERS = "checked_part_differs"
    """The last transfer that an earlier run saw is no longer what it was."""


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is off. `expected` and `found` name only the numbers that differ."""

    code: Code
    sentence: str
    account: UUID | None = None
    transfer: UUID | None = None
    timestamp: int | None = None
    asset: int | None = None
    expected: Mapping[str, Value] = {}
    found: Mapping[str, Value] = {}


class Findings:
    """Everything that a run finds: the first of each code in full, all of them counted."""

    def __init__(self, limit: int = MAX_LISTED) -> None:
        self.counts: Counter[Code] = Counter()
        self.limit = limit
        self._listed: list[Finding] = []

    def add(self, finding: Finding) -> None:
        """Note it: in full, or only in the count when there are enough of its kind."""
        self.counts[finding.code] += 1
        if self.counts[finding.code] <= self.limit:
            self._listed.append(finding)

    def add_some(self, code: Code, findings: Iterable[Finding], *, total: int) -> None:
        """Note these, and count all `total` of their code."""
        before = self.counts[code]
        for finding in findings:
            self.add(finding)
        if total:
            self.counts[code] = before + total

    def __iter__(self) -> Iterator[Finding]:
        """Those listed, in the order of the codes, then in the order in which they were found."""
        order = list(Code)
        return iter(sorted(self._listed, key=lambda finding: order.index(finding.code)))


class Report(Struct, frozen=True, kw_only=True):
    """What a run did and found. It read the `transfers` after the timestamp `since` up to `upto`, and all accounts."""

    since: int
    upto: int
    transfers: int
    accounts: int
    assets: int
    counts: Mapping[Code, int]
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is off."""
        return not self.counts
