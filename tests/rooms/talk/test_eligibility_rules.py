from datetime import date
from typing import Any

import msgspec
import pytest

from plaudit.foundation.errors import Invalid
from plaudit.rooms.eligibility_rules import Facts, Kind, Requirement, Rule, Upcoming, check, is_eligible, take_rule
from plaudit.rooms.talk_errors import RuleInThePast

TODAY = date(2026, 3, 1)
LONG_AGO = date(2020, 1, 1)
RULES = [
    Rule(kind=kind, region=region, value=value, holds_from=LONG_AGO)
    for kind, region, value in (
        (Kind.IS_CREATOR, "", 1),
        (Kind.IS_VERIFIED, "", 1),
        (Kind.LEAST_AGE, "", 18),
        (Kind.LEAST_AGE, "KR", 19),
        (Kind.LEAST_FOLLOWERS, "", 1000),
        (Kind.REGION_OPEN, "", 1),
        (Kind.NO_OPEN_VIOLATION, "", 1),
    )
]
STAR = Facts(region="US", birth_on=date(2008, 3, 1), is_creator=True, is_verified=True, followers=1000)


def star(**different: Any) -> Facts:
    return msgspec.structs.replace(STAR, **different)


def the(kind: Kind, facts: Facts, *more: Rule, today: date = TODAY) -> Requirement:
    (found,) = [each for each in check(facts, [*RULES, *more], today) if each.kind is kind]
    return found


def a_rule(kind: Kind, value: int, holds_from: date, region: str = "") -> Rule:
    return Rule(kind=kind, region=region, value=value, holds_from=holds_from)


def test_who_meets_everything_may_receive_and_has_nothing_left_to_do():
    found = check(STAR, RULES, TODAY)

    assert is_eligible(found)
    assert [each.kind for each in found] == list(Kind)
    assert [each.what_to_do for each in found] == [None] * 6


@pytest.mark.parametrize(
    ("facts", "kind", "needed", "now", "what_to_do"),
    [
        (star(is_creator=False), Kind.IS_CREATOR, 1, 0, "Apply to become a creator."),
        (
            star(is_verified=False),
            Kind.IS_VERIFIED,
            1,
            0,
            "Have your account verified: an operator looks at it after you applied.",
        ),
        (star(birth_on=None), Kind.LEAST_AGE, 18, None, "Tell your birth date in your profile."),
        (
            star(birth_on=date(2008, 3, 2)),
            Kind.LEAST_AGE,
            18,
            17,
            "You can receive gifts from the day on which you are 18 years old.",
        ),
        (star(followers=999), Kind.LEAST_FOLLOWERS, 1000, 999, "One more person must follow you."),
        (star(followers=0), Kind.LEAST_FOLLOWERS, 1000, 0, "1,000 more people must follow you."),
        (
            star(open_violations=("Spam.", "Again.")),
            Kind.NO_OPEN_VIOLATION,
            1,
            0,
            "Settle this with us first: Spam.; Again.",
        ),
    ],
)
def test_what_is_missing_is_told_with_what_to_do(facts: Facts, kind: Kind, needed: int, now: int, what_to_do: str):
    found = check(facts, RULES, TODAY)

    assert not is_eligible(found)
    (missing,) = [each for each in found if not each.is_met]
    assert (missing.kind, missing.needed, missing.now, missing.what_to_do) == (kind, needed, now, what_to_do)


def test_a_region_has_its_own_age_whatever_is_said_for_all_later():
    later = a_rule(Kind.LEAST_AGE, 16, date(2026, 1, 1))

    in_korea = the(Kind.LEAST_AGE, star(region="KR"), later)
    elsewhere = the(Kind.LEAST_AGE, STAR, later)

    assert (in_korea.needed, in_korea.is_met) == (19, False)
    assert (elsewhere.needed, elsewhere.is_met) == (16, True)


def test_a_region_can_be_closed_and_opened_again():
    closed = a_rule(Kind.REGION_OPEN, 0, date(2026, 2, 1), "US")
    opened = a_rule(Kind.REGION_OPEN, 1, date(2026, 2, 20), "US")

    found = the(Kind.REGION_OPEN, STAR, closed)

    assert (found.is_met, found.needed, found.now) == (False, 1, 0)
    assert found.what_to_do is not None
    assert the(Kind.REGION_OPEN, star(region="DE"), closed).is_met
    assert the(Kind.REGION_OPEN, STAR, closed, opened).is_met


def test_without_any_rule_only_the_region_is_in_the_way():
    nobody = Facts(region="US", birth_on=None, is_creator=False, is_verified=False, followers=0)

    assert [each.kind for each in check(nobody, [], TODAY) if not each.is_met] == [Kind.REGION_OPEN]


def test_a_rule_of_a_later_day_is_shown_as_coming_and_holds_from_its_day_on():
    later = a_rule(Kind.LEAST_FOLLOWERS, 5000, date(2026, 4, 1))
    at_last = a_rule(Kind.LEAST_FOLLOWERS, 100, date(2026, 6, 1))

    before = the(Kind.LEAST_FOLLOWERS, STAR, at_last, later, today=date(2026, 3, 31))
    on_the_day = the(Kind.LEAST_FOLLOWERS, STAR, at_last, later, today=date(2026, 4, 1))

    assert (before.is_met, before.needed) == (True, 1000)
    assert before.upcoming == (
        Upcoming(holds_from=date(2026, 4, 1), needed=5000, is_met=False),
        Upcoming(holds_from=date(2026, 6, 1), needed=100, is_met=True),
    )
    assert (on_the_day.is_met, on_the_day.needed, len(on_the_day.upcoming)) == (False, 5000, 1)


def test_a_later_rule_that_changes_nothing_for_somebody_is_not_shown_to_them():
    same = a_rule(Kind.LEAST_FOLLOWERS, 1000, date(2026, 4, 1))
    for_all = a_rule(Kind.LEAST_AGE, 21, date(2026, 4, 1))
    for_others = a_rule(Kind.LEAST_FOLLOWERS, 50, date(2026, 4, 1), "DE")

    assert the(Kind.LEAST_FOLLOWERS, STAR, same, for_others).upcoming == ()
    assert the(Kind.LEAST_AGE, star(region="KR"), for_all).upcoming == ()


def test_of_two_rules_for_one_day_the_one_that_was_set_last_counts():
    slip = a_rule(Kind.LEAST_FOLLOWERS, 10, TODAY)
    meant = a_rule(Kind.LEAST_FOLLOWERS, 0, TODAY)

    assert the(Kind.LEAST_FOLLOWERS, STAR, slip, meant).needed == 0
    assert the(Kind.LEAST_FOLLOWERS, STAR, meant, slip).needed == 10


def test_a_rule_is_taken_in_its_normal_form_from_today_on():
    taken = take_rule(a_rule(Kind.LEAST_AGE, 20, TODAY, "jp"), today=TODAY)

    assert taken.region == "JP"
    with pytest.raises(RuleInThePast):
        take_rule(a_rule(Kind.LEAST_AGE, 20, date(2026, 2, 28)), today=TODAY)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (a_rule(Kind.LEAST_AGE, 20, TODAY, "EU"), "region"),
        (a_rule(Kind.LEAST_AGE, 121, TODAY), "value"),
        (a_rule(Kind.IS_VERIFIED, 2, TODAY), "value"),
        (a_rule(Kind.REGION_OPEN, -1, TODAY), "value"),
        (a_rule(Kind.LEAST_FOLLOWERS, 1_000_000_001, TODAY), "value"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_its_field(rule: Rule, field: str):
    with pytest.raises(Invalid) as refused:
        take_rule(rule, today=TODAY)

    assert refused.value.field == field
