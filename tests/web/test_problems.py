import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from litestar import get, post
from litestar.params import JSONBody

from plaudit.foundation.errors import BadSetting, IdReused, Overloaded
from plaudit.foundation.logs import configure_logs, current_request_id
from plaudit.foundation.settings import Settings
from tests.web.conftest import ClientOf


@get("/reused")
async def reused() -> None:
    raise IdReused("Gift 7 was sent before, with 10 coins instead of 20.")


@get("/full")
async def full() -> None:
    raise Overloaded


@get("/accident")
async def accident() -> None:
    raise RuntimeError("hunter2 is in here")


@post("/number")
async def number(data: JSONBody[dict[str, int]]) -> dict[str, str | None]:
    return {"request_id": current_request_id()}


@get("/whoami")
async def whoami() -> dict[str, str | None]:
    return {"request_id": current_request_id()}


ROUTES = [reused, full, accident, number, whoami]


@pytest.fixture
def logged() -> Iterator[StringIO]:
    root = logging.getLogger()
    outlets, level = root.handlers[:], root.level
    out = StringIO()
    configure_logs(form="json", stream=out)
    yield out
    root.handlers[:] = outlets
    root.setLevel(level)
    logging.captureWarnings(False)


async def test_an_error_of_ours_is_answered_with_its_code_its_status_and_its_sentence(
    settings: Settings, client_of: ClientOf
):
    async with client_of(settings, ROUTES) as client:
        answer = await client.get("/reused")

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:plaudit:problem:id_reused",
        "title": "This id was used before, for something else.",
        "status": 409,
        "code": "id_reused",
        "detail": "Gift 7 was sent before, with 10 coins instead of 20.",
    }


async def test_a_leaf_of_the_tree_keeps_its_own_code(settings: Settings, client_of: ClientOf):
    async with client_of(settings, ROUTES) as client:
        answer = await client.get("/full")

    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")


@pytest.mark.parametrize(
    ("request_line", "status", "code"),
    [
        ("GET /nowhere", 404, "not_found"),
        ("DELETE /health", 405, "method_not_allowed"),
        ("POST /number", 400, "bad_request"),
    ],
)
async def test_what_the_framework_refuses_looks_like_what_we_refuse(
    settings: Settings, client_of: ClientOf, request_line: str, status: int, code: str
):
    async with client_of(settings, ROUTES) as client:
        answer = await client.request(*request_line.split(), content=b"{")

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.headers["x-request-id"]


async def test_an_accident_is_logged_with_an_id_and_the_answer_tells_nothing_but_that_id(
    settings: Settings, client_of: ClientOf, logged: StringIO
):
    async with client_of(settings, ROUTES) as client:
        answer = await client.get("/accident", headers={"X-Request-Id": "r-1"})

    assert (answer.status_code, answer.json()["code"]) == (500, "accident")
    accident_id = answer.json()["accident_id"]
    assert accident_id in answer.json()["detail"]
    assert "hunter2" not in answer.text
    (line,) = [line for line in map(json.loads, logged.getvalue().splitlines()) if line["event"] == "accident"]
    assert (line["accident_id"], line["request_id"]) == (accident_id, "r-1")
    assert "RuntimeError: hunter2 is in here" in line["exception"]


async def test_a_request_keeps_the_id_that_it_came_with(settings: Settings, client_of: ClientOf):
    async with client_of(settings, ROUTES) as client:
        answer = await client.get("/whoami", headers={"X-Request-Id": "from-the-proxy:1"})

    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "from-the-proxy:1"


@pytest.mark.parametrize("offered", ["", "two words", "x" * 129, 'quote"', "ümlaut"])
async def test_a_request_without_an_id_that_is_fit_for_our_logs_gets_one(
    settings: Settings, client_of: ClientOf, offered: str
):
    async with client_of(settings, ROUTES) as client:
        answer = await client.get("/whoami", headers={"X-Request-Id": offered.encode()})  # pyright: ignore[reportArgumentType] - httpx takes bytes as values as well

    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert len(answer.headers["x-request-id"]) == 36


async def test_a_refused_request_leaves_one_line_in_the_log_and_an_answered_one_none(
    settings: Settings, client_of: ClientOf, logged: StringIO
):
    async with client_of(settings, ROUTES) as client:
        await client.get("/whoami?token=hunter2", headers={"X-Request-Id": "r-1"})
        await client.get("/nowhere?token=hunter2", headers={"X-Request-Id": "r-2"})

    (line,) = [line for line in map(json.loads, logged.getvalue().splitlines()) if line["event"] == "request"]
    assert (line["method"], line["path"], line["status"], line["request_id"]) == ("GET", "/nowhere", 404, "r-2")
    assert "hunter2" not in logged.getvalue()


def test_an_error_without_a_sentence_of_its_own_has_its_title_as_detail():
    assert BadSetting().detail == BadSetting.title


async def test_a_body_that_is_no_text_is_the_askers_mistake(settings: Settings, client_of: ClientOf):
    async with client_of(settings) as client:
        answer = await client.post(
            "/v1/password-resets/finish", content=b'"c\xc3(', headers={"content-type": "application/json"}
        )

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
