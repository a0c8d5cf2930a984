import pytest

from plaudit.foundation.currencies import CURRENCIES, get_currency, get_currency_by_number
from plaudit.foundation.errors import UnknownCurrency
from plaudit.foundation.money import COIN


@pytest.mark.parametrize(
    ("code", "number", "exponent"),
    [
        ("USD", 840, 2),
        ("EUR", 978, 2),
        ("TWD", 901, 2),
        ("HUF", 348, 2),
        ("JPY", 392, 0),
        ("KRW", 410, 0),
        ("ISK", 352, 0),
        ("UGX", 800, 0),
        ("CLP", 152, 0),
        ("UYI", 940, 0),
        ("BHD", 48, 3),
        ("IQD", 368, 3),
        ("JOD", 400, 3),
        ("KWD", 414, 3),
        ("LYD", 434, 3),
        ("OMR", 512, 3),
        ("TND", 788, 3),
        ("CLF", 990, 4),
        ("UYW", 927, 4),
    ],
)
def test_a_currency_has_the_number_and_exponent_of_iso_4217(code: str, number: int, exponent: int):
    currency = get_currency(code)

    assert (currency.number, currency.exponent) == (number, exponent)
    assert get_currency_by_number(number) is currency


def test_the_table_is_the_whole_list_and_has_every_code_and_number_once():
    listed = list(CURRENCIES.values())

    assert len(listed) == 165
    assert len({currency.number for currency in listed}) == 165
    assert all(code == currency.code and len(code) == 3 and code.isupper() for code, currency in CURRENCIES.items())
    assert all(0 < currency.number < 1000 for currency in listed)


def test_only_these_currencies_have_other_than_two_decimal_places():
    others = {code: currency.exponent for code, currency in CURRENCIES.items() if currency.exponent != 2}

    none = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()
    three = "BHD IQD JOD KWD LYD OMR TND".split()
    assert others == dict.fromkeys(none, 0) | dict.fromkeys(three, 3) | {"CLF": 4, "UYW": 4}


@pytest.mark.parametrize("code", ["HRK", "BGN", "ANG", "CUC", "SLL", "ZWL", "XAU", "XXX", "usd", ""])
def test_a_withdrawn_currency_a_metal_or_a_misspelt_code_is_unknown(code: str):
    with pytest.raises(UnknownCurrency, match=f"'{code}'"):
        get_currency(code)


def test_no_currency_shows_more_digits_than_it_has():
    assert all(currency.display_digits in (0, currency.exponent) for currency in CURRENCIES.values())


def test_coins_share_their_asset_number_with_no_currency():
    assert COIN not in {currency.asset for currency in CURRENCIES.values()}


def test_a_number_without_a_currency_is_unknown():
    with pytest.raises(UnknownCurrency, match="999"):
        get_currency_by_number(999)
