"""Errors on the wire: problem details (RFC 9457), made from the error tree."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import UNSET, Struct, UnsetType

from plaudit.foundation.errors import PlauditError
from plaudit.foundation.ids import new_id
from plaudit.foundation.logs import get_logger

MEDIA_TYPE = "application/problem+json"

# Where the framework only repeats the title.
_SENTENCES = {
    HTTPStatus.NOT_FOUND: "There is nothing at this path.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This path doesn't take this method; the Allow header lists those that it takes.",
}

log = get_logger(__name__)


class Problem(Struct, kw_only=True):
    """One problem. `code` is stable, for programs; `detail` is for people; `accident_id` finds it in our logs."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    accident_id: str | UnsetType = UNSET


# The second parameter is whatever the map's key says.
Answer = Callable[[Request[Any, Any, Any], Any], Response[Problem]]


def problem_answers() -> dict[int | type[Exception], Answer]:
    """What the app answers to each kind of exception."""
    return {PlauditError: _answer_error, HTTPException: _answer_http_error, Exception: _answer_accident}


def _respond(problem: Problem, headers: dict[str, str] | None = None) -> Response[Problem]:
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def _type_of(code: str) -> str:
    return f"urn:plaudit:problem:{code}"


def _answer_error(_: Request[Any, Any, Any], error: PlauditError) -> Response[Problem]:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("refused", code=error.code, detail=error.detail)
    return _respond(
        Problem(type=_type_of(error.code), title=error.title, status=error.status, code=error.code, detail=error.detail)
    )


def _answer_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """The framework's own: no such path, wrong method, a body that can't be read."""
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _answer_accident(request, error)
    status = HTTPStatus(error.status_code)
    code = status.name.lower()
    detail = _SENTENCES.get(status) or error.detail or status.phrase
    problem = Problem(type=_type_of(code), title=status.phrase, status=status.value, code=code, detail=detail)
    return _respond(problem, error.headers)


def _answer_accident(_: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Nobody foresaw it: the log gets the traceback, the caller an id to quote, and nothing else leaves the house."""
    accident_id = str(new_id())
    log.error("accident", accident_id=accident_id, exc_info=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return _respond(
        Problem(
            type=_type_of("accident"),
            title="Something went wrong on our side.",
            status=status.value,
            code="accident",
            detail=f"Something went wrong on our side; quote {accident_id} when you tell us about it.",
            accident_id=accident_id,
        )
    )
