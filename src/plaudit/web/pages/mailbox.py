"""A forgotten password, and the mailbox of a demo, where the letters can be read that nobody sends."""

import re
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import QueryParameter, URLEncodedBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.foundation.errors import NotFound, PlauditError
from plaudit.foundation.settings import Settings
from plaudit.people import passwords
from plaudit.people.hashing import LEAK_MARK
from plaudit.web.api.desk import Visit, desk_of
from plaudit.web.pages.shell import show_page
from plaudit.web.pages.visits import require_own_site

_LETTERS_SHOWN = 50
_TOKEN_IN_LETTER = re.compile(rf"^{LEAK_MARK}\S+$", re.MULTILINE)

TokenInAddress = Annotated[str, QueryParameter(name="token", max_length=200)]


class ForgotForm(Struct, frozen=True, kw_only=True):
    """Where the letter goes."""

    email: str = ""


class ResetForm(Struct, frozen=True, kw_only=True):
    """The code of the letter, and the new password."""

    token: str = ""
    password: str = ""


class ShownLetter(Struct, frozen=True, kw_only=True):
    """A letter, with the code for a new password where one is in it."""

    recipient: str
    subject: str
    body: str
    written_at: Any
    token: str | None


@get("/forgot", include_in_schema=False)
async def show_forgot(request: Visit) -> Response[str]:
    """The form that asks for a letter."""
    return _show_forgot(request, ForgotForm())


@post("/forgot", include_in_schema=False)
async def ask_for_letter(data: URLEncodedBody[ForgotForm], request: Visit, state: State) -> Response[str]:
    """Send the letter; the page says the same whether somebody has this address or not."""
    require_own_site(request)
    desk = desk_of(state)
    try:
        await passwords.ask_for_reset(desk.db, desk.mail, data.email, site_url=desk.site_url, now=desk.now)
    except PlauditError as problem:
        return _show_forgot(request, data, problem=problem)
    return _show_forgot(request, data, is_sent=True)


@get("/reset", include_in_schema=False)
async def show_reset(request: Visit, token: TokenInAddress = "") -> Response[str]:
    """The form for the new password."""
    return show_page(request, "reset.html", form=ResetForm(token=token), problem=None)


@post("/reset", include_in_schema=False)
async def reset(data: URLEncodedBody[ResetForm], request: Visit, state: State) -> Response[Any]:
    """Choose the new password; every session ends."""
    require_own_site(request)
    desk = desk_of(state)
    try:
        person_id = await passwords.reset_password(
            desk.db, desk.hasher, data.token.strip(), data.password, now=desk.now
        )
    except PlauditError as problem:
        return show_page(request, "reset.html", status=problem.status, form=data, problem=problem)
    desk.sessions.forget(person_id)
    return Redirect("/sign-in?fresh=yes", status_code=303)


@get("/mailbox", include_in_schema=False)
async def show_mailbox(request: Visit, state: State) -> Response[str]:
    """Every letter, the newest first: only where `show_mailbox` is on."""
    require_mailbox(state)
    desk = desk_of(state)
    async with desk.db.transaction() as tx:
        found = await desk.mail.list_newest(tx, limit=_LETTERS_SHOWN)
    letters = [
        ShownLetter(
            recipient=letter.recipient,
            subject=letter.subject,
            body=letter.body,
            written_at=letter.written_at,
            token=_token_in(letter.body),
        )
        for letter in found
    ]
    return show_page(request, "mailbox.html", letters=letters)


def require_mailbox(state: State) -> None:
    """Raises NotFound unless the setting says that everyone may read the letters."""
    settings: Settings = state.settings
    if settings.show_mailbox == "no":
        raise NotFound("There is no such page.")


def _token_in(body: str) -> str | None:
    found = _TOKEN_IN_LETTER.search(body)
    return found[0] if found else None


def _show_forgot(
    request: Visit, form: ForgotForm, *, problem: PlauditError | None = None, is_sent: bool = False
) -> Response[str]:
    status = problem.status if problem else 200
    settings: Settings = request.app.state.settings
    has_mailbox = settings.show_mailbox == "yes"
    return show_page(
        request, "forgot.html", status=status, form=form, problem=problem, is_sent=is_sent, has_mailbox=has_mailbox
    )


ROUTES: list[ControllerRouterHandler] = [show_forgot, ask_for_letter, show_reset, reset, show_mailbox]
"""All of them, for the pages' router."""
