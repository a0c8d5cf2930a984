"""One's own page: who one is, how the pages look, where one is signed in, whom one has blocked, becoming a creator."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any, cast
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from msgspec import UNSET, Struct

from plaudit.foundation.currencies import CURRENCIES
from plaudit.foundation.errors import Invalid, PlauditError
from plaudit.people import Change, Person, actions, following, profiles, second_factor
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.shapes import show_sessions
from plaudit.web.pages.accounts import ProvenForm
from plaudit.web.pages.languages import language_of, locale
from plaudit.web.pages.regions import list_regions
from plaudit.web.pages.shell import show_page
from plaudit.web.pages.visits import fans_only, require_own_form

_BLOCKED_SHOWN = 100

Done = Annotated[str, QueryParameter(name="done", max_length=30)]


class ProfileForm(Struct, frozen=True, kw_only=True):
    """What one may change about oneself; without a birth date that one stays."""

    display_name: str = ""
    picture_url: str = ""
    region: str = ""
    currency: str = ""
    birth_on: str = ""
    csrf: str = ""


class ApplyForm(Struct, frozen=True, kw_only=True):
    """What a future creator says of themselves."""

    about: str = ""
    csrf: str = ""


@get("/profile", guards=[fans_only], include_in_schema=False)
async def show_profile(request: Visit, done: Done = "") -> Response[str]:
    """All of it; `done` names what was just changed."""
    return await show_own_page(request, done=done)


@post("/profile", guards=[fans_only], include_in_schema=False)
async def change_profile(data: URLEncodedBody[ProfileForm], request: Visit, state: State) -> Response[Any]:
    """Change name, picture, region, currency and, while it isn't verified, the birth date."""
    require_own_form(request, data.csrf)
    desk, visitor = desk_of(state), visitor_of(request)
    try:
        await profiles.change_profile(desk.db, visitor.person_id, _read_change(data), now=desk.now)
    except PlauditError as problem:
        return await show_own_page(request, at="you", problem=problem, form=data)
    desk.sessions.forget(visitor.person_id)
    desk.rooms.forget_person(visitor.person_id)
    return done_with("saved")


@post("/profile/apply", guards=[fans_only], include_in_schema=False)
async def apply_as_creator(data: URLEncodedBody[ApplyForm], request: Visit, state: State) -> Response[Any]:
    """Become a creator."""
    require_own_form(request, data.csrf)
    desk, visitor = desk_of(state), visitor_of(request)
    try:
        await profiles.apply_as_creator(desk.db, visitor.person_id, data.about, now=desk.now)
    except PlauditError as problem:
        return await show_own_page(request, at="apply", problem=problem)
    desk.sessions.forget(visitor.person_id)
    return done_with("applied")


@post("/profile/sessions/{session_id:uuid}/end", guards=[fans_only], include_in_schema=False)
async def end_session(
    session_id: FromPath[UUID], data: URLEncodedBody[ProvenForm], request: Visit, state: State
) -> Redirect:
    """Sign out another browser of one's own."""
    require_own_form(request, data.csrf)
    desk, visitor = desk_of(state), visitor_of(request)
    await actions.end_session(desk.db, session_id, of=visitor.person_id)
    desk.sessions.forget(visitor.person_id)
    return done_with("session")


@post("/profile/blocks/{handle:str}/end", guards=[fans_only], include_in_schema=False)
async def unblock(handle: FromPath[str], data: URLEncodedBody[ProvenForm], request: Visit, state: State) -> Redirect:
    """Take a block away."""
    require_own_form(request, data.csrf)
    desk, visitor = desk_of(state), visitor_of(request)
    await following.unblock(desk.db, visitor.person_id, handle)
    desk.rooms.forget_person(visitor.person_id)
    return done_with("unblocked")


async def show_own_page(
    request: Visit,
    *,
    done: str = "",
    at: str = "",
    problem: PlauditError | None = None,
    form: ProfileForm | None = None,
) -> Response[str]:
    """The page; with what was wrong in the part of it that `at` names."""
    desk, visitor = desk_of(request.app.state), visitor_of(request)
    person = await profiles.get_person(desk.db, visitor.person_id)
    sessions = await actions.list_sessions(desk.db, person.id, now=desk.now)
    return show_page(
        request,
        "profile.html",
        status=problem.status if problem else 200,
        person=person,
        form=form or _form_of(person),
        sessions=show_sessions(sessions, present=visitor.session_id).items,
        blocked=await following.list_blocked(desk.db, person.id, after=None, limit=_BLOCKED_SHOWN),
        has_second_factor=await second_factor.is_on(desk.db, person.id),
        regions=list_regions(request),
        currencies=_currencies(language_of(request)),
        done=done,
        at=at,
        problem=problem,
    )


def done_with(what: str) -> Redirect:
    """Back to the page, which says what was done; loading it again does nothing a second time."""
    return Redirect(f"/profile?done={what}", status_code=303)


def _form_of(person: Person) -> ProfileForm:
    return ProfileForm(
        display_name=person.display_name,
        picture_url=person.picture_url or "",
        region=person.region,
        currency=person.currency,
        birth_on=person.birth_on.isoformat() if person.birth_on else "",
    )


def _read_change(form: ProfileForm) -> Change:
    try:
        birth_on = date.fromisoformat(form.birth_on) if form.birth_on else UNSET
    except ValueError:
        raise Invalid("This is no date.", field="birth_on") from None
    return Change(
        display_name=form.display_name,
        picture_url=form.picture_url.strip() or None,
        region=form.region,
        currency=form.currency,
        birth_on=birth_on,
    )


@cache
def _currencies(language: str) -> tuple[tuple[str, str], ...]:
    """Code and name, in the order of the names."""
    names = cast("Mapping[str, str]", locale(language).currencies)  # pyright: ignore[reportUnknownMemberType] - Babel reads it from a file
    shown = ((code, f"{names.get(code, code)} ({code})") for code in CURRENCIES)
    return tuple(sorted(shown, key=lambda currency: currency[1]))


ROUTES: list[ControllerRouterHandler] = [show_profile, change_profile, apply_as_creator, end_session, unblock]
"""All of them, for the pages' router."""
