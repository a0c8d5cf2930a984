"""The tour through the demo on its first page. What was done is known from the session and the wallet.

A cookie remembers it, since the tour asks for one person after the other. No other program than the demo shows any of
it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from litestar import Response, post
from litestar.datastructures import Cookie, State
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.coins import Buyer, MovementKind, wallet
from plaudit.foundation.errors import NotFound, PlauditError
from plaudit.people import Visitor
from plaudit.web.api.desk import Visit, desk_of
from plaudit.web.api.movement_words import find_given
from plaudit.web.demo_world import DemoWorld, find_world
from plaudit.web.pages.visits import require_own_site

COOKIE = "plaudit_tour"

_MONTH_SECONDS = 30 * 86_400
_HIDDEN = "hidden"
_ROSES_AND_A_LION = 30_100
# A step is over when all of its parts are.
_STEPS: dict[str, frozenset[str]] = {
    "fan": frozenset({"fan"}),
    "coins": frozenset({"coins"}),
    "room": frozenset({"room"}),
    "gifts": frozenset({"rose", "lion"}),
    "creator": frozenset({"creator"}),
    "operator": frozenset({"operator"}),
}
_PARTS = frozenset[str]().union(*_STEPS.values())
_MOVEMENTS_LOOKED_AT = 40


class Tour(Struct, frozen=True, kw_only=True):
    """How far somebody is, at this browser, since `begun_at`."""

    begun_at: datetime
    parts: frozenset[str] = frozenset()
    is_hidden: bool = False

    @property
    def done(self) -> list[str]:
        """The steps that are over."""
        return [step for step, parts in _STEPS.items() if parts <= self.parts]

    @property
    def next(self) -> str | None:
        """The first step that isn't over."""
        return next((step for step in _STEPS if step not in self.done), None)

    def with_parts(self, parts: Iterable[str]) -> "Tour":
        """The same, a little further."""
        return Tour(begun_at=self.begun_at, parts=self.parts | frozenset(parts), is_hidden=self.is_hidden)

    def cookie(self) -> Cookie:
        """How the browser remembers it."""
        words = [str(int(self.begun_at.timestamp())), *sorted(self.parts), *([_HIDDEN] if self.is_hidden else [])]
        return Cookie(COOKIE, value=".".join(words), httponly=True, samesite="lax", max_age=_MONTH_SECONDS)


class ShownTour(Struct, frozen=True, kw_only=True):
    """The tour as the first page shows it. `missing_coins` are those that the fan needs for some Roses and a Lion."""

    tour: Tour
    world: DemoWorld
    missing_coins: int


class TourForm(Struct, frozen=True, kw_only=True):
    """`hide` puts the tour away, `show` brings it back, `again` begins it anew."""

    wish: Literal["hide", "show", "again"] = "show"


async def find_tour(request: Visit) -> ShownTour | None:
    """How far whoever asks is by now; None where no demo runs."""
    world = find_world(request.app.state.settings)
    if world is None:
        return None
    tour, visitor = _read(request), request.user
    try:
        parts = await _look_around(request, visitor, tour)
        coins = await _coins_of(request, visitor) if visitor else 0
    except PlauditError:
        # The first page is more than its tour, which knows the rest with the next look.
        parts, coins = set[str](), 0
    return ShownTour(tour=tour.with_parts(parts), world=world, missing_coins=max(0, _ROSES_AND_A_LION - coins))


def remember(request: Visit, page: Response[str], shown: ShownTour | None) -> Response[str]:
    """The page, with which the browser learns how far it is."""
    if shown is not None and shown.tour != _remembered(request):
        page.set_cookie(shown.tour.cookie())
    return page


def note_room(request: Visit, page: Response[str]) -> Response[str]:
    """Whoever sees a room has joined a live."""
    if find_world(request.app.state.settings) is not None and "room" not in (tour := _read(request)).parts:
        page.set_cookie(tour.with_parts(["room"]).cookie())
    return page


@post("/tour", include_in_schema=False)
async def change_tour(data: URLEncodedBody[TourForm], request: Visit, state: State) -> Redirect:
    """Put it away, bring it back, or begin it anew."""
    if find_world(state.settings) is None:
        raise NotFound("There is no such page.")
    require_own_site(request)
    tour = Tour(begun_at=desk_of(state).now) if data.wish == "again" else _read(request)
    changed = Tour(begun_at=tour.begun_at, parts=tour.parts, is_hidden=data.wish == "hide")
    return Redirect("/", status_code=303, cookies=[changed.cookie()])


def _read(request: Visit) -> Tour:
    return _remembered(request) or Tour(begun_at=desk_of(request.app.state).now.replace(microsecond=0))


def _remembered(request: Visit) -> Tour | None:
    begun, *words = request.cookies.get(COOKIE, "").split(".")
    # Ten digits last until the year 2286.
    if not (begun.isascii() and begun.isdigit() and len(begun) <= 10):
        return None
    begun_at = datetime.fromtimestamp(int(begun), UTC)
    return Tour(begun_at=begun_at, parts=_PARTS & set(words), is_hidden=_HIDDEN in words)


async def _look_around(request: Visit, visitor: Visitor | None, tour: Tour) -> set[str]:
    """What the session and the wallet tell."""
    if visitor is None or tour.next is None:
        return set()
    if visitor.is_operator:
        return {"operator"}
    if visitor.is_creator:
        return {"creator"}
    return {"fan", *await _look_into_the_wallet(request, visitor, tour.begun_at)}


async def _look_into_the_wallet(request: Visit, visitor: Visitor, since: datetime) -> set[str]:
    desk = desk_of(request.app.state)
    newest = await wallet.list_movements(
        desk.till, _buyer(visitor), after=None, limit=_MOVEMENTS_LOOKED_AT, now=desk.now
    )
    fresh = [movement for movement in newest if movement.at >= since]
    bought = {"coins" for movement in fresh if movement.kind is MovementKind.TOP_UP}
    given = {each.gift.id for each in (await find_given(desk, fresh)).values()}
    return bought | (given & _STEPS["gifts"])


async def _coins_of(request: Visit, visitor: Visitor) -> int:
    desk = desk_of(request.app.state)
    return (await wallet.get_wallet(desk.till, _buyer(visitor), now=desk.now)).coins


def _buyer(visitor: Visitor) -> Buyer:
    return Buyer(person_id=visitor.person_id, region=visitor.region, currency=visitor.currency)


ROUTES: list[ControllerRouterHandler] = [change_tour]
"""All of them, for the pages' router."""
