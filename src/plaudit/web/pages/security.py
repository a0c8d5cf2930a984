"""One's password and one's second factor."""

from typing import Any

from litestar import Response, post
from litestar.datastructures import State
from litestar.params import URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.foundation.errors import PlauditError
from plaudit.people import passwords, second_factor
from plaudit.people.errors import WrongCode
from plaudit.people.passwords import NewPassword
from plaudit.people.second_factor import Proof
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.pages.profile import done_with, show_own_page
from plaudit.web.pages.shell import show_page
from plaudit.web.pages.visits import fans_only, require_own_form


class PasswordForm(Struct, frozen=True, kw_only=True):
    """The password that one has, and for a change the one that one wants."""

    password: str = ""
    new_password: str = ""
    csrf: str = ""


class CodeForm(Struct, frozen=True, kw_only=True):
    """A code from the app or, to remove it, from the recovery codes."""

    code: str = ""
    csrf: str = ""


@post("/profile/password", guards=[fans_only], include_in_schema=False)
async def change_password(data: URLEncodedBody[PasswordForm], request: Visit, state: State) -> Response[Any]:
    """Choose a new password; every other session ends."""
    require_own_form(request, data.csrf)
    desk, visitor = desk_of(state), visitor_of(request)
    wish, ids = NewPassword(old=data.password, new=data.new_password), (visitor.person_id, visitor.session_id)
    try:
        await passwords.change_password(desk.db, desk.hasher, wish, person_id=ids[0], session_id=ids[1], now=desk.now)
    except PlauditError as problem:
        return await show_own_page(request, at="password", problem=problem)
    desk.sessions.forget(visitor.person_id)
    return done_with("password")


@post("/profile/second-factor", guards=[fans_only], include_in_schema=False)
async def begin_second_factor(data: URLEncodedBody[PasswordForm], request: Visit, state: State) -> Response[Any]:
    """Show the secret for an authenticator app; it counts once it is confirmed."""
    require_own_form(request, data.csrf)
    desk, visitor = desk_of(state), visitor_of(request)
    try:
        begun = await second_factor.begin(desk.db, desk.hasher, visitor.person_id, data.password, now=desk.now)
    except PlauditError as problem:
        return await show_own_page(request, at="factor", problem=problem)
    return show_page(request, "second_factor.html", begun=begun, problem=None)


@post("/profile/second-factor/confirm", guards=[fans_only], include_in_schema=False)
async def confirm_second_factor(data: URLEncodedBody[CodeForm], request: Visit, state: State) -> Response[Any]:
    """Show that the app works, and see the recovery codes, this one time."""
    require_own_form(request, data.csrf)
    desk, visitor = desk_of(state), visitor_of(request)
    try:
        codes = await second_factor.confirm(desk.db, desk.hasher, visitor.person_id, data.code.strip(), now=desk.now)
    except WrongCode as problem:
        # The app has its secret by now, so it isn't shown again.
        return show_page(request, "second_factor.html", status=422, begun=None, problem=problem)
    except PlauditError as problem:
        return await show_own_page(request, at="factor", problem=problem)
    return show_page(request, "recovery_codes.html", codes=codes)


@post("/profile/second-factor/remove", guards=[fans_only], include_in_schema=False)
async def remove_second_factor(data: URLEncodedBody[CodeForm], request: Visit, state: State) -> Response[Any]:
    """Sign in with the password alone again."""
    require_own_form(request, data.csrf)
    desk, visitor = desk_of(state), visitor_of(request)
    proof = Proof(code=data.code.strip())
    try:
        await second_factor.remove(desk.db, desk.hasher, visitor.person_id, proof, now=desk.now)
    except PlauditError as problem:
        return await show_own_page(request, at="factor", problem=problem)
    return done_with("factor_removed")


ROUTES: list[ControllerRouterHandler] = [
    change_password,
    begin_second_factor,
    confirm_second_factor,
    remove_second_factor,
]
"""All of them, for the pages' router."""
