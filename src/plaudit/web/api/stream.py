"""/v1/lives/{id}/stream: what happens in a live as server-sent events, for networks that block WebSockets."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from plaudit.rooms.tokens import read_token
from plaudit.web.api.desk import Visit, address_of, desk_of
from plaudit.web.api.documents import refusals

MEDIA_TYPE = "text/event-stream"

_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}

Token = Annotated[str, QueryParameter(description="`watch.token` of the live.", max_length=2_000)]
Known = Annotated[
    int | None,
    QueryParameter(name="after", description="The `seq` of the last event that is known.", ge=0, le=2**63 - 1),
]


@get(
    "/lives/{live_id:uuid}/stream",
    media_type=MEDIA_TYPE,
    responses=refusals(401, 403, 404, 422),
    security=[{}],
)
async def stream_live(
    live_id: FromPath[UUID], request: Visit, state: State, token: Token = "", after: Known = None
) -> Stream:
    """What happens in a live, as server-sent events: each one's data is what a WebSocket's frame is.

    The last event's `id` as `Last-Event-ID`, which browsers send by themselves, goes before `after`.
    """
    desk = desk_of(state)
    ticket = read_token(desk.secret, token, live_id, desk.now)
    known = _last_event_id(request.headers.get("last-event-id", ""))
    pieces = await desk.streams.open(ticket, after if known is None else known, address_of(request))
    return Stream(pieces, media_type=MEDIA_TYPE, headers=_HEADERS)


def _last_event_id(told: str) -> int | None:
    return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else None
