from datetime import timedelta

import psycopg
import pytest
from msgspec.structs import replace

from plaudit.earnings.rates import REMEMBERED, Rates, RateTable, list_rates
from plaudit.foundation.database import Database
from plaudit.foundation.errors import Unavailable
from tests.earnings.conftest import NOW, a_rate, set_rate

TOMORROW = NOW + timedelta(days=1)


def test_a_rate_holds_from_its_instant_on():
    table = RateTable([a_rate(7_000, valid_from=TOMORROW), a_rate(5_000)])

    before = table.find("US", "USD", now=TOMORROW - timedelta(microseconds=1))
    after = table.find("US", "USD", now=TOMORROW)

    assert (before, after) == (a_rate(5_000), a_rate(7_000, valid_from=TOMORROW))


def test_a_regions_own_rate_goes_before_that_of_a_currency_and_both_before_the_one_for_all():
    for_all, german, in_dollars = a_rate(), replace(a_rate(6_000), region="DE"), replace(a_rate(4_000), currency="USD")
    both = replace(a_rate(3_000), region="DE", currency="GBP")

    table = RateTable([for_all, german, in_dollars, both])

    assert table.find("US", "EUR", now=NOW) == for_all
    assert table.find("US", "USD", now=NOW) == in_dollars
    assert table.find("DE", "USD", now=NOW) == german
    assert table.find("DE", "GBP", now=NOW) == both
    assert table.find("US", "USD", now=NOW, tier="gold") is None


def test_a_regions_own_rate_that_is_still_to_come_leaves_the_one_for_all():
    table = RateTable([a_rate(), replace(a_rate(6_000, valid_from=TOMORROW), region="DE")])

    assert table.find("DE", "EUR", now=NOW) == a_rate()


async def test_half_is_the_rate_until_an_operator_sets_another_and_that_is_heard_of_in_seconds(db: Database):
    rates = Rates(db)
    first = (await rates.table(now=NOW)).find("US", "USD", now=NOW)

    await set_rate(db, a_rate(7_000, valid_from=NOW))
    remembered = (await rates.table(now=NOW + REMEMBERED / 2)).find("US", "USD", now=NOW)
    heard = (await rates.table(now=NOW + REMEMBERED)).find("US", "USD", now=NOW)

    assert first is not None
    assert heard is not None
    assert (first.share_bps, remembered, heard.share_bps) == (5_000, first, 7_000)
    assert [rate.share_bps for rate in await list_rates(db, now=NOW)] == [7_000]


async def test_while_the_database_is_away_the_last_rates_hold(database_url: str):
    async with Database.open(database_url) as db:
        rates, fresh = Rates(db), Rates(db)
        table = await rates.table(now=NOW)

    assert await rates.table(now=TOMORROW) is table
    with pytest.raises(Unavailable):
        await fresh.table(now=NOW)


@pytest.mark.parametrize(
    ("currency", "share_bps", "micros_per_coin", "sentence"),
    [
        ("USD", None, None, "a share or a price per coin"),
        ("USD", 1, 1, "a share or a price per coin"),
        ("", 10_001, None, "from nothing to all"),
        ("USD", None, -1, "below nothing"),
        ("", None, 1, "counts in one currency"),
        ("", 1, None, "two people approved this rate"),
    ],
)
def test_the_database_itself_refuses_what_is_no_rate(
    database_url: str, currency: str, share_bps: int | None, micros_per_coin: int | None, sentence: str
):
    with psycopg.connect(database_url) as admin, pytest.raises(psycopg.IntegrityError, match=sentence):
        admin.execute(
            """
            insert into earnings.rates (currency, share_bps, micros_per_coin, valid_from)
            values (%s, %s, %s, '2020-01-01T00:00:00Z')
            """,
            (currency, share_bps, micros_per_coin),
        )
