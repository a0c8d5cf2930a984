"""A way past most of the framework, for what is asked thousands of times a second.

It takes what plainly is in order: a bearer whose session is remembered and good for this, with a small body of the
right shape. It checks and counts as the guards do. Everything else goes the framework's way, which knows all other
cases, and how to refuse them. Why: docs/decisions/0008-gifts-past-the-framework.md.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

import msgspec
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Receive, Scope, Send
from msgspec import Struct

from plaudit.people import Scope as Grant
from plaudit.people import Visitor
from plaudit.web.api.desk import Desk, desk_of
from plaudit.web.api.guards import charge, recognise

Body = TypeVar("Body", bound=Struct)
Act = Callable[[Desk, Visitor, Body], Awaitable[Struct]]

_CREATED = 201
_JSON = (b"content-type", b"application/json")
# What comes in more parts, or is larger, isn't small.
_MOST_PARTS = 4
_MOST_BYTES = 16_384


def quickly(shape: type[Body], act: Act[Body], *, grant: Grant) -> Callable[[ASGIApp], ASGIApp]:
    """A middleware for a route that makes something: `act` does it, for whoever has a session with this grant.

    What `act` raises is answered as if the route had raised it.
    """
    decoder = msgspec.json.Decoder(shape)

    def before(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            scope = cast("HTTPScope", scope)
            desk = desk_of(scope["litestar_app"].state)
            visitor = recognise(desk, scope["headers"])
            if visitor is None or grant not in visitor.scopes:
                await app(scope, receive, send)
                return
            messages = await _hear(receive)
            if (body := _read(messages, decoder)) is None:
                await app(scope, _once_more(messages, receive), send)
                return
            charge(desk, scope, visitor)
            await _answer(send, msgspec.json.encode(await act(desk, visitor, body)))

        return answer

    return before


async def _hear(receive: Receive) -> list[HTTPReceiveMessage]:
    """The request's body, or its beginning when it isn't small."""
    messages: list[HTTPReceiveMessage] = []
    while len(messages) < _MOST_PARTS:
        message = cast("HTTPReceiveMessage", await receive())
        messages.append(message)
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    return messages


def _read(messages: Sequence[HTTPReceiveMessage], decoder: msgspec.json.Decoder[Body]) -> Body | None:
    """The body, if it is all there and plainly of the right shape."""
    last = messages[-1]
    if last["type"] != "http.request" or last.get("more_body"):
        return None
    text = b"".join([cast("dict[str, Any]", message)["body"] for message in messages])
    if len(text) > _MOST_BYTES:
        return None
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _once_more(messages: Sequence[HTTPReceiveMessage], receive: Receive) -> Receive:
    """What was heard already, and then what comes."""
    heard = iter(messages)

    async def again() -> HTTPReceiveMessage:
        return next(heard, None) or cast("HTTPReceiveMessage", await receive())

    return again


async def _answer(send: Send, body: bytes) -> None:
    headers = [_JSON, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": _CREATED, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
