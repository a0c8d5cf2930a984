"""/operator/bank: what banks sent, what of it needs a look, the days against them, and where the house pays from."""

from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.params import MultipartBody, URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.foundation.errors import Invalid, PlauditError
from plaudit.payouts import Rail, bank_files, house
from plaudit.payouts.bank_files import UploadWish
from plaudit.providers.bank_xml import MOST_BYTES
from plaudit.providers.payouts import HouseAccount
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.paging import After, read_place, write_place
from plaudit.web.pages.operating.console import GUARDS, ON_A_PAGE, Done, Page, go_to, show_console
from plaudit.web.pages.visits import require_own_form

_LINES = 50
_DAYS = 14
# What is to be paid soon is shown as well.
_DAYS_AHEAD = 31
# A form has a few lines around its file.
_MOST_FORM_BYTES = MOST_BYTES + 65_536


class FileForm(Struct, frozen=True, kw_only=True):
    """A bank's file."""

    rail: str = Rail.SEPA.value
    file: UploadFile | None = None
    csrf: str = ""


class AccountForm(Struct, frozen=True, kw_only=True):
    """Where the house pays a rail from; what isn't for this rail is left empty."""

    rail: str = Rail.SEPA.value
    name: str = ""
    iban: str = ""
    bic: str = ""
    company_id: str = ""
    odfi: str = ""
    origin: str = ""
    destination: str = ""
    destination_name: str = ""
    csrf: str = ""


@get("/operator/bank", guards=GUARDS, include_in_schema=False)
async def show_bank(request: Visit, state: State, after: After = None, done: Done = "") -> Response[str]:
    """Everything that banks said."""
    return await _show_bank(request, state, after=after, done=done)


@post("/operator/bank", guards=GUARDS, include_in_schema=False, request_max_body_size=_MOST_FORM_BYTES)
async def upload(data: MultipartBody[FileForm], request: Visit, state: State) -> Response[Any]:
    """Take a bank's file."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    try:
        wish = await _read_file(data)
        await bank_files.take_file(desk.dispatch, wish, visitor_of(request).person_id, now=desk.now)
    except PlauditError as problem:
        return await _show_bank(request, state, problem=problem, chosen=data.rail)
    return go_to("/operator/bank", "bank_file")


async def _read_file(form: FileForm) -> UploadWish:
    content = await form.file.read() if form.file else b""
    if form.file is None or not content:
        raise Invalid("Choose a file first.", field="file")
    rail = Rail(form.rail) if form.rail in list(Rail) else Rail.SEPA
    return UploadWish(rail=rail, name=form.file.filename, content=content)


async def _show_bank(
    request: Visit,
    state: State,
    *,
    after: str | None = None,
    done: str = "",
    problem: PlauditError | None = None,
    chosen: str = Rail.SEPA.value,
) -> Response[str]:
    desk = desk_of(state)
    files = await bank_files.list_files(desk.db, after=read_place(after), limit=ON_A_PAGE + 1)
    last = files[ON_A_PAGE - 1] if len(files) > ON_A_PAGE else None
    today = desk.now.date()
    return show_console(
        request,
        "bank.html",
        problem=problem,
        done=done,
        chosen=chosen,
        files=Page(items=files[:ON_A_PAGE], after=write_place(last.uploaded_at, last.id) if last else None),
        lines=await bank_files.list_to_look_at(desk.db, limit=_LINES),
        totals=await bank_files.list_totals(
            desk.db, since=today - timedelta(days=_DAYS), until=today + timedelta(days=_DAYS_AHEAD)
        ),
        most_mb=MOST_BYTES // 1024 // 1024,
    )


@get("/operator/house-accounts", guards=GUARDS, include_in_schema=False)
async def show_accounts(request: Visit, state: State, done: Done = "") -> Response[str]:
    """Where the house pays from."""
    return await _show_accounts(request, state, done=done)


@post("/operator/house-accounts", guards=GUARDS, include_in_schema=False)
async def set_account(data: URLEncodedBody[AccountForm], request: Visit, state: State) -> Response[Any]:
    """Pay a rail from there."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    rail = Rail(data.rail) if data.rail in list(Rail) else Rail.SEPA
    try:
        await house.set_house_account(desk.db, visitor_of(request).person_id, rail, _read_account(data), now=desk.now)
    except Invalid as problem:
        return await _show_accounts(request, state, problem=problem, form=data)
    return go_to("/operator/house-accounts", "set")


def _read_account(form: AccountForm) -> HouseAccount:
    return HouseAccount(
        name=form.name,
        iban=form.iban or None,
        bic=form.bic or None,
        company_id=form.company_id or None,
        odfi=form.odfi or None,
        origin=form.origin or None,
        destination=form.destination or None,
        destination_name=form.destination_name or None,
    )


async def _show_accounts(
    request: Visit,
    state: State,
    *,
    done: str = "",
    problem: Invalid | None = None,
    form: AccountForm | None = None,
) -> Response[str]:
    found = {each.rail.value: each for each in await house.list_house_accounts(desk_of(state).db)}
    forms = {rail: _form_of(rail, found[rail].account if rail in found else None) for rail in ("sepa", "ach")}
    if form is not None:
        forms[form.rail] = form
    return show_console(
        request,
        "house_accounts.html",
        problem=problem,
        done=done,
        forms=forms,
        accounts=found,
        wrong=form.rail if form else "",
    )


def _form_of(rail: str, account: HouseAccount | None) -> AccountForm:
    if account is None:
        return AccountForm(rail=rail)
    return AccountForm(
        rail=rail,
        name=account.name,
        iban=account.iban or "",
        bic=account.bic or "",
        company_id=account.company_id or "",
        odfi=account.odfi or "",
        origin=account.origin or "",
        destination=account.destination or "",
        destination_name=account.destination_name or "",
    )


ROUTES: list[ControllerRouterHandler] = [show_bank, upload, show_accounts, set_account]
"""All of them, for the pages' router."""
