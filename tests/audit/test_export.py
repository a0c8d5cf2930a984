import tracemalloc
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from plaudit.audit.export import export_books
from plaudit.audit.export_rules import ExportWish, Format, Group, name_account, write_amount
from plaudit.foundation.database import Database
from plaudit.foundation.errors import Invalid
from plaudit.ledger.chart import AccountCode
from tests.audit.readers import BALANCES, CHECK, by_kind, hledger_balances, our_balances
from tests.audit.story import FIRST_DAY, open_house, tell_three_days
from tests.ledger.generated import generate_gifts
from tests.ledger.tampering import tamper

FIRST = FIRST_DAY.date()
BOTH = pytest.mark.parametrize("dialect", list(Format))


@pytest.fixture
async def house(db: Database) -> Database:
    async with open_house(db) as house:
        await tell_three_days(house)
    return db


async def write(
    db: Database,
    folder: Path,
    dialect: Format,
    *,
    days: tuple[int, int] = (0, 2),
    group: Group = Group.DAY,
    per_person: bool = False,
) -> Path:
    first, last = (FIRST + timedelta(days=each) for each in days)
    wish = ExportWish(format=dialect, first_on=first, last_on=last, group=group, per_person=per_person)
    path = folder / f"books.{dialect}"
    with path.open("w") as file:
        await export_books(db, wish, file.write)
    return path


@BOTH
@pytest.mark.parametrize("group", list(Group))
@pytest.mark.parametrize("per_person", [False, True])
async def test_the_other_program_finds_nothing_wrong_and_the_balances_that_we_have(
    house: Database, tmp_path: Path, *, dialect: Format, group: Group, per_person: bool
):
    journal = await write(house, tmp_path, dialect, group=group, per_person=per_person)

    assert CHECK[dialect](journal) == ""
    assert by_kind(BALANCES[dialect](journal)) == await our_balances(house)


@BOTH
async def test_part_of_the_days_begins_with_what_stood_before_and_ends_with_what_stood_then(
    house: Database, tmp_path: Path, dialect: Format
):
    journal = await write(house, tmp_path, dialect, days=(1, 1))

    assert CHECK[dialect](journal) == ""
    text = journal.read_text()
    assert str(FIRST) in text  # the opening balances
    assert "Settlement" in text
    assert "Gift" not in text
    assert "Payout\n" not in text
    found = BALANCES[dialect](journal)
    assert found["Liabilities:200-FanCoins", "COIN"] == Decimal(-599)
    assert found["Assets:1000-ProviderClearing:Sandbox", "JPY"] == Decimal("320.0000")
    assert found["Liabilities:2200-CreatorPending", "USD"] == Decimal("-0.000826")
    assert not found.get(("Assets:1010-Bank:Sepa", "USD"))


@BOTH
async def test_days_before_the_first_transfer_and_a_ledger_without_any_are_fine(
    db: Database, tmp_path: Path, dialect: Format
):
    assert CHECK[dialect](await write(db, tmp_path, dialect)) == ""

    async with open_house(db) as house:
        await tell_three_days(house)

    assert CHECK[dialect](await write(db, tmp_path, dialect, days=(-3, -2))) == ""


@BOTH
async def test_a_book_that_does_not_add_up_is_not_accepted_there(house: Database, tmp_path: Path, dialect: Format):
    await tamper(house, "update ledger.accounts set credits_posted = credits_posted + 1 where code = 2200")

    journal = await write(house, tmp_path, dialect)

    assert "CreatorPending" in CHECK[dialect](journal)


async def test_holds_are_not_posted_and_a_comment_says_so(house: Database, tmp_path: Path):
    journal = await write(house, tmp_path, Format.HLEDGER)

    assert "1 were open" in journal.read_text()
    assert hledger_balances(journal)["Liabilities:2210-CreatorAvailable", "USD"] == Decimal("-0.440000")


async def test_people_are_one_account_of_a_kind_unless_they_are_asked_for(house: Database, tmp_path: Path):
    without = await write(house, tmp_path, Format.HLEDGER)
    assert "200-FanCoins:" not in without.read_text()

    journal = await write(house, tmp_path, Format.HLEDGER, per_person=True)

    assert hledger_balances(journal)[
        "Liabilities:200-FanCoins:P-00000000-0000-0000-0000-0000000000e0", "COIN"
    ] == Decimal(-499)


async def test_what_was_posted_together_is_one_entry_when_that_is_asked_for(house: Database, tmp_path: Path):
    journal = await write(house, tmp_path, Format.HLEDGER, group=Group.CHAIN)

    entries = [line for line in journal.read_text().splitlines() if "; transfers: " in line]
    assert len(entries) == 3 + 3 + 2 + 2
    assert "(1) Top up  ; transfers: 4, first: 1, last: 4, reference: " in entries[0]


async def test_the_whole_chart_is_there_also_where_nothing_happened(house: Database, tmp_path: Path):
    text = (await write(house, tmp_path, Format.BEANCOUNT)).read_text()

    assert all(f":{code}-" in text for code in map(int, AccountCode))


@pytest.mark.parametrize(
    ("amount", "asset", "text"),
    [
        (-9_990_000, 840, "-9.990000 USD"),
        (1, 840, "0.000001 USD"),
        (-1, 392, "-0.0001 JPY"),
        (600, 1, "600 COIN"),
        (0, 978, "0.000000 EUR"),
        (2**63 - 1, 414, "922337203685.4775807 KWD"),
        (-12345, 9999, "-12345 ASSET9999"),
    ],
)
def test_amounts_are_exact(amount: int, asset: int, text: str):
    assert write_amount(amount, asset) == text


@pytest.mark.parametrize(
    ("code", "owner", "name"),
    [
        (1000, "sandbox", "Assets:1000-ProviderClearing:Sandbox"),
        (2100, "DE", "Liabilities:2100-TaxPayable:DE"),
        (100, None, "Equity:100-CoinsIssued"),
        (3900, None, "Equity:3900-CurrencyExchange"),
        (1010, "émile & co", "Assets:1010-Bank:Mile-co"),
        (1010, "&", "Assets:1010-Bank:Other"),
        (77, None, "Equity:77-Other"),
    ],
)
def test_accounts_have_names_that_both_programs_take(code: int, owner: str | None, name: str):
    assert name_account(code, owner) == name


def test_days_in_the_wrong_order_are_refused():
    with pytest.raises(Invalid):
        ExportWish(format=Format.HLEDGER, first_on=date(2026, 3, 2), last_on=date(2026, 3, 1))
    with pytest.raises(Invalid):
        ExportWish(format=Format.HLEDGER, first_on=date.min, last_on=date(2026, 3, 1))


async def test_memory_stays_small_however_many_transfers_there_are(db: Database):
    await generate_gifts(db, fans=100, creators=10, gifts=60_000)
    async with db.transaction() as tx:
        today = await tx.value(date, "select current_date")
    first_on, last_on = today - timedelta(days=1), today + timedelta(days=2)
    wish = ExportWish(format=Format.HLEDGER, group=Group.CHAIN, first_on=first_on, last_on=last_on)
    written = Counter[str]()

    def count(text: str) -> None:
        written["characters"] += len(text)

    tracemalloc.start()
    transfers = await export_books(db, wish, count)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert transfers == 60_100
    assert written["characters"] > 5_000_000
    assert peak < 30 * 2**20
