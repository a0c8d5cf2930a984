"""/v1/earnings/statements/{month}/csv and /pdf: a month to keep, in the language of whoever asks."""

from litestar import Response, get
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from plaudit.people import Scope
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.earnings import faces_of, fans_of, tell_statement
from plaudit.web.api.guards import creators_only, may
from plaudit.web.pages.languages import language_of
from plaudit.web.papers.pdf import Paper, write_statement_pdf
from plaudit.web.papers.statement_sheet import write_statement_sheet

_GUARDS = [creators_only, may(Scope.READ)]
_CSV, _PDF = "text/csv", "application/pdf"


def _file(media_type: str) -> ResponseSpec:
    return ResponseSpec(bytes, generate_examples=False, description="The file.", media_type=media_type)


@get(
    "/earnings/statements/{month:str}/csv",
    guards=_GUARDS,
    responses={**refusals_to_visitors(404), 200: _file(_CSV)},
    security=BEARER,
    operation_id="GetStatementSheet",
)
async def get_sheet(month: FromPath[str], request: Visit, state: State) -> Response[bytes]:
    """The month as CSV, in which text never is a formula."""
    desk = desk_of(state)
    told = await tell_statement(desk, visitor_of(request).person_id, month)
    content = write_statement_sheet(told, await faces_of(desk, fans_of(told)))
    return _send(content, _CSV, f"plaudit-{month}.csv")


@get(
    "/earnings/statements/{month:str}/pdf",
    guards=_GUARDS,
    responses={**refusals_to_visitors(404), 200: _file(_PDF)},
    security=BEARER,
    operation_id="GetStatementPaper",
)
async def get_paper(month: FromPath[str], request: Visit, state: State) -> Response[bytes]:
    """The month as PDF, to print and to keep."""
    desk, visitor = desk_of(state), visitor_of(request)
    told = await tell_statement(desk, visitor.person_id, month)
    paper = Paper(
        house=desk.house_name,
        name=visitor.name,
        handle=visitor.handle,
        currency=visitor.currency,
        language=language_of(request),
    )
    content = write_statement_pdf(paper, told, await faces_of(desk, fans_of(told)))
    return _send(content, _PDF, f"plaudit-{month}.pdf")


def _send(content: bytes, media_type: str, name: str) -> Response[bytes]:
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "vary": "cookie, accept-language",
    }
    return Response(content, media_type=media_type, headers=headers)


ROUTES: list[ControllerRouterHandler] = [get_sheet, get_paper]
"""All of them, for the API's router."""
