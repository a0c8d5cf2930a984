import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit.foundation.currencies import CURRENCIES, Currency, get_currency
from plaudit.foundation.errors import FractionOfMinorUnit, MixedCurrencies
from plaudit.foundation.money import (
    MICROS_PER_MINOR,
    Coins,
    Micros,
    Money,
    allocate,
    floor_to_minor,
    format_minor,
    split,
    to_internal,
    to_minor,
)

USD, EUR, JPY, HUF, KWD, CLF = (get_currency(code) for code in "USD EUR JPY HUF KWD CLF".split())

amounts = st.integers(-(2**63), 2**63)
currencies = st.sampled_from(list(CURRENCIES.values()))
money = st.builds(Money, amounts, currencies)
weights = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 10**12), min_size=1).filter(
    lambda shares: sum(shares.values()) > 0
)


def test_a_cent_is_ten_thousand_micro_dollars():
    assert to_internal(Money(1, USD)) == 10_000
    assert to_internal(Money(1250, USD)) == 12_500_000


@given(money)
def test_money_goes_into_the_ledger_and_comes_out_again_exactly(amount: Money):
    assert to_minor(to_internal(amount), amount.currency) == amount


@given(amounts, currencies)
def test_an_amount_leaves_the_ledger_only_when_it_is_whole(units: int, currency: Currency):
    if units % MICROS_PER_MINOR == 0:
        assert to_minor(Micros(units), currency).minor == units // MICROS_PER_MINOR
    else:
        with pytest.raises(FractionOfMinorUnit, match=str(units % MICROS_PER_MINOR)):
            to_minor(Micros(units), currency)


@given(amounts)
def test_rounding_down_loses_nothing_and_names_who_gets_the_rest(units: int):
    floored = floor_to_minor(Micros(units), USD, rest_to="platform")

    assert to_internal(floored.whole) + floored.rest == units
    assert 0 <= floored.rest < MICROS_PER_MINOR
    assert floored.rest_to == "platform"


@given(amounts, amounts, currencies)
def test_money_adds_and_compares_like_the_numbers_that_it_counts(a: int, b: int, currency: Currency):
    one, other = Money(a, currency), Money(b, currency)

    assert (one + other).minor == a + b
    assert (one - other).minor == a - b
    assert (-one).minor == -a
    assert (one < other, one <= other, one > other, one >= other) == (a < b, a <= b, a > b, a >= b)
    assert (one == other) == (a == b)


def test_money_of_different_currencies_is_neither_added_nor_compared():
    dollars, euros = Money(100, USD), Money(100, EUR)

    for mix in (
        lambda: dollars + euros,
        lambda: dollars - euros,
        lambda: dollars < euros,
        lambda: dollars <= euros,
        lambda: dollars > euros,
        lambda: dollars >= euros,
    ):
        with pytest.raises(MixedCurrencies, match="USD and EUR"):
            mix()
    assert dollars != euros


@pytest.mark.parametrize("amount", [1.0, True, "1", None])
def test_money_is_made_of_whole_numbers_only(amount: object):
    with pytest.raises(TypeError, match="whole minor units"):
        Money(amount, USD)  # pyright: ignore[reportArgumentType] - what a type checker refuses, the value refuses too


def test_money_can_not_be_changed():
    price = Money(100, USD)

    with pytest.raises(AttributeError):
        price.minor = 99  # pyright: ignore[reportAttributeAccessIssue] - on purpose


@given(amounts, weights)
def test_the_parts_of_a_split_sum_to_the_whole(total: int, shares: dict[str, int]):
    rest_to = min(shares)

    parts = split(total, shares, rest_to=rest_to)

    assert parts.keys() == shares.keys()
    assert sum(parts.values()) == total


@given(amounts, weights)
def test_everyone_but_the_one_with_the_rest_gets_their_share_rounded_towards_zero(total: int, shares: dict[str, int]):
    rest_to, whole = min(shares), sum(shares.values())

    parts = split(total, shares, rest_to=rest_to)

    for side in shares.keys() - {rest_to}:
        assert abs(parts[side]) == abs(total) * shares[side] // whole
    exact = abs(total) * shares[rest_to] // whole
    assert exact <= abs(parts[rest_to]) < exact + len(shares) + 1


@given(amounts, weights)
def test_splitting_a_refund_undoes_the_split_part_by_part(total: int, shares: dict[str, int]):
    there = split(total, shares, rest_to=min(shares))
    back = split(-total, shares, rest_to=min(shares))

    assert {side: -part for side, part in back.items()} == there


def test_a_split_keeps_the_kind_of_what_is_split():
    parts: dict[str, Coins] = split(Coins(100), {"creator": 1, "platform": 2}, rest_to="platform")

    assert parts == {"creator": 33, "platform": 67}


def test_allocated_money_gives_the_odd_cent_to_the_side_that_is_named():
    shares = {"creator": 50, "platform": 50}

    assert allocate(Money(101, USD), shares, rest_to="creator") == {
        "creator": Money(51, USD),
        "platform": Money(50, USD),
    }
    assert allocate(Money(101, USD), shares, rest_to="platform") == {
        "creator": Money(50, USD),
        "platform": Money(51, USD),
    }


@pytest.mark.parametrize("shares", [{}, {"a": 0}, {"a": 2, "b": -1}])
def test_weights_that_divide_nothing_are_refused(shares: dict[str, int]):
    with pytest.raises(ValueError, match="weights"):
        split(100, shares, rest_to="a")


def test_the_rest_can_not_go_to_someone_who_does_not_share():
    with pytest.raises(ValueError, match="'c'"):
        split(100, {"a": 1, "b": 1}, rest_to="c")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Money(1250, USD), "12.50 USD"),
        (Money(1200, USD), "12.00 USD"),
        (Money(-5, USD), "-0.05 USD"),
        (Money(0, USD), "0.00 USD"),
        (Money(1250, JPY), "1250 JPY"),
        (Money(300, HUF), "3 HUF"),
        (Money(350, HUF), "3.50 HUF"),
        (Money(1, KWD), "0.001 KWD"),
        (Money(12_345, CLF), "1.2345 CLF"),
    ],
)
def test_an_amount_is_written_exactly(amount: Money, text: str):
    assert format_minor(amount) == text
