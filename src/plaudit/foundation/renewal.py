"""Renewing what is remembered before it is too old, for many at once, so that nobody waits and one query does."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable
from typing import Generic, TypeVar

from plaudit.foundation.errors import PlauditError
from plaudit.foundation.logs import get_logger

GATHERING_SECONDS = 0.3
MOST_AT_ONCE = 1_000

Key = TypeVar("Key", bound=Hashable)

log = get_logger(__name__)


class Renewal(Generic[Key]):
    """Gathers keys for a moment, and then has all of them renewed together. Best effort: what fails grows too old."""

    def __init__(
        self, renew: Callable[[Collection[Key]], Awaitable[None]], *, seconds: float = GATHERING_SECONDS
    ) -> None:
        """`renew` is called with the keys that came within so many seconds, one call at a time."""
        self._renew = renew
        self._seconds = seconds
        self._keys: set[Key] = set()
        self._task: asyncio.Task[None] | None = None

    def ask(self, key: Key) -> None:
        """Soon this key is renewed. It never waits."""
        if len(self._keys) < MOST_AT_ONCE:
            self._keys.add(key)
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            await asyncio.sleep(self._seconds)
            keys, self._keys = self._keys, set()
            await self._renew(keys)
        except PlauditError as problem:
            log.debug("what is remembered can't be renewed", code=problem.code)
        finally:
            self._task = None
