"""The crowd's way to the product: HTTP with bearer tokens, and patience while the server is away."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import httpx
import msgspec

_ANSWER_SECONDS = 15.0
_CONNECTIONS = 50
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 8.0


class Away(Exception):
    """The server can't be reached, can't answer now, or wants to be left alone for a moment."""


class Refused(Exception):
    """The server says no, and why: `code` is the problem's, `problem` all of it."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem.get('code')}: {problem.get('detail')}")
        self.code = str(problem.get("code"))
        self.problem = problem


class Api:
    """Asks one server. When it is away, everyone waits a little before they ask again, and longer each time."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        """Use `Api.open`."""
        self.trouble: str | None = None
        self._client = client
        self._pause_seconds = 0.0
        self._calm_at = 0.0

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncGenerator["Api"]:
        """A way to the server at this address, for as long as the block runs."""
        limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
        # Nothing of the machine's own settings for proxies: the server is on this machine.
        client = httpx.AsyncClient(base_url=url, timeout=_ANSWER_SECONDS, limits=limits, trust_env=False)
        async with client:
            yield cls(client)

    async def ask(self, line: str, body: object = None, *, token: str | None = None) -> Any:
        """`ask("POST /v1/gifts", {...})`: the answer's JSON. Raises Refused, or Away after some patience."""
        await asyncio.sleep(max(0.0, self._calm_at - _clock()))
        method, path = line.split(" ", 1)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            reply = await self._client.request(
                method, path, headers=headers, content=None if body is None else msgspec.json.encode(body)
            )
        except httpx.HTTPError as error:
            raise self._away(f"{type(error).__name__} {error}".strip()) from error
        if reply.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise self._away(f"{line} answered {reply.status_code}")
        self._pause_seconds, self.trouble = 0.0, None
        found = msgspec.json.decode(reply.content) if reply.content else None
        if reply.is_error:
            raise Refused(found or {})
        return found

    def _away(self, why: str) -> Away:
        """Many who ask at once and fail together count as one failure."""
        if _clock() >= self._calm_at:
            self._pause_seconds = min(_LONGEST_PAUSE_SECONDS, max(_FIRST_PAUSE_SECONDS, self._pause_seconds * 2))
            self._calm_at = _clock() + self._pause_seconds
        self.trouble = why
        return Away(why)


def _clock() -> float:
    return asyncio.get_running_loop().time()
