import msgspec
import pytest

from plaudit.foundation.settings import Settings
from tests.web.conftest import ClientOf

NOBODY_THERE = {"database_url": "postgresql://127.0.0.1:1/plaudit", "nats_url": "nats://127.0.0.1:1"}


async def test_a_program_with_everything_within_reach_is_ready(settings: Settings, client_of: ClientOf):
    async with client_of(settings) as client:
        answer = await client.get("/ready")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize(
    ("gone", "named"),
    [(["database_url"], "database"), (["nats_url"], "NATS"), (["database_url", "nats_url"], "database and NATS")],
)
async def test_a_program_that_misses_something_is_alive_but_not_ready_and_names_it(
    settings: Settings, client_of: ClientOf, gone: list[str], named: str
):
    crippled = msgspec.structs.replace(settings, ready_deadline_ms=500, **{name: NOBODY_THERE[name] for name in gone})

    async with client_of(crippled) as client:
        alive, ready = await client.get("/health"), await client.get("/ready")

    assert alive.status_code == 200
    assert ready.status_code == 503
    assert ready.headers["content-type"] == "application/problem+json"
    assert ready.json() == {
        "type": "urn:plaudit:problem:not_ready",
        "title": "Something that this program needs can't be reached.",
        "status": 503,
        "code": "not_ready",
        "detail": f"Can't be reached within 500 ms: {named}.",
    }


async def test_the_metrics_count_requests_by_route_and_not_by_path(settings: Settings, client_of: ClientOf):
    async with client_of(settings) as client:
        await client.get("/health")
        await client.get("/made-up-by-a-stranger")
        answer = await client.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'plaudit_http_requests_total{method="GET",path="/health",status="200"}' in answer.text
    assert 'plaudit_http_requests_total{method="(any)",path="(none)",status="404"}' in answer.text
    assert "made-up" not in answer.text
