from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
from pyotp.totp import TOTP

from plaudit.foundation.clock import MovableClock
from tests.web.api.conftest import PASSWORD, Arrive, Someone, ask


async def begin(someone: Someone, clock: MovableClock) -> tuple[TOTP, list[str]]:
    """The app of a person whose second factor is confirmed, and their recovery codes."""
    begun = await someone.ask("POST /v1/me/second-factor", {"password": PASSWORD})
    app = TOTP(begun.json()["secret"])
    confirmed = await someone.ask("POST /v1/me/second-factor/confirm", {"code": app.at(clock.now())})
    assert confirmed.status_code == 200
    clock.move(timedelta(seconds=60))
    return app, confirmed.json()["recovery_codes"]


async def sign_in(client: httpx.AsyncClient, someone: Someone, **more: str) -> httpx.Response:
    return await ask(client, "POST /v1/sign-in", {"email": someone.email, "password": PASSWORD, **more})


async def test_with_a_second_factor_signing_in_asks_for_a_code(
    client: httpx.AsyncClient, arrive: Arrive, clock: MovableClock
):
    ada = await arrive("ada")
    app, _ = await begin(ada, clock)

    without = await sign_in(client, ada)
    wrong = await sign_in(client, ada, code="000000")
    right = await sign_in(client, ada, code=app.at(clock.now()))

    assert (without.status_code, without.json()["code"]) == (401, "second_factor_needed")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_code")
    assert right.status_code == 200


async def test_a_code_is_good_once(client: httpx.AsyncClient, arrive: Arrive, clock: MovableClock):
    ada = await arrive("ada")
    app, _ = await begin(ada, clock)
    code = app.at(clock.now())

    first, second = await sign_in(client, ada, code=code), await sign_in(client, ada, code=code)

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (401, "wrong_code")


async def test_a_recovery_code_signs_in_once_however_it_is_typed(
    client: httpx.AsyncClient, arrive: Arrive, clock: MovableClock
):
    ada = await arrive("ada")
    _, (recovery, *others) = await begin(ada, clock)

    first = await sign_in(client, ada, code=recovery.upper().replace("-", " "))
    second = await sign_in(client, ada, code=recovery)

    assert len(others) == 9
    assert (first.status_code, second.status_code) == (200, 401)


async def test_a_secret_that_was_not_confirmed_changes_nothing(client: httpx.AsyncClient, arrive: Arrive):
    ada = await arrive("ada")

    begun = await ada.ask("POST /v1/me/second-factor", {"password": PASSWORD})

    uri = urlsplit(str(begun.json()["uri"]))
    assert (uri.scheme, uri.netloc, parse_qs(uri.query)["issuer"]) == ("otpauth", "totp", ["Plaudit"])
    assert (await sign_in(client, ada)).status_code == 200


async def test_a_second_factor_begins_with_the_password_and_only_once(arrive: Arrive, clock: MovableClock):
    ada = await arrive("ada")

    wrong = await ada.ask("POST /v1/me/second-factor", {"password": "wrong horse battery"})
    await begin(ada, clock)
    again = await ada.ask("POST /v1/me/second-factor", {"password": PASSWORD})

    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
    assert (again.status_code, again.json()["code"]) == (409, "second_factor_there")


async def test_a_second_factor_is_removed_with_a_code_and_never_with_the_password_alone(
    client: httpx.AsyncClient, arrive: Arrive, clock: MovableClock
):
    ada = await arrive("ada")
    app, _ = await begin(ada, clock)

    with_nothing = await ada.ask("POST /v1/me/second-factor/remove", {})
    with_password = await ada.ask("POST /v1/me/second-factor/remove", {"password": PASSWORD})
    with_a_guess = await ada.ask("POST /v1/me/second-factor/remove", {"password": PASSWORD, "code": "000000"})
    with_code = await ada.ask("POST /v1/me/second-factor/remove", {"code": app.at(clock.now())})
    once_more = await ada.ask("POST /v1/me/second-factor/remove", {"password": PASSWORD})

    assert (with_password.status_code, with_password.json()["code"]) == (401, "second_factor_needed")
    assert (with_a_guess.status_code, with_a_guess.json()["code"]) == (401, "wrong_code")
    assert (with_nothing.status_code, with_code.status_code) == (422, 204)
    assert (once_more.status_code, once_more.json()["code"]) == (409, "no_second_factor")
    assert (await sign_in(client, ada)).status_code == 200
