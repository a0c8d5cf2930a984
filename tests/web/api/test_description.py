"""What the API's description tells beside its routes: the shapes, and what is right for a field."""

from typing import Any

import httpx
import pytest


@pytest.fixture
async def shapes(client: httpx.AsyncClient) -> dict[str, Any]:
    return (await client.get("/v1/openapi.json")).json()["components"]["schemas"]


async def test_a_body_that_refuses_unknown_fields_says_so_and_an_answer_may_grow(shapes: dict[str, Any]):
    assert shapes["SignUpBody"]["additionalProperties"] is False
    assert shapes["TopUpBody"]["additionalProperties"] is False
    assert "additionalProperties" not in shapes["Me"]
    bodies = [name for name in shapes if name.endswith("Body")]
    assert [name for name in bodies if shapes[name].get("additionalProperties") is not False] == []


async def test_fields_tell_what_is_right_for_them(shapes: dict[str, Any]):
    fields = shapes["SignUpBody"]["properties"]

    assert (fields["email"]["format"], fields["email"]["maxLength"]) == ("email", 254)
    assert (fields["password"]["minLength"], fields["password"]["maxLength"]) == (10, 256)
    assert fields["handle"]["pattern"] == "^[A-Za-z0-9_]{3,24}$"
    assert fields["region"]["pattern"] == "^[A-Za-z]{2}$"


async def test_every_operation_is_described_in_a_sentence(client: httpx.AsyncClient):
    paths = (await client.get("/v1/openapi.json")).json()["paths"]

    silent = [
        f"{method} {path}"
        for path, item in paths.items()
        for method, operation in item.items()
        if not operation.get("description")
    ]
    assert silent == []
