"""How the books are written for operators: accounts by their kind, amounts in their asset, instants in UTC."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from jinja2 import pass_context
from jinja2.runtime import Context

from plaudit.foundation.currencies import get_currency_by_number
from plaudit.foundation.errors import UnknownCurrency
from plaudit.foundation.money import COIN, INTERNAL_DIGITS
from plaudit.ledger.chart import AccountCode, TransferCode
from plaudit.web.pages.languages import translations
from plaudit.web.pages.wording import money_text, number_text, written


def utc(at: datetime) -> str:
    """A day and a time in UTC, the same in every language, so that lines can be compared at a glance."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def utc_seconds(at: datetime) -> str:
    """The same with seconds."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def asset(number: int) -> str:
    """What an account counts: "Coins", or the code of a currency."""
    if number == COIN:
        return "Coins"
    try:
        return get_currency_by_number(number).code
    except UnknownCurrency:
        return str(number)


@pass_context
def account_kind(context: Context, code: int) -> str:
    """The name of an account's code in the chart; the number itself for one that isn't there."""
    return _plain(context, AccountCode(code).name) if code in set(AccountCode) else str(code)


@pass_context
def transfer_why(context: Context, code: int) -> str:
    """The name of a transfer's code; the number itself for one that isn't in the chart."""
    return _plain(context, TransferCode(code).name) if code in set(TransferCode) else str(code)


@pass_context
def in_asset(context: Context, amount: int, number: int) -> str:
    """An amount of the ledger in its asset: "1,250", or "$4.99" with more digits where it has parts of a cent."""
    language: str = context["language"]
    if number == COIN:
        return number_text(amount, language)
    try:
        currency = get_currency_by_number(number)
    except UnknownCurrency:
        return number_text(amount, language)
    minor, parts = divmod(amount, 10**INTERNAL_DIGITS)
    if not parts:
        return money_text(minor, currency.code, language)
    digits = currency.exponent + INTERNAL_DIGITS
    return written(Decimal(amount).scaleb(-digits), currency.code, digits, language)


def _plain(context: Context, name: str) -> str:
    return translations(context["language"]).pgettext("books", name.replace("_", " ").capitalize())


FILTERS: dict[str, Callable[..., str]] = {
    "utc": utc,
    "utc_seconds": utc_seconds,
    "asset_name": asset,
    "account_kind": account_kind,
    "transfer_why": transfer_why,
    "in_asset": in_asset,
}
"""By the names that templates use."""
