from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from plaudit.earnings.model import Rate, Share
from plaudit.earnings.rules import Priced, make_estimate, share_of
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.money import Money
from tests.earnings.conftest import a_rate

USD, EUR = get_currency("USD"), get_currency("EUR")


def half(_: str) -> Rate:
    return a_rate()


@given(
    micros=st.integers(0, 10**12),
    cuts=st.lists(st.integers(0, 10**12), max_size=20),
    share_bps=st.integers(0, 10_000),
    carry=st.integers(0, 9_999),
)
def test_however_an_amount_is_divided_the_shares_of_its_parts_sum_to_its_share(
    micros: int, cuts: list[int], share_bps: int, carry: int
):
    rate, total, left = a_rate(share_bps), 0, carry

    for first, end in pairwise(sorted({0, micros, *(cut for cut in cuts if cut < micros)})):
        part = share_of(rate, coins=1, micros=end - first, carry=left)
        total, left = total + part.micros, part.carry

    assert (total, left) == divmod(micros * share_bps + carry, 10_000)
    assert Share(total, left) == share_of(rate, coins=1, micros=micros, carry=carry)


def test_all_that_was_paid_is_all_and_none_of_it_is_none():
    assert share_of(a_rate(10_000), coins=7, micros=99, carry=3) == Share(99, 3)
    assert share_of(a_rate(0), coins=7, micros=99, carry=3) == Share(0, 3)
    assert share_of(None, coins=7, micros=99, carry=3) == Share(0, 3)


def test_a_price_per_coin_is_paid_whatever_the_coins_cost():
    fixed = a_rate(fixed=5_000)

    assert share_of(fixed, coins=100, micros=1_990_000) == Share(500_000, 0)
    assert share_of(fixed, coins=100, micros=0, carry=3) == Share(500_000, 3)


def test_an_estimate_is_rounded_down_only_once():
    # A third of a cent each: rounded one by one they would be nothing.
    parts = [Priced(1, 6_666, "USD")] * 3

    assert make_estimate(parts, half, otherwise="USD").share == Money(0, USD)
    assert make_estimate(parts * 2, half, otherwise="USD").share == Money(1, USD)


def test_each_currency_stands_for_itself_and_the_one_of_most_coins_leads():
    parts = [Priced(40, 796_000, "USD"), Priced(60, 1_134_000, "EUR"), Priced(10, 199_000, "USD")]

    estimate = make_estimate(parts, half, otherwise="JPY")

    assert (estimate.share, estimate.others) == (Money(56, EUR), (Money(49, USD),))


def test_of_two_currencies_with_as_many_coins_the_one_that_is_spent_first_leads():
    parts = [Priced(10, 200_000, "USD"), Priced(10, 200_000, "EUR")]

    assert make_estimate(parts, half, otherwise="USD").share.currency == USD
    assert make_estimate(parts[::-1], half, otherwise="USD").share.currency == EUR


def test_coins_without_a_lot_are_nothing_in_the_creators_currency():
    assert make_estimate([], half, otherwise="JPY").share == Money(0, get_currency("JPY"))
