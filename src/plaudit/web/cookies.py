"""Sessions of browsers: the token in a cookie that scripts can't read, and the proof that a change was asked for by us.

A browser sends cookies along with requests that another site made it send. `SameSite=Lax` keeps most of these away;
beside it every change needs a word that only our own pages know: an HMAC of the session's token, in the header
`X-CSRF-Token` or in the form's field `csrf`.
"""

import hashlib
import hmac
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import HttpMethod

from plaudit.foundation.errors import PlauditError

SESSION_COOKIE = "plaudit_session"
CSRF_HEADER = "x-csrf-token"
# A browser drops the cookie after this; the session itself may end sooner, by its own rules.
_COOKIE_SECONDS = 90 * 86_400
_SAFE = frozenset({HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS})


class ChangeNotProven(PlauditError):
    """A cookie came without the word that proves that one of our own pages asked for this."""

    code = "csrf_token_missing"
    title = "This page is out of date: load it again, and try once more."
    status = 403


def session_cookie(token: str, *, is_secure: bool) -> Cookie:
    """The cookie of a new session."""
    return Cookie(SESSION_COOKIE, value=token, httponly=True, secure=is_secure, samesite="lax", max_age=_COOKIE_SECONDS)


def ended_cookie() -> Cookie:
    """What makes the browser forget its session."""
    return Cookie(SESSION_COOKIE, value="", httponly=True, samesite="lax", max_age=0)


def token_in_cookie(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The token that a browser brought, if any; whether it is good is another question."""
    return connection.cookies.get(SESSION_COOKIE) or None


def csrf_word(secret: bytes, token: str) -> str:
    """What our pages show that belong to this session; it tells nothing about the token."""
    return hmac.new(secret, b"csrf:" + token.encode(), hashlib.sha256).hexdigest()


def require_proof(secret: bytes, token: str, shown: str) -> None:
    """Raises ChangeNotProven unless `shown` is this session's word."""
    if not hmac.compare_digest(csrf_word(secret, token).encode(), shown.encode()):
        raise ChangeNotProven


def is_change(method: str) -> bool:
    """Whether a request with this method may change something."""
    return method not in _SAFE
