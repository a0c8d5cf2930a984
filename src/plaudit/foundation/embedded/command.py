"""Starts programs through the launcher, so that none outlives this one."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from dataclasses import dataclass
from pathlib import Path

from plaudit.foundation.embedded.identity import KEEP, Identity

_LAUNCHER = Path(__file__).with_name("launch.py")
# A child gets no more of our environment than it needs: what is in there may be secret, or steer it (PGDATA, LC_ALL).
_KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program, who runs it, and the signal that it gets from the kernel when our thread is gone.

    `reach` names paths that it must be able to pass through; the launcher looks before it starts the program.
    """

    argv: tuple[str, ...]
    identity: Identity = KEEP
    death_signal: signal.Signals = signal.SIGTERM
    reach: tuple[Path, ...] = ()


async def spawn(command: Command, *, output: int) -> Process:
    """Start it in the background, in a session of its own (Ctrl-C is for us alone), its output to a descriptor.

    Call it on the thread that stays: on Linux the child gets its signal when the *thread* that started it ends.
    """
    return await asyncio.create_subprocess_exec(
        *_launcher_line(command),
        stdin=DEVNULL,
        stdout=output,
        stderr=STDOUT,
        env=_environment(),
        start_new_session=True,
    )


async def run(command: Command) -> tuple[int, str]:
    """Run it to its end; its exit code, and all that it wrote. Killed when the caller is cancelled."""
    child = await spawn(command, output=PIPE)
    try:
        output, _ = await child.communicate()
    except BaseException:
        if child.returncode is None:
            child.kill()
            await child.wait()
        raise
    return await child.wait(), output.decode(errors="replace").strip()


def describe_ending(code: int) -> str:
    """An exit code in words: `exit code 1`, `SIGKILL`."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _launcher_line(command: Command) -> list[str]:
    return [
        sys.executable,
        *("-I", "-S", str(_LAUNCHER)),
        *(str(os.getpid()), str(int(command.death_signal)), command.identity.spelled),
        *(str(path) for path in command.reach),
        "--",
        *command.argv,
    ]


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}
