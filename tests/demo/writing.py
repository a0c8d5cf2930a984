"""The demo's past, small, at an instant of the tests' choice."""

from datetime import UTC, datetime

from plaudit.demo.script import Size
from plaudit.demo.seeding import seed
from plaudit.foundation.database import Database
from plaudit.people import Hasher
from plaudit.people.hashing import Cost

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALL = Size(fans=80, chapters=3, moments=3)
CHEAP = Cost(memory_kib=64, rounds=1)


async def write_past(url: str, *, now: datetime = NOW) -> list[str]:
    """Write it, or the rest of it; what was told on the way."""
    told: list[str] = []
    async with Database.open(url) as db:
        await seed(db, Hasher(CHEAP), now=now, tell=told.append, size=SMALL)
    return told
