"""/v1/operator: coins that are given for nothing, and money of creators that is kept back for a while."""

from uuid import UUID

from litestar import get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from plaudit.coins import promotions
from plaudit.earnings import reserves
from plaudit.people import operators
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.guards import operators_only
from plaudit.web.api.operator_money_shapes import (
    GrantAnswer,
    GrantBody,
    GrantList,
    ReserveAnswer,
    ReserveBody,
    ReserveList,
    show_grant,
    show_reserve,
)

_GUARDS = [operators_only]
_SET = refusals_to_visitors(404, 409, 422)


@post("/operator/people/{handle:str}/grants", guards=_GUARDS, responses=_SET, security=BEARER)
async def grant_coins(handle: FromPath[str], data: JSONBody[GrantBody], request: Visit, state: State) -> GrantAnswer:
    """Give somebody coins for nothing. The same id again is the same grant."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    return show_grant(await promotions.grant(desk.till, operator_id, data.wish(handle), now=desk.now))


@get("/operator/people/{handle:str}/grants", guards=_GUARDS, responses=refusals_to_visitors(404), security=BEARER)
async def list_grants(handle: FromPath[str], request: Visit, state: State) -> GrantList:
    """What somebody was ever given, the newest first."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    found = await promotions.list_grants(desk.till, operator_id, handle, now=desk.now)
    return GrantList(items=[show_grant(grant) for grant in found])


@post("/operator/people/{handle:str}/reserves", guards=_GUARDS, responses=_SET, security=BEARER)
async def hold_back(handle: FromPath[str], data: JSONBody[ReserveBody], request: Visit, state: State) -> ReserveAnswer:
    """Keep back some of a creator's available money until an instant, with a reason that they read."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    creator_id = await _person(desk, operator_id, handle)
    reserve = await reserves.hold_back(desk.settling, operator_id, data.wish(creator_id), now=desk.now)
    return show_reserve(reserve)


@get("/operator/people/{handle:str}/reserves", guards=_GUARDS, responses=refusals_to_visitors(404), security=BEARER)
async def list_reserves(handle: FromPath[str], request: Visit, state: State) -> ReserveList:
    """Everything that was ever kept back of a creator's money, the newest first."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    found = await reserves.list_reserves(desk.settling, await _person(desk, operator_id, handle))
    return ReserveList(items=[show_reserve(reserve) for reserve in found])


@post(
    "/operator/reserves/{reserve_id:uuid}/free",
    status_code=200,
    guards=_GUARDS,
    responses=refusals_to_visitors(404),
    security=BEARER,
)
async def free_reserve(reserve_id: FromPath[UUID], request: Visit, state: State) -> ReserveAnswer:
    """Give back what is left of it, before its end. Again changes nothing."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    return show_reserve(await reserves.free(desk.settling, operator_id, reserve_id, now=desk.now))


async def _person(desk: Desk, operator_id: UUID, handle: str) -> UUID:
    return (await operators.see_person(desk.db, operator_id, handle, act="reserves_seen", now=desk.now)).id


ROUTES: list[ControllerRouterHandler] = [grant_coins, list_grants, hold_back, list_reserves, free_reserve]
"""All of them, for the API's router."""
