"""How the books stand, as operators see it: the last checks, the newest seal, cases that are open."""

from datetime import datetime

from msgspec import Struct

from plaudit.audit import seal_queries
from plaudit.audit.checking import LastCheck, find_last_check
from plaudit.foundation.database import Database
from plaudit.ledger import totals
from plaudit.ledger.totals import Checked


class BookHealth(Struct, frozen=True, kw_only=True):
    """`unsealed` and `unfolded` are transfers that no seal covers yet, and that settlement hasn't folded yet."""

    ledger_check: Checked | None
    book_check: LastCheck | None
    seal: str | None
    sealed_upto: int
    sealed_at: datetime | None
    unsealed: int
    unfolded: int
    open_cases: int


class _Counts(Struct, frozen=True):
    timestamp: int
    folded: int
    open_cases: int


async def find_health(db: Database) -> BookHealth:
    """All of it. Raises Unavailable."""
    async with db.transaction() as tx:
        seal = await seal_queries.find_newest(tx)
        counts = await tx.one(
            _Counts,
            """
            select clock.timestamp, cursor.timestamp as folded,
                (select count(*) from audit.cases where closed_at is null) as open_cases
            from ledger.clock as clock, earnings.cursor as cursor
            """,
        )
    return BookHealth(
        ledger_check=await totals.find_last_check(db),
        book_check=await find_last_check(db),
        seal=seal.text if seal else None,
        sealed_upto=seal.last_timestamp if seal else 0,
        sealed_at=seal.made_at if seal else None,
        unsealed=counts.timestamp - (seal.last_timestamp if seal else 0),
        unfolded=counts.timestamp - counts.folded,
        open_cases=counts.open_cases,
    )
