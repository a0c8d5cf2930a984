"""What may become of a payout, what it costs and who must look at it: pure functions."""

from datetime import date, datetime, timedelta

from msgspec import Struct

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import IdReused
from plaudit.foundation.money import INTERNAL_DIGITS, MICROS_PER_MINOR, Micros, Money, format_minor
from plaudit.payouts.errors import (
    AboveDayMaximum,
    BelowMinimum,
    IllegalStep,
    MethodCoolingDown,
    MethodNotVerified,
    NoSuchMethod,
    NotVerifiedToBePaid,
    TaxFormNeeded,
)
from plaudit.payouts.model import ExchangeRate, Fee, Method, Payee, Payout, PayoutWish, Quote, Rail, Rules, State

_BPS = 10_000

LEGAL_STEPS = frozenset(
    {
        (State.REQUESTED, State.APPROVED),
        (State.REQUESTED, State.FAILED),
        (State.REQUESTED, State.CANCELLED),
        (State.APPROVED, State.SUBMITTED),
        (State.APPROVED, State.FAILED),
        (State.APPROVED, State.CANCELLED),
        (State.SUBMITTED, State.PAID),
        (State.SUBMITTED, State.FAILED),
        (State.PAID, State.RETURNED),
    }
)
"""From where a payout may go where. The database refuses the others as well (payouts.legal_steps)."""

OVER = frozenset({State.FAILED, State.CANCELLED})
"""States in which nothing was taken of the creator's money."""

# Working days until the money is there, once it was sent, as the rails promise them.
_DAYS = {Rail.SEPA: 1, Rail.ACH: 2, Rail.WALLET: 0}

EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())


class Terms(Struct, frozen=True, kw_only=True):
    """Everything that a quote depends on but the amount; `has_paid` tells whether the method was paid before.

    `today_minor` was asked for today already: many small payouts are looked at like the large one that they make up.
    """

    rules: Rules
    fee: Fee
    method: Method
    rate: ExchangeRate | None
    withheld_bps: int
    has_paid: bool
    today_minor: int = 0
    is_operator: bool = False


class Year(Struct, frozen=True, kw_only=True):
    """What a creator took already, in minor units of the currency: since midnight UTC, and since New Year."""

    today_minor: int
    this_year_minor: int


def require_step(before: State, after: State) -> None:
    """Raises IllegalStep."""
    if (before, after) not in LEGAL_STEPS:
        raise IllegalStep(f"A payout that is {before} can't become {after}.")


def exchange(amount: Micros, rate: ExchangeRate) -> Money:
    """The most whole minor units of the other currency that are not above `amount`; the rest is nobody's loss.

    It stays in the exchange account, which holds both sides exactly.
    """
    base, quote = get_currency(rate.base), get_currency(rate.quote)
    numerator = amount * rate.numerator * 10**quote.exponent
    return Money(numerator // (rate.denominator * 10 ** (base.exponent + INTERNAL_DIGITS)), quote)


def make_quote(amount_minor: int, terms: Terms, *, today: date) -> Quote:
    """What becomes of an amount. Every part that goes off is rounded down. Raises BelowMinimum."""
    rules, rate = terms.rules, terms.rate
    currency = get_currency(rules.currency)
    withheld = amount_minor * terms.withheld_bps // _BPS
    left = (amount_minor - terms.fee.fee_minor - withheld) * MICROS_PER_MINOR
    spread = Micros(left * rules.spread_bps // _BPS if rate else 0)
    paid = exchange(Micros(left - spread), rate) if rate else Money(left // MICROS_PER_MINOR, currency)
    if amount_minor < rules.minimum_minor or left <= 0 or paid.minor <= 0:
        raise BelowMinimum(f"A payout is at least {format_minor(Money(rules.minimum_minor, currency))}.")
    day_minor = amount_minor + terms.today_minor
    operators, why = count_operators(day_minor, rules, has_paid=terms.has_paid, is_operator=terms.is_operator)
    return Quote(
        rail=terms.method.kind,
        currency=currency.code,
        amount_minor=amount_minor,
        fee_minor=terms.fee.fee_minor,
        withheld_minor=withheld,
        withheld_bps=terms.withheld_bps,
        spread_micros=spread,
        spread_bps=rules.spread_bps if rate else 0,
        rate=rate,
        paid_currency=paid.currency.code,
        paid_minor=paid.minor,
        arrives_on=add_working_days(today, _DAYS[terms.method.kind]),
        needs_code=day_minor > rules.code_above_minor,
        operators=operators,
        why=why,
    )


def count_operators(day_minor: int, rules: Rules, *, has_paid: bool, is_operator: bool) -> tuple[int, str]:
    """How many operators must approve what makes up this much of a day, and the stable word for why.

    Whoever may set the rules never gets their own money by them alone.
    """
    if day_minor > rules.two_operators_above_minor:
        return 2, "large"
    if not has_paid:
        return 1, "first_use"
    if is_operator or day_minor >= rules.automatic_below_minor:
        return 1, "amount"
    return 0, "automatic"


def require_payee(payee: Payee) -> None:
    """Raises NotVerifiedToBePaid."""
    if payee.verified_at is None:
        raise NotVerifiedToBePaid


def require_usable(method: Method, *, of: Payee, now: datetime) -> None:
    """Raises NoSuchMethod, MethodNotVerified or MethodCoolingDown."""
    if method.person_id != of.id or method.retired_at is not None:
        raise NoSuchMethod
    if method.verified_at is None:
        raise MethodNotVerified
    if now < method.usable_from:
        raise MethodCoolingDown(f"This method can be used from {method.usable_from:%Y-%m-%d %H:%M} UTC on.")


def require_within(amount_minor: int, rules: Rules, taken: Year, *, form: str, has_form: bool) -> None:
    """Raises AboveDayMaximum, or TaxFormNeeded when the year's payouts pass the threshold without `form`."""
    left = rules.maximum_day_minor - taken.today_minor
    if amount_minor > left:
        currency = get_currency(rules.currency)
        raise AboveDayMaximum(f"Today at most {format_minor(Money(max(left, 0), currency))} can still be paid out.")
    if taken.this_year_minor + amount_minor > rules.tax_form_above_minor and not has_form:
        raise TaxFormNeeded(form)


def form_for(residence: str) -> str:
    """Which tax form somebody who lives there signs."""
    if residence == "US":
        return "w9"
    return "dac7" if residence in EU else "w8ben"


def require_same(payout: Payout, wish: PayoutWish) -> None:
    """Raises IdReused when the payout of this id is another wish's."""
    same = (
        payout.person_id == wish.person_id
        and payout.method_id == wish.method_id
        and payout.currency == wish.asked.currency
        and payout.takes_all == (wish.asked.amount_minor is None)
        and (payout.takes_all or payout.amount_minor == wish.asked.amount_minor)
    )
    if not same:
        raise IdReused


def add_working_days(day: date, days: int) -> date:
    """So many days later, leaving out Saturdays and Sundays; holidays of banks are not known here."""
    while days > 0 or day.weekday() >= 5:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def start_of_day(now: datetime) -> datetime:
    """Midnight before, in UTC."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def start_of_year(now: datetime) -> datetime:
    """New Year before, in UTC."""
    return start_of_day(now).replace(month=1, day=1)


def floor_available(available: int) -> int:
    """The whole minor units in what is available (micros): fractions stay for the next payout."""
    return max(available, 0) // MICROS_PER_MINOR
