"""What runs beside the requests: the sandbox, which stands in for the outside world, sends webhooks to our own door."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from litestar import Litestar
from litestar.datastructures import State
from litestar.types import ASGIApp, HTTPScope, Message, Receive

from plaudit.foundation.errors import PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.providers import Sandbox
from plaudit.web.api.desk import desk_of

_ROUND_SECONDS = 1.0
_WEBHOOK_PATH = "/v1/webhooks/sandbox"

log = get_logger(__name__)


@asynccontextmanager
async def looking_after_payments(app: Litestar) -> AsyncGenerator[None]:
    """While the block runs, the sandbox's time passes, and about once a second it sends what it has to tell."""
    task = asyncio.create_task(_rounds(app.state))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def deliver_webhooks(state: State) -> None:
    """Send what the sandbox has to tell by now. What can't be sent yet is sent in one of the next rounds."""
    try:
        await _sandbox(state).deliver_due(lambda body, headers: _post(state.app, body, headers), now=desk_of(state).now)
    except PlauditError as problem:
        log.warning("webhooks wait", code=problem.code)


async def _rounds(state: State) -> None:
    while True:
        await asyncio.sleep(_ROUND_SECONDS)
        try:
            await _sandbox(state).let_time_pass(now=desk_of(state).now)
            await deliver_webhooks(state)
        except PlauditError as problem:
            log.warning("payments wait", code=problem.code)
        except Exception:
            # This is the outermost door of the rounds: the next one goes on.
            log.exception("accident")


def _sandbox(state: State) -> Sandbox:
    return state.sandbox


async def _post(app: ASGIApp, body: bytes, headers: Mapping[str, str]) -> bool:
    """Through our own front door, as any provider's webhook comes, but without a socket. Whether it was taken."""
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": _WEBHOOK_PATH,
        "raw_path": _WEBHOOK_PATH.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"sandbox"), *((name.encode(), value.encode()) for name, value in headers.items())],
        "client": None,
        "server": None,
        "extensions": {},
    }
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(cast("HTTPScope", scope), cast("Receive", receive), send)
    return any(200 <= status < 300 for status in statuses)
