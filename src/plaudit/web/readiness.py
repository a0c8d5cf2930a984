"""Is everything that this program needs within reach?"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from plaudit.foundation.errors import NotReady

Check = Callable[[], Awaitable[bool]]


async def refuse_unless_ready(checks: Mapping[str, Check], *, deadline_ms: int) -> None:
    """Run all checks side by side; raises NotReady naming those that said no, or nothing within the deadline."""
    answers = await asyncio.gather(*(_within(deadline_ms / 1000, check) for check in checks.values()))
    missing = [name for name, reached in zip(checks, answers, strict=True) if not reached]
    if missing:
        raise NotReady(f"Can't be reached within {deadline_ms} ms: {' and '.join(missing)}.")


async def _within(seconds: float, check: Check) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await check()
    except TimeoutError:
        return False
