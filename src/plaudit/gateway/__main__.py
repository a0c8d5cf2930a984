"""The gateway's own program: `python -m plaudit.gateway`, with the settings from the environment."""

import resource
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from plaudit.foundation.addresses import url_of
from plaudit.foundation.program import run_program
from plaudit.foundation.settings import Settings
from plaudit.gateway.gateway import running_gateway


@asynccontextmanager
async def _running(settings: Settings) -> AsyncGenerator[str]:
    # Every viewer takes a file descriptor, and systems give few to whoever doesn't ask for more.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    async with running_gateway(settings) as gateway:
        yield url_of("ws", settings.host, gateway.port)


if __name__ == "__main__":
    run_program(_running)
