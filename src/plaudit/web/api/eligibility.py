"""/v1/eligibility: what it takes to receive gifts; and what operators set for it and hold against somebody."""

from uuid import UUID

from litestar import get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from plaudit.people import Scope
from plaudit.rooms import eligibility, violations
from plaudit.rooms.eligibility import SetRule
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.eligibility_shapes import (
    EligibilityAnswer,
    RuleBody,
    RuleList,
    ViolationAnswer,
    ViolationBody,
    ViolationList,
    show_eligibility,
    show_violation,
)
from plaudit.web.api.guards import may, operators_only

_OPERATES = [operators_only, may(Scope.OPERATE)]


@get("/eligibility", guards=[may(Scope.READ)], responses=refusals_to_visitors(404), security=BEARER)
async def get_eligibility(request: Visit, state: State) -> EligibilityAnswer:
    """Whether one may receive gifts: each requirement, how it stands, and what to do."""
    desk = desk_of(state)
    return show_eligibility(await eligibility.get_requirements(desk.db, visitor_of(request).person_id, now=desk.now))


@get("/operator/requirements", guards=_OPERATES, responses=refusals_to_visitors(), security=BEARER)
async def list_rules(state: State) -> RuleList:
    """What is asked of who receives gifts, by kind and region, with the day from which each rule holds."""
    return RuleList(items=list(await eligibility.list_rules(desk_of(state).db)))


@post("/operator/requirements", guards=_OPERATES, responses=refusals_to_visitors(422), security=BEARER)
async def set_rule(data: JSONBody[RuleBody], request: Visit, state: State) -> SetRule:
    """Set what is asked from today or a later day on. Gifts follow a new rule within seconds."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    return await eligibility.set_rule(desk.db, data.rule(desk.now.date()), by=operator_id, now=desk.now)


@get("/operator/people/{handle:str}/violations", guards=_OPERATES, responses=refusals_to_visitors(404), security=BEARER)
async def list_violations(handle: FromPath[str], request: Visit, state: State) -> ViolationList:
    """All that was ever held against somebody, the newest first."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    found = await violations.list_violations(desk.db, handle, by=operator_id, now=desk.now)
    return ViolationList(items=[show_violation(violation) for violation in found])


@post(
    "/operator/people/{handle:str}/violations",
    guards=_OPERATES,
    responses=refusals_to_visitors(404, 409, 422),
    security=BEARER,
)
async def open_violation(
    handle: FromPath[str], data: JSONBody[ViolationBody], request: Visit, state: State
) -> ViolationAnswer:
    """Hold something against somebody: until it is closed they receive no gifts."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    violation = await violations.open_violation(desk.db, data.wish(handle), by=operator_id, now=desk.now)
    desk.rooms.forget_person(violation.person_id)
    return show_violation(violation)


@post(
    "/operator/violations/{violation_id:uuid}/close",
    status_code=200,
    guards=_OPERATES,
    responses=refusals_to_visitors(404),
    security=BEARER,
)
async def close_violation(violation_id: FromPath[UUID], request: Visit, state: State) -> ViolationAnswer:
    """It is settled; again changes nothing."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    violation = await violations.close_violation(desk.db, violation_id, by=operator_id, now=desk.now)
    desk.rooms.forget_person(violation.person_id)
    return show_violation(violation)


ROUTES: list[ControllerRouterHandler] = [
    get_eligibility,
    list_rules,
    set_rule,
    list_violations,
    open_violation,
    close_violation,
]
"""All of them, for the API's router."""
