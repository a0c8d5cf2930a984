"""/v1/messages and /v1/threads: what two people write to each other."""

from litestar import get, post, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from plaudit.people import Scope, Visitor
from plaudit.people.rules import take_known_handle
from plaudit.rooms import messages
from plaudit.rooms.message_model import Message, MessageWish
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.guards import may, may_change_account
from plaudit.web.api.message_shapes import (
    MessageBody,
    MessageList,
    ReadBody,
    ThreadList,
    show_thread,
    show_threads,
)
from plaudit.web.api.paging import After, Limit, read_number, read_place

_READ = [may(Scope.READ)]


@post("/messages", guards=[may_change_account], responses=refusals_to_visitors(404, 409, 422), security=BEARER)
async def write_message(data: JSONBody[MessageBody], request: Visit, state: State) -> Message:
    """Write to somebody. The same id again answers the same message."""
    desk = desk_of(state)
    return await write_and_tell(desk, data.wish(), visitor_of(request))


@get("/threads", guards=_READ, responses=refusals_to_visitors(422), security=BEARER)
async def list_threads(request: Visit, state: State, after: After = None, limit: Limit = 30) -> ThreadList:
    """With whom one writes, the last message first."""
    person_id, place = visitor_of(request).person_id, read_place(after)
    return show_threads(await messages.list_threads(desk_of(state).db, person_id, after=place, limit=limit + 1), limit)


@get("/threads/{handle:str}", guards=_READ, responses=refusals_to_visitors(404, 422), security=BEARER)
async def get_thread(
    handle: FromPath[str], request: Visit, state: State, after: After = None, limit: Limit = 30
) -> MessageList:
    """What one wrote with somebody, the newest first; empty when one never did."""
    person_id, before = visitor_of(request).person_id, read_number(after)
    return show_thread(
        await messages.get_thread(desk_of(state).db, person_id, handle, before=before, limit=limit + 1), limit
    )


@put(
    "/threads/{handle:str}/read",
    status_code=204,
    guards=[may_change_account],
    responses=refusals_to_visitors(404, 422),
    security=BEARER,
)
async def mark_read(handle: FromPath[str], data: JSONBody[ReadBody], request: Visit, state: State) -> None:
    """One has read up to this message; the other sees that."""
    desk, visitor = desk_of(state), visitor_of(request)
    await messages.mark_read(desk.db, visitor.person_id, handle, data.number)
    desk.rooms.tell_of_letters(take_known_handle(handle), visitor.handle)


async def write_and_tell(desk: Desk, wish: MessageWish, visitor: Visitor) -> Message:
    """Write it; the pages of both that are open know at once. Raises what `messages.write_message` raises."""
    message = await messages.write_message(desk.db, wish, visitor, now=desk.now)
    desk.rooms.tell_of_letters(take_known_handle(wish.to), visitor.handle)
    return message


ROUTES: list[ControllerRouterHandler] = [write_message, list_threads, get_thread, mark_read]
"""All of them, for the API's router."""
