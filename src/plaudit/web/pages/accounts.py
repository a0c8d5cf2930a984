"""Signing up, in and out in a browser, and how the pages look to this browser."""

from datetime import date
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.datastructures import Cookie, State
from litestar.params import QueryParameter, URLEncodedBody
from litestar.response import Redirect
from msgspec import Struct

from plaudit.foundation.errors import Invalid, PlauditError
from plaudit.people import Wish, actions
from plaudit.people.actions import SignIn
from plaudit.people.errors import SecondFactorNeeded
from plaudit.people.model import SignedIn
from plaudit.web.api.desk import Visit, caller_of, desk_of, visitor_of
from plaudit.web.cookies import ended_cookie, session_cookie
from plaudit.web.pages.languages import LANGUAGE_COOKIE, LANGUAGES
from plaudit.web.pages.regions import list_regions
from plaudit.web.pages.shell import THEME_COOKIE, show_page
from plaudit.web.pages.visits import fans_only, require_own_form, require_own_site, safe_next

_YEAR_SECONDS = 365 * 86_400

NextPath = Annotated[str, QueryParameter(name="next", max_length=500)]
Fresh = Annotated[str, QueryParameter(max_length=10)]
Interrupted = Annotated[str, QueryParameter(max_length=10)]


class SignInForm(Struct, frozen=True, kw_only=True):
    """What the sign-in sends; `next` is where to go on."""

    email: str = ""
    password: str = ""
    code: str = ""
    next: str = "/"


class SignUpForm(Struct, frozen=True, kw_only=True):
    """What the sign-up sends."""

    email: str = ""
    password: str = ""
    handle: str = ""
    birth_on: str = ""
    region: str = ""
    next: str = "/"


class ProvenForm(Struct, frozen=True, kw_only=True):
    """A form with nothing but the proof that it is ours."""

    csrf: str = ""


class LookForm(Struct, frozen=True, kw_only=True):
    """A theme or a language, and the page to return to."""

    theme: str = ""
    language: str = ""
    next: str = "/"


@get("/sign-in", include_in_schema=False)
async def show_sign_in(
    request: Visit, after: NextPath = "/", interrupted: Interrupted = "", fresh: Fresh = ""
) -> Response[Any]:
    """The form; whoever is signed in already goes on.

    `interrupted` says that a form came to nothing before it, `fresh` that there is a new password.
    """
    if request.user is not None:
        return Redirect(safe_next(after), status_code=303)
    form = SignInForm(next=safe_next(after))
    return _show_sign_in(request, form, is_interrupted=bool(interrupted), is_fresh=bool(fresh))


@post("/sign-in", include_in_schema=False)
async def sign_in(data: URLEncodedBody[SignInForm], request: Visit, state: State) -> Response[Any]:
    """Open a session and keep it in a cookie."""
    require_own_site(request)
    desk = desk_of(state)
    wish = SignIn(email=data.email, password=data.password, code=data.code.strip() or None, scopes=None)
    try:
        signed_in = await actions.sign_in(desk.db, desk.hasher, wish, caller=caller_of(request), now=desk.now)
    except PlauditError as problem:
        wants_code = bool(data.code) or isinstance(problem, SecondFactorNeeded)
        shown = None if isinstance(problem, SecondFactorNeeded) else problem
        return _show_sign_in(request, data, problem=shown, wants_code=wants_code)
    return _welcome(request, signed_in, data.next)


@get("/sign-up", include_in_schema=False)
async def show_sign_up(request: Visit, after: NextPath = "/") -> Response[Any]:
    """The form; whoever is signed in already goes on."""
    if request.user is not None:
        return Redirect(safe_next(after), status_code=303)
    return show_page(
        request, "sign_up.html", form=SignUpForm(next=safe_next(after)), problem=None, regions=list_regions(request)
    )


@post("/sign-up", include_in_schema=False)
async def sign_up(data: URLEncodedBody[SignUpForm], request: Visit, state: State) -> Response[Any]:
    """Make an account and open its first session."""
    require_own_site(request)
    desk = desk_of(state)
    try:
        wish = _read_wish(data)
        signed_in = await actions.sign_up(desk.db, desk.hasher, wish, caller=caller_of(request), now=desk.now)
    except PlauditError as problem:
        return show_page(request, "sign_up.html", status=422, form=data, problem=problem, regions=list_regions(request))
    return _welcome(request, signed_in, data.next)


@post("/sign-out", guards=[fans_only], include_in_schema=False)
async def sign_out(data: URLEncodedBody[ProvenForm], request: Visit, state: State) -> Redirect:
    """End this browser's session."""
    require_own_form(request, data.csrf)
    desk, visitor = desk_of(state), visitor_of(request)
    await actions.end_session(desk.db, visitor.session_id, of=visitor.person_id)
    desk.sessions.forget(visitor.person_id)
    return Redirect("/", status_code=303, cookies=[ended_cookie()])


@post("/look", include_in_schema=False)
async def choose_look(data: URLEncodedBody[LookForm], request: Visit) -> Redirect:
    """Light or dark, and the language, for this browser."""
    require_own_site(request)
    cookies: list[Cookie] = []
    if data.theme in ("light", "dark", "auto"):
        cookies.append(_lasting(THEME_COOKIE, data.theme))
    if data.language in LANGUAGES:
        cookies.append(_lasting(LANGUAGE_COOKIE, data.language))
    return Redirect(safe_next(data.next), status_code=303, cookies=cookies)


def _show_sign_in(
    request: Visit,
    form: SignInForm,
    *,
    problem: PlauditError | None = None,
    wants_code: bool = False,
    is_interrupted: bool = False,
    is_fresh: bool = False,
) -> Response[str]:
    return show_page(
        request,
        "sign_in.html",
        status=200 if problem is None and not wants_code else 422,
        form=form,
        problem=problem,
        wants_code=wants_code,
        is_interrupted=is_interrupted,
        is_fresh=is_fresh,
    )


def _read_wish(form: SignUpForm) -> Wish:
    try:
        birth_on = date.fromisoformat(form.birth_on)
    except ValueError:
        raise Invalid("Tell your date of birth.", field="birth_on") from None
    return Wish(email=form.email, password=form.password, handle=form.handle, birth_on=birth_on, region=form.region)


def _welcome(request: Visit, signed_in: SignedIn, after: str) -> Redirect:
    cookie = session_cookie(signed_in.token, is_secure=request.url.scheme == "https")
    return Redirect(safe_next(after), status_code=303, cookies=[cookie])


def _lasting(name: str, value: str) -> Cookie:
    return Cookie(name, value=value, samesite="lax", max_age=_YEAR_SECONDS)
