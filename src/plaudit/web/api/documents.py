"""The API's description: OpenAPI 3.1, and a page of our own that shows it without anything from elsewhere."""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from http import HTTPStatus
from importlib.metadata import version
from importlib.resources import files
from typing import Any, get_args, get_type_hints

import msgspec
from litestar import Litestar, Request, Response, Router, get
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute
from msgspec import Struct

from plaudit.web.api.guards import admit
from plaudit.web.problems import MEDIA_TYPE, Problem

BEARER: list[dict[str, list[str]]] = [{"bearer": []}]

# Any route may answer these: a request that can't be read, too many of them, an accident, a server out of reach.
_ALWAYS = (400, 429, 500, 503)
_SIGNED_IN = (401, 403)


def refusals(*statuses: int) -> Mapping[int, ResponseSpec]:
    """The problems that a route may answer, for its description."""
    return {status: _problem(status) for status in sorted({*statuses, *_ALWAYS})}


def refusals_to_visitors(*statuses: int) -> Mapping[int, ResponseSpec]:
    """The same for a route that asks for a session."""
    return refusals(*statuses, *_SIGNED_IN)


def refused_as(shape: type[Problem], status: int) -> Mapping[int, ResponseSpec]:
    """One more refusal, whose problem has members of its own."""
    return {status: _problem(status, shape)}


def _problem(status: int, shape: type[Problem] = Problem) -> ResponseSpec:
    return ResponseSpec(shape, generate_examples=False, description=HTTPStatus(status).phrase, media_type=MEDIA_TYPE)


class DocsPage(OpenAPIRenderPlugin):
    """One page that reads /v1/openapi.json and shows it."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The page; it fetches what it shows."""
        del request, openapi_schema
        return _page()


@cache
def _page() -> bytes:
    return files("plaudit.web.api").joinpath("docs.html").read_bytes()


def make_openapi() -> OpenAPIConfig:
    """The description's head, and its page at /v1/docs."""
    scheme = SecurityScheme(type="http", scheme="bearer", description="The token of sign-up or sign-in.")
    return OpenAPIConfig(
        title="Plaudit",
        version=version("plaudit"),
        path="/v1/docs",
        render_plugins=[DocsPage(path="/")],
        openapi_router=Router("/v1/docs", guards=[admit], route_handlers=[], include_in_schema=False),
        components=Components(security_schemes={"bearer": scheme}),
        use_handler_docstrings=True,
        description="Refusals are problem details (RFC 9457) with a stable `code`. Lists are `{items, next}`.",
    )


@get("/openapi.json", include_in_schema=False)
async def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What this API can do, as OpenAPI 3.1."""
    return Response(_encoded(request.app), media_type="application/json")


@lru_cache(maxsize=1)
def _encoded(app: Litestar) -> bytes:
    # It takes tens of milliseconds to put together, and never changes while the app runs.
    return msgspec.json.encode(describe(app))


def describe(app: Litestar) -> dict[str, Any]:
    """The description; it says of a body that refuses unknown fields that it does, which the framework leaves out."""
    described = app.openapi_schema.to_schema()
    shapes: dict[str, dict[str, Any]] = described.get("components", {}).get("schemas", {})
    for body in _bodies(app):
        if body.__struct_config__.forbid_unknown_fields and body.__name__ in shapes:
            shapes[body.__name__]["additionalProperties"] = False
    return described


def _bodies(app: Litestar) -> Iterator[type[Struct]]:
    for route in app.routes:
        handlers = route.route_handlers if isinstance(route, HTTPRoute) else []
        for field in (handler.parsed_data_field for handler in handlers):
            if field is not None:
                yield from _structs_in(field.annotation)


def _structs_in(kind: Any) -> Iterator[type[Struct]]:
    """The shape itself and those inside it, whatever they are wrapped in."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        yield kind
        for inner in get_type_hints(kind).values():
            yield from _structs_in(inner)
    for inner in get_args(kind):
        yield from _structs_in(inner)
