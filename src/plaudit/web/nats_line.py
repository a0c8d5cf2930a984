"""The line to NATS: it comes up when NATS does, however late, and comes back after every break."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import nats.errors
from nats.aio.client import Client

from plaudit.foundation.logs import get_logger

_FIRST_WAIT_SECONDS = 1.0

log = get_logger(__name__)


@asynccontextmanager
async def nats_line(url: str) -> AsyncGenerator[Client]:
    """A NATS client that connects on its own in the background; the program starts whether NATS is there or not.

    It waits a little, so that a program whose NATS is there has it from its first request on.
    """
    client = Client()
    connecting = asyncio.create_task(_connect(client, url))
    try:
        await asyncio.wait({connecting}, timeout=_FIRST_WAIT_SECONDS)
        yield client
    finally:
        connecting.cancel()
        with suppress(asyncio.CancelledError):
            await connecting
        await client.close()


async def is_reached(client: Client) -> bool:
    """Whether NATS answers on this line now; waits as long as its caller lets it."""
    if not client.is_connected:
        return False
    try:
        await client.flush(timeout=60)
    except (nats.errors.Error, OSError):
        return False
    return True


async def _connect(client: Client, url: str) -> None:
    await client.connect(
        url.split(","), name="plaudit-web", max_reconnect_attempts=-1, reconnect_time_wait=1, error_cb=_log_error
    )


async def _log_error(error: Exception) -> None:
    log.warning("nats", error=str(error) or type(error).__name__)
