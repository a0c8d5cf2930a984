"""/v1/lives: going live, what is on, what happened, and who gave most; and an operator's end of a live."""

from typing import Annotated
from uuid import UUID

from litestar import get, patch, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from plaudit.people import Scope
from plaudit.people.model import Place
from plaudit.rooms import Live, LivePlace, Span, leaderboard, lives
from plaudit.rooms import events as room_events
from plaudit.rooms.tokens import make_token
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals, refusals_to_visitors
from plaudit.web.api.guards import creators_only, may, operators_only
from plaudit.web.api.live_shapes import (
    EndBody,
    EventList,
    LeaderList,
    LiveAnswer,
    LiveBody,
    LiveChangeBody,
    LiveList,
    Watch,
    show_events,
    show_leaders,
    show_live,
    show_lives,
)
from plaudit.web.api.paging import After, Limit, read_place

_CREATE = [creators_only, may(Scope.CREATE)]
_ANYONE = [{}, *BEARER]

Seen = Annotated[
    int, QueryParameter(name="after", description="The number of the last event that is known.", ge=0, le=2**63 - 1)
]
Most = Annotated[int, QueryParameter(name="limit", description="How many at most.", ge=1, le=room_events.MOST_AT_ONCE)]
Board = Annotated[Span, QueryParameter(description="In this live, in this week, or of all time.")]


@post("/lives", guards=_CREATE, responses=refusals_to_visitors(409, 422), security=BEARER)
async def start_live(data: JSONBody[LiveBody], request: Visit, state: State) -> LiveAnswer:
    """Go live. The same id again answers the live as it is now."""
    desk, visitor = desk_of(state), visitor_of(request)
    return answer_live(desk, request, await lives.start_live(desk.rooms, data.wish(), visitor, now=desk.now))


@patch("/lives/{live_id:uuid}", guards=_CREATE, responses=refusals_to_visitors(404, 409, 422), security=BEARER)
async def change_live(
    live_id: FromPath[UUID], data: JSONBody[LiveChangeBody], request: Visit, state: State
) -> LiveAnswer:
    """Change one's own live while it is on."""
    desk, visitor = desk_of(state), visitor_of(request)
    live = await lives.change_live(desk.rooms, live_id, data.change(), by=visitor.person_id, now=desk.now)
    return answer_live(desk, request, live)


@post(
    "/lives/{live_id:uuid}/end", status_code=200, guards=_CREATE, responses=refusals_to_visitors(404), security=BEARER
)
async def end_live(live_id: FromPath[UUID], request: Visit, state: State) -> LiveAnswer:
    """End one's own live. Again changes nothing."""
    desk, visitor = desk_of(state), visitor_of(request)
    return answer_live(desk, request, await lives.end_live(desk.rooms, live_id, by=visitor.person_id, now=desk.now))


@get("/lives", responses=refusals(422), security=_ANYONE)
async def list_lives(state: State, after: After = None, limit: Limit = 30) -> LiveList:
    """What is on now, the newest first."""
    desk = desk_of(state)
    found = await lives.list_on(desk.db, after=_place(read_place(after)), limit=limit + 1)
    return show_lives(found, limit, desk.rooms.presence.viewers_of)


@get("/lives/{live_id:uuid}", responses=refusals(404), security=_ANYONE)
async def get_live(live_id: FromPath[UUID], request: Visit, state: State) -> LiveAnswer:
    """A live, on or over, with what a viewer needs. Each answer has a token of its own."""
    desk = desk_of(state)
    return answer_live(desk, request, await lives.get_live(desk.db, live_id))


@get("/lives/{live_id:uuid}/events", responses=refusals(404, 422), security=_ANYONE)
async def list_events(live_id: FromPath[UUID], state: State, after: Seen = 0, limit: Most = 100) -> EventList:
    """What happened after the event with the number `after`: gifts, ends of combos, and changes of the live."""
    found = await room_events.list_events(desk_of(state).db, live_id, after=after, limit=limit)
    return show_events(found, after)


@get("/lives/{live_id:uuid}/leaderboard", responses=refusals(404, 422), security=_ANYONE)
async def get_leaderboard(
    live_id: FromPath[UUID], state: State, span: Board = Span.LIVE, limit: Limit = 30
) -> LeaderList:
    """Who gave most in this live, or to its creator in this week (ISO 8601, UTC) or ever."""
    desk = desk_of(state)
    return show_leaders(await leaderboard.get_leaderboard(desk.db, live_id, span, limit=limit, now=desk.now))


@post(
    "/operator/lives/{live_id:uuid}/end",
    status_code=200,
    guards=[operators_only],
    responses=refusals_to_visitors(404, 422),
    security=BEARER,
)
async def end_live_of_anyone(
    live_id: FromPath[UUID], data: JSONBody[EndBody], request: Visit, state: State
) -> LiveAnswer:
    """End anybody's live, for a reason that everyone sees. One that is over stays as it is."""
    desk, operator = desk_of(state), visitor_of(request)
    live = await lives.end_live_of_anyone(desk.rooms, live_id, data.reason, by=operator.person_id, now=desk.now)
    return answer_live(desk, request, live)


ROUTES: list[ControllerRouterHandler] = [
    start_live,
    change_live,
    end_live,
    list_lives,
    get_live,
    list_events,
    get_leaderboard,
    end_live_of_anyone,
]


def answer_live(desk: Desk, request: Visit, live: Live) -> LiveAnswer:
    """The live with a fresh token for whoever asks."""
    viewer_id = request.user.person_id if request.user else None
    token, expires_at = make_token(desk.secret, live.id, viewer_id, desk.now)
    watch = Watch(url=f"{desk.gateway.seen_from(request)}/rooms/{live.id}", token=token, expires_at=expires_at)
    return show_live(live, desk.rooms.presence.viewers_of(live.id), watch)


def _place(place: Place | None) -> LivePlace | None:
    return None if place is None else LivePlace(started_at=place.since, id=place.id)
