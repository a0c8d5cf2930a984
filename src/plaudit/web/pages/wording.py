"""How numbers, money and instants are written for people, in their language."""

from copy import copy
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent, get_decimal_symbol
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.money import INTERNAL_DIGITS
from plaudit.web.pages.languages import locale

# A coin costs a cent or two: two more digits tell packs apart.
_DIGITS_OF_A_COIN = 2

NO_REST = "0" * INTERNAL_DIGITS
"""What follows the minor unit in an amount that is whole."""


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


def exact_text(micros: int, currency: str, language: str) -> tuple[str, str]:
    """An amount of internal units without its currency, to the last digit: what is whole minor units, and the rest.

    1,234.567800 dollars are ("1,234.56", "7800"); the rest of what is whole is "".
    """
    unit = get_currency(currency)
    digits = f"{abs(micros):0{unit.exponent + INTERNAL_DIGITS + 1}d}"
    cut = len(digits) - INTERNAL_DIGITS
    units, minor, rest = digits[: cut - unit.exponent], digits[cut - unit.exponent : cut], digits[cut:]
    point = get_decimal_symbol(locale(language))
    sign = "−" if micros < 0 else ""
    head = f"{sign}{number_text(int(units), language)}{point if minor else ''}{minor}"
    rest = rest if rest != NO_REST else ""
    return head, rest if minor or not rest else f"{point}{rest}"


@pass_context
def exact(context: Context, micros: int, currency: str) -> Markup:
    """`{{ 12345678 | exact("USD") }}`: "12.34" and "5678" in a quieter voice; zeros there only keep their place."""
    head, rest = exact_text(micros, currency, context["language"])
    tail = Markup('<span class="tail{}">{}</span>').format("" if rest else " unsaid", rest or NO_REST)
    return Markup('<span class="exact">{}{}</span>').format(head, tail)


@pass_context
def micros(context: Context, amount: int, currency: str) -> str:
    """An amount of internal units as money, rounded down to the whole minor unit; a debt to the larger debt."""
    return money_text(amount // 10**INTERNAL_DIGITS, currency, context["language"])


@pass_context
def exact_money(context: Context, amount: int, currency: str) -> str:
    """The same to the last digit: "$0.4975", or "$4.99" where it is whole."""
    return exact_money_text(amount, currency, context["language"])


def exact_money_text(amount: int, currency: str, language: str) -> str:
    """The same outside of a page."""
    unit = get_currency(currency)
    minor, parts = divmod(amount, 10**INTERNAL_DIGITS)
    if not parts:
        return money_text(minor, currency, language)
    places = unit.exponent + INTERNAL_DIGITS
    digits = places - (len(str(abs(amount))) - len(str(abs(amount)).rstrip("0")))
    return written(Decimal(amount).scaleb(-places), currency, digits, language)


@pass_context
def month(context: Context, text: str) -> str:
    """A month like 2026-03 as people say it: "March 2026"."""
    return month_text(text, context["language"])


def month_text(text: str, language: str) -> str:
    """The same outside of a page."""
    return format_skeleton("yMMMM", date.fromisoformat(f"{text}-01"), locale=locale(language))


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
