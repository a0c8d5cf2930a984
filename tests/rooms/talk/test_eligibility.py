from datetime import date, timedelta

import pytest

from plaudit.foundation.database import Database
from plaudit.foundation.errors import IdReused, Invalid
from plaudit.foundation.ids import new_id
from plaudit.people import Role, Visitor, following, operators
from plaudit.people.errors import NoSuchPerson
from plaudit.rooms import eligibility, violations
from plaudit.rooms.eligibility import may_receive
from plaudit.rooms.eligibility_rules import Kind, Rule
from plaudit.rooms.talk_errors import NoSuchViolation, RuleInThePast
from plaudit.rooms.violations import ViolationWish
from tests.rooms.talk.conftest import NOW, Join, acts_of

TODAY = NOW.date()


def a_rule(kind: Kind, value: int, holds_from: date = TODAY, region: str = "") -> Rule:
    return Rule(kind=kind, region=region, value=value, holds_from=holds_from)


async def verified(
    db: Database, join: Join, operator: Visitor, *, birth_on: date | None = date(1990, 5, 17)
) -> Visitor:
    """A creator whom only followers are missing to."""
    star = await join("star", Role.CREATOR, birth_on=birth_on)
    await operators.verify_creator(db, operator.person_id, "star", now=NOW)
    return star


async def missing(db: Database, person: Visitor) -> list[Kind]:
    found = await eligibility.get_requirements(db, person.person_id, now=NOW)
    return [each.kind for each in found if not each.is_met]


async def test_by_the_rules_of_the_beginning_somebody_new_has_nearly_everything_to_do(db: Database, join: Join):
    fan, creator = await join("ada"), await join("star", Role.CREATOR, birth_on=date(2008, 3, 2))

    assert await missing(db, fan) == [Kind.IS_CREATOR, Kind.IS_VERIFIED, Kind.LEAST_AGE, Kind.LEAST_FOLLOWERS]
    assert await missing(db, creator) == [Kind.IS_VERIFIED, Kind.LEAST_AGE, Kind.LEAST_FOLLOWERS]
    assert not await may_receive(db, creator.person_id, NOW)
    found = await eligibility.get_requirements(db, creator.person_id, now=NOW)
    assert [each.needed for each in found] == [1, 1, 18, 1000, 1, 1]


@pytest.mark.parametrize(("region", "years"), [("US", 18), ("KR", 19), ("JP", 20)])
async def test_how_old_one_must_be_depends_on_the_region(db: Database, join: Join, region: str, years: int):
    ada = await join("ada", region=region)

    found = await eligibility.get_requirements(db, ada.person_id, now=NOW)

    assert {each.kind: each.needed for each in found}[Kind.LEAST_AGE] == years


async def test_the_last_follower_that_was_missing_opens_the_door(db: Database, join: Join):
    operator = await join("boss", Role.OPERATOR)
    star, ada, bob = await verified(db, join, operator), await join("ada"), await join("bob")
    await eligibility.set_rule(db, a_rule(Kind.LEAST_FOLLOWERS, 2), by=operator.person_id, now=NOW)
    await following.follow(db, ada.person_id, "star", now=NOW)
    before = await may_receive(db, star.person_id, NOW)

    await following.follow(db, bob.person_id, "star", now=NOW)

    assert (before, await may_receive(db, star.person_id, NOW)) == (False, True)
    assert await missing(db, star) == []


async def test_an_open_violation_closes_it_again_until_it_is_settled(db: Database, join: Join):
    operator = await join("boss", Role.OPERATOR)
    star = await verified(db, join, operator)
    await eligibility.set_rule(db, a_rule(Kind.LEAST_FOLLOWERS, 0), by=operator.person_id, now=NOW)
    wish = ViolationWish(id=new_id(), handle="STAR", reason=" Spam in the chat. ")

    opened = await violations.open_violation(db, wish, by=operator.person_id, now=NOW)
    again = await violations.open_violation(db, wish, by=operator.person_id, now=NOW + timedelta(hours=1))
    found = await eligibility.get_requirements(db, star.person_id, now=NOW)
    while_open = await may_receive(db, star.person_id, NOW)
    closed = [
        await violations.close_violation(db, wish.id, by=operator.person_id, now=NOW + timedelta(hours=hours))
        for hours in (2, 3)
    ]

    assert opened == again
    assert found[-1].what_to_do == "Settle this with us first: Spam in the chat."
    assert (while_open, await may_receive(db, star.person_id, NOW)) == (False, True)
    assert [each.closed_at for each in closed] == [NOW + timedelta(hours=2)] * 2
    listed = await violations.list_violations(db, "star", by=operator.person_id, now=NOW)
    assert listed == [closed[0]]
    expected = ["creator_verified", "requirement_set", "violation_opened", "violation_closed", "violations_seen"]
    assert await acts_of(db) == expected


async def test_what_is_no_violation_is_not_opened(db: Database, join: Join):
    operator = await join("boss", Role.OPERATOR)
    await join("ada")
    wish = ViolationWish(id=new_id(), handle="ada", reason="Spam.")
    await violations.open_violation(db, wish, by=operator.person_id, now=NOW)

    with pytest.raises(IdReused):
        other = ViolationWish(id=wish.id, handle="boss", reason="Spam.")
        await violations.open_violation(db, other, by=operator.person_id, now=NOW)
    for reason in ("", " ", "x" * 501, "a\0b"):
        with pytest.raises(Invalid):
            wrong = ViolationWish(id=new_id(), handle="ada", reason=reason)
            await violations.open_violation(db, wrong, by=operator.person_id, now=NOW)
    with pytest.raises(NoSuchPerson):
        nobody = ViolationWish(id=new_id(), handle="nobody_there", reason="Spam.")
        await violations.open_violation(db, nobody, by=operator.person_id, now=NOW)
    with pytest.raises(NoSuchViolation):
        await violations.close_violation(db, new_id(), by=operator.person_id, now=NOW)


async def test_rules_hold_from_their_day_on_and_never_from_the_past(db: Database, join: Join):
    operator = await join("boss", Role.OPERATOR)
    star = await verified(db, join, operator)
    tomorrow = TODAY + timedelta(days=1)
    await eligibility.set_rule(db, a_rule(Kind.LEAST_FOLLOWERS, 5), by=operator.person_id, now=NOW)
    await eligibility.set_rule(db, a_rule(Kind.LEAST_FOLLOWERS, 0), by=operator.person_id, now=NOW)
    await eligibility.set_rule(db, a_rule(Kind.REGION_OPEN, 0, tomorrow, "us"), by=operator.person_id, now=NOW)

    with pytest.raises(RuleInThePast):
        yesterday = a_rule(Kind.LEAST_AGE, 16, TODAY - timedelta(days=1))
        await eligibility.set_rule(db, yesterday, by=operator.person_id, now=NOW)

    assert await may_receive(db, star.person_id, NOW)
    assert not await may_receive(db, star.person_id, NOW + timedelta(days=1))
    by_kind = {each.kind: each for each in await eligibility.get_requirements(db, star.person_id, now=NOW)}
    assert [(each.holds_from, each.is_met) for each in by_kind[Kind.REGION_OPEN].upcoming] == [(tomorrow, False)]
    listed = [(rule.kind, rule.region, rule.value, rule.holds_from) for rule in await eligibility.list_rules(db)]
    assert (Kind.LEAST_FOLLOWERS, "", 0, TODAY) in listed
    assert (Kind.LEAST_FOLLOWERS, "", 5, TODAY) not in listed
    assert len(listed) == 8 + 2


async def test_nobody_receives_who_is_not_there(db: Database):
    assert not await may_receive(db, new_id(), NOW)
    with pytest.raises(NoSuchPerson):
        await eligibility.get_requirements(db, new_id(), now=NOW)
