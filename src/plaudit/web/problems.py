"""Errors on the wire: problem details (RFC 9457), made from the error tree."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, cast

from litestar import Request, Response
from litestar.exceptions import ClientException, HTTPException, ValidationException
from msgspec import UNSET, Struct, UnsetType, to_builtins

from plaudit.foundation.errors import Invalid, PlauditError
from plaudit.foundation.ids import new_id
from plaudit.foundation.logs import get_logger

MEDIA_TYPE = "application/problem+json"

# Where the framework only repeats the title.
_SENTENCES = {
    HTTPStatus.NOT_FOUND: "There is nothing at this path.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This path doesn't take this method; the Allow header lists those that it takes.",
}

_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]*)`")

log = get_logger(__name__)


class Problem(Struct, kw_only=True):
    """One problem. `code` is stable, for programs; `detail` is for people.

    `field` is the one of the request that is wrong, where it is one; `accident_id` finds an accident in our logs.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | UnsetType = UNSET
    accident_id: str | UnsetType = UNSET


Answer = Response[dict[str, object]]
# The second parameter is whatever the map's key says.
Answering = Callable[[Request[Any, Any, Any], Any], Answer]


def problem_answers() -> dict[int | type[Exception], Answering]:
    """What the app answers to each kind of exception."""
    return {
        PlauditError: _answer_error,
        ValidationException: _answer_invalid,
        HTTPException: _answer_http_error,
        UnicodeDecodeError: _answer_undecodable,
        Exception: _answer_accident,
    }


def _respond(
    problem: Problem, headers: dict[str, str] | None = None, members: Mapping[str, object] = MappingProxyType({})
) -> Answer:
    """Extension members stand beside the others (RFC 9457, 3.2); the route's description says which there are."""
    content = {**cast("dict[str, object]", to_builtins(problem)), **members}
    return Response(content, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def _type_of(code: str) -> str:
    return f"urn:plaudit:problem:{code}"


def _answer_error(_: Request[Any, Any, Any], error: PlauditError) -> Answer:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("refused", code=error.code, detail=error.detail)
    problem = Problem(
        type=_type_of(error.code),
        title=error.title,
        status=error.status,
        code=error.code,
        detail=error.detail,
        field=error.field or UNSET,
    )
    return _respond(problem, _headers_of(error), error.members)


def _headers_of(error: PlauditError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def _answer_invalid(request: Request[Any, Any, Any], error: ValidationException) -> Answer:
    """The framework read the request, and something in it hasn't the shape that the route asks for."""
    found = cast("list[dict[str, str]]", error.extra or [])
    first = found[0] if found else {}
    message = first.get("message", error.detail)
    unknown = _UNKNOWN_FIELD.search(message)
    key = first.get("key", "")
    field = unknown[1] if unknown else key if key != "data" else None
    return _answer_error(request, Invalid(f"{message}." if message[-1:] != "." else message, field=field))


def _answer_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Answer:
    """The framework's own: no such path, wrong method, a body that can't be read."""
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _answer_accident(request, error)
    status = HTTPStatus(error.status_code)
    code = status.name.lower()
    detail = _SENTENCES.get(status) or error.detail or status.phrase
    problem = Problem(type=_type_of(code), title=status.phrase, status=status.value, code=code, detail=detail)
    return _respond(problem, error.headers)


def _answer_undecodable(request: Request[Any, Any, Any], error: UnicodeDecodeError) -> Answer:
    """The framework lets it through when a body of JSON isn't UTF-8; nothing else here makes text of foreign bytes."""
    del error
    return _answer_http_error(request, ClientException("The body is no UTF-8 text."))


def _answer_accident(_: Request[Any, Any, Any], error: Exception) -> Answer:
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
