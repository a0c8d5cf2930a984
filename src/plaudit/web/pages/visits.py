"""Who looks at a page, and what a form must bring along."""

from typing import Any, cast
from urllib.parse import quote, urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect

from plaudit.foundation.errors import PlauditError
from plaudit.people import Visitor
from plaudit.people.errors import NotSignedIn, OperatorsOnly
from plaudit.rooms import messages
from plaudit.web.api.desk import Visit, desk_of
from plaudit.web.cookies import ChangeNotProven, require_proof, token_in_cookie

UNREAD = "plaudit_unread"
"""Where a request keeps how many messages wait for whoever looks at a page."""

Connection = ASGIConnection[Any, Any, Any, Any]


class SignInFirst(PlauditError):
    """A page that only shows to somebody who is signed in; the answer leads to the sign-in and back."""

    code = "not_signed_in"
    title = "Sign in first."
    status = 401


async def recognise(connection: Connection, _: BaseRouteHandler) -> None:
    """The guard before every page: find out who this is; a cookie that isn't valid makes a stranger of them."""
    # A page about what went wrong is shown as well when that can't be found out.
    connection.scope["user"] = None
    token = token_in_cookie(connection)
    connection.scope["user"] = visitor = await _find_visitor(connection, token) if token else None
    if visitor is not None and "text/html" in connection.headers.get("accept", ""):
        connection.scope["state"][UNREAD] = await _count_unread(connection, visitor)


async def fans_only(connection: Connection, _: BaseRouteHandler) -> None:
    """Anyone who is signed in; raises SignInFirst."""
    if connection.user is None:
        raise SignInFirst


async def operators_only(connection: Connection, _: BaseRouteHandler) -> None:
    """Only operators; raises SignInFirst or OperatorsOnly."""
    visitor: Visitor | None = connection.user
    if visitor is None:
        raise SignInFirst
    if not visitor.is_operator:
        raise OperatorsOnly


def require_own_form(request: Visit, shown: str) -> None:
    """Raises ChangeNotProven unless a form of this very session was sent; `shown` is its field `csrf`."""
    token = token_in_cookie(request)
    if token is None:
        raise ChangeNotProven
    require_proof(desk_of(request.app.state).secret, token, shown)


def require_own_site(request: Visit) -> None:
    """For forms before there is a session: raises ChangeNotProven when the browser says that another site sent it."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ChangeNotProven


def to_sign_in(request: Visit) -> Redirect:
    """To the sign-in, and afterwards back to what was asked for; from a form that was sent, back to its page."""
    if request.method == "GET":
        return Redirect(f"/sign-in?next={quote(_path_of(str(request.url)))}", status_code=303)
    # Nothing of the form was done: the sign-in says so, and its page is shown anew.
    page = request.headers.get("referer", "")
    is_ours = urlsplit(page).netloc == request.headers.get("host")
    after = safe_next(_path_of(page)) if is_ours else "/"
    return Redirect(f"/sign-in?next={quote(after)}&interrupted=yes", status_code=303)


def _path_of(address: str) -> str:
    return urlsplit(address)._replace(scheme="", netloc="", fragment="").geturl() or "/"


def safe_next(wished: str) -> str:
    """A path of our own to go on to: an address elsewhere would make our sign-in a trap."""
    is_ours = wished.startswith("/") and not wished.startswith(("//", "/\\")) and wished.isprintable()
    return wished if is_ours else "/"


async def _count_unread(connection: Connection, visitor: Visitor) -> int:
    try:
        return await messages.count_unread(desk_of(cast("Any", connection).app.state).db, visitor.person_id)
    except PlauditError:
        # No page is missed for the sake of a number in its head.
        return 0


async def _find_visitor(connection: Connection, token: str) -> Visitor | None:
    try:
        visitor = await desk_of(cast("Any", connection).app.state).sessions.get_visitor(token)
    except NotSignedIn:
        return None
    # A session that was opened for some scopes is a program's: the pages could do more with it than it may.
    return None if visitor.is_limited else visitor
