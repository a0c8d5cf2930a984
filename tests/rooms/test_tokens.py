from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from plaudit.foundation.ids import new_id
from plaudit.rooms.tokens import (
    LIFETIME,
    Ticket,
    TokenExpired,
    TokenNotValid,
    TokenOfAnotherLive,
    make_token,
    read_token,
)

SECRET = b"a secret of the tests, long enough"
NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
LIVE, PERSON = new_id(), new_id()


@pytest.mark.parametrize("person_id", [PERSON, None])
def test_a_token_says_who_may_watch_what_and_until_when(person_id: UUID | None):
    token, expires_at = make_token(SECRET, LIVE, person_id, NOW)

    ticket = read_token(SECRET, token, LIVE, NOW)

    assert expires_at == NOW.replace(microsecond=0) + LIFETIME
    assert ticket == Ticket(kind="viewer", live_id=LIVE, person_id=person_id, expires_at=expires_at)


def test_a_token_is_good_until_the_second_that_it_names():
    token, expires_at = make_token(SECRET, LIVE, None, NOW)

    assert read_token(SECRET, token, LIVE, expires_at - timedelta(microseconds=1)).live_id == LIVE
    with pytest.raises(TokenExpired):
        read_token(SECRET, token, LIVE, expires_at)


def test_a_token_of_another_live_opens_nothing():
    token, _ = make_token(SECRET, LIVE, None, NOW)

    with pytest.raises(TokenOfAnotherLive):
        read_token(SECRET, token, new_id(), NOW)


def test_a_token_signed_with_another_secret_is_not_valid():
    token, _ = make_token(b"somebody else's secret, long enough", LIVE, None, NOW)

    with pytest.raises(TokenNotValid):
        read_token(SECRET, token, LIVE, NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {"kind": "parrot", "live": str(LIVE), "exp": 4_000_000_000},
        {"kind": "viewer", "live": "not an id", "exp": 4_000_000_000},
        {"kind": "viewer", "live": str(LIVE), "exp": "soon"},
        {"kind": "viewer", "live": str(LIVE), "exp": 10**20},
        {"live": str(LIVE), "exp": 4_000_000_000},
    ],
)
def test_what_is_signed_but_says_something_else_is_not_valid(claims: dict[str, object]):
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))

    with pytest.raises(TokenNotValid):
        read_token(SECRET, token, LIVE, NOW)


def test_a_token_that_is_not_signed_is_not_valid():
    token, _ = make_token(SECRET, LIVE, None, NOW)
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + token.split(".")[1] + "."

    with pytest.raises(TokenNotValid):
        read_token(SECRET, unsigned, LIVE, NOW)


@given(st.text(max_size=200) | st.just("a" * 100_000))
def test_whatever_is_sent_as_a_token_is_refused_in_order(token: str):
    with pytest.raises(TokenNotValid):
        read_token(SECRET, token, LIVE, NOW)


@given(st.data())
def test_a_token_with_any_one_character_changed_is_refused(data: st.DataObject):
    token, _ = make_token(SECRET, LIVE, PERSON, NOW)
    # The last one holds two bits that count for nothing.
    place = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.characters(codec="ascii").filter(lambda letter: letter != token[place]))

    with pytest.raises(TokenNotValid):
        read_token(SECRET, token[:place] + other + token[place + 1 :], LIVE, NOW)
