"""The alternative room, running, as something to be measured."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from plaudit.bench.load import Call
from plaudit.bench.piping import partner
from plaudit.bench.requests import post
from plaudit.bench.served import family_of, used_by
from plaudit.bench.watching import Room, Used

_HOST = "127.0.0.1"
_SENDERS = 32
_START_SECONDS = 30.0


@asynccontextmanager
async def alternative_room() -> AsyncGenerator[Room]:
    """The room of `litestar_room`, until the block ends. Its events are numbered by the gifts alone."""
    async with partner("plaudit.bench.litestar_room") as program:
        port = await program.hear(int)
        await _until_open(port)
        told, empty = 0, Used(*used_by(family_of(program.pid)))

        async def last_seq_after(gifts: int) -> int:
            nonlocal told
            told += gifts
            return told

        yield Room(
            watch_url=f"ws://{_HOST}:{port}/room",
            address=(_HOST, port),
            calls=[_gift()] * _SENDERS,
            used=lambda: Used(*used_by(family_of(program.pid))),
            empty=empty,
            last_seq_after=last_seq_after,
        )


def _gift() -> Call:
    return post("/gifts", {"gift": "rose", "quantity": 1})


async def _until_open(port: int) -> None:
    async with asyncio.timeout(_START_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection(_HOST, port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
