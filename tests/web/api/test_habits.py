"""What every route of the API has in common."""

import re

import httpx
import msgspec
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.settings import Settings
from plaudit.web.api.throttle import WINDOW_SECONDS, Buckets, TooManyRequests
from tests.web.api.conftest import Arrive, a_wish, ask, open_client


async def test_an_answer_says_what_its_session_or_its_address_has_left(client: httpx.AsyncClient, arrive: Arrive):
    ada = await arrive("ada")

    of_the_session = await ada.ask("GET /v1/me")
    of_the_address = await ask(client, "GET /v1/me")

    assert of_the_session.headers["ratelimit-policy"] == '"session";q=500;w=10'
    assert of_the_session.headers["ratelimit"] == '"session";r=499;t=1'
    assert of_the_address.status_code == 401
    assert of_the_address.headers["ratelimit-policy"] == '"address";q=1000;w=10'


async def test_who_sends_too_much_is_told_how_long_to_wait(settings: Settings, clock: MovableClock):
    slow = msgspec.structs.replace(settings, address_rate=1)

    async with open_client(slow, clock) as client:
        answers = [await ask(client, "GET /v1/people/nobody") for _ in range(WINDOW_SECONDS + 1)]

    assert [answer.status_code for answer in answers[:-1]] == [404] * WINDOW_SECONDS
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "too_many_requests")
    assert answers[-1].headers["retry-after"] == "1"
    assert answers[-1].headers["ratelimit"].startswith('"address";r=0;')


async def test_made_up_tokens_are_paid_for_by_their_address(settings: Settings, clock: MovableClock):
    slow = msgspec.structs.replace(settings, address_rate=1)

    async with open_client(slow, clock) as client:
        answers = [await ask(client, "GET /v1/me", token=f"made-up-{number}") for number in range(WINDOW_SECONDS + 1)]

    assert answers[-1].status_code == 429


async def test_without_a_rate_nothing_is_limited_or_announced(settings: Settings, clock: MovableClock):
    unlimited = msgspec.structs.replace(settings, address_rate=0, session_rate=0)

    async with open_client(unlimited, clock) as client:
        signed_up = await ask(client, "POST /v1/sign-up", a_wish("ada"))
        answer = await ask(client, "GET /v1/me", token=signed_up.json()["token"])

    assert answer.status_code == 200
    assert "ratelimit" not in answer.headers


def test_a_bucket_fills_again_with_time_and_never_above_its_size():
    seconds = 0.0
    buckets = Buckets("address", 2, now=lambda: seconds)
    for _ in range(20):
        buckets.take("ada")
    with pytest.raises(TooManyRequests):
        buckets.take("ada")
    buckets.take("bob")

    seconds = 0.5
    budget = buckets.take("ada")
    seconds = 1_000.0
    full = buckets.left("ada")

    assert budget is not None
    assert full is not None
    assert (budget.left, full.left) == (0, 20)


async def test_the_description_names_every_route_and_what_it_may_refuse(client: httpx.AsyncClient):
    described = (await client.get("/v1/openapi.json")).json()

    assert described["openapi"].startswith("3.1")
    operations = {
        f"{method.upper()} {path}": operation
        for path, item in described["paths"].items()
        if path.startswith("/v1")
        for method, operation in item.items()
    }
    assert len(operations) == 173
    for line, operation in operations.items():
        assert operation["security"], line
        assert {"429", "500", "503"} <= operation["responses"].keys(), line
        for status, answer in operation["responses"].items():
            refused = status >= "400"
            assert ("application/problem+json" in answer.get("content", {})) == refused, (line, status)
    assert "401" in operations["GET /v1/me"]["responses"]
    assert set(described["components"]["securitySchemes"]) == {"bearer"}


async def test_the_page_of_the_description_loads_nothing_from_elsewhere(client: httpx.AsyncClient):
    page = await client.get("/v1/docs")

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "/v1/openapi.json" in page.text
    assert not re.search(r"""(https?:)?//[a-z]""", page.text.split("<script")[0])
    assert "import " not in page.text


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/docs/nothing", "/v1/sessions/not-a-uuid"])
async def test_a_path_that_leads_nowhere_is_a_problem_too(client: httpx.AsyncClient, path: str):
    answer = await client.delete(path)

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code in (404, 405)


async def test_a_body_that_is_no_json_is_a_problem_too(client: httpx.AsyncClient):
    answer = await client.post("/v1/sign-in", content=b'{"email":')

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
