from datetime import timedelta

import httpx
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.people import rules
from plaudit.people.attempts import ACCOUNT_LIMIT, WINDOW
from tests.web.api.conftest import PASSWORD, Arrive, a_wish, ask


async def test_who_signs_up_gets_a_token_that_says_who_they_are(client: httpx.AsyncClient):
    answer = await ask(client, "POST /v1/sign-up", a_wish("Ada_1", region="de"))

    assert answer.status_code == 201
    person = answer.json()["person"]
    assert (person["handle"], person["region"], person["currency"]) == ("ada_1", "DE", "EUR")
    assert (person["roles"], person["scopes"]) == (["fan"], ["read", "spend"])
    me = await ask(client, "GET /v1/me", token=answer.json()["token"])
    assert (me.status_code, me.json()) == (200, person)


async def test_signing_in_takes_the_address_in_any_case_and_opens_another_session(
    client: httpx.AsyncClient, arrive: Arrive
):
    ada = await arrive("ada")

    answer = await ask(client, "POST /v1/sign-in", {"email": " ADA@Example.org", "password": PASSWORD})

    assert answer.status_code == 200
    assert answer.json()["token"] != ada.token
    assert answer.json()["person"]["handle"] == "ada"


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org", "not an address", "\0"])
async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(
    client: httpx.AsyncClient, arrive: Arrive, email: str
):
    await arrive("ada")

    answer = await ask(client, "POST /v1/sign-in", {"email": email, "password": "wrong horse battery"})

    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    assert answer.json()["detail"] == "The e-mail address or the password is wrong."
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("different", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"email": "a b@example.org"}, "email"),
        ({"password": "too short"}, "password"),
        ({"password": "x" * 257}, "password"),
        ({"password": "Grace@Example.org"}, "password"),
        ({"handle": "ab"}, "handle"),
        ({"handle": "gra-ce"}, "handle"),
        ({"handle": "Admin"}, "handle"),
        ({"birth_on": "1800-01-01"}, "birth_on"),
        ({"birth_on": "2030-01-01"}, "birth_on"),
        ({"birth_on": "yesterday"}, "birth_on"),
        ({"region": "XX"}, "region"),
        ({"region": 7}, "region"),
        ({"nickname": "g"}, "nickname"),
    ],
)
async def test_what_is_wrong_with_a_sign_up_is_named_by_its_field(
    client: httpx.AsyncClient, different: dict[str, object], field: str
):
    answer = await ask(client, "POST /v1/sign-up", a_wish("grace", **different))

    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (422, "invalid_request", field)


async def test_a_sign_up_without_a_field_says_so(client: httpx.AsyncClient):
    answer = await ask(client, "POST /v1/sign-up", {"email": "ada@example.org"})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert "password" in answer.json()["detail"]


async def test_an_address_and_a_handle_belong_to_one_person_whatever_the_case(
    client: httpx.AsyncClient, arrive: Arrive
):
    await arrive("ada")

    same_email = await ask(client, "POST /v1/sign-up", a_wish("other", email="Ada@EXAMPLE.org"))
    same_handle = await ask(client, "POST /v1/sign-up", a_wish("ADA", email="other@example.org"))

    assert (same_email.status_code, same_email.json()["code"]) == (409, "email_taken")
    assert (same_handle.status_code, same_handle.json()["code"]) == (409, "handle_taken")


async def test_who_is_too_young_for_their_region_is_told_the_age(client: httpx.AsyncClient):
    thirteen = {"birth_on": "2013-02-01"}

    there = await ask(client, "POST /v1/sign-up", a_wish("kid", **thirteen, region="US"))
    here = await ask(client, "POST /v1/sign-up", a_wish("kid2", **thirteen, region="KR"))

    assert there.status_code == 201
    assert (here.status_code, here.json()["code"]) == (403, "too_young")
    assert "14" in here.json()["detail"]


async def test_after_signing_out_the_token_opens_nothing(arrive: Arrive):
    ada = await arrive("ada")

    out = await ada.ask("POST /v1/sign-out")

    assert out.status_code == 204
    again = await ada.ask("GET /v1/me")
    assert (again.status_code, again.json()["code"]) == (401, "not_signed_in")


async def test_sessions_are_listed_with_their_program_and_ended_one_by_one(client: httpx.AsyncClient, arrive: Arrive):
    ada = await arrive("ada")
    phone = await ask(
        client, "POST /v1/sign-in", {"email": ada.email, "password": PASSWORD}, **{"User-Agent": "Phone/1"}
    )

    listed = (await ada.ask("GET /v1/sessions")).json()
    (other,) = [session for session in listed["items"] if not session["is_this_one"]]
    ended = await ada.ask(f"DELETE /v1/sessions/{other['id']}")

    assert (len(listed["items"]), listed["next"], other["user_agent"]) == (2, None, "Phone/1")
    assert ended.status_code == 204
    assert (await ask(client, "GET /v1/me", token=phone.json()["token"])).status_code == 401
    assert (await ada.ask("GET /v1/me")).status_code == 200


async def test_nobody_ends_the_session_of_somebody_else(arrive: Arrive):
    ada, eve = await arrive("ada"), await arrive("eve")
    (session,) = (await ada.ask("GET /v1/sessions")).json()["items"]

    tried = await eve.ask(f"DELETE /v1/sessions/{session['id']}")

    assert (tried.status_code, tried.json()["code"]) == (404, "no_such_session")
    assert (await ada.ask("GET /v1/me")).status_code == 200


async def test_a_session_that_rests_too_long_is_over_and_one_that_is_used_is_not(arrive: Arrive, clock: MovableClock):
    used, resting = await arrive("used"), await arrive("resting")

    clock.move(rules.IDLE - timedelta(hours=1))
    assert (await used.ask("GET /v1/me")).status_code == 200
    clock.move(timedelta(hours=2))

    assert (await used.ask("GET /v1/me")).status_code == 200
    assert (await resting.ask("GET /v1/me")).status_code == 401


async def test_even_a_session_that_is_always_used_ends_one_day(arrive: Arrive, clock: MovableClock):
    ada = await arrive("ada")

    for _ in range(rules.ABSOLUTE // rules.IDLE + 1):
        assert (await ada.ask("GET /v1/me")).status_code == 200
        clock.move(rules.IDLE - timedelta(hours=1))

    assert (await ada.ask("GET /v1/me")).status_code == 401


async def test_wrong_passwords_are_limited_per_account_and_even_the_right_one_waits(
    client: httpx.AsyncClient, arrive: Arrive, clock: MovableClock
):
    ada = await arrive("ada")
    for _ in range(ACCOUNT_LIMIT):
        await ask(client, "POST /v1/sign-in", {"email": ada.email, "password": "wrong horse battery"})

    refused = await ask(client, "POST /v1/sign-in", {"email": ada.email, "password": PASSWORD})
    clock.move(WINDOW)
    later = await ask(client, "POST /v1/sign-in", {"email": ada.email, "password": PASSWORD})

    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert refused.headers["retry-after"] == str(int(WINDOW.total_seconds()))
    assert later.status_code == 200
    assert (await ada.ask("GET /v1/me")).status_code == 200


async def test_a_program_may_ask_for_a_session_that_does_less(client: httpx.AsyncClient, arrive: Arrive):
    ada = await arrive("ada")

    less = await ask(client, "POST /v1/sign-in", {"email": ada.email, "password": PASSWORD, "scopes": ["spend"]})
    more = await ask(client, "POST /v1/sign-in", {"email": ada.email, "password": PASSWORD, "scopes": ["operate"]})

    assert less.json()["person"]["scopes"] == ["spend"]
    me = await ask(client, "GET /v1/me", token=less.json()["token"])
    assert (me.status_code, me.json()["code"]) == (403, "missing_scope")
    assert (more.status_code, more.json()["code"]) == (403, "scope_not_allowed")


async def test_a_limited_session_leaves_the_account_alone_but_ends_itself(client: httpx.AsyncClient, arrive: Arrive):
    ada = await arrive("ada")
    body = {"email": ada.email, "password": PASSWORD, "scopes": ["read", "spend"]}
    limited = (await ask(client, "POST /v1/sign-in", body)).json()["token"]

    seen = await ask(client, "GET /v1/me", token=limited)
    changed = await ask(client, "PATCH /v1/me", {"display_name": "Eve"}, token=limited)
    out = await ask(client, "POST /v1/sign-out", token=limited)

    assert (seen.status_code, changed.status_code, out.status_code) == (200, 403, 204)
    assert changed.json()["code"] == "missing_scope"


async def test_a_made_up_token_is_a_strangers(client: httpx.AsyncClient):
    answer = await ask(client, "GET /v1/me", token="plaudit_made_up")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
