"""Programs of the bench that run beside it: they are told what to do and tell what they found, a line of JSON each.

A program of its own for everything that is measured against each other, so that nobody's time is counted as another's.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec

_LONGEST_LINE = 2**28
_END_SECONDS = 5.0

Kind = TypeVar("Kind")


class Partner:
    """A program that runs beside this one."""

    def __init__(self, module: str, child: Process) -> None:
        self._module = module
        self._child = child

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    async def tell(self, what: Any) -> None:
        """Send it one object."""
        assert self._child.stdin is not None, "it was started with a pipe"
        self._child.stdin.write(msgspec.json.encode(what) + b"\n")
        await self._child.stdin.drain()

    async def hear(self, kind: type[Kind]) -> Kind:
        """The next object that it sends. Raises RuntimeError when it ends instead."""
        assert self._child.stdout is not None, "it was started with a pipe"
        line = await self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._module} ended with {await self._child.wait()}; its lines above say why")
        return msgspec.json.decode(line, type=kind)


@asynccontextmanager
async def partner(module: str) -> AsyncGenerator[Partner]:
    """Run `python -m module` until the block ends; it ends by itself when this program does, since its pipe closes."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", module, stdin=PIPE, stdout=PIPE, limit=_LONGEST_LINE
    )
    try:
        yield Partner(module, child)
    finally:
        await _end(child)


async def _end(child: Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), _END_SECONDS)
    except TimeoutError:
        child.kill()
        await child.wait()


def hear_first(kind: type[Kind]) -> Kind:
    """What this program is told by whoever started it; waits for it."""
    return msgspec.json.decode(sys.stdin.buffer.readline(), type=kind)


def answer(what: Any) -> None:
    """Tell whoever started this program."""
    sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
    sys.stdout.buffer.flush()
