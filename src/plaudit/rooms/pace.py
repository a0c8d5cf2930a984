"""How often somebody may say something: so many in so many seconds, counted in memory.

Each process counts for itself, as the throttle of requests does: this keeps a room readable, and guards no secret.
"""

import math
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from plaudit.foundation.errors import PlauditError

MOST_REMEMBERED = 50_000


class Pace:
    """At most `count` in any `seconds` for each person and place; more raises what `refusal` makes of the wait."""

    def __init__(self, count: int, seconds: int, refusal: Callable[[int], PlauditError]) -> None:
        """`refusal` gets the whole seconds after which the next one is possible."""
        self._count = count
        self._span = timedelta(seconds=seconds)
        self._refusal = refusal
        self._said: dict[tuple[UUID, UUID], deque[datetime]] = {}

    def __len__(self) -> int:
        """Of how many it remembers something."""
        return len(self._said)

    def take(self, person_id: UUID, place: UUID, now: datetime) -> None:
        """Count one more, unless there were too many: then it raises the refusal, and nothing is counted."""
        said = self._said.get((person_id, place))
        if said is None:
            self._make_room(now)
            said = self._said[person_id, place] = deque(maxlen=self._count)
        if len(said) == self._count and (wait := said[0] + self._span - now) > timedelta(0):
            raise self._refusal(max(1, math.ceil(wait.total_seconds())))
        said.append(now)

    def _make_room(self, now: datetime) -> None:
        if len(self._said) < MOST_REMEMBERED:
            return
        # Who was quiet for the whole span has nothing to be remembered for. Were that nobody, all start anew.
        kept = {key: said for key, said in self._said.items() if said and said[-1] + self._span > now}
        self._said = kept if len(kept) < MOST_REMEMBERED // 2 else {}
