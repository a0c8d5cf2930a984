"""Every page, behind the guard that recognises who looks."""

from http import HTTPStatus
from typing import Any, cast

from litestar import Request, Response, Router
from litestar.exceptions import HTTPException, NotFoundException, ValidationException

from plaudit.foundation.errors import PlauditError
from plaudit.foundation.ids import new_id
from plaudit.foundation.logs import get_logger
from plaudit.web.api.desk import Visit
from plaudit.web.pages import (
    accounts,
    art,
    assets,
    earnings,
    mailbox,
    messages,
    operating,
    overlay,
    payouts,
    people,
    profile,
    refunds,
    rooms,
    security,
    sentences,
    studio,
    taken_back,
    tour,
    wallet,
)
from plaudit.web.pages.shell import show_page
from plaudit.web.pages.visits import SignInFirst, recognise, to_sign_in
from plaudit.web.problems import problem_answers

_UNREADABLE = ("We couldn't read that.", "Something in the address or in the form isn't as it should be.")
_WORDS: dict[int, tuple[str, str]] = {
    404: ("There is nothing here.", "The address may have a slip in it, or what was here is gone."),
    405: ("This isn't a page to look at.", "It only takes what a form sends. Go back to the form, and try again."),
    500: (
        "Something went wrong on our side.",
        "It isn't your fault. Try again in a moment; if it happens again, tell us this number: {accident_id}",
    ),
}

log = get_logger(__name__)


def pages_router() -> Router:
    """All pages, and the files that they are made of."""
    return Router(
        "/",
        guards=[recognise],
        exception_handlers={
            PlauditError: _show_problem,
            # The app's own answers to these two are nearer to them than one to any HTTPException, and are JSON.
            HTTPException: _show_http_problem,
            ValidationException: _show_http_problem,
            UnicodeDecodeError: _show_unreadable,
            Exception: _show_accident,
        },
        route_handlers=[
            *rooms.ROUTES,
            accounts.show_sign_in,
            accounts.sign_in,
            accounts.show_sign_up,
            accounts.sign_up,
            accounts.sign_out,
            accounts.choose_look,
            *wallet.ROUTES,
            *refunds.ROUTES,
            *mailbox.ROUTES,
            *profile.ROUTES,
            *security.ROUTES,
            *people.ROUTES,
            *messages.ROUTES,
            *studio.ROUTES,
            *earnings.ROUTES,
            *taken_back.ROUTES,
            *overlay.ROUTES,
            *payouts.ROUTES,
            *tour.ROUTES,
            *operating.ROUTES,
            *art.ROUTES,
            sentences.send_sentences,
            assets.send_asset,
        ],
    )


def answer_unknown_path(request: Request[Any, Any, Any], problem: NotFoundException) -> Response[Any]:
    """For a path that no route has: a page for a browser, and for a program what the API answers."""
    wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/")
    if not wants_page or "route_handler" in request.scope:
        return problem_answers()[HTTPException](request, problem)
    # No guard was asked, so nobody is recognised.
    request.scope["user"] = None
    return _show_http_problem(request, problem)


def _show_problem(request: Request[Any, Any, Any], problem: PlauditError) -> Response[Any]:
    visit = cast("Visit", request)
    if isinstance(problem, SignInFirst):
        return to_sign_in(visit)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("refused", code=problem.code, detail=problem.detail)
    return show_page(visit, "problem.html", status=problem.status, title=problem.title, detail=problem.detail)


def _show_http_problem(request: Request[Any, Any, Any], problem: HTTPException) -> Response[Any]:
    if problem.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _show_accident(request, problem)
    title, detail = _WORDS.get(problem.status_code, _UNREADABLE)
    return show_page(cast("Visit", request), "problem.html", status=problem.status_code, title=title, detail=detail)


def _show_unreadable(request: Request[Any, Any, Any], error: UnicodeDecodeError) -> Response[Any]:
    """A form that is no UTF-8: no browser of ours sends one."""
    del error
    title, detail = _UNREADABLE
    return show_page(cast("Visit", request), "problem.html", status=400, title=title, detail=detail)


def _show_accident(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Nobody foresaw it: the log gets the traceback, and whoever looks an id to quote."""
    accident_id = str(new_id())
    log.error("accident", accident_id=accident_id, exc_info=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    title, detail = _WORDS[status]
    detail = detail.format(accident_id=accident_id)
    return show_page(cast("Visit", request), "problem.html", status=status.value, title=title, detail=detail)
