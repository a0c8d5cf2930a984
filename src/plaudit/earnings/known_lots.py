"""The lots that fans are spending, in memory: looked at with every gift, and read from the database when new.

They are the stretches of `coins.order`, with places that count all coins that ever left the fan's account or are on
hold there, as the ledger's balances do: what cuts took out of the line is added to the place of each.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from plaudit.coins import order, order_queries
from plaudit.coins.model import Spender, Stretch
from plaudit.foundation.database import Database
from plaudit.foundation.errors import Unavailable
from plaudit.foundation.logs import get_logger

# A refund or a dispute changes a fan's line: who is concerned is looked for this often, and for nobody else.
LOOK_AGAIN = timedelta(seconds=1)
# Otherwise a line only grows at its end, so this is only so that nobody is remembered for ever.
REMEMBERED = timedelta(seconds=60)
# Coins without a lot: theirs opens in a moment. The database is asked again at most this often.
ASK_AGAIN = timedelta(seconds=1)
MOST_REMEMBERED = 50_000

log = get_logger(__name__)


class _Known(Struct, frozen=True, gc=False):
    """What is known of a fan's coins from `first` up to `end`; `is_missed` when more was asked for than had a lot."""

    lots: tuple[Stretch, ...]
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
        self._changes_upto: int | None = None
        self._look_at: datetime | None = None

    async def of(self, fan_id: UUID, first: int, end: int, *, now: datetime) -> Sequence[Stretch]:
        """The lots that hold any of the coins from `first` up to `end`, in the order in which they are spent.

        All of those coins must have been received, or it asks the database without need. Raises Unavailable.
        """
        if self._look_at is None or now >= self._look_at:
            # Others go on with what is there while this one looks.
            self._look_at = now + LOOK_AGAIN
            await self._forget_changed()
        known = self._known.get(fan_id)
        if known is None or not known.covers(first, end, now):
            known = await self._read(fan_id, first, end, now)
        begin = max(bisect_right(known.starts, first) - 1, 0)
        return known.lots[begin : bisect_left(known.starts, end)]

    @property
    def count(self) -> int:
        """How many fans are remembered."""
        return len(self._known)

    async def _forget_changed(self) -> None:
        """Forget those whose lines were changed by a refund or a dispute since the last look."""
        try:
            async with self._db.transaction() as tx:
                if self._changes_upto is None:
                    self._known.clear()
                    self._changes_upto = await order_queries.last_change(tx)
                    return
                self._changes_upto, changed = await order.list_changed(tx, after=self._changes_upto)
        except Unavailable as problem:
            log.warning("changes of lines can't be read", code=problem.code)
            return
        for person_id in changed:
            self._known.pop(person_id, None)

    async def _read(self, fan_id: UUID, first: int, end: int, now: datetime) -> _Known:
        async with self._db.transaction() as tx:
            taken = (await order_queries.find_spender(tx, fan_id) or Spender()).taken
            found = await order.list_stretches(tx, fan_id, first=max(first - taken, 0), end=end - taken)
        lots = tuple(replace(lot, first_coin=lot.first_coin + taken) for lot in found)
        covered = lots[-1].end if lots else first
        known = _Known(
            lots=lots,
            starts=tuple(lot.first_coin for lot in lots),
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
