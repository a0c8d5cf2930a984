"""The lots that fans are spending, in memory: looked at with every gift, and read from the database when new."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from plaudit.coins import Lot, lots
from plaudit.foundation.database import Database

# A lot never changes its range or its value today, so this is only so that nobody is remembered for ever.
REMEMBERED = timedelta(seconds=60)
# Coins without a lot are promotional, or theirs opens in a moment: the database is asked again at most this often.
ASK_AGAIN = timedelta(seconds=1)
MOST_REMEMBERED = 50_000


class _Known(Struct, frozen=True, gc=False):
    """What is known of a fan's coins from `first` up to `end`; `is_missed` when more was asked for than had a lot."""

    lots: tuple[Lot, ...]
    starts: tuple[int, ...]
    first: int
    end: int
    until: datetime
    is_missed: bool
    asked_at: datetime

    def covers(self, first: int, end: int, now: datetime) -> bool:
        """Whether there is no need to ask the database about these coins."""
        if first < self.first or now >= self.until:
            return False
        return end <= self.end or (self.is_missed and now < self.asked_at + ASK_AGAIN)


class KnownLots:
    """Finds the lots of some of a fan's coins, from memory or from the database. One for a process."""

    def __init__(self, db: Database, *, most_remembered: int = MOST_REMEMBERED) -> None:
        self._db = db
        self._most_remembered = most_remembered
        self._known: dict[UUID, _Known] = {}

    async def of(self, fan_id: UUID, first: int, end: int, *, now: datetime) -> Sequence[Lot]:
        """The lots that hold any of the coins from `first` up to `end`, in the order in which they are spent.

        All of those coins must have been received, or it asks the database without need. Raises Unavailable.
        """
        known = self._known.get(fan_id)
        if known is None or not known.covers(first, end, now):
            known = await self._read(fan_id, first, end, now)
        begin = max(bisect_right(known.starts, first) - 1, 0)
        return known.lots[begin : bisect_left(known.starts, end)]

    @property
    def count(self) -> int:
        """How many fans are remembered."""
        return len(self._known)

    async def _read(self, fan_id: UUID, first: int, end: int, now: datetime) -> _Known:
        found = await lots.list_next_lots(self._db, fan_id, first=first, end=end)
        covered = lots.end_of(found[-1]) if found else first
        known = _Known(
            lots=tuple(found),
            starts=tuple(lot.first_coin for lot in found),
            first=first,
            end=covered,
            until=now + REMEMBERED,
            is_missed=covered < end,
            asked_at=now,
        )
        self._remember(fan_id, known)
        return known

    def _remember(self, fan_id: UUID, known: _Known) -> None:
        before = self._known.pop(fan_id, None)
        # Who looks at an old gift must not make the next one ask again.
        if before is not None and known.first < before.first and known.asked_at < before.until:
            known = before
        if len(self._known) >= self._most_remembered:
            # Dictionaries keep the order of insertion, and whoever is read again was inserted again.
            self._known = dict(list(self._known.items())[len(self._known) // 2 :])
        self._known[fan_id] = known
