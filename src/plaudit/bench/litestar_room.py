"""The alternative that is written first: a room as a Litestar WebSocket route, a set of sockets and a loop of sends.

`python -m plaudit.bench.litestar_room` answers its port, and serves with granian, as the product does. There is no
database and no ledger in it: a gift is only told on, so whatever is slow here is the fan-out.
"""

import asyncio
import multiprocessing
import os
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from litestar import Litestar, WebSocket, get, post, websocket
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect
from msgspec import Struct

from plaudit.bench.piping import answer
from plaudit.foundation.lifeline import end_with

_ROSE = {"id": "rose", "name": "Rose", "tier": "small", "art": "rose"}
_SENDER = {"handle": "fan_1", "name": "fan_1", "picture_url": None}


class Given(Struct, frozen=True):
    """A gift as it is sent here; the rest of a real one's fields are ignored."""

    id: str


class _Room:
    def __init__(self) -> None:
        self.sockets: set[WebSocket[Any, Any, Any]] = set()
        self.seq = 0
        self.waiting: asyncio.Queue[str] = asyncio.Queue()

    def add(self, given: Given) -> None:
        self.seq += 1
        event: dict[str, Any] = {"seq": self.seq, "type": "gift_sent", "at": datetime.now(UTC), "id": given.id}
        event |= {"gift": _ROSE, "quantity": 1, "coins": 1, "from": _SENDER, "message": None, "combo": None}
        self.waiting.put_nowait(msgspec.json.encode([event]).decode())

    async def tell_all(self) -> None:
        while True:
            text = await self.waiting.get()
            for each in list(self.sockets):
                await each.send_text(text)


@asynccontextmanager
async def _telling(app: Litestar) -> AsyncGenerator[None]:
    app.state.room = _Room()
    telling = asyncio.create_task(app.state.room.tell_all())
    yield
    telling.cancel()


@websocket("/room")
async def watch(socket: WebSocket[Any, Any, Any], state: State) -> None:
    """Watch the room until one leaves."""
    room: _Room = state.room
    await socket.accept()
    await socket.send_text(f'[{{"type":"state","seq":{room.seq}}}]')
    room.sockets.add(socket)
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        room.sockets.discard(socket)


@post("/gifts")
async def give(data: Given, state: State) -> Given:
    """Tell everyone of a gift."""
    cast("_Room", state.room).add(data)
    return data


@get("/health")
async def health() -> dict[str, str]:
    """The room is open."""
    return {"status": "alive"}


def load_app() -> Litestar:
    """The app as granian's worker loads it."""
    if granian := multiprocessing.parent_process():
        end_with(granian.sentinel, last_resort_seconds=1)
    return Litestar(route_handlers=[watch, give, health], lifespan=[_telling], logging_config=None, openapi_config=None)


def main() -> None:
    """Serve until the program that started this one ends it, or is gone."""
    end_with(sys.stdin.fileno(), last_resort_seconds=2)
    multiprocessing.set_start_method("spawn")
    port = _free_port()
    answer(port)
    # granian writes to stdout, where the port was the only thing to say.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    Server(
        "plaudit.bench.litestar_room:load_app",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        workers=1,
        workers_kill_timeout=1,
        log_level=LogLevels.error,
    ).serve(target_loader=load_app, wrap_loader=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
