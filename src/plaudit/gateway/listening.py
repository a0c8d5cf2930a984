"""The gateway's sockets, and picows on them."""

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

from picows import WSAutoPingStrategy, WSListener, WSUpgradeRequest, WSUpgradeResponseWithListener
from picows import picows as _picows

from plaudit.foundation.addresses import bound, taken

Answer = WSListener | WSUpgradeResponseWithListener
Receive = Callable[[WSUpgradeRequest, str], Answer]
"""Decides on a request that came from an address."""

SETTINGS = "PLAUDIT_HOST or PLAUDIT_GATEWAY_PORT"
"""What to choose when the port is taken."""

_BACKLOG = 4_096
_HANDSHAKE_SECONDS = 10.0
_LARGEST_FRAME_BYTES = 1_024
# Without this the kernel keeps megabytes for somebody who doesn't read, and we would know of it much later.
_KERNEL_BUFFER_BYTES = 64 * 1024

# picows' own class of a connection. Its public function makes one for each connection, but tells whoever decides on the
# request nothing about the address that it came from; so we make them ourselves, with the arguments that it gives.
_Protocol: Any = vars(_picows)["WSProtocol"]


class _Connection(_Protocol):
    """A connection that knows its address before its request is decided on."""

    def __init__(self, receive: Receive, logger: "logging.LoggerAdapter[logging.Logger]") -> None:
        self._receive = receive
        self._address = ""
        _Protocol.__init__(
            self,
            host_port=None,
            ws_path=None,
            is_client_side=False,
            ws_listener_factory=self._decide,
            logger=logger,
            disconnect_on_exception=True,
            websocket_handshake_timeout=_HANDSHAKE_SECONDS,
            # The gateway pings by itself: picows would need a task for each connection.
            enable_auto_ping=False,
            auto_ping_idle_timeout=0,
            auto_ping_reply_timeout=0,
            auto_ping_strategy=WSAutoPingStrategy.PING_WHEN_IDLE,
            enable_auto_pong=True,
            max_frame_size=_LARGEST_FRAME_BYTES,
            extra_headers=None,
            read_buffer_init_size=2_048,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The loop calls this when somebody connects."""
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if peer else ""
        _Protocol.connection_made(self, transport)

    def _decide(self, request: WSUpgradeRequest) -> Answer:
        return self._receive(request, self._address)


def open_socket(host: str, port: int) -> socket.socket:
    """A socket that other gateways of this machine may share; raises AddressTaken."""
    try:
        opened = bound(host, port, shared=True)
    except OSError as problem:
        raise taken(host, port, problem, program="gateway", settings=SETTINGS) from problem
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BUFFER_BYTES)
    opened.setblocking(False)
    return opened


async def listen(on: socket.socket, receive: Receive) -> asyncio.Server:
    """Take connections from here on."""
    # An adapter, because of a plain logger picows makes one more for each connection.
    logger = logging.LoggerAdapter(logging.getLogger("picows"))
    logger.logger.setLevel(logging.WARNING)
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: _Connection(receive, logger), sock=on, backlog=_BACKLOG)
