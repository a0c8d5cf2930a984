"""Fans who watch over WebSockets: they come and go, so that a room breathes; and one pair of ears in each room."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from picows import (
    WSError,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_connect,  # pyright: ignore[reportUnknownVariableType] - its **kwargs have no type
)

from plaudit.demo.api import Away
from plaudit.demo.cast import Member
from plaudit.demo.stage import Room, Seen, Stage, unharmed
from plaudit.demo.talking import react, say_hello

SEATS = 72
# Most are there soon, so that nobody opens an empty room.
_ARRIVING_SECONDS, _ARRIVING_LATE_SECONDS, _LATE = 5.0, 90.0, 0.35
_STAYS_SECONDS, _AWAY_SECONDS = (20.0, 200.0), (2.0, 60.0)
_SAYS_HELLO = 0.12
_DARK_SECONDS = 1.0

# An adapter, because of a plain logger picows makes one more for each connection.
_LOGGER = logging.LoggerAdapter(logging.getLogger("picows"))

Hear = Callable[[list[dict[str, Any]]], None]


class _Screen(WSListener):
    def __init__(self, hear: Hear | None) -> None:
        self._hear = hear

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
        elif frame.msg_type == WSMsgType.TEXT and self._hear is not None:
            self._hear(msgspec.json.decode(frame.get_payload_as_bytes()))


@asynccontextmanager
async def watching(stage: Stage, room: Room, fan: Member, hear: Hear | None = None) -> AsyncGenerator[WSTransport]:
    """Watch the room's live while the block runs; the transport's `wait_disconnected` ends sooner if it breaks.

    Raises Refused or Away.
    """
    live = await stage.ask(fan, f"GET /v1/lives/{room.live_id}")
    watch = live["watch"]
    try:
        transport, _ = await ws_connect(
            lambda: _Screen(hear), f"{watch['url']}?token={watch['token']}", logger_name=_LOGGER
        )
    except (OSError, WSError, TimeoutError) as error:
        raise Away(str(error)) from error
    try:
        yield transport
    finally:
        transport.disconnect()


async def keep_watching(stage: Stage) -> None:
    """Every seat is taken by one fan after another, until cancelled."""
    async with asyncio.TaskGroup() as seats:
        for _ in range(SEATS):
            seats.create_task(_seat(stage))


async def _seat(stage: Stage) -> None:
    is_late = stage.random.random() < _LATE
    await asyncio.sleep(stage.random.uniform(0, _ARRIVING_LATE_SECONDS if is_late else _ARRIVING_SECONDS))
    while True:
        room = stage.choose_room()
        if room is not None:
            await unharmed(_sit(stage, room))
        await asyncio.sleep(stage.random.uniform(*_AWAY_SECONDS) if room else _DARK_SECONDS)


async def _sit(stage: Stage, room: Room) -> None:
    fan = stage.choose_fan()
    async with watching(stage, room, fan) as transport:
        if stage.random.random() < _SAYS_HELLO:
            await unharmed(say_hello(stage, room, fan))
        try:
            async with asyncio.timeout(stage.random.uniform(*_STAYS_SECONDS)):
                await transport.wait_disconnected()
        except TimeoutError:
            pass


async def keep_listening(stage: Stage, room: Room) -> None:
    """Hear every gift of one room, until cancelled, whoever gave it: it is counted, and the room reacts."""
    async with asyncio.TaskGroup() as reactions:

        def hear(told: list[dict[str, Any]]) -> None:
            for event in told:
                if event["type"] == "gift_sent":
                    seen = _note(stage, room, event)
                    reactions.create_task(unharmed(react(stage, room, seen)))
                elif event["type"] == "viewers":
                    room.viewers = int(event["count"])

        while True:
            if room.live_id is not None:
                await unharmed(_listen(stage, room, hear))
            await asyncio.sleep(_DARK_SECONDS)


async def _listen(stage: Stage, room: Room, hear: Hear) -> None:
    live_id = room.live_id
    async with watching(stage, room, stage.fans[0], hear) as transport:
        while room.live_id == live_id and not transport.is_disconnected:
            await asyncio.sleep(_DARK_SECONDS)


def _note(stage: Stage, room: Room, event: dict[str, Any]) -> Seen:
    sender = event["from"]["name"] if event["from"] else None
    seen = Seen(room=room.creator.member.name, gift=event["gift"]["id"], coins=int(event["coins"]), sender=sender)
    stage.names[seen.gift] = str(event["gift"]["name"])
    stage.gifts += 1
    stage.latest.appendleft(seen)
    return seen
