"""The requests of a measured crowd, written once: as bytes, with a place for the id that is fresh each time."""

from typing import Any
from uuid import UUID

import msgspec

from plaudit.bench.load import Call

_PLACE = str(UUID(int=0))


def get(path: str, *, token: str | None = None) -> Call:
    """A GET, signed in with this token if there is one."""
    return Call(_head("GET", path, token) + b"\r\n")


def post(path: str, body: dict[str, Any], *, token: str | None = None) -> Call:
    """A POST of this object, and in front of its fields an `id` that is another one in each request."""
    content = msgspec.json.encode({"id": _PLACE, **body})
    head = _head("POST", path, token) + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content)
    before, after = content.split(_PLACE.encode(), 1)
    return Call(head + before, after)


def _head(method: str, path: str, token: str | None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "User-Agent: plaudit-bench", "Accept: application/json"]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    return "".join(f"{line}\r\n" for line in lines).encode()
