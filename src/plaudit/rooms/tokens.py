"""Tokens that let somebody watch one live: signed, read only, and short-lived, since nobody can take them back.

Whoever is already watching stays when theirs runs out; it is asked for again at the next connection. Only overlays,
which can be revoked, have to come back then.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated
from uuid import UUID

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from msgspec import Meta, Struct

from plaudit.foundation.errors import PlauditError

LIFETIME = timedelta(minutes=10)

VIEWER = "viewer"
"""Somebody who watches a live."""
OVERLAY = "overlay"
"""An overlay that watches a live: nobody's eyes, so it isn't counted, and its connection ends with its token."""
CHANNEL = "channel"
"""An overlay that listens to its own channel, whose id stands in the place of a live's."""

_KINDS = frozenset({VIEWER, OVERLAY, CHANNEL})
_ALGORITHM = "HS256"
_LONGEST_TOKEN = 2_000
# The last second of the year 9999.
_LATEST = 253_402_300_799


class TokenNotValid(PlauditError):
    """This token was never made here, or it was changed."""

    code = "token_not_valid"
    title = "This token isn't valid. Ask for the live again to get another one."
    status = 401


class TokenExpired(PlauditError):
    """The token was good once."""

    code = "token_expired"
    title = "This token has run out. Ask for the live again to get another one."
    status = 401


class TokenOfAnotherLive(PlauditError):
    """The token lets its bearer watch another live than this one."""

    code = "token_of_another_live"
    title = "This token is for another live."
    status = 403


class Ticket(Struct, frozen=True, kw_only=True):
    """What a token says: who may watch which live, and until when they may come in. Strangers have no person."""

    kind: str
    live_id: UUID
    person_id: UUID | None
    expires_at: datetime

    @property
    def is_channel(self) -> bool:
        """Whether it is for an overlay's own channel instead of a live."""
        return self.kind == CHANNEL

    @property
    def is_counted(self) -> bool:
        """Whether its bearer is one of those who watch; of a channel, one of those who are connected."""
        return self.kind != OVERLAY

    def has_ended(self, now: datetime) -> bool:
        """Whether its bearer must come back with another: an overlay may have been revoked meanwhile."""
        return self.kind != VIEWER and now >= self.expires_at


class _Claims(Struct, frozen=True, kw_only=True):
    """A token's inside."""

    kind: str
    live: UUID
    exp: Annotated[int, Meta(ge=0, le=_LATEST)]
    person: UUID | None = None


def make_token(
    secret: bytes, live_id: UUID, person_id: UUID | None, now: datetime, *, kind: str = VIEWER
) -> tuple[str, datetime]:
    """A token for watching this live, and the instant until which it is good (to the second)."""
    expires_at = (now + LIFETIME).replace(microsecond=0)
    claims: dict[str, object] = {"kind": kind, "live": str(live_id), "exp": int(expires_at.timestamp())}
    if person_id is not None:
        claims["person"] = str(person_id)
    return jwt.encode({"alg": _ALGORITHM}, claims, _key(secret)), expires_at


def read_token(secret: bytes, token: str, live_id: UUID, now: datetime) -> Ticket:
    """What the token says. Raises TokenNotValid, TokenExpired or TokenOfAnotherLive."""
    claims = _read_claims(secret, token)
    expires_at = datetime.fromtimestamp(claims.exp, UTC)
    if claims.kind not in _KINDS:
        raise TokenNotValid
    if now >= expires_at:
        raise TokenExpired
    if claims.live != live_id:
        raise TokenOfAnotherLive
    return Ticket(kind=claims.kind, live_id=claims.live, person_id=claims.person, expires_at=expires_at)


def _read_claims(secret: bytes, token: str) -> _Claims:
    if len(token) > _LONGEST_TOKEN:
        raise TokenNotValid
    try:
        found = jwt.decode(token, _key(secret), algorithms=[_ALGORITHM])
        return msgspec.convert(found.claims, _Claims)
    except (JoseError, ValueError):
        raise TokenNotValid from None


@lru_cache(maxsize=8)
def _key(secret: bytes) -> OctKey:
    return OctKey.import_key(secret)
