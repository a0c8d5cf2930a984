"""Who may receive gifts: the rules of a day, applied to what is so. Every sentence that a creator reads is here."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import msgspec
from msgspec import Struct

from plaudit.foundation.errors import Invalid
from plaudit.people.regions import CURRENCY_BY_REGION
from plaudit.people.rules import age_on
from plaudit.rooms.talk_errors import RuleInThePast


class Kind(StrEnum):
    """What can be asked of who wants to receive gifts, in the order in which it is shown."""

    IS_CREATOR = "is_creator"
    IS_VERIFIED = "is_verified"
    LEAST_AGE = "least_age"
    LEAST_FOLLOWERS = "least_followers"
    REGION_OPEN = "region_open"
    NO_OPEN_VIOLATION = "no_open_violation"


# Nobody is asked to be older than anybody is. Of what is either so or not, 1 is so.
_MOST = {Kind.LEAST_AGE: 120, Kind.LEAST_FOLLOWERS: 1_000_000_000}


class Rule(Struct, frozen=True, kw_only=True):
    """One rule from a day on. An empty region stands for every region that has none of its own.

    `value`: years or followers; or 1 for what is asked for (or a region that is open), 0 for what isn't.
    """

    kind: Kind
    region: str
    value: int
    holds_from: date


class Facts(Struct, frozen=True, kw_only=True):
    """What is so about a person now; `open_violations` are their reasons."""

    region: str
    birth_on: date | None
    is_creator: bool
    is_verified: bool
    followers: int
    open_violations: tuple[str, ...] = ()


class Upcoming(Struct, frozen=True, kw_only=True):
    """What will be asked for from a later day on, and whether it would be met as things are now."""

    holds_from: date
    needed: int
    is_met: bool


class Requirement(Struct, frozen=True, kw_only=True):
    """One requirement as it stands for somebody: what is needed, what is so now, and what they can do about it.

    `now` is None where it isn't known; of yes and no it is 1 and 0. `what_to_do` is None when it is met.
    """

    kind: Kind
    is_met: bool
    needed: int
    now: int | None
    what_to_do: str | None
    upcoming: tuple[Upcoming, ...] = ()


def take_rule(rule: Rule, *, today: date) -> Rule:
    """The rule in its normal form. Raises Invalid naming the field, or RuleInThePast."""
    region = rule.region.upper()
    if region and region not in CURRENCY_BY_REGION:
        raise Invalid("There is no such region: ISO 3166-1 codes look like DE or US.", field="region")
    most = _MOST.get(rule.kind, 1)
    if not 0 <= rule.value <= most:
        raise Invalid(f"For {rule.kind.value} this is a number from 0 to {most}.", field="value")
    if rule.holds_from < today:
        raise RuleInThePast(field="holds_from")
    return msgspec.structs.replace(rule, region=region)


def check(facts: Facts, rules: Sequence[Rule], today: date) -> list[Requirement]:
    """Each requirement and how it stands. Of `rules` with the same kind, region and day, the last counts.

    A kind for which no rule holds yet asks for nothing, except that a region without any rule is closed.
    """
    return [_check_kind(kind, facts, rules, today) for kind in Kind]


def is_eligible(requirements: Sequence[Requirement]) -> bool:
    """Whether all are met."""
    return all(requirement.is_met for requirement in requirements)


def _check_kind(kind: Kind, facts: Facts, rules: Sequence[Rule], today: date) -> Requirement:
    own = [rule for rule in rules if rule.kind is kind and rule.region in (facts.region, "")]
    needed, now = _compare(kind, _value_on(today, own), facts, today)
    is_met = _is_met(needed, now)
    return Requirement(
        kind=kind,
        is_met=is_met,
        needed=needed,
        now=now,
        what_to_do=None if is_met else _advise(kind, needed, facts, now),
        upcoming=_upcoming(kind, own, facts, today),
    )


def _upcoming(kind: Kind, own: Sequence[Rule], facts: Facts, today: date) -> tuple[Upcoming, ...]:
    """The later days on which something changes for this person; a rule that changes nothing for them isn't shown."""
    changes: list[Upcoming] = []
    before = _value_on(today, own)
    for day in sorted({rule.holds_from for rule in own if rule.holds_from > today}):
        value = _value_on(day, own)
        if value != before:
            needed, now = _compare(kind, value, facts, today)
            changes.append(Upcoming(holds_from=day, needed=needed, is_met=_is_met(needed, now)))
        before = value
    return tuple(changes)


def _value_on(day: date, own: Sequence[Rule]) -> int:
    """The region's own newest rule, else the newest for all; 0 where there is none."""
    holding = [rule for rule in own if rule.holds_from <= day]
    newest = max(holding, key=lambda rule: (rule.region != "", rule.holds_from), default=None)
    if newest is None:
        return 0
    # `max` gives the first of equals, and the last that was set is meant.
    return [rule for rule in holding if (rule.region, rule.holds_from) == (newest.region, newest.holds_from)][-1].value


def _compare(kind: Kind, value: int, facts: Facts, today: date) -> tuple[int, int | None]:
    """What is needed by a rule with this value, and what is so."""
    match kind:
        case Kind.IS_CREATOR:
            return value, int(facts.is_creator)
        case Kind.IS_VERIFIED:
            return value, int(facts.is_verified)
        case Kind.LEAST_AGE:
            return value, None if facts.birth_on is None else age_on(today, facts.birth_on)
        case Kind.LEAST_FOLLOWERS:
            return value, facts.followers
        case Kind.REGION_OPEN:
            return 1, value
        case Kind.NO_OPEN_VIOLATION:
            return value, int(not facts.open_violations)


def _is_met(needed: int, now: int | None) -> bool:
    return needed == 0 or (now is not None and now >= needed)


def _advise(kind: Kind, needed: int, facts: Facts, now: int | None) -> str:
    match kind:
        case Kind.IS_CREATOR:
            return "Apply to become a creator."
        case Kind.IS_VERIFIED:
            return "Have your account verified: an operator looks at it after you applied."
        case Kind.LEAST_AGE if now is None:
            return "Tell your birth date in your profile."
        case Kind.LEAST_AGE:
            return f"You can receive gifts from the day on which you are {needed} years old."
        case Kind.LEAST_FOLLOWERS:
            missing = needed - facts.followers
            return "One more person must follow you." if missing == 1 else f"{missing:,} more people must follow you."
        case Kind.REGION_OPEN:
            return "Gifts aren't open in your region yet. There is nothing for you to do."
        case Kind.NO_OPEN_VIOLATION:
            return f"Settle this with us first: {'; '.join(facts.open_violations)}"
