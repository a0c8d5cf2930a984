"""What goes over the wire about what coins would bring."""

from typing import Literal

from msgspec import Struct

from plaudit.earnings.calculator import Yield, Yields
from plaudit.web.api.earnings_shapes import Exact, exact
from plaudit.web.api.price_shapes import RateAnswer, show_rate


class GoalAnswer(Struct, frozen=True, kw_only=True):
    """How many coins it takes to reach the goal, and how often the gift that was asked about; null without one."""

    coins: int
    gifts: int | None


class YieldAnswer(Struct, frozen=True, kw_only=True):
    """What the coins bring when they come out of this pack: `paid` before tax, and your `share` of it.

    `region` is empty for all without packs of their own. `goal` is null where no goal was told in this currency, or
    none of these coins reach it.
    """

    region: str
    currency: str
    channel: Literal["web", "app"]
    pack: str
    pack_coins: int
    rate: RateAnswer | None
    paid: Exact
    share: Exact
    goal: GoalAnswer | None


class CalculatorAnswer(Struct, frozen=True, kw_only=True):
    """What so many coins would bring out of each pack, at the rates that hold now; there is never a next page."""

    coins: int
    items: list[YieldAnswer]
    next: None = None


def show_yields(yields: Yields, *, gift_coins: int | None) -> CalculatorAnswer:
    """What so many coins would bring; `gift_coins` is the price of the gift that was asked about."""
    return CalculatorAnswer(coins=yields.coins, items=[_show_yield(each, gift_coins) for each in yields.items])


def _show_yield(each: Yield, gift_coins: int | None) -> YieldAnswer:
    pack, wanted = each.pack, each.coins_for_goal
    gifts = None if gift_coins is None or wanted is None else -(-wanted // gift_coins)
    return YieldAnswer(
        region=pack.region,
        currency=pack.currency,
        channel="app" if pack.channel == "app" else "web",
        pack=pack.id,
        pack_coins=pack.coins,
        rate=None if each.rate is None else show_rate(each.rate),
        paid=exact(each.paid_micros, pack.currency),
        share=exact(each.share_micros, pack.currency),
        goal=None if wanted is None else GoalAnswer(coins=wanted, gifts=gifts),
    )
