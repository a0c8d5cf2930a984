"""/operator/people: everyone, and all that we know of one of them."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.coins import Buyer, Wallet, operating, wallet
from plaudit.coins.model import Purse
from plaudit.foundation.errors import NotFound, PlauditError
from plaudit.foundation.ids import new_id
from plaudit.ledger.model import Account, AccountFilter, Balances
from plaudit.people import operators
from plaudit.people.model import PersonFile
from plaudit.rooms import eligibility, violations
from plaudit.rooms.eligibility_rules import Requirement
from plaudit.rooms.violations import Violation, ViolationWish
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.movement_words import find_given
from plaudit.web.api.paging import After, read_number
from plaudit.web.pages.operating.console import (
    GUARDS,
    ON_A_PAGE,
    Done,
    Page,
    ProvenForm,
    VerifyForm,
    find_coin_rate,
    go_to,
    read_id,
    show_console,
)
from plaudit.web.pages.visits import require_own_form
from plaudit.web.pages.wallet import Line

_NEWEST_MOVEMENTS = 8
_MOST_ACCOUNTS = 50

Beginning = Annotated[str, QueryParameter(name="query", max_length=200)]


class ViolationForm(Struct, frozen=True, kw_only=True):
    """What is held against somebody; the id makes that it is opened once."""

    csrf: str = ""
    id: str = ""
    reason: str = ""


class CloseForm(Struct, frozen=True, kw_only=True):
    """Whose violation it is that is settled."""

    csrf: str = ""
    handle: str = ""


class PersonSeen(Struct, frozen=True, kw_only=True):
    """Everything on a person's page; `wallet` is None where nothing is sold in their currency."""

    person: PersonFile
    purse: Purse
    wallet: Wallet | None
    requirements: list[Requirement]
    violations: list[Violation]
    accounts: list[tuple[Account, Balances]]
    movements: Page[Line]


@get("/operator/people", guards=GUARDS, include_in_schema=False)
async def list_people(request: Visit, state: State, beginning: Beginning = "", after: After = None) -> Response[str]:
    """Whose handle or address begins like that; everyone without a beginning."""
    desk, wanted = desk_of(state), beginning.strip().removeprefix("@")
    found = await operators.search_people(
        desk.db, visitor_of(request).person_id, wanted, after=after, limit=ON_A_PAGE + 1, now=desk.now
    )
    page = Page(items=found[:ON_A_PAGE], after=found[ON_A_PAGE - 1].handle if len(found) > ON_A_PAGE else None)
    return show_console(request, "people.html", people=page, query=beginning)


@get("/operator/people/{handle:str}", guards=GUARDS, include_in_schema=False)
async def show_person(handle: FromPath[str], request: Visit, state: State, done: Done = "") -> Response[str]:
    """Everything about a person."""
    return await _show(request, desk_of(state), handle, done=done)


@get("/operator/people/{handle:str}/movements", guards=GUARDS, include_in_schema=False)
async def show_movements(handle: FromPath[str], request: Visit, state: State, after: After = None) -> Response[str]:
    """Every coin that came to a person or went."""
    desk, number = desk_of(state), read_number(after)
    person = await operators.see_person(
        desk.db, visitor_of(request).person_id, handle, act="movements_seen", now=desk.now
    )
    page = await _list_movements(desk, _buyer(person), after=number, limit=ON_A_PAGE)
    return show_console(request, "movements.html", person=person, movements=page)


@post("/operator/people/{handle:str}/verify", guards=GUARDS, include_in_schema=False)
async def verify(
    handle: FromPath[str], data: URLEncodedBody[VerifyForm], request: Visit, state: State
) -> Response[Any]:
    """They count as verified from now on."""
    require_own_form(request, data.csrf)
    desk, name = desk_of(state), data.legal_name.strip() or None
    found = await operators.verify_creator(
        desk.db, visitor_of(request).person_id, handle, legal_name=name, now=desk.now
    )
    desk.rooms.forget_person(found.id)
    return go_to(f"/operator/people/{found.handle}", "verified")


@post("/operator/people/{handle:str}/withdraw", guards=GUARDS, include_in_schema=False)
async def withdraw(
    handle: FromPath[str], data: URLEncodedBody[ProvenForm], request: Visit, state: State
) -> Response[Any]:
    """They don't count as verified any more."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    found = await operators.withdraw_verification(desk.db, visitor_of(request).person_id, handle, now=desk.now)
    desk.rooms.forget_person(found.id)
    return go_to(f"/operator/people/{found.handle}", "withdrawn")


@post("/operator/people/{handle:str}/violations", guards=GUARDS, include_in_schema=False)
async def open_violation(
    handle: FromPath[str], data: URLEncodedBody[ViolationForm], request: Visit, state: State
) -> Response[Any]:
    """Hold something against somebody; until it is closed they receive no gifts."""
    require_own_form(request, data.csrf)
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    try:
        wish = ViolationWish(id=read_id(data.id, "id"), handle=handle, reason=data.reason)
        violation = await violations.open_violation(desk.db, wish, by=operator_id, now=desk.now)
    except PlauditError as problem:
        return await _show(request, desk, handle, problem=problem, reason=data.reason)
    desk.rooms.forget_person(violation.person_id)
    return go_to(f"/operator/people/{violation.handle}", "held")


@post("/operator/violations/{violation_id:uuid}/close", guards=GUARDS, include_in_schema=False)
async def close_violation(
    violation_id: FromPath[UUID], data: URLEncodedBody[CloseForm], request: Visit, state: State
) -> Response[Any]:
    """It is settled."""
    require_own_form(request, data.csrf)
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    violation = await violations.close_violation(desk.db, violation_id, by=operator_id, now=desk.now)
    desk.rooms.forget_person(violation.person_id)
    return go_to(f"/operator/people/{violation.handle}", "closed")


async def _show(
    request: Visit, desk: Desk, handle: str, *, problem: PlauditError | None = None, done: str = "", reason: str = ""
) -> Response[str]:
    seen = await _see(desk, visitor_of(request).person_id, handle)
    return show_console(
        request,
        "person.html",
        problem=problem,
        done=done,
        seen=seen,
        reason=reason,
        violation_id=new_id(),
        rate=await find_coin_rate(request, desk),
    )


async def _see(desk: Desk, operator_id: UUID, handle: str) -> PersonSeen:
    person = await operators.see_person(desk.db, operator_id, handle, act="person_seen", now=desk.now)
    return PersonSeen(
        person=person,
        purse=await operating.get_purse(desk.till, person.id),
        wallet=await _find_wallet(desk, _buyer(person)),
        requirements=await eligibility.get_requirements(desk.db, person.id, now=desk.now),
        violations=await violations.list_violations(desk.db, handle, by=operator_id, now=desk.now),
        accounts=await desk.till.ledger.list_accounts(AccountFilter(ref_128=person.id), limit=_MOST_ACCOUNTS),
        movements=await _list_movements(desk, _buyer(person), after=None, limit=_NEWEST_MOVEMENTS),
    )


async def _find_wallet(desk: Desk, buyer: Buyer) -> Wallet | None:
    try:
        return await wallet.get_wallet(desk.till, buyer, now=desk.now)
    except NotFound:
        return None


async def _list_movements(desk: Desk, buyer: Buyer, *, after: int | None, limit: int) -> Page[Line]:
    found = await wallet.list_movements(desk.till, buyer, after=after, limit=limit + 1, now=desk.now)
    given = await find_given(desk, found[:limit])
    items = [Line(movement=movement, given=given.get(movement.number)) for movement in found[:limit]]
    return Page(items=items, after=str(items[-1].movement.number) if len(found) > limit else None)


def _buyer(person: PersonFile) -> Buyer:
    return Buyer(person_id=person.id, region=person.region, currency=person.currency)


ROUTES: list[ControllerRouterHandler] = [
    list_people,
    show_person,
    show_movements,
    verify,
    withdraw,
    open_violation,
    close_violation,
]
"""All of them, for the pages' router."""
