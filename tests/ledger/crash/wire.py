"""A wire between a client and PostgreSQL that a test can hold up or cut on one side, as networks do at times."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class Wire:
    """Carries bytes both ways, for each client on a line of its own."""

    def __init__(self, target: str) -> None:
        self.accepts = 1_000_000
        """How many more clients get a line."""
        self._target = target
        self._clients: list[StreamWriter] = []
        self._marked: bytes | None = None
        self._something_is_held_up = asyncio.Event()
        self._delivered = asyncio.Event()

    def hold_up(self, mark: bytes) -> None:
        """The next client that sends something with `mark` in it finds its line held up from there on."""
        self._marked = mark

    async def something_is_held_up(self) -> None:
        """Wait until it is."""
        await self._something_is_held_up.wait()

    def cut_clients(self) -> None:
        """The clients of now lose their lines; what is held up is still on its way."""
        for client in self._clients:
            client.close()
        self._clients.clear()

    def deliver(self) -> None:
        """What was held up arrives."""
        self._delivered.set()

    async def join(self, reader: StreamReader, writer: StreamWriter) -> None:
        """A line for a new client."""
        if self.accepts <= 0:
            writer.close()
            return
        self.accepts -= 1
        self._clients.append(writer)
        try:
            there_reader, there_writer = await asyncio.open_unix_connection(self._target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._carry_there(reader, there_writer), _carry(there_reader, writer))

    async def _carry_there(self, reader: StreamReader, writer: StreamWriter) -> None:
        while chunk := await _next_chunk(reader):
            if self._marked is not None and self._marked in chunk:
                self._marked = None
                self._something_is_held_up.set()
                await self._delivered.wait()
            writer.write(chunk)
        writer.close()


async def _carry(reader: StreamReader, writer: StreamWriter) -> None:
    while chunk := await _next_chunk(reader):
        writer.write(chunk)
    writer.close()


async def _next_chunk(reader: StreamReader) -> bytes:
    """Nothing when the line has ended, in whatever way."""
    with suppress(ConnectionError):
        return await reader.read(65536)
    return b""


@asynccontextmanager
async def wire_to(url: str, directory: Path) -> AsyncGenerator[tuple[Wire, str]]:
    """A wire to the server of `url`, and the URL at this end of it."""
    there = conninfo_to_dict(url)
    name = f".s.PGSQL.{there['port']}"
    wire = Wire(f"{there['host']}/{name}")
    listener = await asyncio.start_unix_server(wire.join, directory / name)
    try:
        yield wire, make_conninfo(url, host=str(directory))
    finally:
        wire.deliver()
        wire.cut_clients()
        listener.close()
        await listener.wait_closed()
