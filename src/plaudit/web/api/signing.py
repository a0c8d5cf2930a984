"""/v1/sign-up, /v1/sign-in, /v1/sign-out, /v1/sessions."""

from uuid import UUID

from litestar import delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from plaudit.people import Scope, actions
from plaudit.web.api.desk import Visit, caller_of, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals, refusals_to_visitors
from plaudit.web.api.guards import may, may_change_account, signed_in
from plaudit.web.api.shapes import (
    SessionList,
    SignedInAnswer,
    SignInBody,
    SignUpBody,
    show_sessions,
    show_signed_in,
)


@post("/sign-up", responses=refusals(403, 409, 422), security=[{}])
async def sign_up(data: JSONBody[SignUpBody], request: Visit, state: State) -> SignedInAnswer:
    """Make an account, and open its first session."""
    desk = desk_of(state)
    signed_in = await actions.sign_up(desk.db, desk.hasher, data.wish(), caller=caller_of(request), now=desk.now)
    return show_signed_in(signed_in)


@post("/sign-in", status_code=200, responses=refusals(401, 403, 422), security=[{}])
async def sign_in(data: JSONBody[SignInBody], request: Visit, state: State) -> SignedInAnswer:
    """Open a session. `second_factor_needed` asks for the same again with a `code`."""
    desk = desk_of(state)
    signed_in = await actions.sign_in(desk.db, desk.hasher, data.wish(), caller=caller_of(request), now=desk.now)
    return show_signed_in(signed_in)


@post("/sign-out", status_code=204, guards=[signed_in], responses=refusals_to_visitors(404), security=BEARER)
async def sign_out(request: Visit, state: State) -> None:
    """End the session that asks."""
    desk, visitor = desk_of(state), visitor_of(request)
    await actions.end_session(desk.db, visitor.session_id, of=visitor.person_id)
    desk.sessions.forget(visitor.person_id)


@get("/sessions", guards=[may(Scope.READ)], responses=refusals_to_visitors(), security=BEARER)
async def list_sessions(request: Visit, state: State) -> SessionList:
    """Where one is signed in."""
    desk, visitor = desk_of(state), visitor_of(request)
    sessions = await actions.list_sessions(desk.db, visitor.person_id, now=desk.now)
    return show_sessions(sessions, present=visitor.session_id)


@delete(
    "/sessions/{session_id:uuid}", guards=[may_change_account], responses=refusals_to_visitors(404), security=BEARER
)
async def end_session(session_id: FromPath[UUID], request: Visit, state: State) -> None:
    """End one of one's own sessions, on whatever machine it is."""
    desk, visitor = desk_of(state), visitor_of(request)
    await actions.end_session(desk.db, session_id, of=visitor.person_id)
    desk.sessions.forget(visitor.person_id)
