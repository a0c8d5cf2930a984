"""Servers that an earlier, killed parent may have left behind, and how to be rid of them."""

import asyncio
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from plaudit.foundation.errors import EmbeddedServerFailed

_LOOK_EVERY_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A server that a file on disk says is there: `program` runs under `pid` with `path` among its arguments."""

    name: str
    program: str
    pid: int
    path: Path

    def is_running(self) -> bool:
        """Whether that is still so. A pid alone proves nothing: after a restart of the machine it may be anybody's."""
        program, *arguments = _command_line(self.pid)
        return Path(program).name == self.program and str(self.path) in arguments


async def retire(orphan: Orphan, farewells: tuple[tuple[signal.Signals, float], ...]) -> None:
    """End a server that isn't our child, and return when it is gone. Each signal of `farewells` has its seconds.

    Raises EmbeddedServerFailed when it can't be signalled or stays even after SIGKILL.
    """
    for farewell, seconds in (*farewells, (signal.SIGKILL, 5.0)):
        try:
            os.kill(orphan.pid, farewell)
        except ProcessLookupError:
            return
        except PermissionError:
            raise EmbeddedServerFailed(
                f"{orphan.name} (pid {orphan.pid}) of another user still runs on {orphan.path}: "
                "stop it, or start Plaudit as that user."
            ) from None
        if await _is_gone(orphan, within_seconds=seconds):
            return
    raise EmbeddedServerFailed(
        f"{orphan.name} (pid {orphan.pid}) from an earlier run still uses {orphan.path} and doesn't end."
    )


async def _is_gone(orphan: Orphan, *, within_seconds: float) -> bool:
    clock = asyncio.get_running_loop().time
    deadline = clock() + within_seconds
    while orphan.is_running():
        if clock() > deadline:
            return False
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
    return True


def _command_line(pid: int) -> list[str]:
    """Of a pid that isn't alive, or has ended and only waits for its parent to notice: one empty word."""
    if not Path("/proc/self/cmdline").exists():  # macOS, whose ps joins by blanks: a path with one isn't recognised
        line = ["/bin/ps", "-p", str(pid), "-o", "command="]
        return subprocess.run(line, capture_output=True, text=True, check=False).stdout.split() or [""]
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="surrogateescape").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return [""]
