"""A server that does nothing but answer, to find out how much the generator of load can do by itself.

`python -m plaudit.bench.responder` answers its port, and then each chunk that arrives with the same reply.
"""

import asyncio
import sys
from typing import cast

import uvloop

from plaudit.bench.piping import answer
from plaudit.foundation.lifeline import end_with

_BODY = b'{"status":"alive"}'
_REPLY = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)


class _Responder(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._write = cast("asyncio.WriteTransport", transport).write

    def data_received(self, data: bytes) -> None:
        del data  # one request at a time, always the same
        self._write(_REPLY)


async def _respond() -> None:
    server = await asyncio.get_running_loop().create_server(_Responder, "127.0.0.1", 0)
    answer(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def main() -> None:
    """Respond until the program that started this one ends it, or is gone."""
    end_with(sys.stdin.fileno(), last_resort_seconds=1)
    uvloop.run(_respond())


if __name__ == "__main__":
    main()
