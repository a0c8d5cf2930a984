"""Single questions to the product, as any program would ask them: what is measured asks in other ways."""

import asyncio
from http.client import HTTPConnection
from typing import Any

import msgspec

_ANSWER_SECONDS = 30.0


async def ask(
    address: tuple[str, int], method: str, path: str, *, token: str, body: dict[str, Any] | None = None
) -> Any:
    """The answer's JSON. Raises RuntimeError with the problem when the status isn't 2xx."""
    return await asyncio.to_thread(_ask, address, method, path, token, body)


def _ask(address: tuple[str, int], method: str, path: str, token: str, body: dict[str, Any] | None) -> Any:
    connection = HTTPConnection(*address, timeout=_ANSWER_SECONDS)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, body=None if body is None else msgspec.json.encode(body), headers=headers)
        reply = connection.getresponse()
        content = reply.read()
    finally:
        connection.close()
    if not 200 <= reply.status < 300:
        raise RuntimeError(f"{method} {path} answered {reply.status}: {content.decode(errors='replace')[:500]}")
    return msgspec.json.decode(content) if content else None
