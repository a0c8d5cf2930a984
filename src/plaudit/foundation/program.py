"""How a program of ours runs that is started as a child: settings, logs, the loop, and an orderly end."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import uvloop

from plaudit.foundation.errors import PlauditError
from plaudit.foundation.lifeline import end_with, is_pipe
from plaudit.foundation.logs import configure_logs, get_logger
from plaudit.foundation.masks import mask_text
from plaudit.foundation.settings import Settings, load_settings

READY = "ready"
"""What a program writes to standard output when it is up, followed by where it is, if it is anywhere."""

log = get_logger(__name__)


def run_program(running: Callable[[Settings], AbstractAsyncContextManager[str]]) -> None:
    """Run until SIGTERM, Ctrl-C, or the end of whoever started this through a pipe on standard input.

    `running` gets the settings from the environment, and gives where the program is once it is up.
    """
    try:
        settings = load_settings(os.environ)
        configure_logs(level=settings.log_level, form=settings.log_format)
        if is_pipe(sys.stdin.fileno()):
            end_with(sys.stdin.fileno(), last_resort_seconds=settings.stop_deadline_ms / 1000 + 1)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_told(running(settings)))
    except PlauditError as problem:
        sys.stderr.write(f"plaudit: {mask_text(problem.detail)}\n")
        sys.exit(1)


async def _until_told(running: AbstractAsyncContextManager[str]) -> None:
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    async with running as where:
        # What is there by now stays: the collector needn't look at it again and again.
        gc.collect()
        gc.freeze()
        sys.stdout.write(f"{READY} {where}\n")
        sys.stdout.flush()
        await told.wait()
