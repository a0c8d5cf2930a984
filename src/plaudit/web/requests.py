"""What stands around every request: its id, its line in the log, and its place in the metrics.

Every request of every fan goes through here, so it is written for speed: one pass over the raw headers, no objects that
the framework would make of them, and the log asked for its level before a line is put together.
"""

import logging
import re
import time
from functools import lru_cache

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from plaudit.foundation.ids import new_id
from plaudit.foundation.logs import bind_request_id, get_logger

REQUEST_ID = "x-request-id"

_REQUEST_ID = REQUEST_ID.encode()
# Whoever sends an id chooses what stands in our logs, so it is short and plain or it is replaced.
_PLAIN_ID = re.compile(rb"[A-Za-z0-9._:+/=-]{1,128}")
# A request that was answered well is in the metrics; a line of its own it has where details are wanted, or when it
# took so long that somebody may ask why.
_SLOW_SECONDS = 1.0
_UNLOGGED = "/overlay/"
_REFUSED = 400

_requests = Counter("plaudit_http_requests", "Requests answered.", ["method", "path", "status"])
_seconds = Histogram("plaudit_http_request_seconds", "Seconds from a request to its answer.", ["method", "path"])

log = get_logger(__name__)
_level = logging.getLogger(__name__)


def around_requests(app: ASGIApp) -> ASGIApp:
    """Wrap the whole app, so that requests which find no route have an id and are counted as well."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        request_id = _id_of(scope)
        with bind_request_id(request_id.decode()):
            await _answer(app, scope, receive, send, request_id=request_id)

    return wrapped


async def _answer(app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send, *, request_id: bytes) -> None:
    started = time.perf_counter()
    status = 0

    async def send_with_id(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            message["headers"] = [*message["headers"], (_REQUEST_ID, request_id)]
        await send(message)

    try:
        await app(scope, receive, send_with_id)
    finally:
        _record(scope, status, time.perf_counter() - started)


def _record(scope: HTTPScope, status: int, seconds: float) -> None:
    # The route's template, not the path: one series a route, however many paths a stranger makes up.
    path = _template_of(scope)
    method = scope["method"] if path != "(none)" else "(any)"
    requests, histogram = _series(method, path, status)
    requests.inc()
    histogram.observe(seconds)
    level = logging.INFO if seconds >= _SLOW_SECONDS or not 0 < status < _REFUSED else logging.DEBUG
    if _level.isEnabledFor(level):
        log.log(
            level, "request", method=scope["method"], path=_shown(scope), status=status, ms=round(seconds * 1000, 1)
        )


def _shown(scope: HTTPScope) -> str:
    """The path, but for those that are a key to what they open."""
    return _template_of(scope) if scope["path"].startswith(_UNLOGGED) else scope["path"]


@lru_cache(maxsize=4_096)
def _series(method: str, path: str, status: int) -> tuple[Counter, Histogram]:
    return _requests.labels(method, path, status), _seconds.labels(method, path)


def _template_of(scope: HTTPScope) -> str:
    return str(scope["path_template"]) if "path_template" in scope else "(none)"


def _id_of(scope: HTTPScope) -> bytes:
    for name, value in scope["headers"]:
        if name == _REQUEST_ID and _PLAIN_ID.fullmatch(value):
            return value
    return str(new_id()).encode()
