"""Gifts go past most of the framework when all is plainly in order: nobody can tell by the answer."""

from collections.abc import AsyncIterator, Mapping

import httpx
import msgspec
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.people.sessions import REMEMBERED
from plaudit.web.api.throttle import WINDOW_SECONDS
from tests.web.api.conftest import PASSWORD, a_wish, ask, open_client
from tests.web.api.test_gifts import Stage, stage

__all__ = ["stage"]

_OF_EACH_REQUEST = ("x-request-id", "ratelimit")


def headers_of(answer: httpx.Response) -> Mapping[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in _OF_EACH_REQUEST}


async def send_both_ways(stage: Stage, clock: MovableClock, **more: object) -> tuple[httpx.Response, httpx.Response]:
    """First when the session isn't remembered, so that the framework answers; then when it is."""
    clock.move(REMEMBERED)
    return await stage.send(**more), await stage.send(**more)  # pyright: ignore[reportArgumentType] - whatever JSON holds


async def test_both_ways_give_the_same_answer(stage: Stage, clock: MovableClock):
    await stage.buy()

    one, other = await send_both_ways(
        stage, clock, id=str(new_id()), quantity=2, message="Bravo", combo_id=str(new_id())
    )

    assert (one.status_code, other.status_code) == (201, 201)
    assert one.content == other.content
    assert headers_of(one) == headers_of(other)


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"quantity": "2"}, 201),
        ({"quantity": 0}, 422),
        ({"quantity": 1_000}, 422),
        ({"colour": "red"}, 422),
        ({"gift": "no_such_gift"}, 409),
        ({"id": "no id"}, 422),
        ({"gift": None}, 422),
        ({"to": "iris"}, 201),
        ({"live_id": None}, 422),
        ({"gift": "sunglasses", "quantity": 99}, 402),
    ],
)
async def test_both_ways_refuse_the_same(stage: Stage, clock: MovableClock, wish: dict[str, object], status: int):
    await stage.buy()

    one, other = await send_both_ways(stage, clock, **{"id": str(new_id()), **wish})

    assert (one.status_code, other.status_code) == (status, status), one.text
    assert one.json() == other.json()
    assert headers_of(one) == headers_of(other)


@pytest.mark.parametrize("body", [b"", b"{", b"null", b'"\xff"', b"[]"])
async def test_both_ways_refuse_what_is_no_wish(stage: Stage, clock: MovableClock, body: bytes):
    headers = {"Authorization": f"Bearer {stage.ada.token}"}
    clock.move(REMEMBERED)

    one, other = [await stage.client.post("/v1/gifts", content=body, headers=headers) for _ in range(2)]

    assert one.status_code in (400, 422)
    assert (one.status_code, one.json()) == (other.status_code, other.json())


async def test_each_way_counts_one_request_of_the_session(settings: Settings, clock: MovableClock):
    slow = msgspec.structs.replace(settings, session_rate=1)
    wish = {"id": str(new_id()), "gift": "rosa", "live_id": str(new_id())}

    async with open_client(slow, clock) as client:
        token = (await ask(client, "POST /v1/sign-up", a_wish("ada"))).json()["token"]
        answers = [await ask(client, "POST /v1/gifts", wish, token=token) for _ in range(3 * WINDOW_SECONDS)]

    refused = [answer for answer in answers[WINDOW_SECONDS:] if answer.status_code == 429]
    assert [answer.status_code for answer in answers[:WINDOW_SECONDS]] == [404] * WINDOW_SECONDS
    assert refused[0].json()["code"] == "too_many_requests"
    assert refused[0].headers["ratelimit"].startswith('"session";r=0;')


@pytest.mark.parametrize("size", [40, 10])
async def test_a_body_in_parts_is_read_whole(stage: Stage, size: int):
    await stage.buy()
    body = msgspec.json.encode({"id": new_id(), "gift": "rosa", "live_id": stage.live_id})

    async def parts() -> AsyncIterator[bytes]:
        for first in range(0, len(body), size):
            yield body[first : first + size]

    await stage.send()
    answer = await stage.client.post(
        "/v1/gifts", content=parts(), headers={"Authorization": f"Bearer {stage.ada.token}"}
    )

    assert (answer.status_code, answer.json()["gift"]) == (201, "rosa")


async def test_a_body_that_is_large_is_for_the_framework_to_read(stage: Stage):
    await stage.buy()
    body = msgspec.json.encode({"id": new_id(), "gift": "rosa", "live_id": stage.live_id})
    headers = {"Authorization": f"Bearer {stage.ada.token}"}

    padded = await stage.client.post("/v1/gifts", content=body + b" " * 100_000, headers=headers)
    endless = await stage.client.post("/v1/gifts", content=body + b" " * 10_000_000, headers=headers)

    assert (padded.status_code, endless.status_code) == (201, 413)


async def test_who_signed_out_gives_nothing_any_more_at_once(stage: Stage):
    await stage.buy()
    before = await stage.send()

    await stage.ada.ask("POST /v1/sign-out")
    after = await stage.send()

    assert (before.status_code, after.status_code) == (201, 401)


async def test_a_session_that_may_not_spend_gives_nothing_also_when_it_is_remembered(stage: Stage):
    body = {"email": stage.ada.email, "password": PASSWORD, "scopes": ["read"]}
    limited = (await ask(stage.client, "POST /v1/sign-in", body)).json()["token"]
    wish = {"id": str(new_id()), "gift": "rosa", "live_id": stage.live_id}

    answers = [await ask(stage.client, "POST /v1/gifts", wish, token=limited) for _ in range(2)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "missing_scope")] * 2
