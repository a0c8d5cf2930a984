import httpx
import pytest

from plaudit.foundation.settings import Settings
from tests.web.conftest import ClientOf


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/health", "GET, OPTIONS"),
        ("/v1/me", "GET, OPTIONS, PATCH"),
        ("/v1/people/ada/follow", "DELETE, OPTIONS, PUT"),
        ("/v1/sessions/00000000-0000-0000-0000-000000000001", "DELETE, OPTIONS"),
    ],
)
async def test_options_names_every_method_of_a_path(settings: Settings, client_of: ClientOf, path: str, methods: str):
    async with client_of(settings) as client:
        answer = await client.options(path)

    assert (answer.status_code, answer.headers["allow"]) == (204, methods)


async def test_a_method_that_a_path_does_not_take_is_answered_with_those_that_it_takes(
    settings: Settings, client_of: ClientOf
):
    async with client_of(settings) as client:
        refused = await client.delete("/v1/me")
        nowhere = await client.options("/v1/nothing/here")

    assert refused.status_code == 405
    assert _methods_of(refused) >= {"GET", "PATCH"}
    assert nowhere.status_code == 404
    assert "allow" not in nowhere.headers


def _methods_of(answer: httpx.Response) -> set[str]:
    return {method.strip() for method in answer.headers["allow"].split(",")}
