"""`plaudit bench settle`: gifts a second from the ledger's feed to creators' money, beside one after the other."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import perf_counter

from msgspec import Struct, field

from plaudit.bench.apart import fresh_database, opened_ledger, postgres_beside
from plaudit.bench.gift_by_gift import settle_gifts
from plaudit.bench.history import History, add_gifts, fund, make_history
from plaudit.bench.lag import Lag, measure_lag
from plaudit.earnings import folding, settlement
from plaudit.earnings.refolding import find_differences
from plaudit.earnings.settling import Settling
from plaudit.foundation.settings import Settings
from plaudit.ledger.checking import check_ledger

Say = Callable[[str], None]


class SettlePlan(Struct, frozen=True, kw_only=True):
    """What to settle. `deep` measures over the whole history, early and late; `seconds` is for the alternative, and
    for the load on the API.
    """

    gifts: int = 200_000
    fans: int = 10_000
    creators: int = 1_000
    lots: int = 20
    seconds: float = 5.0
    seed: int = 1
    deep: bool = False
    under_load: bool = True


class Depth(Struct, frozen=True, kw_only=True):
    """What a gift cost when so many had been settled before, in microseconds."""

    settled_before: int
    us: float


class SettleFound(Struct, kw_only=True):
    """What was found. Seconds are of the whole settlement, everything committed. All slices and legs are counted, those
    of the alternative too.
    """

    gifts: int = 0
    slices: int = 0
    legs: int = 0
    per_s: float = 0.0
    seconds: float = 0.0
    gift_by_gift_per_s: float = 0.0
    depths: list[Depth] = field(default_factory=list[Depth])
    lag: Lag | None = None
    problems: list[str] = field(default_factory=list[str])

    @property
    def times_gift_by_gift(self) -> float:
        """How many times as many gifts a second as one after the other."""
        return round(self.per_s / self.gift_by_gift_per_s, 1)


async def bench_settle(settings: Settings, plan: SettlePlan, say: Say) -> SettleFound:
    """Measure on a fresh embedded PostgreSQL with the product's own settings, on the disk of the data directory."""
    found = SettleFound()
    history = make_history(
        fans=plan.fans, creators=plan.creators, lots=plan.lots, gifts=plan.gifts + 20_000, seed=plan.seed
    )
    async with _books(settings) as books:
        say("fans buy their lots")
        await fund(books.db, books.ledger, history)
        await _fold_top_ups(books)
        await _measure_alternative(books, history, plan, found, say)
        await _measure(books, history, plan, found, say)
        say("making the slices again, and checking the books")
        await _check(books, found)
    if plan.under_load:
        found.lag = await measure_lag(settings, plan.seconds, say)
    return found


async def _measure_alternative(
    books: Settling, history: History, plan: SettlePlan, found: SettleFound, say: Say
) -> None:
    await add_gifts(books.db, history, 20_000, say)
    say("gift by gift")
    found.gift_by_gift_per_s = await settle_gifts(books, plan.seconds)
    await settlement.settle_all(books, now=_now())


async def _measure(books: Settling, history: History, plan: SettlePlan, found: SettleFound, say: Say) -> None:
    # Of a large history, one part after the other is put into the ledger and settled: so the disk needs no more room.
    part = min(max(plan.gifts // 10, 1), 500_000) if plan.deep else plan.gifts
    while found.gifts < plan.gifts:
        await add_gifts(books.db, history, part, lambda said: say(f"{found.gifts:,} settled; {said}"))
        say(f"{found.gifts:,} gifts settled; settling {part:,}")
        started = perf_counter()
        settled = await settlement.settle_all(books, now=_now())
        took = perf_counter() - started
        found.depths.append(Depth(settled_before=found.gifts, us=round(took * 1e6 / settled, 1)))
        found.gifts += settled
        found.seconds += took
    found.per_s = round(found.gifts / found.seconds, 1)


async def _check(books: Settling, found: SettleFound) -> None:
    async with books.db.transaction() as tx:
        found.slices = await tx.value(int, "select count(*) from earnings.slices")
        found.legs = await tx.value(int, "select count(*) from earnings.legs")
    _, differences = await find_differences(books.db, now=_now())
    found.problems += [f"{each.table}: {each.row}" for each in differences]
    report = await check_ledger(books.db, now=_now(), everything=True)
    found.problems += [str(finding) for finding in report.findings]


async def _fold_top_ups(books: Settling) -> None:
    while await folding.fold_page(books.db, now=_now()) is not None:
        pass
    async with await books.db.connect_alone() as alone:
        await alone.execute("vacuum (analyze) coins.lots, coins.stretches, coins.spenders")


@asynccontextmanager
async def _books(settings: Settings) -> AsyncGenerator[Settling]:
    async with (
        postgres_beside(settings) as postgres,
        fresh_database(postgres, "settled", settings) as db,
        opened_ledger(db, settings) as ledger,
    ):
        yield Settling(db, ledger)


def _now() -> datetime:
    return datetime.now(UTC)
