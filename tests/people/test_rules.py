from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit.foundation.currencies import CURRENCIES
from plaudit.foundation.errors import Invalid
from plaudit.foundation.ids import new_id
from plaudit.people import Change, Person, Scope, Wish, rules
from plaudit.people.errors import BirthDateVerified, ScopeNotAllowed, TooYoung
from plaudit.people.regions import CURRENCY_BY_REGION

TODAY = date(2026, 3, 1)
WISH = Wish(email="ada@example.org", password="correct horse", handle="ada", birth_on=date(1990, 5, 17), region="US")


def a_person(**different: Any) -> Person:
    plain = Person(
        id=new_id(),
        email="ada@example.org",
        handle="ada",
        display_name="Ada",
        picture_url=None,
        region="US",
        currency="USD",
        birth_on=date(1990, 5, 17),
        birth_verified_at=None,
        joined_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return msgspec.structs.replace(plain, **different)


def test_a_wish_is_taken_in_its_normal_form():
    wish = msgspec.structs.replace(WISH, email=" ADA@Example.ORG ", handle="ADA_7", region="us")

    taken = rules.take_wish(wish, today=TODAY, minimum_age=13)

    assert (taken.email, taken.handle, taken.region) == ("ada@example.org", "ada_7", "US")


@pytest.mark.parametrize(
    "email", ["", "ada", "@example.org", "ada@", "ada@example", "a@b@c.org", "a b@c.org", "a\n@c.org", "ada@c..org"]
)
def test_what_is_no_address_is_refused(email: str):
    with pytest.raises(Invalid) as refused:
        rules.take_email(email)

    assert refused.value.field == "email"


@given(st.text(max_size=300))
def test_whatever_is_taken_as_an_address_is_taken_again_as_it_is(email: str):
    try:
        taken = rules.take_email(email)
    except Invalid:
        return

    assert rules.take_email(taken) == taken == rules.normal_email(email)
    assert rules.is_storable(taken)


@pytest.mark.parametrize("password", ["ada@example.org", " ADA@EXAMPLE.ORG", "lovelace_ada", "long\0password"])
def test_a_password_is_not_what_everyone_knows(password: str):
    with pytest.raises(Invalid):
        rules.take_password(password, email="ada@example.org", handle="lovelace_ada")


@pytest.mark.parametrize(
    ("birth_on", "day", "years"),
    [
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 3, 1), date(2026, 3, 1), 18),
        (date(2008, 3, 2), date(2026, 3, 1), 17),
    ],
)
def test_one_is_a_year_older_on_the_birthday(birth_on: date, day: date, years: int):
    assert rules.age_on(day, birth_on) == years


def test_who_is_a_day_too_young_is_refused_and_on_the_birthday_no_more():
    rules.take_birth_on(date(2013, 3, 1), today=TODAY, minimum_age=13)

    with pytest.raises(TooYoung):
        rules.take_birth_on(date(2013, 3, 2), today=TODAY, minimum_age=13)


def test_a_verified_birth_date_stays():
    person = a_person(birth_verified_at=datetime(2026, 1, 2, tzinfo=UTC))

    same = rules.change_person(person, Change(birth_on=person.birth_on or TODAY), today=TODAY, minimum_age=13)
    with pytest.raises(BirthDateVerified):
        rules.change_person(person, Change(birth_on=date(1980, 1, 1)), today=TODAY, minimum_age=13)

    assert same == person


def test_a_session_asks_for_what_its_person_may_and_for_no_more():
    fan, operator = a_person(), a_person(is_operator=True)

    assert rules.take_scopes(None, fan) is None
    assert rules.take_scopes([Scope.SPEND, Scope.SPEND], fan) == (Scope.SPEND,)
    assert rules.take_scopes([Scope.OPERATE], operator) == (Scope.OPERATE,)
    with pytest.raises(ScopeNotAllowed):
        rules.take_scopes([Scope.READ, Scope.CREATE], fan)


def test_every_region_has_a_currency_that_is_in_use():
    assert len(CURRENCY_BY_REGION) == 249
    assert set(CURRENCY_BY_REGION.values()) <= CURRENCIES.keys()


def test_a_session_ends_long_after_it_was_last_used():
    assert timedelta(0) < rules.SEEN_EVERY < rules.IDLE < rules.ABSOLUTE
