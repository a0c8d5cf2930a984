"""/v1/operator/books and /v1/operator/reconciliation: does it all add up, and with what providers report?"""

from datetime import date, datetime
from typing import Annotated, Literal

from litestar import get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from plaudit.audit import reconciliation
from plaudit.audit.case_queries import Case, CaseKind, Side
from plaudit.audit.health import BookHealth, find_health
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.guards import operators_only
from plaudit.web.api.paging import After, Limit, read_number

_GUARDS = [operators_only]

CaseState = Annotated[
    Literal["open", "closed"] | None, QueryParameter(name="state", description="Only those that are open, or closed.")
]


class CloseBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was found out."""

    note: Annotated[str, Meta(min_length=1, max_length=reconciliation.NOTE_LIMIT)]


class CaseAnswer(Struct, frozen=True, kw_only=True):
    """A difference between a provider's report of a day and what we have.

    `missing`: the provider reports it and we don't have it; `extra`: we have it and the provider doesn't report it.
    `reference` is the provider's id of the payment or dispute, and ours of a refund.
    """

    id: int
    kind: CaseKind
    what: str
    provider: str
    on_date: date
    reference: str
    ours: Side | None
    theirs: Side | None
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str | None


class CaseList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[CaseAnswer]
    next: str | None


def show_case(case: Case) -> CaseAnswer:
    """A case, closed by whose handle."""
    return CaseAnswer(
        id=case.id,
        kind=case.kind,
        what=case.what,
        provider=case.provider,
        on_date=case.on_date,
        reference=case.reference,
        ours=case.ours,
        theirs=case.theirs,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        closed_by=case.closed_by_handle,
        note=case.note,
    )


@get("/operator/books", guards=_GUARDS, responses=refusals_to_visitors(), security=BEARER)
async def see_books(state: State) -> BookHealth:
    """The last checks, the newest seal, and how many cases are open."""
    return await find_health(desk_of(state).db)


@get("/operator/reconciliation/cases", guards=_GUARDS, responses=refusals_to_visitors(422), security=BEARER)
async def list_cases(state: State, case_state: CaseState = None, after: After = None, limit: Limit = 30) -> CaseList:
    """What providers' reports and our books don't agree on, the newest first."""
    is_open = None if case_state is None else case_state == "open"
    found = await reconciliation.list_cases(
        desk_of(state).db, is_open=is_open, after=read_number(after), limit=limit + 1
    )
    more = str(found[limit - 1].id) if len(found) > limit else None
    return CaseList(items=[show_case(case) for case in found[:limit]], next=more)


@post(
    "/operator/reconciliation/cases/{case_id:int}/close",
    status_code=200,
    guards=_GUARDS,
    responses=refusals_to_visitors(404, 409, 422),
    security=BEARER,
)
async def close_case(case_id: FromPath[int], data: JSONBody[CloseBody], request: Visit, state: State) -> CaseAnswer:
    """Close a case, and say why. The same note again changes nothing."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    return show_case(await reconciliation.close_case(desk.db, operator_id, case_id, data.note, now=desk.now))


ROUTES: list[ControllerRouterHandler] = [see_books, list_cases, close_case]
"""All of them, for the API's router."""
