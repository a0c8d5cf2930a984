"""Waiting for what will be true in a moment, with an end."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable

import psutil


async def until(true: Callable[[], bool | Awaitable[bool]], *, seconds: float = 30.0) -> None:
    """Look every 20 ms; raises TimeoutError when it doesn't become true."""
    async with asyncio.timeout(seconds):
        while True:
            found = true()
            if await found if isawaitable(found) else found:
                return
            await asyncio.sleep(0.02)


def is_gone(process: psutil.Process) -> bool:
    """Whether it ended, also when whoever inherited it hasn't taken note yet."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
