"""The currencies of ISO 4217 that are in use and have a minor unit: number, code and exponent.

The list is ISO 4217's as of January 2026 (amendment 180). Left out are the codes that have no minor unit, since an
amount in them can't be counted in whole units of anything: metals, bond market units, test and special codes.
Where Unicode's or a payment provider's exponent differs from ISO's (ISK, UGX, CLP, TWD, HUF …), ISO's holds here, and
the provider's adapter converts.
"""

from msgspec import Struct

from plaudit.foundation.errors import UnknownCurrency


class Currency(Struct, frozen=True, order=False):
    """One currency. `exponent` is how many decimal places its minor unit has: USD 2, JPY 0, KWD 3."""

    code: str
    number: int
    exponent: int
    display_digits: int

    @property
    def asset(self) -> int:
        """The number of the ledger that counts this currency: its ISO 4217 number."""
        return self.number


_BY_EXPONENT: dict[int, str] = {
    0: """
        BIF 108 CLP 152 DJF 262 GNF 324 ISK 352 JPY 392 KMF 174 KRW 410 PYG 600 RWF 646 UGX 800 UYI 940 VND 704 VUV 548
        XAF 950 XOF 952 XPF 953
    """,
    2: """
        AED 784 AFN 971 ALL 8 AMD 51 AOA 973 ARS 32 AUD 36 AWG 533 AZN 944 BAM 977 BBD 52 BDT 50 BMD 60 BND 96 BOB 68
        BOV 984 BRL 986 BSD 44 BTN 64 BWP 72 BYN 933 BZD 84 CAD 124 CDF 976 CHE 947 CHF 756 CHW 948 CNY 156 COP 170
        COU 970 CRC 188 CUP 192 CVE 132 CZK 203 DKK 208 DOP 214 DZD 12 EGP 818 ERN 232 ETB 230 EUR 978 FJD 242 FKP 238
        GBP 826 GEL 981 GHS 936 GIP 292 GMD 270 GTQ 320 GYD 328 HKD 344 HNL 340 HTG 332 HUF 348 IDR 360 ILS 376 INR 356
        IRR 364 JMD 388 KES 404 KGS 417 KHR 116 KPW 408 KYD 136 KZT 398 LAK 418 LBP 422 LKR 144 LRD 430 LSL 426 MAD 504
        MDL 498 MGA 969 MKD 807 MMK 104 MNT 496 MOP 446 MRU 929 MUR 480 MVR 462 MWK 454 MXN 484 MXV 979 MYR 458 MZN 943
        NAD 516 NGN 566 NIO 558 NOK 578 NPR 524 NZD 554 PAB 590 PEN 604 PGK 598 PHP 608 PKR 586 PLN 985 QAR 634 RON 946
        RSD 941 RUB 643 SAR 682 SBD 90 SCR 690 SDG 938 SEK 752 SGD 702 SHP 654 SLE 925 SOS 706 SRD 968 SSP 728 STN 930
        SVC 222 SYP 760 SZL 748 THB 764 TJS 972 TMT 934 TOP 776 TRY 949 TTD 780 TWD 901 TZS 834 UAH 980 USD 840 USN 997
        UYU 858 UZS 860 VED 926 VES 928 WST 882 XAD 396 XCD 951 XCG 532 YER 886 ZAR 710 ZMW 967 ZWG 924
    """,
    3: "BHD 48 IQD 368 JOD 400 KWD 414 LYD 434 OMR 512 TND 788",
    4: "CLF 990 UYW 927",
}

# The minor unit exists on paper only: no price is written with it. It still counts in the books and at the provider.
_SHOWN_WITHOUT_FRACTION = frozenset(
    "AFN ALL AMD COP CRC HUF IDR IQD IRR KPW LAK LBP MGA MMK MNT PKR RSD SOS SYP TWD TZS UZS YER".split()
)


def _currencies() -> dict[str, Currency]:
    table: dict[str, Currency] = {}
    for exponent, listed in _BY_EXPONENT.items():
        words = listed.split()
        for code, number in zip(words[::2], words[1::2], strict=True):
            digits = 0 if code in _SHOWN_WITHOUT_FRACTION else exponent
            table[code] = Currency(code=code, number=int(number), exponent=exponent, display_digits=digits)
    return dict(sorted(table.items()))


CURRENCIES = _currencies()
_BY_NUMBER = {currency.number: currency for currency in CURRENCIES.values()}


def get_currency(code: str) -> Currency:
    """The currency by its three capital letters; raises UnknownCurrency."""
    try:
        return CURRENCIES[code]
    except KeyError:
        raise UnknownCurrency(f"There is no currency {code!r}; ISO 4217 codes look like USD.") from None


def get_currency_by_number(number: int) -> Currency:
    """The currency by its ISO 4217 number, which is also its asset in the ledger; raises UnknownCurrency."""
    try:
        return _BY_NUMBER[number]
    except KeyError:
        raise UnknownCurrency(f"There is no currency with the ISO 4217 number {number}.") from None
