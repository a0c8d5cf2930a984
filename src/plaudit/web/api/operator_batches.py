"""/v1/operator/payout-batches, /bank-files and /house-accounts: files for banks, their answers, and whether it fits."""

from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from plaudit.payouts import Rail, bank_files, batches, house
from plaudit.payouts.bank_files import UploadWish
from plaudit.payouts.batch_model import BatchState
from plaudit.providers.bank_xml import MOST_BYTES
from plaudit.providers.payouts import BatchFile
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.guards import operators_only
from plaudit.web.api.operator_batch_shapes import (
    BankFileAnswer,
    BankFileList,
    BankLineList,
    BatchAnswer,
    BatchBody,
    BatchList,
    HouseAccountAnswer,
    HouseAccountBody,
    HouseAccountList,
    ItemList,
    MadeBatchAnswer,
    TotalList,
    show_bank_file,
    show_bank_files,
    show_batch,
    show_batches,
    show_house_account,
    show_items,
    show_lines,
    show_made,
    show_totals,
)
from plaudit.web.api.paging import After, Limit, read_number, read_place

_GUARDS = [operators_only]
_LISTED = refusals_to_visitors(422)
_SEEN = refusals_to_visitors(404)
_MOVED = refusals_to_visitors(404, 409)
_DAYS_SHOWN = 30
_LINES_SHOWN = 200

StateFilter = Annotated[BatchState | None, QueryParameter(name="state", description="Only those that stand like this.")]
Since = Annotated[date | None, QueryParameter(description="The first day; 30 days ago when left out.")]
Until = Annotated[date | None, QueryParameter(description="The last day; today when left out.")]
FileRailName = Annotated[Literal["sepa", "ach"], QueryParameter(name="rail", description="Whose bank sent it.")]
FileName = Annotated[str, QueryParameter(name="name", description="What the file is called.", max_length=200)]


@get("/operator/payout-batches", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def list_batches(
    state: State, batch_state: StateFilter = None, after: After = None, limit: Limit = 30
) -> BatchList:
    """Batches, the newest first."""
    found = await batches.list_batches(desk_of(state).dispatch, batch_state, after=read_place(after), limit=limit + 1)
    return show_batches(found, limit)


@post("/operator/payout-batches", guards=_GUARDS, responses=refusals_to_visitors(404, 409, 422), security=BEARER)
async def make_batch(data: JSONBody[BatchBody], request: Visit, state: State) -> MadeBatchAnswer:
    """Write all that is approved for a rail and a currency into one file; the same id again gives the same batch.

    A wallet's batch is then sent by itself. A bank's file is fetched, and marked as sent.
    """
    desk = desk_of(state)
    made = await batches.make_batch(
        desk.dispatch, data.wish(), house_name=desk.house_name, by=visitor_of(request).person_id, now=desk.now
    )
    return show_made(made)


@get("/operator/payout-batches/totals", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def list_totals(state: State, since: Since = None, until: Until = None) -> TotalList:
    """What batches were to pay on each day, and what the bank's statements booked; at most 366 days."""
    desk = desk_of(state)
    last = until or desk.now.date()
    first = since or last - timedelta(days=_DAYS_SHOWN)
    return show_totals(await bank_files.list_totals(desk.db, since=first, until=last))


@get("/operator/payout-batches/{batch_id:uuid}", guards=_GUARDS, responses=_SEEN, security=BEARER)
async def get_batch(batch_id: FromPath[UUID], state: State) -> BatchAnswer:
    """One batch."""
    return show_batch(await batches.get_batch(desk_of(state).dispatch, batch_id))


@get(
    "/operator/payout-batches/{batch_id:uuid}/items",
    guards=_GUARDS,
    responses=refusals_to_visitors(404, 422),
    security=BEARER,
)
async def list_items(
    batch_id: FromPath[UUID], request: Visit, state: State, after: After = None, limit: Limit = 30
) -> ItemList:
    """The payments of a batch, in the order of its file, and how each of them stands."""
    desk, operator_id, number = desk_of(state), visitor_of(request).person_id, read_number(after)
    found = await batches.list_items(desk.dispatch, batch_id, operator_id, after=number, limit=limit + 1, now=desk.now)
    return show_items(found, limit)


@get(
    "/operator/payout-batches/{batch_id:uuid}/file",
    guards=_GUARDS,
    responses=_MOVED,
    security=BEARER,
    media_type="application/octet-stream",
)
async def fetch_file(batch_id: FromPath[UUID], request: Visit, state: State) -> Response[bytes]:
    """The file for the bank, each time the same bytes. From now on only the bank's word can end this batch."""
    desk = desk_of(state)
    return send_file(await batches.fetch_file(desk.dispatch, batch_id, visitor_of(request).person_id, now=desk.now))


def send_file(file: BatchFile) -> Response[bytes]:
    """The file to be stored under its name; it holds where people bank, so nobody between keeps a copy."""
    return Response(
        file.content,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


@post(
    "/operator/payout-batches/{batch_id:uuid}/sent", status_code=200, guards=_GUARDS, responses=_MOVED, security=BEARER
)
async def mark_sent(batch_id: FromPath[UUID], request: Visit, state: State) -> BatchAnswer:
    """The bank has the file. Again it changes nothing."""
    desk = desk_of(state)
    return show_batch(await batches.mark_sent(desk.dispatch, batch_id, visitor_of(request).person_id, now=desk.now))


@post(
    "/operator/payout-batches/{batch_id:uuid}/send-again",
    status_code=200,
    guards=_GUARDS,
    responses=_MOVED,
    security=BEARER,
)
async def send_again(batch_id: FromPath[UUID], request: Visit, state: State) -> BatchAnswer:
    """Ask a wallet's provider again that refused the batch, with the same bytes."""
    desk = desk_of(state)
    return show_batch(await batches.send_again(desk.dispatch, batch_id, visitor_of(request).person_id, now=desk.now))


@post(
    "/operator/payout-batches/{batch_id:uuid}/discard",
    status_code=200,
    guards=_GUARDS,
    responses=_MOVED,
    security=BEARER,
)
async def discard_batch(batch_id: FromPath[UUID], request: Visit, state: State) -> BatchAnswer:
    """Give back all that is in a batch that surely never left the house: its payouts fail."""
    desk = desk_of(state)
    return show_batch(await batches.discard_batch(desk.dispatch, batch_id, visitor_of(request).person_id, now=desk.now))


@get("/operator/bank-files", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def list_bank_files(state: State, after: After = None, limit: Limit = 30) -> BankFileList:
    """What banks sent, the newest first."""
    found = await bank_files.list_files(desk_of(state).db, after=read_place(after), limit=limit + 1)
    return show_bank_files(found, limit)


@post(
    "/operator/bank-files",
    guards=_GUARDS,
    responses=refusals_to_visitors(413, 422),
    security=BEARER,
    request_max_body_size=MOST_BYTES,
)
async def upload_bank_file(rail: FileRailName, name: FileName, request: Visit, state: State) -> BankFileAnswer:
    """The body is a bank's file as it came: pain.002, camt.053, or ACH returns. The same bytes again change nothing."""
    desk = desk_of(state)
    wish = UploadWish(rail=Rail(rail), name=name, content=await request.body())
    return show_bank_file(await bank_files.take_file(desk.dispatch, wish, visitor_of(request).person_id, now=desk.now))


@get("/operator/bank-lines", guards=_GUARDS, responses=refusals_to_visitors(), security=BEARER)
async def list_bank_lines(state: State) -> BankLineList:
    """What banks said that fits nothing of ours, or not what was known, the newest first."""
    return show_lines(await bank_files.list_to_look_at(desk_of(state).db, limit=_LINES_SHOWN))


@get("/operator/house-accounts", guards=_GUARDS, responses=refusals_to_visitors(), security=BEARER)
async def list_house_accounts(state: State) -> HouseAccountList:
    """Where the house pays from."""
    found = await house.list_house_accounts(desk_of(state).db)
    return HouseAccountList(items=[show_house_account(each) for each in found])


@post("/operator/house-accounts", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def set_house_account(data: JSONBody[HouseAccountBody], request: Visit, state: State) -> HouseAccountAnswer:
    """Pay a rail from there, from the next batch on."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    return show_house_account(
        await house.set_house_account(desk.db, operator_id, Rail(data.rail), data.account(), now=desk.now)
    )


ROUTES: list[ControllerRouterHandler] = [
    list_batches,
    make_batch,
    list_totals,
    get_batch,
    list_items,
    fetch_file,
    mark_sent,
    send_again,
    discard_batch,
    list_bank_files,
    upload_bank_file,
    list_bank_lines,
    list_house_accounts,
    set_house_account,
]
"""All of them, for the API's router."""
