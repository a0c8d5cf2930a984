from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from plaudit.coins import rules
from plaudit.coins.errors import PackNotOffered, PaidTwice, WrongAmountPaid
from plaudit.coins.model import Buyer, ExactRule, Lot, Offer, Pack, Status, Tax, TopUp, Wish
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import IdReused, Invalid
from plaudit.foundation.money import Money
from plaudit.providers import Payment, PaymentState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
USD = get_currency("USD")
FAN, WISH = UUID(int=1), UUID(int=2)
OFFER = Offer(
    currency="USD",
    packs=(Pack(id="small", coins=100, price_minor=199), Pack(id="large", coins=12_500, price_minor=9_999)),
    exact=ExactRule(minimum_minor=50, least_coins=1, most_coins=1_000),
    tax=Tax(name="Sales tax", rate_bps=825),
)


def a_wish(pack: str | None = "small", coins: int | None = None) -> Wish:
    return Wish(id=WISH, provider="sandbox", pack=pack, coins=coins)


def a_top_up() -> TopUp:
    buyer = Buyer(person_id=FAN, region="US", currency="USD")
    return rules.make_top_up(a_wish(), rules.quote(OFFER, a_wish()), buyer, now=NOW)


def told(state: PaymentState, *, id: str = "pay_1", minor: int = 215) -> Payment:
    return Payment(id=id, reference=WISH, state=state, charged=Money(minor, USD), fee=Money(37, USD), at=NOW)


def a_lot(first_coin: int, coins: int, micros: int, currency: str = "USD") -> Lot:
    return Lot(
        id=UUID(int=first_coin + 10),
        person_id=FAN,
        first_coin=first_coin,
        coins=coins,
        value_micros=micros,
        currency=currency,
        region="US",
        pack=None,
        provider="sandbox",
        opened_at=NOW,
    )


@pytest.mark.parametrize(("net", "bps", "tax"), [(199, 825, 16), (100, 50, 1), (100, 49, 0), (200, 25, 1), (199, 0, 0)])
def test_half_a_cent_of_tax_is_a_cent(net: int, bps: int, tax: int):
    assert rules.tax_on(Money(net, USD), bps) == Money(tax, USD)


@pytest.mark.parametrize(("coins", "minor"), [(1, 50), (25, 50), (26, 52), (101, 201), (1_000, 1_990)])
def test_an_exact_amount_costs_the_smallest_packs_rate_rounded_up_and_the_minimum_at_least(coins: int, minor: int):
    assert rules.price_of_exact(OFFER, coins) == Money(minor, USD)


@pytest.mark.parametrize("coins", [0, -1, 1_001])
def test_too_few_or_too_many_coins_are_not_sold(coins: int):
    with pytest.raises(Invalid):
        rules.quote(OFFER, a_wish(None, coins))


def test_exact_amounts_are_not_sold_where_there_is_no_rule():
    assert rules.price_of_exact(replace(OFFER, exact=None), 100) is None


def test_a_pack_that_is_not_there_is_said_by_its_field():
    with pytest.raises(PackNotOffered) as refused:
        rules.quote(OFFER, a_wish("huge"))

    assert refused.value.field == "pack"


@pytest.mark.parametrize(("pack", "coins"), [(None, None), ("small", 5)])
def test_a_wish_is_for_a_pack_or_for_coins(pack: str | None, coins: int | None):
    with pytest.raises(Invalid):
        rules.take_wish(a_wish(pack, coins))


def test_the_larger_pack_tells_its_saving_and_the_smallest_none():
    small, large = OFFER.packs

    assert (rules.saving_bps(small, small), rules.saving_bps(large, small)) == (0, 5_980)
    assert (rules.micros_per_coin(small), rules.micros_per_coin(large)) == (19_900, 7_999)


@pytest.mark.parametrize(
    ("before", "state", "after"),
    [
        (Status.PENDING, PaymentState.PENDING, Status.PENDING),
        (Status.PENDING, PaymentState.PAID, Status.PAID),
        (Status.PENDING, PaymentState.FAILED, Status.FAILED),
        (Status.PENDING, PaymentState.EXPIRED, Status.EXPIRED),
        (Status.FAILED, PaymentState.PAID, Status.PAID),
        (Status.EXPIRED, PaymentState.PAID, Status.PAID),
        (Status.FAILED, PaymentState.EXPIRED, Status.FAILED),
        (Status.EXPIRED, PaymentState.PENDING, Status.EXPIRED),
    ],
)
def test_that_it_was_paid_beats_whatever_was_told_before(before: Status, state: PaymentState, after: Status):
    assert rules.take_payment(replace(a_top_up(), status=before), told(state)).status is after


@pytest.mark.parametrize("state", PaymentState)
@pytest.mark.parametrize("status", [Status.PAID, Status.SETTLED])
def test_nothing_undoes_a_payment(status: Status, state: PaymentState):
    paid = replace(rules.take_payment(a_top_up(), told(PaymentState.PAID)), status=status)

    assert rules.take_payment(paid, told(state)) is paid


def test_another_amount_or_a_second_payment_needs_a_look():
    paid = rules.take_payment(a_top_up(), told(PaymentState.PAID))

    with pytest.raises(WrongAmountPaid):
        rules.take_payment(a_top_up(), told(PaymentState.PAID, minor=214))
    with pytest.raises(PaidTwice):
        rules.take_payment(paid, told(PaymentState.PAID, id="pay_2"))


@pytest.mark.parametrize(
    ("wish", "person"),
    [(a_wish("large"), FAN), (a_wish(None, 100), FAN), (a_wish(), UUID(int=9)), (replace(a_wish(), provider="x"), FAN)],
)
def test_an_id_that_was_used_for_something_else_is_refused(wish: Wish, person: UUID):
    rules.require_same(a_top_up(), a_wish(), FAN)
    with pytest.raises(IdReused):
        rules.require_same(a_top_up(), wish, person)


@given(st.integers(1, 500), st.integers(0, 10**9), st.lists(st.integers(0, 500)))
def test_however_a_lot_is_divided_its_parts_sum_to_its_value(coins: int, micros: int, cuts: list[int]):
    lot = a_lot(40, coins, micros)
    ends = sorted({40, 40 + coins, *(40 + cut for cut in cuts if cut < coins)})

    parts = [part for first, end in pairwise(ends) for part in rules.parts_of([lot], first, end)]

    assert (sum(part.micros for part in parts), sum(part.coins for part in parts)) == (micros, coins)


def test_coins_are_worth_what_was_paid_for_them_and_foreign_ones_todays_price():
    lots = [a_lot(0, 100, 1_990_000), a_lot(100, 100, 1_000_000, "EUR")]

    assert rules.worth_of(rules.parts_of(lots, 50, 100), OFFER) == Money(99, USD)
    assert rules.worth_of(rules.parts_of(lots, 50, 200), OFFER) == Money(298, USD)
    assert rules.worth_of(rules.parts_of(lots, 200, 300), OFFER) == Money(0, USD)


@pytest.mark.parametrize(
    ("coins", "found"),
    [(60, (None, 60, 120)), (100, ("small", 100, 199)), (900, (None, 900, 1_791)), (12_500, ("large", 12_500, 9_999))],
)
def test_the_cheapest_purchase_that_is_enough_is_a_pack_or_an_exact_amount(
    coins: int, found: tuple[str | None, int, int]
):
    quote = rules.find_cheapest(OFFER, coins)

    assert quote is not None
    assert (quote.pack, quote.coins, quote.net.minor) == found


def test_no_single_purchase_may_be_enough():
    assert rules.find_cheapest(OFFER, 12_501) is None
    assert rules.find_cheapest(replace(OFFER, exact=None), 99) is not None


def test_the_next_coins_cost_what_was_paid_for_them_and_todays_price_beyond_and_never_less():
    lots = [a_lot(0, 100, 1_990_000), a_lot(100, 100, 1_000_000, "EUR")]

    def cost(coins: int, *, spent: int, received: int = 200) -> int:
        return rules.cost_of_next(OFFER, lots, coins, spent=spent, received=received).minor

    assert cost(1, spent=0) == 2
    assert cost(100, spent=0) == 199
    assert cost(100, spent=50) == 199
    assert cost(10, spent=195) == 20
    assert cost(10, spent=200) == 20
    assert cost(12_500, spent=200) == 9_999
    assert cost(10, spent=200, received=300) == 0
