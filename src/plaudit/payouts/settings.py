"""What operators set for payouts, each from an instant on: rules, fees, exchange rates, withholding.

What is set takes the place of what was set for the very same instant, so a plan can be corrected until it holds; an
exchange rate alone is never replaced, since payouts name it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.errors import Invalid
from plaudit.payouts import dated_queries as sql
from plaudit.payouts.errors import RateExists
from plaudit.payouts.model import ExchangeRate, Fee, Rules, Withholding
from plaudit.people.operators import note_act
from plaudit.people.rules import is_storable, take_region

_MOST_MINOR = 10**14
_MOST_PART = 10**12
_FORMS = ("w9", "w8ben", "dac7")
# One operator alone sets these: for a day the others see it in the list, and can set it back at once.
_NOTICE = timedelta(days=1)
_GATES = ("maximum_day_minor", "code_above_minor", "automatic_below_minor", "two_operators_above_minor")


async def list_rules(db: Database, *, now: datetime) -> Sequence[Rules]:
    """What holds for payouts in each currency, and what will."""
    async with db.transaction() as tx:
        return await sql.list_rules(tx, now=now)


async def set_rules(db: Database, operator_id: UUID, rules: Rules, *, now: datetime) -> Rules:
    """Pay a currency like this from `valid_from` on; what is looser than before holds a day later at the earliest.

    Raises Invalid naming the field, or UnknownCurrency.
    """
    rules = take_rules(rules)
    async with db.transaction() as tx:
        before = await sql.find_rules(tx, rules.currency, now=rules.valid_from)
        if before is not None and rules.valid_from < now + _NOTICE and _is_looser(rules, before):
            raise Invalid("What lets more money out holds from a day later at the earliest.", field="valid_from")
        await sql.store_rules(tx, rules)
        await note_act(tx, operator_id, "payout_rules_set", rules.currency, msgspec.structs.asdict(rules), now=now)
    return rules


def _is_looser(rules: Rules, before: Rules) -> bool:
    """Whether more gets through with fewer who look at it."""
    return any(getattr(rules, field) > getattr(before, field) for field in _GATES)


def take_rules(rules: Rules) -> Rules:
    """Judge them. Raises Invalid naming the field, or UnknownCurrency."""
    for field in (
        "maximum_day_minor",
        "code_above_minor",
        "automatic_below_minor",
        "two_operators_above_minor",
        "tax_form_above_minor",
    ):
        _require_range(getattr(rules, field), 0, _MOST_MINOR, field)
    _require_range(rules.minimum_minor, 1, rules.maximum_day_minor, "minimum_minor")
    _require_range(rules.spread_bps, 0, 1_000, "spread_bps")
    return msgspec.structs.replace(rules, currency=get_currency(rules.currency.upper()).code)


async def list_fees(db: Database, *, now: datetime) -> Sequence[Fee]:
    """What each rail costs, and what it will."""
    async with db.transaction() as tx:
        return await sql.list_fees(tx, now=now)


async def set_fee(db: Database, operator_id: UUID, fee: Fee, *, now: datetime) -> Fee:
    """Take this for a payout from `valid_from` on; a rail and a currency with a fee are offered.

    Raises Invalid naming the field, or UnknownCurrency.
    """
    _require_range(fee.fee_minor, 0, _MOST_MINOR, "fee_minor")
    fee = msgspec.structs.replace(fee, currency=get_currency(fee.currency.upper()).code)
    async with db.transaction() as tx:
        await sql.store_fee(tx, fee)
        detail = msgspec.structs.asdict(fee)
        await note_act(tx, operator_id, "payout_fee_set", f"{fee.rail.value} {fee.currency}", detail, now=now)
    return fee


async def list_exchange_rates(db: Database, *, now: datetime) -> Sequence[ExchangeRate]:
    """The rate between each pair of currencies, and what it will be."""
    async with db.transaction() as tx:
        return await sql.list_rates(tx, now=now)


async def set_exchange_rate(db: Database, operator_id: UUID, rate: ExchangeRate, *, now: datetime) -> ExchangeRate:
    """Exchange at this rate from `valid_from` on; it is within a quarter of the rate before, and of a day before.

    The first rate of two currencies may be any. Raises Invalid naming the field, UnknownCurrency, or RateExists: a rate
    is never replaced.
    """
    rate = take_exchange_rate(rate)
    async with db.transaction() as tx:
        before = [
            await sql.find_rate(tx, rate.base, rate.quote, now=at)
            for at in (rate.valid_from, rate.valid_from - _NOTICE)
        ]
        if not await sql.add_rate(tx, rate, operator_id):
            raise RateExists
        for each in before:
            _require_near(rate, each)
        detail = msgspec.structs.asdict(rate)
        await note_act(tx, operator_id, "exchange_rate_set", f"{rate.base}/{rate.quote}", detail, now=now)
    return rate


def _require_near(rate: ExchangeRate, before: ExchangeRate | None) -> None:
    """Raises Invalid: a slip of the finger, or worse. A currency that falls that far is followed day by day."""
    if before is None:
        return
    new, old = rate.numerator * before.denominator, before.numerator * rate.denominator
    if 4 * abs(new - old) > old:
        known = f"{before.numerator}/{before.denominator}"
        raise Invalid(f"This is more than a quarter away from the rate that holds: {known}.", field="numerator")


def take_exchange_rate(rate: ExchangeRate) -> ExchangeRate:
    """Judge it. Raises Invalid naming the field, or UnknownCurrency."""
    base, quote = get_currency(rate.base.upper()).code, get_currency(rate.quote.upper()).code
    if base == quote:
        raise Invalid("A rate is between two currencies.", field="quote")
    _require_range(rate.numerator, 1, _MOST_PART, "numerator")
    _require_range(rate.denominator, 1, _MOST_PART, "denominator")
    source = rate.source.strip()
    if not 1 <= len(source) <= 100 or not is_storable(source):
        raise Invalid("Say in 1 to 100 characters where the rate comes from.", field="source")
    return msgspec.structs.replace(rate, base=base, quote=quote, source=source)


async def list_withholdings(db: Database, *, now: datetime) -> Sequence[Withholding]:
    """What is withheld of whom, and what will be."""
    async with db.transaction() as tx:
        return await sql.list_withholdings(tx, now=now)


async def set_withholding(db: Database, operator_id: UUID, withholding: Withholding, *, now: datetime) -> Withholding:
    """Withhold this from `valid_from` on. Raises Invalid naming the field."""
    if withholding.form not in _FORMS:
        raise Invalid(f"A form is one of {', '.join(_FORMS)}.", field="form")
    _require_range(withholding.rate_bps, 0, 10_000, "rate_bps")
    residence = take_region(withholding.residence) if withholding.residence else ""
    withholding = msgspec.structs.replace(withholding, residence=residence)
    async with db.transaction() as tx:
        await sql.store_withholding(tx, withholding)
        detail = msgspec.structs.asdict(withholding)
        await note_act(tx, operator_id, "withholding_set", withholding.form, detail, now=now)
    return withholding


def _require_range(value: int, low: int, high: int, field: str) -> None:
    if not low <= value <= high:
        raise Invalid(f"This is a whole number from {low} to {high}.", field=field)
