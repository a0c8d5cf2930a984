"""Beancount and hledger, as programs of their own: what they make of a journal of ours.

Beancount is GPL: it lives in an environment of its own that `make test` makes from requirements-books.lock, and is
never imported.
"""

import csv
import io
import shutil
import subprocess
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from plaudit.audit.export_rules import Format, name_account, name_asset, write_amount
from plaudit.foundation.database import Database
from plaudit.ledger.totals import list_totals

_BEANCOUNT = Path(__file__).parents[2] / ".venv-books" / "bin"
Balances = dict[tuple[str, str], Decimal]
"""By account and commodity."""


def bean_check(journal: Path) -> str:
    """What `bean-check` complains about; nothing when it all adds up."""
    ended = _run(_beancount("bean-check"), str(journal))
    return ended.stderr + ended.stdout or ("" if ended.returncode == 0 else f"exit code {ended.returncode}")


def bean_balances(journal: Path) -> Balances:
    """Every account's balance as Beancount sums it."""
    ended = _run(_beancount("python"), "-c", _SUM_UP, str(journal))
    assert ended.returncode == 0, ended.stderr
    return _read(ended.stdout)


# Beancount's query program is a package of its own; its loader tells the postings.
_SUM_UP = """
import collections, csv, sys
from beancount import loader
from beancount.core import data
entries, errors, options = loader.load_file(sys.argv[1])
assert not errors, errors
sums = collections.Counter()
for entry in data.filter_txns(entries):
    for posting in entry.postings:
        sums[posting.account, posting.units.currency] += posting.units.number
writer = csv.writer(sys.stdout)
for (account, currency), number in sorted(sums.items()):
    writer.writerow([account, currency, number])
"""


def hledger_check(journal: Path) -> str:
    """What `hledger check --strict` complains about."""
    ended = _run(_hledger(), "check", "--strict", "-f", str(journal))
    return ended.stderr + ended.stdout or ("" if ended.returncode == 0 else f"exit code {ended.returncode}")


def hledger_balances(journal: Path) -> Balances:
    """Every account's balance as hledger sums it."""
    ended = _run(
        _hledger(), "balance", "-f", str(journal), "--flat", "-E", "-N", "-O", "csv", "--layout", "bare"
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    rows = list(csv.reader(io.StringIO(ended.stdout)))[1:]
    return {(account, commodity): Decimal(number) for account, commodity, number in rows if commodity}


def _read(text: str) -> Balances:
    rows = csv.reader(io.StringIO(text))
    return {(account, commodity): Decimal(number) for account, commodity, number in rows}


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)


def _beancount(name: str) -> str:
    program = _BEANCOUNT / name
    if not program.is_file():
        pytest.fail("These tests need Beancount in .venv-books: `make .venv-books/.ready` gets it.", pytrace=False)
    return str(program)


def _hledger() -> str:
    program = shutil.which("hledger")
    if program is None:
        pytest.fail("These tests need hledger: `apt-get install hledger` gets it.", pytrace=False)
    return program


CHECK = {Format.BEANCOUNT: bean_check, Format.HLEDGER: hledger_check}
BALANCES = {Format.BEANCOUNT: bean_balances, Format.HLEDGER: hledger_balances}


async def our_balances(db: Database) -> Balances:
    """By kind and commodity, what the accounts' counters say."""
    sums: Counter[tuple[str, str]] = Counter()
    for each in await list_totals(db):
        digits = Decimal(write_amount(each.debits_posted - each.credits_posted, each.ledger).split()[0])
        sums[name_account(each.code, None), name_asset(each.ledger)] += digits  # pyright: ignore[reportArgumentType]
    return {key: Decimal(number) for key, number in sums.items() if number}


def by_kind(balances: Balances) -> Balances:
    """The same of accounts that are told apart by owner, added up."""
    sums: Counter[tuple[str, str]] = Counter()
    for (account, commodity), number in balances.items():
        sums[":".join(account.split(":")[:2]), commodity] += number  # pyright: ignore[reportArgumentType]
    return {key: Decimal(number) for key, number in sums.items() if number}
