from plaudit.bench.gift_by_gift import settle_gifts
from plaudit.bench.history import add_gifts, fund, make_history
from plaudit.earnings import folding, legs, settlement
from plaudit.earnings.refolding import find_differences
from plaudit.earnings.settling import Settling
from plaudit.foundation.clock import SystemClock
from plaudit.foundation.database import Database
from plaudit.ledger import PostgresLedger
from plaudit.ledger.checking import check_ledger


def say_nothing(_: str) -> None:
    pass


async def test_gift_by_gift_and_all_at_once_settle_the_same_history_and_its_books_close(database_url: str):
    async with Database.open(database_url, statement_timeout_ms=0) as db, PostgresLedger.open(db) as ledger:
        history = make_history(fans=20, creators=5, lots=6, gifts=600, seed=1)
        books, now = Settling(db, ledger), SystemClock().now()
        await fund(db, ledger, history)
        await add_gifts(db, history, 600, say_nothing)
        while (await settlement.folded_upto(db)) < 240:
            await folding.fold_page(db, now=now, most=240)

        one_by_one = await settle_gifts(books, 0.5)
        await settlement.fold_all(books, now=now)
        await legs.finish_pending(books, now=now)

        assert one_by_one > 0
        async with db.transaction() as tx:
            assert await tx.value(int, "select count(distinct timestamp) from earnings.slices") == 600
        assert (await find_differences(db, now=now))[1] == []
        report = await check_ledger(db, now=now, everything=True)
        assert report.is_clean, report.findings
