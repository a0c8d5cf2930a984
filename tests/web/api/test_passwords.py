import re
from datetime import timedelta

import httpx
import pytest
from msgspec.structs import replace

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.people import rules
from plaudit.people.attempts import RESET_LIMIT
from plaudit.providers import Letter, Mailbox
from plaudit.web.site_url import find_site_url
from tests.web.api.conftest import PASSWORD, Arrive, a_wish, ask, open_client

NEW = "another battery staple"


async def letters_to(settings: Settings, email: str) -> list[Letter]:
    async with Database.open(settings.database_url or "") as db, db.transaction() as tx:
        return await Mailbox().list_letters(tx, email)


async def code_for(client: httpx.AsyncClient, settings: Settings, email: str) -> str:
    assert (await ask(client, "POST /v1/password-resets", {"email": email})).status_code == 204
    found = re.search(r"^plaudit_\S+$", (await letters_to(settings, email))[0].body, re.MULTILINE)
    assert found
    return found[0]


async def test_a_new_password_ends_every_other_session_and_the_old_password(client: httpx.AsyncClient, arrive: Arrive):
    ada = await arrive("ada")
    other = (await ask(client, "POST /v1/sign-in", {"email": ada.email, "password": PASSWORD})).json()["token"]

    changed = await ada.ask("POST /v1/me/password", {"password": PASSWORD, "new_password": NEW})

    assert changed.status_code == 204
    assert (await ada.ask("GET /v1/me")).status_code == 200
    assert (await ask(client, "GET /v1/me", token=other)).status_code == 401
    assert (await ask(client, "POST /v1/sign-in", {"email": ada.email, "password": PASSWORD})).status_code == 401
    assert (await ask(client, "POST /v1/sign-in", {"email": ada.email, "password": NEW})).status_code == 200


async def test_a_password_is_changed_by_who_knows_the_old_one_to_one_that_is_right(arrive: Arrive):
    ada = await arrive("ada")

    wrong = await ada.ask("POST /v1/me/password", {"password": NEW, "new_password": NEW})
    short = await ada.ask("POST /v1/me/password", {"password": PASSWORD, "new_password": "short"})

    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
    assert (short.status_code, short.json()["field"]) == (422, "new_password")


async def test_a_letter_lets_who_has_it_choose_a_new_password_once(
    client: httpx.AsyncClient, arrive: Arrive, settings: Settings
):
    ada = await arrive("ada")
    code = await code_for(client, settings, ada.email)

    first = await ask(client, "POST /v1/password-resets/finish", {"token": code, "password": NEW})
    second = await ask(client, "POST /v1/password-resets/finish", {"token": code, "password": NEW})

    assert first.status_code == 204
    assert (second.status_code, second.json()["code"]) == (422, "reset_token_invalid")
    assert (await ada.ask("GET /v1/me")).status_code == 401
    assert (await ask(client, "POST /v1/sign-in", {"email": ada.email, "password": NEW})).status_code == 200


async def test_a_letter_is_good_for_an_hour_and_until_the_next_one(
    client: httpx.AsyncClient, arrive: Arrive, settings: Settings, clock: MovableClock
):
    ada = await arrive("ada")
    older = await code_for(client, settings, ada.email)
    clock.move(timedelta(seconds=1))
    newer = await code_for(client, settings, ada.email)

    replaced = await ask(client, "POST /v1/password-resets/finish", {"token": older, "password": NEW})
    clock.move(rules.RESET_VALID)
    too_late = await ask(client, "POST /v1/password-resets/finish", {"token": newer, "password": NEW})

    assert (replaced.status_code, too_late.status_code) == (422, 422)


async def test_a_letter_leads_to_the_page_with_the_code_where_no_server_sees_it(
    settings: Settings, clock: MovableClock
):
    settings = replace(settings, site_url="https://live.example.org/")
    async with open_client(settings, clock) as client:
        await ask(client, "POST /v1/sign-up", a_wish("ada"))
        code = await code_for(client, settings, "ada@example.org")
        (letter,) = await letters_to(settings, "ada@example.org")

    assert f"https://live.example.org/reset#{code}" in letter.body
    assert "?" not in letter.body


async def test_a_letter_believes_no_host_that_a_request_names(
    client: httpx.AsyncClient, arrive: Arrive, settings: Settings
):
    ada = await arrive("ada")

    await ask(client, "POST /v1/password-resets", {"email": ada.email}, host="evil.test")

    assert "://" not in (await letters_to(settings, ada.email))[0].body


@pytest.mark.parametrize(
    ("host", "port", "site_url", "leads_to"),
    [
        ("127.0.0.1", 8000, None, "http://127.0.0.1:8000"),
        ("::1", 8000, None, "http://[::1]:8000"),
        ("0.0.0.0", 8000, None, None),
        ("live.example.org", 8000, None, None),
        ("127.0.0.1", 0, None, None),
        ("0.0.0.0", 80, "https://live.example.org", "https://live.example.org"),
    ],
)
def test_letters_lead_where_the_setting_says_or_to_this_machine(
    host: str, port: int, site_url: str | None, leads_to: str | None
):
    assert find_site_url(Settings(host=host, port=port, site_url=site_url)) == leads_to


async def test_nobody_learns_from_a_reset_who_has_an_account_or_floods_a_mailbox(
    client: httpx.AsyncClient, settings: Settings
):
    for _ in range(RESET_LIMIT):
        unknown = await ask(client, "POST /v1/password-resets", {"email": "nobody@example.org"})
        assert (unknown.status_code, unknown.text) == (204, "")

    flooded = await ask(client, "POST /v1/password-resets", {"email": "nobody@example.org"})

    assert (flooded.status_code, flooded.json()["code"]) == (429, "too_many_attempts")
    assert await letters_to(settings, "nobody@example.org") == []
