"""Who gets in. `admit` stands before every route of the API; `may` and its like before those that need more."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope as AnyScope

from plaudit.people import Scope, Visitor
from plaudit.people.errors import CreatorsOnly, MissingScope, NotSignedIn, OperatorsOnly
from plaudit.web.api.desk import Desk, Visit, address_of, desk_of
from plaudit.web.api.throttle import STATE_KEY, Buckets
from plaudit.web.cookies import CSRF_HEADER, is_change, require_proof, token_in_cookie

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]

_LONGEST_TOKEN = 200


async def admit(connection: Connection, handler: BaseRouteHandler) -> None:
    """Find out who this is, and whether they send too much, then ask what else the route needs (option `needs`).

    A token that isn't valid makes a stranger of them.

    A token that isn't remembered costs a look into the database, so it is paid for from its address's bucket: making
    up tokens gets nobody more.
    """
    request = cast("Visit", connection)
    desk = desk_of(connection.app.state)
    token = bearer_of(connection) or _token_of_browser(desk, connection)
    visitor = desk.sessions.recall(token) if token else None
    if visitor is None:
        _pay(connection.scope, desk.throttle.addresses, address_of(request))
        visitor = await _find_visitor(desk, token)
    if visitor is not None:
        charge(desk, connection.scope, visitor)
    connection.scope["user"] = visitor
    needs: tuple[Guard, ...] = handler.opt.get("needs", ())
    for need in needs:
        await need(connection, handler)


def recognise(desk: Desk, headers: Iterable[tuple[bytes, bytes]]) -> Visitor | None:
    """Who this is, when that needs no asking: a bearer whose token was good a moment ago. Or else ask `admit`."""
    for name, value in headers:
        if name == b"authorization":
            token = _token_in(value.decode("latin-1"))
            return desk.sessions.recall(token) if token else None
    return None


def charge(desk: Desk, scope: AnyScope, visitor: Visitor) -> None:
    """Count one request of this session. Raises TooManyRequests."""
    _pay(scope, desk.throttle.sessions, str(visitor.session_id))


def may(scope: Scope) -> Guard:
    """Only who is signed in, with a session for this. Raises NotSignedIn or MissingScope."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        visitor = _known(connection)
        if scope not in visitor.scopes:
            raise MissingScope(f"This needs a session with the scope {scope.value!r}.")

    return guard


async def signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Anyone with a session, whatever it is for; raises NotSignedIn."""
    _known(connection)


async def may_change_account(connection: Connection, _: BaseRouteHandler) -> None:
    """Only a session without limits: one that was opened for some scopes leaves the account itself alone.

    Raises NotSignedIn or MissingScope.
    """
    if _known(connection).is_limited:
        raise MissingScope("This changes the account, and needs a session that wasn't limited to scopes.")


async def creators_only(connection: Connection, _: BaseRouteHandler) -> None:
    """Only creators; raises NotSignedIn or CreatorsOnly."""
    if not _known(connection).is_creator:
        raise CreatorsOnly


async def operators_only(connection: Connection, _: BaseRouteHandler) -> None:
    """Only operators, with a session for that; raises NotSignedIn, OperatorsOnly or MissingScope."""
    visitor = _known(connection)
    if not visitor.is_operator:
        raise OperatorsOnly
    if Scope.OPERATE not in visitor.scopes:
        raise MissingScope(f"This needs a session with the scope {Scope.OPERATE.value!r}.")


def _known(connection: Connection) -> Visitor:
    visitor: Visitor | None = connection.user
    if visitor is None:
        raise NotSignedIn
    return visitor


def _pay(scope: AnyScope, buckets: Buckets, caller: str) -> None:
    try:
        buckets.take(caller)
    finally:
        scope["state"][STATE_KEY] = buckets.left(caller)


async def _find_visitor(desk: Desk, token: str | None) -> Visitor | None:
    if token is None:
        return None
    try:
        return await desk.sessions.get_visitor(token)
    except NotSignedIn:
        return None


def _token_of_browser(desk: Desk, connection: Connection) -> str | None:
    """A browser sends its cookie also when another site made it ask: a change needs our pages' word beside it."""
    token = token_in_cookie(connection)
    if token is None or len(token) > _LONGEST_TOKEN:
        return None
    if is_change(cast("Visit", connection).method):
        require_proof(desk.secret, token, connection.headers.get(CSRF_HEADER, ""))
    return token


def bearer_of(connection: Connection) -> str | None:
    """The token in the header `Authorization`, whatever it is good for."""
    return _token_in(connection.headers.get("authorization", ""))


def _token_in(header: str) -> str | None:
    kind, _, token = header.partition(" ")
    return token.strip() if kind.lower() == "bearer" and len(token) <= _LONGEST_TOKEN else None
