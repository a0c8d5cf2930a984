"""The end of a half-year: everything adds up, and what the outside world counted is what the books say."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from msgspec import Struct

from plaudit.audit import seals
from plaudit.audit.checking import check_books
from plaudit.audit.export import export_books
from plaudit.audit.export_rules import ExportWish, Format
from plaudit.earnings import refolding, settlement
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.money import MICROS_PER_MINOR
from plaudit.ledger.chart import AccountCode, account_id
from plaudit.ledger.checking import check_ledger
from plaudit.ledger.model import ZERO
from tests.audit.readers import BALANCES, CHECK, by_kind, our_balances
from tests.ledger.closing import assert_books_close
from tests.simulation.town import Town

CURRENCIES = ("USD", "EUR", "GBP", "JPY")


EVERYTHING = (
    "crashes", "top-up settled", "top-up failed", "gift", "slice", "promotional slice", "refund refunded",
    "refund failed", "dispute won", "dispute lost", "cut taken", "cut given back", "payout paid", "payout returned",
    "payout failed", "payout cancelled", "owed", "reserve", "statement", "rate", "seal",
)  # fmt: skip
"""What must have happened in a few half-years, or they prove nothing."""


class _Count(Struct, frozen=True):
    what: str
    times: int


class _Sum(Struct, frozen=True):
    currency: str
    minor: int


async def reckon(town: Town) -> None:
    """All checks pass: the ledger's, the audit's, the slices made again, the seals; and both sides' sums agree."""
    ledger_report = await check_ledger(town.plain, now=town.now, everything=True)
    assert ledger_report.is_clean, ledger_report.findings
    books = await check_books(town.plain, town.ledger, now=town.now, everything=True)
    assert books.is_clean, books.findings
    assert books.folded == books.timestamp, "everything is settled"
    _, differences = await refolding.find_differences(town.plain, now=town.now, most=97)
    assert differences == []
    await seals.seal_new(town.plain, now=town.now)
    assert (await seals.check_seals(town.plain)).is_clean
    await assert_nothing_is_under_way(town)
    await assert_the_provider_agrees(town)
    await assert_the_banks_agree(town)
    await assert_books_close(town.ledger)


async def assert_other_programs_agree(town: Town, folder: Path) -> None:
    """Beancount and hledger find nothing wrong with the exported books, and sum them up to our balances."""
    for dialect in Format:
        wish = ExportWish(format=dialect, first_on=town.populace.begins_at.date(), last_on=town.now.date())
        journal = folder / f"books.{dialect}"
        with journal.open("w") as file:
            await export_books(town.plain, wish, file.write)
        assert CHECK[dialect](journal) == ""
        found = by_kind(BALANCES[dialect](journal))
        assert found == await our_balances(town.plain)
        for commodity in {commodity for _, commodity in found}:
            assert sum(number for (_, other), number in found.items() if other == commodity) == 0


async def assert_nothing_is_under_way(town: Town) -> None:
    """What was begun has ended: no open payout, refund or dispute, and no hold on anybody's coins."""
    for currency in CURRENCIES:
        for code in (AccountCode.PAYOUTS_UNDER_WAY, AccountCode.REFUNDS_UNDER_WAY, AccountCode.DISPUTES_OPEN):
            assert await net(town, code, currency) == 0, (code.name, currency)
    async with town.plain.transaction() as tx:
        assert await tx.value(int, "select count(*) from ledger.open_holds") == 0


async def assert_the_provider_agrees(town: Town) -> None:
    """The clearing account holds what the provider took in, less its fees, and less what it gave back."""
    async with town.plain.transaction() as tx:
        sums = await tx.all(
            _Sum,
            """
            select currency, sum(minor)::bigint as minor from (
                select currency, net_minor + tax_minor - fee_minor as minor from coins.top_ups where status = 'settled'
                union all
                select currency, -amount_minor from sandbox.refunds where state = 'succeeded'
                union all
                select currency, -fee_minor - case state when 'lost' then amount_minor else 0 end from sandbox.disputes
            ) as moved group by currency
            """,
        )
    expected = {row.currency: row.minor * MICROS_PER_MINOR for row in sums}
    for currency in CURRENCIES:
        found = -await net(town, AccountCode.PROVIDER_CLEARING, currency, "sandbox")
        assert found == expected.get(currency, 0), currency


async def assert_the_banks_agree(town: Town) -> None:
    """What left the banks is what payouts that stayed paid say."""
    async with town.plain.transaction() as tx:
        sums = await tx.all(
            _Sum,
            """
            select paid_currency as currency, sum(paid_minor)::bigint as minor
            from payouts.payouts where state = 'paid' group by paid_currency
            """,
        )
        banks = await tx.all(
            _Sum,
            """
            select ledger::text as currency, sum(credits_posted - debits_posted)::bigint as minor
            from ledger.accounts where code = 1010 group by ledger
            """,
        )
    paid = {get_currency(row.currency).asset: row.minor * MICROS_PER_MINOR for row in sums}
    left = {int(row.currency): row.minor for row in banks if row.minor}
    assert left == paid


async def net(town: Town, code: AccountCode, currency: str, of: UUID | str = "") -> int:
    """Credits less debits, in internal units."""
    account = account_id(code, get_currency(currency).asset, of)
    balances = (await town.ledger.balances([account])).get(account, ZERO)
    return balances.credits_posted - balances.debits_posted


async def settle_everything(town: Town) -> None:
    """The last gifts are settled, and nobody has to wait any longer."""
    town.clock.move(timedelta(days=40))
    await settlement.run_round(town.books, now=town.now)


async def take_census(town: Town) -> dict[str, int]:
    """What happened, and how often."""
    async with town.plain.transaction() as tx:
        counts = await tx.all(
            _Count,
            """
            select 'top-up ' || status as what, count(*) as times from coins.top_ups group by status
            union all select 'gift', count(distinct gift_id) from earnings.slices
            union all select case when l.kind = 'paid' then 'slice' else 'promotional slice' end, count(*)
                from earnings.slices s join coins.lots l on l.id = s.lot_id group by 1
            union all select 'refund ' || state, count(*) from reversals.refunds group by state
            union all select 'dispute ' || state, count(*) from reversals.disputes group by state
            union all select case ended when 'posted' then 'cut taken' else 'cut given back' end, count(*)
                from coins.cuts where fits group by 1
            union all select 'payout ' || state, count(*) from payouts.payouts group by state
            union all select 'owed', count(*) from reversals.unwindings where owed_micros > 0
            union all select 'reserve', count(*) from earnings.reserves where posted_at is not null
            union all select 'statement', count(*) from earnings.statements
            union all select 'rate', count(*) from earnings.rates
            union all select 'seal', count(*) from audit.seals
            """,
        )
    return {each.what: each.times for each in counts}
