"""Who gets in where: every route of the app, tried by everyone. A new route must be listed here."""

from collections.abc import Iterator

import httpx
import pytest
from litestar import Router, get
from litestar.routes import HTTPRoute

from plaudit.foundation.clock import MovableClock, SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from plaudit.web.api.guards import admit, creators_only, operators_only
from plaudit.web.app import make_app
from tests.web.api.conftest import Arrive, Someone, ask, open_client

EVERYONE = ["stranger", "fan", "other_fan", "creator", "operator"]
SIGNED_IN = ["fan", "other_fan", "creator", "operator"]
ONLY_THE_FAN = ["fan"]

# Who is let in. What is left out in curly brackets is the fan's: their handle, one of their sessions.
ACCESS: dict[str, list[str]] = {
    "GET /health": EVERYONE,
    "GET /ready": EVERYONE,
    "GET /metrics": EVERYONE,
    "GET /v1/docs": EVERYONE,
    "GET /v1/docs/openapi.json": EVERYONE,
    "GET /v1/docs/{path}": [],
    "GET /v1/openapi.json": EVERYONE,
    "POST /v1/sign-up": EVERYONE,
    "POST /v1/sign-in": EVERYONE,
    "POST /v1/sign-out": SIGNED_IN,
    "GET /v1/sessions": SIGNED_IN,
    "DELETE /v1/sessions/{session_id}": ONLY_THE_FAN,
    "GET /v1/me": SIGNED_IN,
    "PATCH /v1/me": SIGNED_IN,
    "GET /v1/me/blocks": SIGNED_IN,
    "POST /v1/me/password": SIGNED_IN,
    "POST /v1/me/second-factor": SIGNED_IN,
    "POST /v1/me/second-factor/confirm": SIGNED_IN,
    "POST /v1/me/second-factor/remove": SIGNED_IN,
    "POST /v1/password-resets": EVERYONE,
    "POST /v1/password-resets/finish": EVERYONE,
    "POST /v1/creator/apply": SIGNED_IN,
    "GET /v1/people/{handle}": EVERYONE,
    "GET /v1/people/{handle}/followers": SIGNED_IN,
    "GET /v1/people/{handle}/following": SIGNED_IN,
    "PUT /v1/people/{handle}/follow": SIGNED_IN,
    "DELETE /v1/people/{handle}/follow": SIGNED_IN,
    "PUT /v1/people/{handle}/block": SIGNED_IN,
    "DELETE /v1/people/{handle}/block": SIGNED_IN,
    "GET /v1/packs": SIGNED_IN,
    "POST /v1/top-ups": SIGNED_IN,
    "GET /v1/top-ups/{top_up_id}": ONLY_THE_FAN,
    "GET /v1/wallet": SIGNED_IN,
    "GET /v1/wallet/movements": SIGNED_IN,
    # For whoever signs as the provider does: nobody here.
    "POST /v1/webhooks/{provider}": [],
    # Whoever has a checkout's address may pay for it.
    "GET /sandbox/checkouts/{checkout_id}": EVERYONE,
    "POST /sandbox/checkouts/{checkout_id}/choose": EVERYONE,
    "POST /sandbox/checkouts/{checkout_id}/pay": EVERYONE,
    "POST /sandbox/checkouts/{checkout_id}/confirm": EVERYONE,
}


def routes_of_the_app() -> Iterator[str]:
    app = make_app(Settings(database_url="postgresql://nowhere/", nats_url="nats://nowhere"))
    for route in app.routes:
        assert isinstance(route, HTTPRoute), f"{route.path} isn't HTTP: say here who may use it"
        yield from (f"{method} {route.path_format}" for method in route.methods - {"OPTIONS"})


def test_every_route_is_listed_here():
    assert sorted(routes_of_the_app()) == sorted(ACCESS)


@pytest.fixture
async def people(client: httpx.AsyncClient, arrive: Arrive, settings: Settings) -> dict[str, Someone]:
    people = {name: await arrive(name) for name in ("fan", "other_fan", "the_creator", "the_operator")}
    await people["the_creator"].ask("POST /v1/creator/apply", {})
    async with Database.open(settings.database_url or "") as db:
        await add_operator(db, Hasher(), people["the_operator"].email, now=SystemClock().now())
    return {name.removeprefix("the_"): someone for name, someone in people.items()}


@get("/stage", guards=[creators_only])
async def stage() -> None:
    """What only creators may see."""


@get("/office", guards=[operators_only])
async def office() -> None:
    """What only operators may see."""


async def test_what_is_for_creators_or_operators_is_for_nobody_else(
    settings: Settings, clock: MovableClock, people: dict[str, Someone]
):
    routes = [Router("/behind", guards=[admit], route_handlers=[stage, office])]
    tokens = {"stranger": None, **{name: someone.token for name, someone in people.items()}}

    async with open_client(settings, clock, routes) as client:
        on_stage = {name: await ask(client, "GET /behind/stage", token=token) for name, token in tokens.items()}
        in_office = {name: await ask(client, "GET /behind/office", token=token) for name, token in tokens.items()}

    assert [name for name, answer in on_stage.items() if answer.status_code == 200] == ["creator"]
    assert [name for name, answer in in_office.items() if answer.status_code == 200] == ["operator"]
    assert on_stage["stranger"].status_code == in_office["stranger"].status_code == 401
    assert on_stage["fan"].json()["code"] == "creators_only"
    assert in_office["creator"].json()["code"] == "operators_only"


@pytest.mark.parametrize("line", ACCESS)
async def test_only_the_rightful_get_in(client: httpx.AsyncClient, people: dict[str, Someone], line: str):
    (session,) = (await people["fan"].ask("GET /v1/sessions")).json()["items"]
    wish = {"id": str(new_id()), "pack": "pack_100", "provider": "sandbox"}
    top_up = (await people["fan"].ask("POST /v1/top-ups", wish)).json()
    ids = {"session_id": session["id"], "top_up_id": top_up["id"], "checkout_id": top_up["checkout_url"][-36:]}
    filled = line.format(**ids, handle="fan", path="nothing", provider="sandbox")
    body: dict[str, str] | None = None if line.startswith("GET") else {}

    answers = {"stranger": await ask(client, filled, body)}
    # The fan comes last: some of these end their session.
    answers |= {name: await someone.ask(filled, body) for name, someone in reversed(people.items())}

    assert {name for name, answer in answers.items() if answer.status_code not in (401, 403, 404)} == set(ACCESS[line])
    if "stranger" not in ACCESS[line] and ACCESS[line]:
        assert (answers["stranger"].status_code, answers["stranger"].json()["code"]) == (401, "not_signed_in")
    assert all(answer.status_code < 500 for answer in answers.values())
