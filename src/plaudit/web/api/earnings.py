"""/v1/earnings: a creator's money, every gift with its waterfall, months, and what coins would bring."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec.structs import replace

from plaudit.audit import seals
from plaudit.earnings import balances, calculator, statements, waterfalls
from plaudit.earnings.statements import Told
from plaudit.earnings.waterfalls import Earned
from plaudit.foundation.errors import Invalid
from plaudit.gifts import rules as gift_rules
from plaudit.people import Scope, Visitor, operators
from plaudit.people.rules import take_currency
from plaudit.rooms.model import Face
from plaudit.web.api.calculator_shapes import CalculatorAnswer, show_yields
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.earnings_shapes import (
    EarnedGift,
    EarnedGiftList,
    EarningsAnswer,
    show_earned,
    show_earnings,
)
from plaudit.web.api.guards import creators_only, may, operators_only
from plaudit.web.api.paging import After, Limit, read_number
from plaudit.web.api.statement_shapes import MonthList, StatementAnswer, show_months, show_statement

_GUARDS = [creators_only, may(Scope.READ)]
_READ = refusals_to_visitors()
_SEEN = refusals_to_visitors(404)

Coins = Annotated[int | None, QueryParameter(description="So many coins.", ge=1, le=calculator.MOST_COINS)]
GiftId = Annotated[str | None, QueryParameter(name="gift", description="As many as this gift costs.", max_length=40)]
GoalMinor = Annotated[
    int | None,
    QueryParameter(description="Also how many coins bring so much.", ge=1, le=calculator.MOST_GOAL_MINOR),
]
GoalCurrency = Annotated[str | None, QueryParameter(description="The goal's currency; else one's own.", max_length=3)]


@get("/earnings", guards=_GUARDS, responses=_READ, security=BEARER)
async def get_earnings(request: Visit, state: State) -> EarningsAnswer:
    """What one has: available, pending with its days, held with its reasons; and the rates, old and new."""
    desk, visitor = desk_of(state), visitor_of(request)
    return await tell_earnings(desk, visitor.person_id, visitor.region)


@get("/earnings/gifts", guards=_GUARDS, responses=refusals_to_visitors(422), security=BEARER)
async def list_gifts(request: Visit, state: State, after: After = None, limit: Limit = 30) -> EarnedGiftList:
    """Every gift with its waterfall, the newest first. Whoever gave anonymously isn't named."""
    return await tell_gifts(desk_of(state), visitor_of(request), after=read_number(after), limit=limit)


@get("/earnings/gifts/{gift_id:uuid}", guards=_GUARDS, responses=_SEEN, security=BEARER)
async def get_gift(gift_id: FromPath[UUID], request: Visit, state: State) -> EarnedGift:
    """Where the money of one gift went: what was paid for its coins, tax, fees, and one's own share."""
    desk, visitor = desk_of(state), visitor_of(request)
    found = await waterfalls.get_earned(desk.rooms.gifting, desk.estimates, visitor.person_id, visitor.region, gift_id)
    return show_earned(found, (await faces_of(desk, _fans([found]))).get(found.fan_id))


@get("/earnings/statements", guards=_GUARDS, responses=_READ, security=BEARER)
async def list_statements(request: Visit, state: State) -> MonthList:
    """Every month since one's first gift."""
    desk = desk_of(state)
    return show_months(
        await statements.list_months(desk.db, desk.till.ledger, visitor_of(request).person_id, now=desk.now)
    )


@get("/earnings/statements/{month:str}", guards=_GUARDS, responses=_SEEN, security=BEARER)
async def get_statement(month: FromPath[str], request: Visit, state: State) -> StatementAnswer:
    """One month, like 2026-03. Also as `/csv` and `/pdf`. What is over and settled never changes."""
    desk = desk_of(state)
    told = await tell_statement(desk, visitor_of(request).person_id, month)
    return show_statement(told, await faces_of(desk, fans_of(told)))


@get("/earnings/calculator", guards=_GUARDS, responses=refusals_to_visitors(409, 422), security=BEARER)
async def calculate(
    request: Visit,
    state: State,
    *,
    coins: Coins = None,
    gift_id: GiftId = None,
    goal_minor: GoalMinor = None,
    currency: GoalCurrency = None,
) -> CalculatorAnswer:
    """What 1,000 coins, so many, or a gift would bring out of each pack; and what it takes to reach a goal."""
    return await tell_yields(
        desk_of(state), visitor_of(request), coins=coins, gift_id=gift_id, goal_minor=goal_minor, currency=currency
    )


@get("/operator/people/{handle:str}/earnings", guards=[operators_only], responses=_SEEN, security=BEARER)
async def see_earnings(handle: FromPath[str], request: Visit, state: State) -> EarningsAnswer:
    """What a creator has."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    person = await operators.see_person(desk.db, operator_id, handle, act="earnings_seen", now=desk.now)
    return await tell_earnings(desk, person.id, person.region)


@get(
    "/operator/people/{handle:str}/statements/{month:str}",
    guards=[operators_only],
    responses=_SEEN,
    security=BEARER,
)
async def see_statement(handle: FromPath[str], month: FromPath[str], request: Visit, state: State) -> StatementAnswer:
    """A creator's month."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    person = await operators.see_person(desk.db, operator_id, handle, act="statement_seen", now=desk.now)
    told = await tell_statement(desk, person.id, month)
    return show_statement(told, await faces_of(desk, fans_of(told)))


async def tell_earnings(desk: Desk, person_id: UUID, region: str) -> EarningsAnswer:
    """What somebody has, with the rates that hold for them."""
    found = await balances.get_earnings(desk.rooms.gifting, desk.estimates, person_id, region)
    card = await calculator.list_rate_card(desk.db, desk.estimates, person_id, region, now=desk.now)
    return show_earnings(found, card)


async def tell_gifts(desk: Desk, visitor: Visitor, *, after: int | None, limit: int) -> EarnedGiftList:
    """A page of what the visitor received."""
    found = await waterfalls.list_earned(
        desk.rooms.gifting, desk.estimates, visitor.person_id, visitor.region, after=after, limit=limit + 1
    )
    faces = await faces_of(desk, _fans(found))
    return EarnedGiftList(
        items=[show_earned(each, faces.get(each.fan_id)) for each in found[:limit]],
        next=str(found[limit - 1].sent.timestamp) if len(found) > limit else None,
    )


async def tell_statement(desk: Desk, person_id: UUID, month: str) -> Told:
    """A month of somebody, with the seal that covers it. Raises NoSuchStatement."""
    told = await statements.get_statement(desk.db, desk.till.ledger, person_id, month, now=desk.now)
    seal = await seals.find_seal(desk.db, told.statement.ledger_up_to) if told.is_final else None
    return replace(told, seal=seal.text) if seal else told


async def tell_yields(
    desk: Desk,
    visitor: Visitor,
    *,
    coins: int | None = None,
    gift_id: str | None = None,
    goal_minor: int | None = None,
    currency: str | None = None,
) -> CalculatorAnswer:
    """What coins would bring the visitor. Raises GiftNotAvailable or Invalid."""
    if coins is not None and gift_id is not None:
        raise Invalid("Ask about a number of coins or about a gift: one of the two.", field="gift")
    price = None
    if gift_id is not None:
        shelf = await desk.rooms.gifting.catalogue.get_shelf()
        price = gift_rules.get_gift(shelf, gift_id, visitor.region, desk.now).price_coins
    goal = None if goal_minor is None else (goal_minor, take_currency(currency or visitor.currency))
    found = await calculator.list_yields(
        desk.db,
        desk.estimates,
        visitor.person_id,
        visitor.region,
        coins=coins or price or calculator.THOUSAND,
        goal=goal,
        now=desk.now,
    )
    return show_yields(found, gift_coins=price)


def fans_of(told: Told) -> set[UUID]:
    """Those who are named in a statement."""
    return {fan.fan for part in told.statement.currencies for fan in part.fans if fan.fan}


async def faces_of(desk: Desk, fan_ids: Iterable[UUID]) -> dict[UUID | None, Face]:
    """How these fans are seen; nobody's for who gave anonymously."""
    return {fan_id: (await desk.rooms.known.get_person(fan_id)).face for fan_id in fan_ids}


def _fans(found: Iterable[Earned]) -> set[UUID]:
    return {each.fan_id for each in found if each.fan_id is not None}


ROUTES: list[ControllerRouterHandler] = [
    get_earnings,
    list_gifts,
    get_gift,
    list_statements,
    get_statement,
    calculate,
    see_earnings,
    see_statement,
]
"""All of them, for the API's router."""
