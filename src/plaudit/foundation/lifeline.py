"""Ends this program when the one that started it is gone, even if that one was killed without a chance to say so."""

import os
import select
import signal
import stat
import threading
import time


def end_with(pipe: int, *, last_resort_seconds: float) -> None:
    """Watch the reading end of a pipe that only the parent holds open; when it closes, stop as on SIGTERM.

    What hasn't stopped after `last_resort_seconds` is killed.
    """
    threading.Thread(target=_watch, args=(pipe, last_resort_seconds), name="lifeline", daemon=True).start()


def is_pipe(file: int) -> bool:
    """Whether standard input or the like is one; a program started by hand, or by systemd, has none to watch."""
    mode = os.fstat(file).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _watch(pipe: int, last_resort_seconds: float) -> None:
    select.select([pipe], [], [])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(last_resort_seconds)
    os.kill(os.getpid(), signal.SIGKILL)
