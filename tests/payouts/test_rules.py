"""Quotes, exchange and limits for any numbers: nothing is lost, nothing is made, and every rest has its place."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from plaudit.foundation.currencies import CURRENCIES, get_currency
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import MICROS_PER_MINOR, Micros
from plaudit.ledger.chart import AccountCode, account_id
from plaudit.payouts import Method, Payout, Rail, State
from plaudit.payouts.chains import accounts_of, chains_of
from plaudit.payouts.errors import AboveDayMaximum, BelowMinimum, TaxFormNeeded
from plaudit.payouts.model import ExchangeRate, Fee, Rules
from plaudit.payouts.rules import (
    Terms,
    Year,
    add_working_days,
    count_operators,
    exchange,
    form_for,
    make_quote,
    require_within,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
codes = st.sampled_from(["USD", "EUR", "JPY", "KWD", "HUF", "CLF", "ISK", "GBP"])
parts = st.integers(1, 10**9)


def a_rate(base: str, quote: str, numerator: int, denominator: int) -> ExchangeRate:
    return ExchangeRate(
        id=new_id(),
        base=base,
        quote=quote,
        numerator=numerator,
        denominator=denominator,
        source="test",
        valid_from=NOW,
    )


def the_rules(currency: str = "USD", **different: int) -> Rules:
    usual = {
        "minimum_minor": 1,
        "maximum_day_minor": 10**9,
        "code_above_minor": 500,
        "automatic_below_minor": 200,
        "two_operators_above_minor": 5_000,
        "tax_form_above_minor": 600,
        "spread_bps": 100,
    }
    return Rules(currency=currency, keeps_fee=True, valid_from=NOW, **{**usual, **different})


def terms(rules: Rules, *, fee: int, bps: int, rate: ExchangeRate | None, has_paid: bool = True) -> Terms:
    method = Method(
        id=new_id(),
        person_id=new_id(),
        kind=Rail.WALLET,
        currency=rate.quote if rate else rules.currency,
        holder_name="Ada",
        sealed=b"",
        shown="",
        created_at=NOW,
        usable_from=NOW,
    )
    held = Fee(rail=Rail.WALLET, currency=rules.currency, fee_minor=fee, valid_from=NOW)
    return Terms(rules=rules, fee=held, method=method, rate=rate, withheld_bps=bps, has_paid=has_paid)


@given(codes, codes, parts, parts, st.integers(0, 10**14))
def test_what_is_exchanged_is_the_most_that_is_not_above_its_worth(
    base: str, quote: str, numerator: int, denominator: int, micros: int
):
    assume(base != quote)
    paid = exchange(Micros(micros), a_rate(base, quote, numerator, denominator))

    # By hand: micros of the base in units, times the rate, in minor units of the other.
    units = Fraction(micros, 10 ** (get_currency(base).exponent + 4))
    worth = units * Fraction(numerator, denominator) * 10 ** get_currency(quote).exponent
    assert paid.minor <= worth < paid.minor + 1
    assert paid.currency.code == quote


@pytest.mark.parametrize("code", sorted(CURRENCIES))
def test_one_unit_at_one_to_one_is_one_unit_of_any_currency(code: str):
    base = "USD" if code != "USD" else "EUR"
    unit = Micros(10 ** (get_currency(base).exponent + 4))

    assert exchange(unit, a_rate(base, code, 1, 1)).minor == 10 ** get_currency(code).exponent


@given(
    amount=st.integers(1, 10**12),
    fee=st.integers(0, 10**6),
    bps=st.integers(0, 10_000),
    spread=st.integers(0, 1_000),
    rate=st.none() | st.tuples(codes, parts, parts),
)
def test_the_parts_of_a_quote_sum_to_its_amount_and_its_chains_leave_nothing_under_way(
    amount: int, fee: int, bps: int, spread: int, rate: tuple[str, int, int] | None
):
    assume(rate is None or rate[0] != "USD")
    dated = a_rate("USD", *rate) if rate else None
    try:
        quote = make_quote(amount, terms(the_rules(spread_bps=spread), fee=fee, bps=bps, rate=dated), today=NOW.date())
    except BelowMinimum:
        return

    for state in (State.PAID, State.RETURNED):
        for keeps_fee in (True, False):
            payout = payout_of(quote, state, keeps_fee=keeps_fee)
            balances = follow(payout)
            asset = get_currency("USD").asset
            assert balances[account_id(AccountCode.PAYOUTS_UNDER_WAY, asset)] == 0
            kept = quote.fee_minor * MICROS_PER_MINOR if keeps_fee else 0
            available = balances[account_id(AccountCode.CREATOR_AVAILABLE, asset, payout.person_id)]
            expected = -kept if state is State.RETURNED else -amount * MICROS_PER_MINOR
            assert available == expected
            bank = account_id(AccountCode.BANK, payout.paid_in.asset, "wallet")
            assert balances[bank] == (0 if state is State.RETURNED else quote.paid_minor * MICROS_PER_MINOR)


def payout_of(quote: object, state: State, *, keeps_fee: bool) -> Payout:
    from plaudit.payouts import Quote  # noqa: PLC0415 - only here

    assert isinstance(quote, Quote)
    return Payout(
        id=new_id(),
        person_id=new_id(),
        method_id=new_id(),
        rail=quote.rail,
        currency=quote.currency,
        amount_minor=quote.amount_minor,
        takes_all=False,
        fee_minor=quote.fee_minor,
        withheld_minor=quote.withheld_minor,
        spread_micros=quote.spread_micros,
        paid_currency=quote.paid_currency,
        paid_minor=quote.paid_minor,
        rate_id=quote.rate.id if quote.rate else None,
        keeps_fee=keeps_fee,
        residence=None,
        form=None,
        operators=0,
        why="automatic",
        asked_at=NOW,
        state_at=NOW,
        state=state,
    )


def follow(payout: Payout) -> dict[object, int]:
    """Credits less debits of each account after all chains; holds are posted whole."""
    balances: dict[object, int] = {account.id: 0 for account in accounts_of(payout)}
    hold, *_ = chains_of(payout)[0]
    for transfer in (transfer for chain in chains_of(payout)[1:] for transfer in chain):
        assert transfer.amount > 0
        moved = hold if transfer.hold_id else transfer
        balances[moved.debit_account] -= moved.amount
        balances[moved.credit_account] += moved.amount
    return balances


@pytest.mark.parametrize(
    ("amount", "has_paid", "is_operator", "expected"),
    [
        (199, True, False, (0, "automatic")),
        (200, True, False, (1, "amount")),
        (199, False, False, (1, "first_use")),
        (5_000, True, False, (1, "amount")),
        (5_001, True, False, (2, "large")),
        (5_001, False, False, (2, "large")),
        (1, True, True, (1, "amount")),
        (5_001, True, True, (2, "large")),
    ],
)
def test_how_many_operators_look_depends_on_amount_first_use_and_who_is_paid(
    amount: int, has_paid: bool, is_operator: bool, expected: tuple[int, str]
):
    assert count_operators(amount, the_rules(), has_paid=has_paid, is_operator=is_operator) == expected


@pytest.mark.parametrize(
    ("today", "amount", "needs_code", "operators"),
    [(0, 199, False, 0), (1, 199, False, 1), (301, 199, False, 1), (302, 199, True, 1), (4_802, 199, True, 2)],
)
def test_small_payouts_of_a_day_are_looked_at_like_the_large_one_that_they_make_up(
    today: int, amount: int, needs_code: bool, operators: int
):
    of_today = replace(terms(the_rules(), fee=0, bps=0, rate=None), today_minor=today)

    quote = make_quote(amount, of_today, today=NOW.date())

    assert (quote.needs_code, quote.operators) == (needs_code, operators)


@given(today=st.integers(0, 2_000), amount=st.integers(1, 2_000))
def test_a_day_never_passes_its_maximum(today: int, amount: int):
    rules = the_rules(maximum_day_minor=1_000)
    taken = Year(today_minor=today, this_year_minor=0)

    if today + amount > 1_000:
        with pytest.raises(AboveDayMaximum):
            require_within(amount, rules, taken, form="w9", has_form=True)
    else:
        require_within(amount, rules, taken, form="w9", has_form=True)


@given(year=st.integers(0, 1_000), amount=st.integers(1, 1_000))
def test_above_the_year_s_threshold_the_tax_form_is_needed(year: int, amount: int):
    taken = Year(today_minor=0, this_year_minor=year)

    if year + amount > 600:
        with pytest.raises(TaxFormNeeded):
            require_within(amount, the_rules(), taken, form="dac7", has_form=False)
    require_within(amount, the_rules(), taken, form="dac7", has_form=True)


def test_the_form_is_that_of_where_somebody_lives():
    assert (form_for("US"), form_for("DE"), form_for("JP"), form_for("GB")) == ("w9", "dac7", "w8ben", "w8ben")


@given(start=st.dates(date(2020, 1, 1), date(2030, 1, 1)), days=st.integers(0, 10))
def test_working_days_end_on_one_and_count_only_them(start: date, days: int):
    end = add_working_days(start, days)

    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert end.weekday() < 5
    assert sum(day.weekday() < 5 for day in between) == (days if start.weekday() < 5 else max(days, 1))
