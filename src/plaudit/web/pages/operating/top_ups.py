"""/operator/top-ups: everyone's purchases, and what the provider told about one."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.coins import Status, operating
from plaudit.coins.chains import accounts_of
from plaudit.coins.model import Told, TopUpFile
from plaudit.foundation.money import Money
from plaudit.ledger import Filter
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.paging import After, read_place, write_place
from plaudit.web.pages.operating.console import GUARDS, ON_A_PAGE, Page, show_console

_LEGS = 10

TopUpStatus = Annotated[Status | None, QueryParameter(name="status")]


class EventShown(Struct, frozen=True, kw_only=True):
    """A webhook, with its body laid out for reading."""

    told: Told
    body: str


@get("/operator/top-ups", guards=GUARDS, include_in_schema=False)
async def list_top_ups(request: Visit, state: State, status: TopUpStatus = None, after: After = None) -> Response[str]:
    """The newest first; those with one status when it is asked for."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    found = await operating.list_top_ups(
        desk.db, operator_id, status, after=read_place(after), limit=ON_A_PAGE + 1, now=desk.now
    )
    last = found[ON_A_PAGE - 1] if len(found) > ON_A_PAGE else None
    page = Page(items=found[:ON_A_PAGE], after=write_place(last.asked_at, last.id) if last else None)
    return show_console(request, "top_ups.html", top_ups=page, wanted=status, statuses=list(Status))


@get("/operator/top-ups/{top_up_id:uuid}", guards=GUARDS, include_in_schema=False)
async def show_top_up(top_up_id: FromPath[UUID], request: Visit, state: State) -> Response[str]:
    """One purchase, with what its provider told and what came into the books."""
    desk = desk_of(state)
    top_up = await operating.see_top_up(desk.db, visitor_of(request).person_id, top_up_id, now=desk.now)
    told = await operating.list_told(desk.db, top_up)
    return show_console(
        request,
        "top_up.html",
        top_up=top_up,
        fee=_fee(top_up),
        events=[EventShown(told=each, body=lay_out(each.body)) for each in told],
        legs=await desk.till.ledger.list_transfers(Filter(ref_128=top_up.id), limit=_LEGS),
        names={account.id: account for account in accounts_of(top_up)},
    )


def _fee(top_up: TopUpFile) -> Money | None:
    return None if top_up.fee_minor is None else Money(top_up.fee_minor, top_up.net.currency)


def lay_out(body: bytes) -> str:
    """JSON with a line for each member; what isn't JSON as it came."""
    try:
        return msgspec.json.format(body, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body.decode(errors="replace")


ROUTES: list[ControllerRouterHandler] = [list_top_ups, show_top_up]
"""All of them, for the pages' router."""
