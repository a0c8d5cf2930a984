"""The database repeats the rules: each constraint, violated once behind the ledger's back, says its own sentence."""

import asyncio
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Placeholder

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.database_errors import UnknownConstraint
from plaudit.ledger import MAX_AMOUNT, Posted, PostgresLedger, make_void
from tests.ledger.building import (
    CREATOR,
    ISSUED,
    UNKNOWN,
    WALLET,
    a_hold,
    a_transfer,
    named,
    open_world,
    posted,
    unchanged,
)
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
    ("open_holds", "a hold is a transfer"): [{"id": named("no transfer"), "timestamp": 1_000}],
}
SOUND_ROWS: dict[str, Columns] = {"accounts": ACCOUNT, "transfers": TRANSFER}

# Primary keys and "not null" have no sentences; a unique constraint shows up as its index.
NAMES: LiteralString = """
    select substr(conrelid::regclass::text, 8), conname from pg_constraint
    where conrelid = any(%(tables)s::regclass[]) and contype not in ('p', 'n', 'u')
    union all
    select substr(indrelid::regclass::text, 8), relname from pg_index join pg_class on pg_class.oid = indexrelid
    where indrelid = any(%(tables)s::regclass[]) and indisunique and not indisprimary
"""
TABLES = ["ledger.clock", "ledger.accounts", "ledger.transfers", "ledger.open_holds"]


@pytest.fixture
async def ledger(postgres_ledger: PostgresLedger) -> PostgresLedger:
    """With an open hold, and one that was voided."""
    await open_world(postgres_ledger)
    await posted(postgres_ledger, a_hold("hold"), a_hold("ended hold"))
    await posted(postgres_ledger, make_void(named("end"), named("ended hold")))
    return postgres_ledger


async def insert(tx: Transaction, table: str, columns: Columns) -> None:
    sql = SQL("insert into ledger.{} ({}) values ({})").format(
        Identifier(table), SQL(", ").join(map(Identifier, columns)), SQL(", ").join(map(Placeholder, columns))
    )
    await tx.connection.execute(sql, columns)


class Undo(Exception):
    """Leaves a block without keeping what it did."""


async def test_every_constraint_has_an_example(db: Database):
    async with db.transaction() as tx:
        rows = await (await tx.connection.execute(NAMES, {"tables": TABLES})).fetchall()

    assert {(table, name) for table, name in rows} == VIOLATIONS.keys()


@pytest.mark.parametrize("table", SOUND_ROWS)
async def test_the_rows_that_are_made_faulty_below_are_sound(table: str, ledger: PostgresLedger, db: Database):
    with pytest.raises(Undo):
        async with db.transaction() as tx:
            await insert(tx, table, SOUND_ROWS[table])
            raise Undo


@pytest.mark.parametrize(("table", "sentence"), VIOLATIONS)
async def test_a_row_that_breaks_a_rule_is_refused_with_the_rules_sentence(
    table: str, sentence: str, ledger: PostgresLedger, db: Database
):
    for columns in VIOLATIONS[table, sentence]:
        with pytest.raises(UnknownConstraint) as refusal:
            async with db.transaction() as tx:
                await insert(tx, table, SOUND_ROWS.get(table, {}) | columns)

        assert isinstance(refusal.value.__cause__, psycopg.errors.IntegrityError)
        assert refusal.value.__cause__.diag.constraint_name == sentence, columns


@pytest.mark.parametrize(
    ("table", "sql"),
    [
        ("transfers", "update ledger.transfers set amount = amount + 1 where timestamp = 1"),
        ("transfers", "update ledger.transfers set amount = amount where false"),
        ("transfers", "delete from ledger.transfers where timestamp = 1"),
        ("transfers", "truncate ledger.transfers cascade"),
        ("accounts", "delete from ledger.accounts where credits_posted = 0"),
        ("accounts", "truncate ledger.accounts"),
    ],
)
async def test_what_is_recorded_stays_recorded(table: str, sql: LiteralString, ledger: PostgresLedger, db: Database):
    async with unchanged(ledger):
        with pytest.raises(UnknownConstraint) as refusal:
            async with db.transaction() as tx:
                await tx.execute(sql)

    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.errors.IntegrityConstraintViolation)
    assert cause.diag.constraint_name == "what is recorded stays recorded"
    assert cause.diag.message_primary == f"the rows of ledger.{table} are never changed or deleted"


async def test_a_chain_that_only_the_second_guard_refuses_fails_alone(ledger: PostgresLedger, db: Database):
    """The database is made stricter than the rules, so that a chain gets as far as this."""
    await posted(ledger, a_transfer("the second in a row, so that the ledger trusts its memory", amount=1))
    async with db.transaction() as tx:
        await tx.execute(
            'alter table ledger.accounts add constraint "nobody gets 666" check (credits_posted <> 1666) not valid'
        )

    outcomes = await asyncio.gather(
        ledger.post([a_transfer("before", amount=1)]),
        ledger.post([a_transfer("bad", ISSUED, WALLET, 666)]),
        ledger.post([a_transfer("after", amount=1)]),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [Posted, UnknownConstraint, Posted]
    assert await ledger.find_transfer(named("bad")) is None
    assert await posted(ledger, a_transfer("next", amount=1))
