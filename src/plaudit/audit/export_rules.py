"""How our books are named and written in other programs: accounts, commodities, exact amounts. Pure.

Debits are positive and credits negative, as Beancount and hledger have it. One micro is the last decimal place of an
amount, so nothing is ever rounded. Coins are a commodity of their own.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from plaudit.foundation.currencies import get_currency_by_number
from plaudit.foundation.errors import Invalid, UnknownCurrency
from plaudit.foundation.money import COIN, INTERNAL_DIGITS
from plaudit.ledger.chart import AccountCode, TransferCode

_WORD = re.compile(r"[^A-Za-z0-9]+")
_ROOTS = {1: "Assets", 2: "Liabilities", 3: "Equity", 4: "Income", 5: "Expenses"}
# Coins that were issued stand against all coins there are; a fan's coins and a creator's are owed to them.
_COIN_ROOTS = {
    AccountCode.COINS_ISSUED: "Equity",
    AccountCode.FAN_COINS: "Liabilities",
    AccountCode.FAN_COIN_DEBT: "Assets",
    AccountCode.CREATOR_COINS: "Liabilities",
}


class Format(StrEnum):
    """Whose files are written."""

    BEANCOUNT = "beancount"
    HLEDGER = "hledger"


class Group(StrEnum):
    """What becomes one entry of the journal: all of a day of one code, or what was posted together."""

    DAY = "day"
    CHAIN = "chain"


class ExportWish(Struct, frozen=True, kw_only=True):
    """What is to be written: every day (UTC) from `first_on` to `last_on`, both of them included."""

    format: Format
    first_on: date
    last_on: date
    group: Group = Group.DAY
    per_person: bool = False

    def __post_init__(self) -> None:
        """Refuse days in the wrong order, and those that leave no day before or after."""
        if self.last_on < self.first_on:
            raise Invalid("The last day is before the first one.", field="to")
        if not date(1, 1, 2) <= self.first_on <= self.last_on < date.max:
            raise Invalid("These days can't be exported.", field="from")

    @property
    def opened_on(self) -> date:
        """The day of the opening balances, the one before the first: a report on the days asked for has only theirs."""
        return self.first_on - timedelta(days=1)


class Line(Struct, frozen=True):
    """An account as it is written, and its balance: debits less credits in the asset's smallest unit."""

    account: str
    asset: int
    amount: int


class Entry(Struct, frozen=True, kw_only=True):
    """One entry of the journal: `transfers` of ours, the first and the last of them by timestamp."""

    on: date
    code: int
    transfers: int
    first_timestamp: int
    last_timestamp: int
    reference: str = ""
    lines: Sequence[Line]


class Opening(Struct, frozen=True, kw_only=True):
    """What stands at the head of a file."""

    accounts: Sequence[tuple[str, Sequence[int]]]
    """Every account and the assets that it is in."""
    assets: Sequence[int]
    balances: Sequence[Line]
    open_holds: int


def name_account(code: int, owner: str | None) -> str:
    """`Assets:1000-ProviderClearing:Sandbox`; without an owner, all accounts of the kind are one."""
    try:
        kind = AccountCode(code)
        words = kind.name.title().replace("_", "")
        root = _COIN_ROOTS.get(kind) or _ROOTS[code // 1000]
    except (ValueError, KeyError):
        words, root = "Other", "Equity"
    return f"{root}:{code}-{words}" + (f":{_as_part(owner)}" if owner else "")


def _as_part(owner: str) -> str:
    # Beancount wants a capital letter or a digit first, and nothing but letters, digits and dashes after.
    part = _WORD.sub("-", owner).strip("-") or "Other"
    return part[0].upper() + part[1:]


def name_asset(asset: int) -> str:
    """COIN, or the currency's three letters."""
    if asset == COIN:
        return "COIN"
    try:
        return get_currency_by_number(asset).code
    except UnknownCurrency:
        return f"ASSET{asset}"


def digits_of(asset: int) -> int:
    """How many decimal places the smallest unit of an asset has: none for coins, six for US dollars."""
    if asset == COIN:
        return 0
    try:
        return get_currency_by_number(asset).exponent + INTERNAL_DIGITS
    except UnknownCurrency:
        return 0


def write_amount(amount: int, asset: int) -> str:
    """The exact amount with its commodity: "-9.990000 USD", "600 COIN"."""
    digits = digits_of(asset)
    units, fraction = divmod(abs(amount), 10**digits)
    tail = f".{fraction:0{digits}d}" if digits else ""
    return f"{'-' if amount < 0 else ''}{units}{tail} {name_asset(asset)}"


def name_code(code: int) -> str:
    """Why transfers were made, in words."""
    try:
        return TransferCode(code).name.replace("_", " ").capitalize()
    except ValueError:
        return f"Code {code}"


def unused_accounts(used: Iterable[str]) -> list[str]:
    """The rest of the chart, so that the file shows all of it."""
    taken = {":".join(name.split(":")[:2]) for name in used}
    return [name for code in AccountCode if (name := name_account(code, None)) not in taken]
