"""Which rate holds: asked for with every gift, so it is answered from memory, and read anew every few seconds."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from plaudit.earnings import queries
from plaudit.earnings.model import STANDARD, Rate
from plaudit.foundation.database import Database
from plaudit.foundation.errors import Unavailable
from plaudit.foundation.logs import get_logger

# A new rate is planned ahead, and what is read holds the planned ones: this is how late a hasty one may be heard of.
REMEMBERED = timedelta(seconds=5)

log = get_logger(__name__)


class RateTable:
    """All rates there ever were and those to come, by whom they are for. Pure; `find` takes about a microsecond."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._newest_first: dict[tuple[str, str, str], list[Rate]] = {}
        for rate in sorted(rates, key=lambda rate: rate.valid_from, reverse=True):
            self._newest_first.setdefault((rate.tier, rate.region, rate.currency), []).append(rate)

    def find(self, region: str, currency: str, *, now: datetime, tier: str = STANDARD) -> Rate | None:
        """The rate that holds: the region's own before the one for all, then the currency's own before that for all."""
        for key in ((tier, region, currency), (tier, region, ""), (tier, "", currency), (tier, "", "")):
            for rate in self._newest_first.get(key, ()):
                if rate.valid_from <= now:
                    return rate
        return None

    def list_changes(self, region: str, currency: str, *, after: datetime, tier: str = STANDARD) -> list[Rate]:
        """The rates that will hold one after the other after that instant, each with the date from which it does."""
        keys = ((tier, region, currency), (tier, region, ""), (tier, "", currency), (tier, "", ""))
        instants = {rate.valid_from for key in keys for rate in self._newest_first.get(key, ())}
        changes: list[Rate] = []
        last = self.find(region, currency, now=after, tier=tier)
        for at in sorted(instant for instant in instants if instant > after):
            # One for all changes nothing for whom there is one of their own.
            if (rate := self.find(region, currency, now=at, tier=tier)) is not None and rate != last:
                changes.append(rate)
                last = rate
        return changes


class Rates:
    """The table of one process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._table: RateTable | None = None
        self._until: datetime | None = None

    async def table(self, *, now: datetime) -> RateTable:
        """The table, at most a few seconds old. While the database is away the last one stays.

        Raises Unavailable when there is none yet.
        """
        if self._table is None or self._until is None:
            return await self._read(now)
        if now >= self._until:
            # Others go on with what is there while this one reads.
            self._until = now + REMEMBERED
            try:
                return await self._read(now)
            except Unavailable as problem:
                log.warning("rates can't be read anew", code=problem.code)
        return self._table

    async def _read(self, now: datetime) -> RateTable:
        async with self._db.transaction() as tx:
            table = RateTable(await queries.list_all_rates(tx))
        self._table, self._until = table, now + REMEMBERED
        return table


async def list_rates(db: Database, *, now: datetime) -> list[Rate]:
    """The rates in force and those to come."""
    async with db.transaction() as tx:
        return await queries.list_rates(tx, now=now)
