"""/operator/ledger: the chart of accounts with its sums, and any account with its transfers."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.coins import operating
from plaudit.coins.errors import NoSuchAccount
from plaudit.foundation.errors import Invalid, NotFound
from plaudit.ledger import Account, AccountFilter, Balances, Record, totals
from plaudit.ledger.model import Limit
from plaudit.people import operators
from plaudit.rooms.model import Face
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.paging import After, read_number
from plaudit.web.pages.operating.console import GUARDS, ON_A_PAGE, Page, go_to, read_id, show_console

_OF_A_KIND = 100

Wanted = Annotated[str, QueryParameter(name="account", max_length=100)]
Asset = Annotated[int, QueryParameter(name="asset", ge=1, le=999)]
KindCode = Annotated[int, QueryParameter(name="code", ge=1, le=65_535)]


class Side(Struct, frozen=True, kw_only=True):
    """The other account of a transfer: what kind it is, and whose, if it is a person's."""

    account: Account
    owner: Face | None


class TransferLine(Struct, frozen=True, kw_only=True):
    """A transfer as one of its two accounts sees it: `came` when the account was credited."""

    record: Record
    came: bool
    other: Side | None
    after: Balances


@get("/operator/ledger", guards=GUARDS, include_in_schema=False)
async def show_chart(request: Visit, state: State, wanted: Wanted = "") -> Response[Any]:
    """What every kind of account sums to; with an id it leads to that account, with a handle to the person's."""
    desk = desk_of(state)
    problem: Invalid | NotFound | None = None
    if wanted.strip():
        try:
            return go_to(await _find(desk, visitor_of(request).person_id, wanted.strip()))
        except (Invalid, NotFound) as refused:
            problem = Invalid(refused.detail, field="account")
    sums = await totals.list_totals(desk.db)
    last = await desk.till.ledger.last_timestamp()
    checked = await totals.find_last_check(desk.db)
    return show_console(request, "ledger.html", problem=problem, sums=sums, last=last, checked=checked, wanted=wanted)


@get("/operator/ledger/accounts", guards=GUARDS, include_in_schema=False)
async def list_kind(request: Visit, state: State, asset: Asset, code: KindCode, after: After = None) -> Response[str]:
    """All accounts of one kind in one asset."""
    desk = desk_of(state)
    place = None if after is None else read_id(after, "after")
    which = AccountFilter(ledger=asset, code=code)
    found = await desk.till.ledger.list_accounts(which, after=place, limit=_OF_A_KIND + 1)
    owners = {account.ref_128: await _owner(desk, account) for account, _ in found[:_OF_A_KIND]}
    page = Page(items=found[:_OF_A_KIND], after=str(found[_OF_A_KIND - 1][0].id) if len(found) > _OF_A_KIND else None)
    return show_console(request, "accounts.html", accounts=page, owners=owners, unit=asset, code=code)


@get("/operator/ledger/{account_id:uuid}", guards=GUARDS, include_in_schema=False)
async def show_account(account_id: FromPath[UUID], request: Visit, state: State, after: After = None) -> Response[str]:
    """One account with its transfers, the newest first."""
    desk, operator_id, number = desk_of(state), visitor_of(request).person_id, read_number(after)
    file = await operating.see_account(desk.till, operator_id, account_id, now=desk.now)
    found = await operating.see_transfers(
        desk.till, operator_id, account_id, after=number, limit=ON_A_PAGE + 1, now=desk.now
    )
    records = found[:ON_A_PAGE]
    sides = await _sides(desk, {_other(record, account_id) for record in records})
    lines = [_line(record, account_id, sides) for record in records]
    page = Page(items=lines, after=str(records[-1].timestamp) if len(found) > ON_A_PAGE else None)
    return show_console(
        request, "account.html", file=file, limit=Limit(file.account.limit).name.lower(), transfers=page
    )


async def _find(desk: Desk, operator_id: UUID, wanted: str) -> str:
    """The page of an account by its id, or of the person by their handle. Raises Invalid or NotFound."""
    try:
        account = UUID(wanted)
    except ValueError:
        handle = wanted.removeprefix("@")
        person = await operators.see_person(desk.db, operator_id, handle, act="person_seen", now=desk.now)
        return f"/operator/people/{person.handle}#accounts"
    if await desk.till.ledger.find_account(account) is None:
        raise NoSuchAccount
    return f"/operator/ledger/{account}"


async def _sides(desk: Desk, ids: set[UUID]) -> dict[UUID, Side]:
    sides: dict[UUID, Side] = {}
    for id in ids:
        found = await desk.till.ledger.find_account(id)
        if found:
            sides[id] = Side(account=found[0], owner=await _owner(desk, found[0]))
    return sides


async def _owner(desk: Desk, account: Account) -> Face | None:
    if account.ref_128 is None:
        return None
    try:
        return (await desk.rooms.known.get_person(account.ref_128)).face
    except NotFound:
        return None


def _line(record: Record, account: UUID, sides: Mapping[UUID, Side]) -> TransferLine:
    return TransferLine(
        record=record,
        came=record.transfer.credit_account == account,
        other=sides.get(_other(record, account)),
        after=record.balances_of(account),
    )


def _other(record: Record, account: UUID) -> UUID:
    transfer = record.transfer
    return transfer.debit_account if transfer.credit_account == account else transfer.credit_account


ROUTES: list[ControllerRouterHandler] = [show_chart, list_kind, show_account]
"""All of them, for the pages' router."""
