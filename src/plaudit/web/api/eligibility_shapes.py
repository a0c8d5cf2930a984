"""What goes over the wire about who may receive gifts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from plaudit.foundation.ids import new_id
from plaudit.rooms.eligibility import SetRule
from plaudit.rooms.eligibility_rules import Kind, Requirement, Rule, Upcoming, is_eligible
from plaudit.rooms.violations import Violation, ViolationWish
from plaudit.web.api import fields

_From = Annotated[date | None, Meta(description="The day from which it holds; today when left out, never in the past.")]


class RequirementAnswer(Struct, frozen=True, kw_only=True):
    """One requirement: what is `needed`, what is so `now` (null where that isn't known), and what to do about it."""

    kind: Kind
    is_met: bool
    needed: int
    now: int | None
    what_to_do: str | None
    upcoming: list[Upcoming]


class EligibilityAnswer(Struct, frozen=True, kw_only=True):
    """Whether one may receive gifts, and everything that it takes."""

    may_receive: bool
    requirements: list[RequirementAnswer]


class RuleBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule to set. Of two for the same kind, region and day the later one counts."""

    kind: Kind
    region: fields.AnyRegion = ""
    value: fields.RuleValue
    holds_from: _From = None

    def rule(self, today: date) -> Rule:
        """As the rooms package takes it."""
        return Rule(kind=self.kind, region=self.region, value=self.value, holds_from=self.holds_from or today)


class RuleList(Struct, frozen=True, kw_only=True):
    """Every rule by kind and region, the newest first; there is never a next page."""

    items: list[SetRule]
    next: None = None


class ViolationBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is held against somebody, in words that they read. With an id of one's own it is opened once."""

    id: UUID | None = None
    reason: fields.Reason

    def wish(self, handle: str) -> ViolationWish:
        """As the rooms package takes it."""
        return ViolationWish(id=self.id or new_id(), handle=handle, reason=self.reason)


class ViolationAnswer(Struct, frozen=True, kw_only=True):
    """A violation; it is open while `closed_at` is null."""

    id: UUID
    handle: str
    reason: str
    opened_at: datetime
    closed_at: datetime | None


class ViolationList(Struct, frozen=True, kw_only=True):
    """All that was ever held against somebody, the newest first; there is never a next page."""

    items: list[ViolationAnswer]
    next: None = None


def show_eligibility(requirements: Sequence[Requirement]) -> EligibilityAnswer:
    """Somebody's requirements for their own eyes."""
    return EligibilityAnswer(
        may_receive=is_eligible(requirements),
        requirements=[
            RequirementAnswer(
                kind=each.kind,
                is_met=each.is_met,
                needed=each.needed,
                now=each.now,
                what_to_do=each.what_to_do,
                upcoming=list(each.upcoming),
            )
            for each in requirements
        ],
    )


def show_violation(violation: Violation) -> ViolationAnswer:
    """A violation for operators."""
    return ViolationAnswer(
        id=violation.id,
        handle=violation.handle,
        reason=violation.reason,
        opened_at=violation.opened_at,
        closed_at=violation.closed_at,
    )
