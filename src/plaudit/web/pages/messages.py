"""What one writes with others: all conversations, and one of them."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect, Stream
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.foundation.errors import Invalid, PlauditError
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import Money
from plaudit.rooms import messages
from plaudit.rooms.message_model import Message, MessageWish, Thread
from plaudit.rooms.sending import find_receiver
from plaudit.rooms.wire import LETTERS
from plaudit.web.api.desk import Desk, Visit, address_of, desk_of, visitor_of
from plaudit.web.api.message_shapes import ThreadList, show_threads
from plaudit.web.api.messages import write_and_tell
from plaudit.web.api.paging import read_number, read_place
from plaudit.web.pages.gift_money import money_of_gifts
from plaudit.web.pages.shell import show_page
from plaudit.web.pages.visits import fans_only, require_own_form

_THREADS_ON_A_PAGE = 40
_MESSAGES_ON_A_PAGE = 30

_UNCACHED = {"cache-control": "no-store", "x-accel-buffering": "no"}

ToPerson = Annotated[str, QueryParameter(name="to", max_length=50)]
AfterPlace = Annotated[str | None, QueryParameter(name="after", max_length=200)]
Before = Annotated[str | None, QueryParameter(name="before", max_length=20)]
AfterNumber = Annotated[str | None, QueryParameter(name="after", max_length=20)]


class NotStreamed(PlauditError):
    """This address has nothing to look at: it tells pages that are open that something is new."""

    code = "not_streamed"
    title = "There is nothing to look at here."
    status = 406


class MessageForm(Struct, frozen=True, kw_only=True):
    """A text; `id` was made with the page, so that sending twice writes once."""

    id: str = ""
    text: str = ""
    csrf: str = ""


class Talk(Struct, frozen=True, kw_only=True):
    """A part of a conversation, the oldest message first; `before` leads to older ones, where there are any."""

    thread: Thread
    messages: list[Message]
    money: dict[UUID, Money]
    before: int | None


@get("/messages", guards=[fans_only], include_in_schema=False)
async def show_messages(request: Visit, state: State, to: ToPerson = "", after: AfterPlace = None) -> Response[Any]:
    """With whom one writes; `to` leads to the conversation with somebody."""
    if to:
        return Redirect(f"/messages/{to.strip().lstrip('@').lower()}", status_code=303)
    return show_page(request, "messages.html", threads=await _list_threads(desk_of(state), request, after), talk=None)


@get("/messages/{handle:str}", guards=[fans_only], include_in_schema=False)
async def show_conversation(
    handle: FromPath[str], request: Visit, state: State, before: Before = None
) -> Response[str]:
    """What one wrote with somebody, from the newest back."""
    return await _show(request, desk_of(state), handle, before=read_number(before))


@get("/messages/{handle:str}/newer", guards=[fans_only], include_in_schema=False)
async def show_newer(handle: FromPath[str], request: Visit, state: State, after: AfterNumber = None) -> Response[str]:
    """Only the messages behind a number, for the page that shows those before."""
    number = read_number(after) or 0
    talk = await _read_talk(desk_of(state), request, handle, before=None, after=number)
    return show_page(request, "bubbles.html", talk=talk)


@get("/news", guards=[fans_only], media_type="text/event-stream", include_in_schema=False)
async def stream_news(request: Visit, state: State) -> Stream:
    """A word whenever something in one's messages is new, as server-sent events; what it is, the page asks for.

    Raises NotStreamed when a person comes here instead of a page's script.
    """
    if "text/event-stream" not in request.headers.get("accept", ""):
        raise NotStreamed
    desk = desk_of(state)
    subject = f"{LETTERS}.{visitor_of(request).handle}"
    return Stream(await desk.streams.open_news(desk.rooms.line, subject, address_of(request)), headers=_UNCACHED)


@post("/messages/{handle:str}", guards=[fans_only], include_in_schema=False)
async def write(
    handle: FromPath[str], data: URLEncodedBody[MessageForm], request: Visit, state: State
) -> Response[Any]:
    """Write to somebody, without a script."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    try:
        wish = MessageWish(id=_read_id(data.id), to=handle, text=data.text)
        await write_and_tell(desk, wish, visitor_of(request))
    except PlauditError as problem:
        return await _show(request, desk, handle, before=None, problem=problem, text=data.text)
    return Redirect(f"/messages/{handle}", status_code=303)


async def _show(
    request: Visit, desk: Desk, handle: str, *, before: int | None, problem: PlauditError | None = None, text: str = ""
) -> Response[str]:
    talk = await _read_talk(desk, request, handle, before=before)
    receiver = await find_receiver(desk.rooms, live_id=None, to=handle)
    return show_page(
        request,
        "messages.html",
        status=problem.status if problem else 200,
        talk=talk,
        threads=await _list_threads(desk, request, None),
        may_receive=await desk.rooms.known.may_receive(receiver),
        message_id=new_id(),
        problem=problem,
        text=text,
    )


async def _list_threads(desk: Desk, request: Visit, after: str | None) -> ThreadList:
    person_id, limit = visitor_of(request).person_id, _THREADS_ON_A_PAGE
    return show_threads(
        await messages.list_threads(desk.db, person_id, after=read_place(after), limit=limit + 1), limit
    )


async def _read_talk(desk: Desk, request: Visit, handle: str, *, before: int | None, after: int = 0) -> Talk:
    visitor, limit = visitor_of(request), _MESSAGES_ON_A_PAGE
    thread = await messages.get_thread(desk.db, visitor.person_id, handle, before=before, limit=limit + 1)
    shown = [message for message in reversed(thread.messages[:limit]) if message.number > after]
    money = await money_of_gifts(desk, visitor, [message.gift.id for message in shown if message.gift])
    older = shown[0].number if len(thread.messages) > limit and shown else None
    return Talk(thread=thread, messages=shown, money=money, before=older)


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("This page is out of date: load it again.", field="id") from None


ROUTES: list[ControllerRouterHandler] = [show_messages, show_conversation, show_newer, stream_news, write]
"""All of them, for the pages' router."""
