"""The studio's money: what one has, where each gift's money went, months, and what coins would bring."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from msgspec import Struct
from msgspec.structs import replace

from plaudit.earnings import balances, calculator, statements, waterfalls
from plaudit.earnings.balances import Balance, Earnings
from plaudit.earnings.statement_model import own_first
from plaudit.earnings.waterfall import Flow, Part, add_up
from plaudit.earnings.waterfalls import Earned
from plaudit.foundation.errors import Invalid, PlauditError
from plaudit.gifts import Gift, rules
from plaudit.people import Visitor
from plaudit.rooms import lives
from plaudit.rooms.model import Face
from plaudit.web.api.calculator_shapes import CalculatorAnswer, YieldAnswer
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.earnings import faces_of, fans_of, tell_statement, tell_yields
from plaudit.web.api.paging import After, read_number
from plaudit.web.pages.operating.console import read_minor, read_whole
from plaudit.web.pages.shell import show_page
from plaudit.web.pages.visits import fans_only

_GIFTS_ON_A_PAGE = 30
_MONTHS = 12
_WHOLE = 1_000

Asked = Annotated[str, QueryParameter(max_length=20)]
AskedGift = Annotated[str, QueryParameter(name="gift", max_length=40)]


class Segment(Struct, frozen=True):
    """One colour of a bar: whose it is, how much, and where it stands, in thousandths of the bar."""

    name: str
    micros: int
    start: int
    width: int


class Bar(Struct, frozen=True, kw_only=True):
    """Where the money of some coins in one currency went, as it is drawn; `added` is what the house put in."""

    currency: str
    flow: Flow
    segments: list[Segment]
    added: int


class GiftLine(Struct, frozen=True, kw_only=True):
    """A gift, or all taps of a combo that stand together."""

    earned: Earned
    face: Face | None
    live_title: str | None
    quantity: int
    coins: int
    is_settled: bool
    bars: list[Bar]
    parts: list[Part]


class GiftLines(Struct, frozen=True, kw_only=True):
    """Some gifts, the newest first; `after` leads to older ones."""

    items: list[GiftLine]
    after: int | None


class ComingDay(Struct, frozen=True, kw_only=True):
    """What becomes available on one day (UTC), in each currency; `at` is the first instant at which some of it does."""

    at: datetime
    amounts: list[tuple[int, str]]


class Question(Struct, frozen=True, kw_only=True):
    """What somebody asks the calculator, as they typed it."""

    coins: str = ""
    gift: str = ""
    goal: str = ""
    currency: str = ""


@get("/studio/earnings", guards=[fans_only], include_in_schema=False)
async def show_earnings(request: Visit, state: State, after: After = None) -> Response[Any]:
    """What one has and gets, and every gift."""
    desk, visitor = desk_of(state), visitor_of(request)
    if not visitor.is_creator:
        return Redirect("/studio", status_code=303)
    found = await balances.get_earnings(desk.rooms.gifting, desk.estimates, visitor.person_id, visitor.region)
    card = await calculator.list_rate_card(desk.db, desk.estimates, visitor.person_id, visitor.region, now=desk.now)
    months = await statements.list_months(desk.db, desk.till.ledger, visitor.person_id, now=desk.now)
    return show_page(
        request,
        "earnings.html",
        earnings=found,
        leading=_leading(found, visitor),
        coming=list_coming(found),
        card=card,
        months=months[:_MONTHS],
        lines=await _list_lines(desk, visitor, after=read_number(after)),
        is_live=await lives.find_on(desk.db, visitor.person_id) is not None,
    )


@get("/studio/earnings/statements", guards=[fans_only], include_in_schema=False)
async def show_months(request: Visit, state: State) -> Response[Any]:
    """Every month."""
    desk, visitor = desk_of(state), visitor_of(request)
    if not visitor.is_creator:
        return Redirect("/studio", status_code=303)
    months = await statements.list_months(desk.db, desk.till.ledger, visitor.person_id, now=desk.now)
    return show_page(request, "earnings_months.html", months=months)


@get("/studio/earnings/statements/{month:str}", guards=[fans_only], include_in_schema=False)
async def show_statement(month: FromPath[str], request: Visit, state: State) -> Response[Any]:
    """One month."""
    desk, visitor = desk_of(state), visitor_of(request)
    if not visitor.is_creator:
        return Redirect("/studio", status_code=303)
    told = await tell_statement(desk, visitor.person_id, month)
    faces = await faces_of(desk, fans_of(told))
    return show_page(
        request,
        "earnings_statement.html",
        told=told,
        statement=told.statement,
        parts=own_first(told.statement.currencies, visitor.currency),
        faces=faces,
    )


@get("/studio/earnings/calculator", guards=[fans_only], include_in_schema=False)
async def show_calculator(
    request: Visit,
    state: State,
    *,
    coins: Asked = "",
    gift_id: AskedGift = "",
    goal: Asked = "",
    currency: Asked = "",
) -> Response[Any]:
    """What a gift, so many coins or a goal means in each pack that fans can buy."""
    desk, visitor = desk_of(state), visitor_of(request)
    if not visitor.is_creator:
        return Redirect("/studio", status_code=303)
    asked = Question(coins=coins.strip(), gift=gift_id, goal=goal.strip(), currency=currency or visitor.currency)
    problem: PlauditError | None = None
    try:
        found = await _calculate(desk, visitor, asked)
    except PlauditError as refusal:
        # Only what was typed is told beside it.
        if refusal.status >= 500:
            raise
        problem, found = refusal, await tell_yields(desk, visitor)
    return show_page(
        request,
        "earnings_calculator.html",
        status=problem.status if problem else 200,
        asked=asked,
        coins=found.coins,
        groups=_by_currency(found, visitor.currency),
        gifts=await _list_gifts(desk, visitor),
        currencies=sorted({each.currency for each in found.items}),
        problem=problem,
    )


def _by_currency(found: CalculatorAnswer, own: str) -> list[tuple[str, list[YieldAnswer]]]:
    """One's own currency first; what is sold on the web before what is sold in an app."""
    codes = sorted({each.currency for each in found.items}, key=lambda code: (code != own, code))
    items = sorted(found.items, key=lambda each: (each.channel != "web", each.region, each.pack_coins))
    return [(code, [each for each in items if each.currency == code]) for code in codes]


async def _calculate(desk: Desk, visitor: Visitor, asked: Question) -> CalculatorAnswer:
    coins = read_whole(asked.coins, "coins") if asked.coins else None
    if coins is not None and not 1 <= coins <= calculator.MOST_COINS:
        raise Invalid("So many coins can't be reckoned with.", field="coins")
    goal_minor = read_minor(asked.goal, asked.currency, "goal") if asked.goal else None
    if goal_minor is not None and not 1 <= goal_minor <= calculator.MOST_GOAL_MINOR:
        raise Invalid("A goal is more than nothing, and not that much.", field="goal")
    # A number of coins that was typed goes before the gift that was chosen.
    return await tell_yields(
        desk,
        visitor,
        coins=coins,
        gift_id=(asked.gift or None) if coins is None else None,
        goal_minor=goal_minor,
        currency=asked.currency,
    )


async def _list_gifts(desk: Desk, visitor: Visitor) -> list[Gift]:
    shelf = await desk.rooms.gifting.catalogue.get_shelf()
    found = [rules.at_price(entry, desk.now) for entry in shelf.entries.values()]
    return [gift for gift in found if gift is not None and rules.is_offered(gift, visitor.region, desk.now)]


def list_coming(earnings: Earnings) -> list[ComingDay]:
    """The next days on which something becomes available, the first first."""
    days: dict[date, ComingDay] = {}
    for balance in earnings.balances:
        for each in balance.coming:
            known = days.get(each.at.date()) or ComingDay(at=each.at, amounts=[])
            amounts = [*known.amounts, (each.micros, balance.currency)]
            days[each.at.date()] = ComingDay(at=min(known.at, each.at), amounts=amounts)
    return [day for _, day in sorted(days.items())]


def _leading(earnings: Earnings, visitor: Visitor) -> Balance:
    """The balance that stands largest: in one's own currency, else the first there is, else nothing in one's own."""
    own = next((each for each in earnings.balances if each.currency == visitor.currency), None)
    nothing = Balance(
        currency=visitor.currency, pending=0, available=0, on_its_way=0, held=0, owed=0, coming=(), reserves=()
    )
    return own or next(iter(earnings.balances), nothing)


async def _list_lines(desk: Desk, visitor: Visitor, *, after: int | None) -> GiftLines:
    found = await waterfalls.list_earned(
        desk.rooms.gifting,
        desk.estimates,
        visitor.person_id,
        visitor.region,
        after=after,
        limit=_GIFTS_ON_A_PAGE + 1,
    )
    shown = found[:_GIFTS_ON_A_PAGE]
    faces = await faces_of(desk, {each.fan_id for each in shown if each.fan_id})
    titles = await lives.list_titles(desk.db, {id for each in shown if (id := each.sent.sending.live_id)})
    items = [_line(list(taps), faces, titles) for _, taps in groupby(shown, key=_combo_of)]
    return GiftLines(items=items, after=shown[-1].sent.timestamp if len(found) > _GIFTS_ON_A_PAGE else None)


def _combo_of(earned: Earned) -> tuple[object, ...]:
    """The same for gifts that are shown as one: those of one combo."""
    sending = earned.sent.sending
    return (earned.fan_id, sending.combo_id or sending.id, sending.gift, sending.is_anonymous, earned.is_settled)


def _line(taps: Sequence[Earned], faces: dict[UUID | None, Face], titles: Any) -> GiftLine:
    first = taps[0]
    parts = _merge(part for tap in taps for part in tap.parts)
    return GiftLine(
        earned=first,
        face=faces.get(first.fan_id),
        live_title=titles.get(first.sent.sending.live_id),
        quantity=sum(tap.sent.sending.quantity for tap in taps),
        coins=sum(tap.sent.sending.coins for tap in taps),
        is_settled=first.is_settled,
        bars=[make_bar(flow, code) for code, flow in add_up(parts).items()],
        parts=parts,
    )


def _merge(parts: Iterable[Part]) -> list[Part]:
    """Parts that differ in nothing but their coins, as one."""
    merged: dict[tuple[object, ...], Part] = {}
    for part in parts:
        key = (part.currency, part.kind, part.pack, part.region, part.tier, part.share_bps, part.micros_per_coin)
        known = merged.get(key)
        merged[key] = (
            part if known is None else replace(known, coins=known.coins + part.coins, flow=known.flow.plus(part.flow))
        )
    return list(merged.values())


def make_bar(flow: Flow, currency: str) -> Bar:
    """The bar of a flow. What the house adds to what was paid is told beside it: a bar has no part below zero."""
    named = [("share", flow.share), ("platform", max(flow.platform, 0)), ("fee", flow.fee), ("tax", flow.tax)]
    whole = sum(micros for _, micros in named)
    segments: list[Segment] = []
    so_far = 0
    for name, micros in named:
        start = so_far * _WHOLE // whole if whole else 0
        so_far += micros
        width = (so_far * _WHOLE // whole if whole else 0) - start
        segments.append(Segment(name, micros, start, width))
    return Bar(currency=currency, flow=flow, segments=segments, added=max(-flow.platform, 0))


ROUTES: list[ControllerRouterHandler] = [show_earnings, show_months, show_statement, show_calculator]
"""All of them, for the pages' router."""
