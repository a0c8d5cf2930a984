"""How numbers, money and instants are written for people, in their language."""

from copy import copy
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from jinja2 import pass_context
from jinja2.runtime import Context

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.money import INTERNAL_DIGITS
from plaudit.web.pages.languages import locale

# A coin costs a cent or two: two more digits tell packs apart.
_DIGITS_OF_A_COIN = 2


def money_text(minor: int, currency: str, language: str) -> str:
    """An amount of minor units: "$4.99", "4,99 €". The digits are ours (ISO 4217), the rest the language's."""
    unit = get_currency(currency)
    amount = Decimal(minor).scaleb(-unit.exponent)
    digits = unit.display_digits if amount == round(amount, unit.display_digits) else unit.exponent
    return written(amount, currency, digits, language)


def number_text(number: int, language: str) -> str:
    """A whole number with its groups of thousands."""
    return format_decimal(number, locale=locale(language))


@pass_context
def money(context: Context, minor: int, currency: str) -> str:
    """`{{ 499 | money("USD") }}`."""
    return money_text(minor, currency, context["language"])


@pass_context
def per_coin(context: Context, micros: int, currency: str) -> str:
    """What one coin costs, from ten-thousandths of a minor unit: "$0.0199"."""
    unit = get_currency(currency)
    amount = Decimal(micros).scaleb(-unit.exponent - INTERNAL_DIGITS)
    return written(amount, currency, unit.exponent + _DIGITS_OF_A_COIN, context["language"])


@pass_context
def percent(context: Context, bps: int) -> str:
    """Basis points as people write them: "8.25%"."""
    return format_percent(Decimal(bps).scaleb(-4), locale=locale(context["language"]), decimal_quantization=False)


@pass_context
def number(context: Context, value: int) -> str:
    """`{{ 12500 | number }}`."""
    return number_text(value, context["language"])


@pass_context
def instant(context: Context, at: datetime) -> str:
    """A day and a time; the browser's own time zone is put in by `js/times.js`."""
    return format_datetime(at, "medium", locale=locale(context["language"]))


@pass_context
def day(context: Context, on: date) -> str:
    """A day without a time: "Mar 1, 2026", "01.03.2026"."""
    return format_date(on, "medium", locale=locale(context["language"]))


@pass_context
def ago(context: Context, at: datetime) -> str:
    """How long ago, as in "3 minutes ago"; `now` is the page's."""
    return format_timedelta(at - context["now"], add_direction=True, locale=locale(context["language"]))


def written(amount: Decimal, currency: str, digits: int, language: str) -> str:
    """The language's own way to write money, with as many digits as we say."""
    pattern = copy(locale(language).currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    return pattern.apply(amount, locale(language), currency=currency, currency_digits=False)
