from datetime import UTC, datetime

from plaudit.bench.preload import preload
from plaudit.bench.world import make_world, settle_in
from plaudit.foundation.database import Database
from plaudit.ledger import Posted, PostgresLedger
from plaudit.ledger.checking import check_ledger


def say_nothing(_: str) -> None:
    pass


async def indexes_of(db: Database) -> list[str]:
    async with db.transaction() as tx:
        found = await tx.connection.execute("select indexdef from pg_indexes where tablename = 'transfers' order by 1")
        return [row[0] for row in await found.fetchall()]


async def test_preloaded_books_close_and_the_ledger_goes_on_from_there(database_url: str):
    async with Database.open(database_url, statement_timeout_ms=0) as db:
        world = make_world(seed=1)
        async with PostgresLedger.open(db) as ledger:
            await settle_in(world, ledger)
        indexes = await indexes_of(db)

        await preload(db, world, 3_000, say_nothing)

        async with PostgresLedger.open(db) as ledger:
            outcome = await ledger.post([world.make_gift()])
        assert isinstance(outcome, Posted)
        assert outcome.records[0].timestamp == len(world.fans) + 3_000 + 1
        assert await indexes_of(db) == indexes
        report = await check_ledger(db, now=datetime.now(UTC), everything=True)
        assert report.is_clean, report.findings
