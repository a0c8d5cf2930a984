"""What stands around every request: its id, its line in the log, and its place in the metrics."""

import re
import time

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from plaudit.foundation.ids import new_id
from plaudit.foundation.logs import bind_request_id, get_logger

REQUEST_ID = "x-request-id"

# Whoever sends an id chooses what stands in our logs, so it is short and plain or it is replaced.
_PLAIN_ID = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")
# Asked for every few seconds by machines; at the usual level they would drown everything else.
_QUIET_PATHS = frozenset({"/health", "/ready", "/metrics"})

_requests = Counter("plaudit_http_requests", "Requests answered.", ["method", "path", "status"])
_seconds = Histogram("plaudit_http_request_seconds", "Seconds from a request to its answer.", ["method", "path"])

log = get_logger(__name__)


def around_requests(app: ASGIApp) -> ASGIApp:
    """Wrap the whole app, so that requests which find no route have an id and are counted as well."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        request_id = _id_of(scope)
        with bind_request_id(request_id):
            await _answer(app, scope, receive, send, request_id=request_id)

    return wrapped


async def _answer(app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send, *, request_id: str) -> None:
    started = time.perf_counter()
    status = 0

    async def send_with_id(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            MutableScopeHeaders.from_message(message)[REQUEST_ID] = request_id
        await send(message)

    try:
        await app(scope, receive, send_with_id)
    finally:
        _record(scope, status, time.perf_counter() - started)


def _record(scope: HTTPScope, status: int, seconds: float) -> None:
    # The route's template, not the path: one series a route, however many paths a stranger makes up.
    path = _template_of(scope)
    method = scope["method"] if path != "(none)" else "(any)"
    _requests.labels(method, path, status).inc()
    _seconds.labels(method, path).observe(seconds)
    line = log.debug if scope["path"] in _QUIET_PATHS else log.info
    line("request", method=scope["method"], path=scope["path"], status=status, ms=round(seconds * 1000, 1))


def _template_of(scope: HTTPScope) -> str:
    return str(scope["path_template"]) if "path_template" in scope else "(none)"


def _id_of(scope: HTTPScope) -> str:
    offered = Headers.from_scope(scope).get(REQUEST_ID, "")
    return offered if _PLAIN_ID.fullmatch(offered) else str(new_id())
