"""One connection of somebody who watches: they read, and whatever they write is passed over."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Protocol

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from plaudit.gateway.door import Entry
from plaudit.rooms.watch_errors import UNSENT_LIMIT_BYTES, TooSlow
from plaudit.rooms.wire import frame

PING_SECONDS = 20.0
DEAD_SECONDS = 45.0

# What is sent at once to somebody who missed much; the next piece waits until this one is on its way.
PIECE_BYTES = 64 * 1024
_PIECE_SECONDS = 30.0
_CLOSING_SECONDS = 5.0
# Nobody has anything to say here; a browser's or a proxy's odd message is no harm.
_MOST_NOISE = 1_000


class Host(Protocol):
    """What a viewer tells the gateway."""

    def arrived(self, viewer: "Viewer") -> None:
        """The connection is open."""
        ...

    def left(self, viewer: "Viewer") -> None:
        """The connection is gone."""
        ...

    def falls_behind(self, viewer: "Viewer") -> None:
        """More than `UNSENT_LIMIT_BYTES` wait for this one to read."""
        ...


class Viewer(WSListener):
    """What picows tells about one connection, and what can be written to it."""

    def __init__(self, host: Host, entry: Entry, address: str) -> None:
        self.entry = entry
        self.address = address
        self.is_gone = False
        self.is_closing = False
        self.write: Callable[[WSMsgType, bytes], None] = _nowhere
        self.heard_at = 0.0
        # Those who came together aren't all pinged together.
        self.ping_at = 0.0
        self._host = host
        self._transport: WSTransport | None = None
        self._noise = 0
        self._has_room: asyncio.Event | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The connection is open."""
        self._transport = transport
        self.write = transport.send
        transport.underlying_transport.set_write_buffer_limits(high=UNSENT_LIMIT_BYTES)  # pyright: ignore[reportAttributeAccessIssue] - asyncio's type has it on another class
        self.heard_at = asyncio.get_running_loop().time()
        self.ping_at = self.heard_at + random.uniform(PING_SECONDS / 2, PING_SECONDS)  # noqa: S311 - no secret
        self._host.arrived(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """They sent something: a sign of life, or good-bye."""
        self.heard_at = asyncio.get_running_loop().time()
        if frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code() if frame.payload_size else WSCloseCode.OK)
            transport.disconnect()
        elif frame.msg_type != WSMsgType.PONG:
            self._noise += 1
            if self._noise == _MOST_NOISE:
                self.close(WSCloseCode.POLICY_VIOLATION, "this is for watching only")

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The connection is gone."""
        del transport
        self.is_gone = True
        self.resume_writing()
        self._host.left(self)

    def pause_writing(self) -> None:
        """More than `UNSENT_LIMIT_BYTES` wait."""
        if self._has_room is None:
            self._has_room = asyncio.Event()
        self._has_room.clear()
        self._host.falls_behind(self)

    def resume_writing(self) -> None:
        """What waited is on its way."""
        if self._has_room is not None:
            self._has_room.set()

    @property
    def is_full(self) -> bool:
        """Whether more waits than should."""
        return self._has_room is not None and not self._has_room.is_set()

    async def send_in_pieces(self, objects: Sequence[bytes]) -> None:
        """Write much, each piece when the one before is on its way; raises TooSlow."""
        piece: list[bytes] = []
        size = 0
        for body in objects:
            piece.append(body)
            size += len(body)
            if size > PIECE_BYTES:
                self.write(WSMsgType.TEXT, frame(piece))
                await self.until_there_is_room()
                piece, size = [], 0
        if piece:
            self.write(WSMsgType.TEXT, frame(piece))

    async def until_there_is_room(self) -> None:
        """Wait until they have read on; raises TooSlow."""
        try:
            async with asyncio.timeout(_PIECE_SECONDS):
                while self._has_room is not None and self.is_full and not self.is_gone:
                    await self._has_room.wait()
        except TimeoutError:
            raise TooSlow from None

    def ping(self, now: float) -> None:
        """Ask for a sign of life."""
        self.ping_at = now + PING_SECONDS
        if self._transport is not None:
            self._transport.send_ping()

    def close(self, code: WSCloseCode, reason: str) -> None:
        """Say good-bye; who doesn't answer within a few seconds is cut off."""
        if self._transport is None or self.is_closing:
            return
        self.is_closing = True
        self._transport.send_close(code, reason)
        asyncio.get_running_loop().call_later(_CLOSING_SECONDS, self.cut_off)

    def cut_off(self) -> None:
        """End the connection at once."""
        if self._transport is not None and not self.is_gone:
            self._transport.disconnect(graceful=False)


def _nowhere(_kind: WSMsgType, _message: bytes) -> None:
    """Before the connection is open there is nobody to write to."""
