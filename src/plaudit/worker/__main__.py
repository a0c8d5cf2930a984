"""The worker's own program: `python -m plaudit.worker`, with the settings from the environment."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from plaudit.foundation.program import run_program
from plaudit.foundation.settings import Settings
from plaudit.worker.running import running_worker


@asynccontextmanager
async def _running(settings: Settings) -> AsyncGenerator[str]:
    async with running_worker(settings):
        yield ""


if __name__ == "__main__":
    run_program(_running)
