"""How many requests a session, or an address without one, may send: token buckets in memory.

They are per process: with several processes behind one address a caller has a bucket in each, and a restart fills them.
That is enough for what they are for, which is that nobody slows the others. What must not be guessed is counted in the
database instead (people/attempts.py).
"""

import math
import time
from collections.abc import Callable

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope
from msgspec import Struct

from plaudit.foundation.errors import PlauditError

# A page that opens sends a dozen requests at once: what counts is the average of ten seconds.
WINDOW_SECONDS = 10
MOST_BUCKETS = 100_000
STATE_KEY = "plaudit_budget"


class TooManyRequests(PlauditError):
    """This session or address sends more than it may."""

    code = "too_many_requests"
    title = "You send more requests than you may. Wait a little."
    status = 429

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"You send more requests than you may. Wait {retry_after_seconds} seconds.")
        self.retry_after_seconds = retry_after_seconds


class Budget(Struct, frozen=True):
    """What is left after a request; `full_seconds` is how long until the bucket is full again."""

    policy: str
    size: int
    left: int
    full_seconds: int


class Buckets:
    """One bucket a caller, filled at `per_second`, holding ten seconds' worth. A rate of 0 limits nothing."""

    def __init__(self, policy: str, per_second: int, now: Callable[[], float] = time.monotonic) -> None:
        self._policy = policy
        self._per_second = per_second
        self._size = per_second * WINDOW_SECONDS
        self._now = now
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> Budget | None:
        """Take one out, and tell what is left; None without a limit. Raises TooManyRequests when it is empty."""
        if not self._per_second:
            return None
        now = self._now()
        level = self._level(caller, now)
        if level < 1:
            raise TooManyRequests(max(1, math.ceil((1 - level) / self._per_second)))
        self._make_room(caller, now)
        self._levels[caller] = (level - 1, now)
        return self._budget(level - 1)

    def left(self, caller: str) -> Budget | None:
        """What is left without taking any; None without a limit."""
        return self._budget(self._level(caller, self._now())) if self._per_second else None

    def _level(self, caller: str, now: float) -> float:
        level, at = self._levels.get(caller, (float(self._size), now))
        return min(float(self._size), level + (now - at) * self._per_second)

    def _budget(self, level: float) -> Budget:
        full_seconds = math.ceil((self._size - level) / self._per_second)
        return Budget(self._policy, self._size, math.floor(level), full_seconds)

    def _make_room(self, caller: str, now: float) -> None:
        if caller in self._levels or len(self._levels) < MOST_BUCKETS:
            return
        # A full bucket is the same as none. Where that isn't enough, whoever was seen first starts anew.
        kept = [(name, held) for name, held in self._levels.items() if self._level(name, now) < self._size]
        self._levels = dict(kept[-MOST_BUCKETS // 2 :])


class Throttle:
    """The buckets of sessions and of addresses."""

    def __init__(self, *, per_session: int, per_address: int) -> None:
        self.sessions = Buckets("session", per_session)
        self.addresses = Buckets("address", per_address)


async def announce_budget(message: Message, scope: Scope) -> None:
    """Say in the headers of an answer what the caller has left (RateLimit and RateLimit-Policy, IETF draft)."""
    budget: Budget | None = scope["state"].get(STATE_KEY)
    if message["type"] != "http.response.start" or budget is None:
        return
    headers = MutableScopeHeaders.from_message(message)
    headers["ratelimit-policy"] = f'"{budget.policy}";q={budget.size};w={WINDOW_SECONDS}'
    headers["ratelimit"] = f'"{budget.policy}";r={budget.left};t={budget.full_seconds}'
