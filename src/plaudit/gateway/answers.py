"""What the gateway says in HTTP: the two plain paths, refusals, and the answer that opens a WebSocket."""

from http import HTTPStatus

import msgspec
from picows import WSListener, WSUpgradeResponse, WSUpgradeResponseWithListener
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from plaudit.foundation.errors import PlauditError
from plaudit.gateway.door import PROTOCOL, Entry

_PROBLEM_TYPE = "application/problem+json"


def answer_plainly(path: str) -> WSUpgradeResponseWithListener | None:
    """`/health` and `/metrics`; None for any other path."""
    match path.partition("?")[0]:
        case "/health":
            return _respond(b'{"status":"alive"}', "application/json")
        case "/metrics":
            return _respond(generate_latest(), CONTENT_TYPE_LATEST)
        case _:
            return None


def refuse(problem: PlauditError, *, status: int | None = None) -> WSUpgradeResponseWithListener:
    """Problem details (RFC 9457), as the API answers them."""
    code = status or problem.status
    body = {
        "type": f"urn:plaudit:problem:{problem.code}",
        "title": problem.title,
        "status": code,
        "code": problem.code,
        "detail": problem.detail,
    }
    headers = {"Content-Type": _PROBLEM_TYPE}
    if problem.retry_after_seconds is not None:
        headers["Retry-After"] = str(problem.retry_after_seconds)
    if code == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    response = WSUpgradeResponse.create_error_response(code, msgspec.json.encode(body), headers)
    return WSUpgradeResponseWithListener(response, None)


def welcome(viewer: WSListener, entry: Entry) -> WSUpgradeResponseWithListener:
    """The switch to a WebSocket."""
    headers = {"Sec-WebSocket-Protocol": PROTOCOL} if entry.speaks_protocol else None
    return WSUpgradeResponseWithListener(WSUpgradeResponse.create_101_response(headers), viewer)


def _respond(body: bytes, content_type: str) -> WSUpgradeResponseWithListener:
    response = WSUpgradeResponse.create_ok_response(body, {"Content-Type": content_type, "Cache-Control": "no-store"})
    return WSUpgradeResponseWithListener(response, None)
