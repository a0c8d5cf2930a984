"""Running until a signal asks to stop."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

import typer

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` until it ends, or until Ctrl-C or SIGTERM cancels it. A second signal changes nothing."""
    asyncio.run(_until_stopped(work))


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    serving = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not serving.done():
        typer.echo("Stopping ...", err=True)
        serving.cancel()
    try:
        await serving
    except asyncio.CancelledError:
        typer.echo("Stopped.", err=True)
