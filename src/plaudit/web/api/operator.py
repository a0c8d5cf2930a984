"""/v1/operator: what operators see of people and of the books, and what they set.

Every call that sets something, or looks into what is a person's own, leaves an act (`people.operators.note_act`).
"""

from typing import Annotated, Literal
from uuid import UUID

from litestar import delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from plaudit.coins import Buyer, Status, operating, wallet
from plaudit.coins.model import ExactAmounts, PackPrice, TaxRate
from plaudit.earnings import rates
from plaudit.people import operators
from plaudit.web.api.coin_shapes import MovementList, show_movements
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.guards import operators_only
from plaudit.web.api.movement_words import name_gifts
from plaudit.web.api.operator_shapes import (
    AccountAnswer,
    ActList,
    CreatorAnswer,
    CreatorList,
    FoundPeople,
    PersonAnswer,
    TopUpFileAnswer,
    TopUpFileList,
    TransferList,
    VerifyBody,
    show_account,
    show_acts,
    show_creator,
    show_creators,
    show_found,
    show_person,
    show_top_up_file,
    show_top_up_files,
    show_transfers,
)
from plaudit.web.api.paging import After, Limit, read_number, read_place
from plaudit.web.api.price_shapes import (
    ExactBody,
    ExactList,
    PackBody,
    PackPriceList,
    RateList,
    TaxBody,
    TaxList,
    show_rates,
)

_GUARDS = [operators_only]
_LISTED = refusals_to_visitors(422)
_SEEN = refusals_to_visitors(404)
_SEEN_IN_PAGES = refusals_to_visitors(404, 422)
_SET = refusals_to_visitors(422)
_JUDGED = refusals_to_visitors(404, 409)
_VERIFIED = refusals_to_visitors(404, 409, 422)

CreatorState = Annotated[
    Literal["applied", "verified"] | None,
    QueryParameter(name="state", description="Only who waits, or only who is verified."),
]
Beginning = Annotated[
    str,
    QueryParameter(name="query", description="How a handle or an e-mail address begins.", min_length=1, max_length=200),
]
TopUpState = Annotated[Status | None, QueryParameter(description="Only those that stand like this.")]


@get("/operator/creators", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def list_creators(
    state: State,
    creator_state: CreatorState = None,
    after: After = None,
    limit: Limit = 30,
) -> CreatorList:
    """Who applied to be a creator, the newest first."""
    verified = None if creator_state is None else creator_state == "verified"
    found = await operators.list_creators(
        desk_of(state).db, verified=verified, after=read_place(after), limit=limit + 1
    )
    return show_creators(found, limit)


@post("/operator/creators/{handle:str}/verify", status_code=200, guards=_GUARDS, responses=_VERIFIED, security=BEARER)
async def verify_creator(
    handle: FromPath[str], request: Visit, state: State, data: JSONBody[VerifyBody | None] = None
) -> CreatorAnswer:
    """From now on they count as verified, and their birth date too, if they told one.

    With the `legal_name` of their papers, payouts can go to accounts of this name. Again changes nothing else.
    """
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    name = data.legal_name if data else None
    found = await operators.verify_creator(desk.db, operator_id, handle, legal_name=name, now=desk.now)
    desk.rooms.forget_person(found.id)
    return show_creator(found)


@delete("/operator/creators/{handle:str}/verify", status_code=200, guards=_GUARDS, responses=_JUDGED, security=BEARER)
async def withdraw_verification(handle: FromPath[str], request: Visit, state: State) -> CreatorAnswer:
    """From now on they don't count as verified. A verified birth date stays verified."""
    desk = desk_of(state)
    found = await operators.withdraw_verification(desk.db, visitor_of(request).person_id, handle, now=desk.now)
    desk.rooms.forget_person(found.id)
    return show_creator(found)


@get("/operator/people", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def search_people(
    beginning: Beginning, request: Visit, state: State, after: After = None, limit: Limit = 30
) -> FoundPeople:
    """Whose handle or e-mail address begins like this."""
    desk = desk_of(state)
    found = await operators.search_people(
        desk.db, visitor_of(request).person_id, beginning, after=after, limit=limit + 1, now=desk.now
    )
    return show_found(found, limit)


@get("/operator/people/{handle:str}", guards=_GUARDS, responses=_SEEN, security=BEARER)
async def see_person(handle: FromPath[str], request: Visit, state: State) -> PersonAnswer:
    """Everything about a person."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    person = await operators.see_person(desk.db, operator_id, handle, act="person_seen", now=desk.now)
    return show_person(person, await operating.get_purse(desk.till, person.id))


@get("/operator/people/{handle:str}/movements", guards=_GUARDS, responses=_SEEN_IN_PAGES, security=BEARER)
async def see_movements(
    handle: FromPath[str], request: Visit, state: State, after: After = None, limit: Limit = 30
) -> MovementList:
    """Every coin that came to a person or went, the newest first."""
    desk, operator_id, number = desk_of(state), visitor_of(request).person_id, read_number(after)
    person = await operators.see_person(desk.db, operator_id, handle, act="movements_seen", now=desk.now)
    buyer = Buyer(person_id=person.id, region=person.region, currency=person.currency)
    found = await wallet.list_movements(desk.till, buyer, after=number, limit=limit + 1, now=desk.now)
    return show_movements(await name_gifts(desk, found), limit)


@get("/operator/top-ups", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def list_top_ups(
    request: Visit, state: State, status: TopUpState = None, after: After = None, limit: Limit = 30
) -> TopUpFileList:
    """Everyone's purchases, the newest first."""
    desk = desk_of(state)
    found = await operating.list_top_ups(
        desk.db, visitor_of(request).person_id, status, after=read_place(after), limit=limit + 1, now=desk.now
    )
    return show_top_up_files(found, limit)


@get("/operator/top-ups/{top_up_id:uuid}", guards=_GUARDS, responses=_SEEN, security=BEARER)
async def see_top_up(top_up_id: FromPath[UUID], request: Visit, state: State) -> TopUpFileAnswer:
    """Anybody's purchase."""
    desk = desk_of(state)
    return show_top_up_file(await operating.see_top_up(desk.db, visitor_of(request).person_id, top_up_id, now=desk.now))


@get("/operator/accounts/{account_id:uuid}", guards=_GUARDS, responses=_SEEN, security=BEARER)
async def see_account(account_id: FromPath[UUID], request: Visit, state: State) -> AccountAnswer:
    """Any account of the ledger."""
    desk = desk_of(state)
    return show_account(await operating.see_account(desk.till, visitor_of(request).person_id, account_id, now=desk.now))


@get("/operator/accounts/{account_id:uuid}/transfers", guards=_GUARDS, responses=_SEEN_IN_PAGES, security=BEARER)
async def see_transfers(
    account_id: FromPath[UUID], request: Visit, state: State, after: After = None, limit: Limit = 30
) -> TransferList:
    """What entered or left an account, the newest first."""
    desk, operator_id, number = desk_of(state), visitor_of(request).person_id, read_number(after)
    found = await operating.see_transfers(
        desk.till, operator_id, account_id, after=number, limit=limit + 1, now=desk.now
    )
    return show_transfers(found, account_id, limit)


@get("/operator/packs", guards=_GUARDS, responses=refusals_to_visitors(), security=BEARER)
async def list_packs(state: State) -> PackPriceList:
    """Every pack, in every region, currency and channel: what holds, and what will."""
    desk = desk_of(state)
    return PackPriceList(items=await operating.list_packs(desk.db, now=desk.now))


@post("/operator/packs", guards=_GUARDS, responses=_SET, security=BEARER)
async def set_pack(data: JSONBody[PackBody], request: Visit, state: State) -> PackPrice:
    """Sell a pack like this from an instant on, or no longer offer it."""
    desk, price = desk_of(state), data.price(desk_of(state).now)
    return await operating.set_pack(desk.db, visitor_of(request).person_id, price, now=desk.now)


@get("/operator/taxes", guards=_GUARDS, responses=refusals_to_visitors(), security=BEARER)
async def list_taxes(state: State) -> TaxList:
    """Every region's tax: what holds, and what will."""
    desk = desk_of(state)
    return TaxList(items=await operating.list_taxes(desk.db, now=desk.now))


@post("/operator/taxes", guards=_GUARDS, responses=_SET, security=BEARER)
async def set_tax(data: JSONBody[TaxBody], request: Visit, state: State) -> TaxRate:
    """Add this tax to prices in a region from an instant on."""
    desk, tax = desk_of(state), data.tax(desk_of(state).now)
    return await operating.set_tax(desk.db, visitor_of(request).person_id, tax, now=desk.now)


@get("/operator/exact-amounts", guards=_GUARDS, responses=refusals_to_visitors(), security=BEARER)
async def list_exact(state: State) -> ExactList:
    """How exact amounts are sold: what holds, and what will."""
    desk = desk_of(state)
    return ExactList(items=await operating.list_exact(desk.db, now=desk.now))


@post("/operator/exact-amounts", guards=_GUARDS, responses=_SET, security=BEARER)
async def set_exact(data: JSONBody[ExactBody], request: Visit, state: State) -> ExactAmounts:
    """Sell exact amounts like this from an instant on."""
    desk, exact = desk_of(state), data.exact(desk_of(state).now)
    return await operating.set_exact(desk.db, visitor_of(request).person_id, exact, now=desk.now)


@get("/operator/rates", guards=_GUARDS, responses=refusals_to_visitors(), security=BEARER)
async def list_rates(state: State) -> RateList:
    """What creators get: what holds, and what will."""
    desk = desk_of(state)
    return show_rates(await rates.list_rates(desk.db, now=desk.now))


@get("/operator/acts", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def list_acts(state: State, after: After = None, limit: Limit = 30) -> ActList:
    """What operators did, and whose things they looked at, the newest first."""
    found = await operators.list_acts(desk_of(state).db, after=read_number(after), limit=limit + 1)
    return show_acts(found, limit)


ROUTES: list[ControllerRouterHandler] = [
    list_creators,
    verify_creator,
    withdraw_verification,
    search_people,
    see_person,
    see_movements,
    list_top_ups,
    see_top_up,
    see_account,
    see_transfers,
    list_packs,
    set_pack,
    list_taxes,
    set_tax,
    list_exact,
    set_exact,
    list_rates,
    list_acts,
]
"""All of them, for the API's router."""
