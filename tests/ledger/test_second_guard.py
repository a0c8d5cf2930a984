"""The database repeats the rules: each constraint, violated once behind the ledger's back, says its own sentence."""

from collections.abc import AsyncIterator
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier, Placeholder

from plaudit.foundation.database import Database, Transaction
from plaudit.ledger import MAX_AMOUNT, Posted, PostgresLedger, Reason, Refused
from tests.ledger.building import CREATOR, ISSUED, UNKNOWN, WALLET, a_hold, a_transfer, named, open_world, posted
from tests.ledger.conftest import NOON

Columns = dict[str, Any]

ACCOUNT: Columns = {
    "id": UNKNOWN,
    "debits_posted": 0,
    "debits_pending": 0,
    "credits_posted": 0,
    "credits_pending": 0,
    "opened_at": NOON,
    "ledger": 1,
    "code": 100,
    "limit": 0,
}
TRANSFER: Columns = {
    "timestamp": 1_000,
    "at": NOON,
    "amount": 1,
    "debit_debits_posted": 0,
    "debit_debits_pending": 0,
    "debit_credits_posted": 0,
    "debit_credits_pending": 0,
    "credit_debits_posted": 0,
    "credit_debits_pending": 0,
    "credit_credits_posted": 0,
    "credit_credits_pending": 0,
    "ref_64": 0,
    "hold_seconds": 0,
    "id": named("forged"),
    "debit_account": WALLET,
    "credit_account": CREATOR,
    "hold_id": None,
    "ref_32": 0,
    "code": 1,
    "kind": 0,
}
NEGATIVE = [
    *({f"{side}s_{state}": -1} for side in ("debit", "credit") for state in ("posted", "pending")),
]
NEGATIVE_AFTER = [
    {f"{account}_{side}s_{state}": -1}
    for account in ("debit", "credit")
    for side in ("debit", "credit")
    for state in ("posted", "pending")
]

VIOLATIONS: dict[tuple[str, str], list[Columns]] = {
    ("clock", "the ledger has one clock"): [{"only_row": False}],
    ("accounts", "an account's id is not zero"): [{"id": "00000000-0000-0000-0000-000000000000"}],
    ("accounts", "an account belongs to an asset"): [{"ledger": 0}, {"ledger": -1}],
    ("accounts", "an account's code is from 1 to 65535"): [{"code": 0}, {"code": 65_536}],
    ("accounts", "an account's limit is a known one"): [{"limit": 3}, {"limit": -1}],
    ("accounts", "no counter of an account is below zero"): NEGATIVE,
    ("accounts", "the debits of an account fit in 63 bits"): [{"debits_posted": MAX_AMOUNT, "debits_pending": 1}],
    ("accounts", "the credits of an account fit in 63 bits"): [{"credits_posted": 1, "credits_pending": MAX_AMOUNT}],
    ("accounts", "a wallet never spends what it hasn't got"): [
        {"limit": 1, "debits_posted": 1},
        {"limit": 1, "debits_pending": 1},
        {"limit": 1, "debits_pending": 2, "debits_posted": 3, "credits_posted": 4, "credits_pending": 9},
    ],
    ("accounts", "what is owed is never paid back twice"): [
        {"limit": 2, "credits_posted": 1},
        {"limit": 2, "credits_pending": 1},
        {"limit": 2, "credits_pending": 2, "credits_posted": 3, "debits_posted": 4, "debits_pending": 9},
    ],
    ("transfers", "a transfer's id is used once"): [{"id": named("funding")}],
    ("transfers", "timestamps start at 1"): [{"timestamp": 0}, {"timestamp": -1}],
    ("transfers", "a transfer moves more than zero"): [{"amount": 0}, {"amount": -1}],
    ("transfers", "a transfer is between two accounts"): [{"credit_account": WALLET}],
    ("transfers", "a transfer's code is from 1 to 65535"): [{"code": 0}, {"code": 65_536}],
    ("transfers", "references are not below zero"): [{"ref_64": -1}, {"ref_32": -1}],
    ("transfers", "a transfer is of a known kind"): [
        {"kind": -1},
        {"kind": 5, "hold_id": named("hold")},
    ],
    ("transfers", "only the end of a hold names one"): [
        {"hold_id": named("hold")},
        {"kind": 1, "hold_id": named("hold")},
        *({"kind": kind} for kind in (2, 3, 4)),
    ],
    ("transfers", "only a hold expires"): [
        {"hold_seconds": 1},
        {"kind": 1, "hold_seconds": -1},
        {"kind": 1, "hold_seconds": 2**32},
        {"kind": 2, "hold_seconds": 1, "hold_id": named("hold")},
    ],
    ("transfers", "a balance after a transfer is not below zero"): NEGATIVE_AFTER,
    ("transfers", "a hold ends once"): [{"kind": kind, "hold_id": named("ended hold")} for kind in (2, 3, 4)],
    ("open_holds", "a hold is a transfer"): [{"id": named("hold"), "timestamp": 1_000}],
}
SOUND_ROWS: dict[str, Columns] = {"clock": {}, "accounts": ACCOUNT, "transfers": TRANSFER, "open_holds": {}}
CASES = [(*violation, columns) for violation, examples in VIOLATIONS.items() for columns in examples]

NAMES = """
    select conrelid::regclass::text, conname from pg_constraint
    where connamespace = 'ledger'::regnamespace and contype not in ('p', 'n')
    union all
    select indrelid::regclass::text, relname from pg_index join pg_class on pg_class.oid = indexrelid
    where relnamespace = 'ledger'::regnamespace and indisunique and not indisprimary
"""


@pytest.fixture
async def ledger(postgres_ledger: PostgresLedger) -> AsyncIterator[PostgresLedger]:
    """With an open hold, and one that was voided."""
    await open_world(postgres_ledger)
    await posted(postgres_ledger, a_hold("hold"), a_hold("ended hold"))
    await posted(postgres_ledger, a_transfer("end", kind=3, hold_id=named("ended hold")))
    yield postgres_ledger


def insert(table: str, columns: Columns) -> Composed:
    names = [Identifier(column) for column in columns]
    places = [Placeholder(column) for column in columns]
    return SQL("insert into ledger.{} ({}) values ({})").format(
        Identifier(table), SQL(", ").join(names), SQL(", ").join(places)
    )
