"""Who is let in: decided from the request that opens a WebSocket, before anything else happens."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.errors import Invalid, NotFound
from plaudit.gateway.errors import OriginNotAllowed
from plaudit.rooms.tokens import Ticket, TokenNotValid, read_token

PROTOCOL = "plaudit"
"""The sub-protocol that a token may be sent beside: `Sec-WebSocket-Protocol: plaudit, <token>`."""

_ROOMS = "/rooms/"
_LARGEST_SEQ = 2**63 - 1


class Entry(Struct, frozen=True, kw_only=True):
    """Somebody who is let in: what they may watch, and the number of the last event that they have."""

    ticket: Ticket
    after: int | None
    speaks_protocol: bool


class Door(Struct, frozen=True, kw_only=True):
    """What is asked of whoever comes in. Without `origins`, a page must come from the host that it asks."""

    secret: bytes
    origins: frozenset[str] | None = None

    def open(self, path: str, headers: Mapping[str, str], now: datetime) -> Entry:
        """Let in or raise: NotFound, OriginNotAllowed, Invalid, TokenNotValid, TokenExpired or TokenOfAnotherLive."""
        path, _, query = path.partition("?")
        live_id = _live_of(path)
        self._check_origin(headers)
        asked = parse_qs(query)
        offered = [word.strip() for word in headers.get("sec-websocket-protocol", "").split(",")]
        token = asked.get("token", [""])[0] or _token_beside_protocol(offered)
        ticket = read_token(self.secret, token, live_id, now)
        return Entry(ticket=ticket, after=_after_of(asked), speaks_protocol=PROTOCOL in offered)

    def _check_origin(self, headers: Mapping[str, str]) -> None:
        """A browser always names the page's origin, and a page can't change that; a program may leave it out."""
        origin = headers.get("origin")
        if origin is None or (self.origins is not None and ("*" in self.origins or origin in self.origins)):
            return
        asked_for = _host_of(f"//{headers.get('host', '')}")
        if self.origins is None and asked_for and _host_of(origin) == asked_for:
            return
        raise OriginNotAllowed(f"Pages of {origin[:200]} may not watch here.")


def read_origins(allowed: str | None) -> frozenset[str] | None:
    """The setting `allowed_origins` as a set."""
    return None if allowed is None else frozenset(origin.rstrip("/") for origin in allowed.split(","))


def _host_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _live_of(path: str) -> UUID:
    try:
        if path.startswith(_ROOMS):
            return UUID(path.removeprefix(_ROOMS))
    except ValueError:
        pass
    raise NotFound("There is nothing at this path; a live is watched at /rooms/{its id}.")


def _token_beside_protocol(offered: list[str]) -> str:
    tokens = [word for word in offered if word != PROTOCOL]
    if PROTOCOL not in offered or not tokens:
        raise TokenNotValid("There is no token in this request. Ask for the live to get one.")
    return tokens[0]


def _after_of(asked: Mapping[str, list[str]]) -> int | None:
    text = asked.get("after", [""])[0]
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:20]) <= _LARGEST_SEQ):
        raise Invalid("`after` is the `seq` of the last event that you have.", field="after")
    return int(text)
