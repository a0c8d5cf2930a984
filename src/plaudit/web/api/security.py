"""/v1/me/password, /v1/me/second-factor, /v1/password-resets."""

from litestar import post
from litestar.datastructures import State
from litestar.params import JSONBody

from plaudit.people import passwords, second_factor
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals, refusals_to_visitors
from plaudit.web.api.guards import may_change_account
from plaudit.web.api.shapes import (
    BegunAnswer,
    CodeBody,
    FinishedResetBody,
    NewPasswordBody,
    PasswordBody,
    ProofBody,
    RecoveryCodes,
    ResetBody,
    show_begun,
)

# Each of these asks for the password or a code as well: a token alone may be stolen.
_OWN = [may_change_account]


@post("/me/password", status_code=204, guards=_OWN, responses=refusals_to_visitors(422), security=BEARER)
async def change_password(data: JSONBody[NewPasswordBody], request: Visit, state: State) -> None:
    """Choose a new password; every other session ends."""
    desk, visitor = desk_of(state), visitor_of(request)
    ids = {"person_id": visitor.person_id, "session_id": visitor.session_id}
    await passwords.change_password(desk.db, desk.hasher, data.wish(), **ids, now=desk.now)
    desk.sessions.forget(visitor.person_id)


@post("/password-resets", status_code=204, responses=refusals(422), security=[{}])
async def ask_for_reset(data: JSONBody[ResetBody], state: State) -> None:
    """Send a letter with a code, if there is an account with this address. The answer is the same if there isn't."""
    desk = desk_of(state)
    await passwords.ask_for_reset(desk.db, desk.mail, data.email, site_url=desk.site_url, now=desk.now)


@post("/password-resets/finish", status_code=204, responses=refusals(422), security=[{}])
async def finish_reset(data: JSONBody[FinishedResetBody], state: State) -> None:
    """Choose a new password with the code of the letter; every session ends."""
    desk = desk_of(state)
    person_id = await passwords.reset_password(desk.db, desk.hasher, data.token, data.password, now=desk.now)
    desk.sessions.forget(person_id)


@post("/me/second-factor", status_code=200, guards=_OWN, responses=refusals_to_visitors(409, 422), security=BEARER)
async def begin_second_factor(data: JSONBody[PasswordBody], request: Visit, state: State) -> BegunAnswer:
    """Make a secret for an authenticator app; it counts once it is confirmed."""
    desk, visitor = desk_of(state), visitor_of(request)
    begun = await second_factor.begin(desk.db, desk.hasher, visitor.person_id, data.password, now=desk.now)
    return show_begun(begun)


@post(
    "/me/second-factor/confirm",
    status_code=200,
    guards=_OWN,
    responses=refusals_to_visitors(409, 422),
    security=BEARER,
)
async def confirm_second_factor(data: JSONBody[CodeBody], request: Visit, state: State) -> RecoveryCodes:
    """Show that the app works; from now on signing in asks for a code."""
    desk, visitor = desk_of(state), visitor_of(request)
    codes = await second_factor.confirm(desk.db, desk.hasher, visitor.person_id, data.code, now=desk.now)
    return RecoveryCodes(recovery_codes=codes)


@post(
    "/me/second-factor/remove",
    status_code=204,
    guards=_OWN,
    responses=refusals_to_visitors(409, 422),
    security=BEARER,
)
async def remove_second_factor(data: JSONBody[ProofBody], request: Visit, state: State) -> None:
    """Sign in with the password alone again."""
    desk, visitor = desk_of(state), visitor_of(request)
    await second_factor.remove(desk.db, desk.hasher, visitor.person_id, data.proof(), now=desk.now)
