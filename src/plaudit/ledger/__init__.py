"""The only code that moves value: accounts, transfers, chains and holds, after TigerBeetle's vocabulary.

`await ledger.post(chain)` is the one door. `PostgresLedger` keeps the books in the database, `MemoryLedger` in memory.
"""

from plaudit.ledger.memory import MemoryLedger
from plaudit.ledger.model import (
    MAX_AMOUNT,
    MAX_CHAIN,
    WHOLE,
    Account,
    AccountFilter,
    Balances,
    Filter,
    Kind,
    Limit,
    Outcome,
    Posted,
    Record,
    Refused,
    Transfer,
    make_hold,
    make_post,
    make_void,
)
from plaudit.ledger.port import Ledger, spendable
from plaudit.ledger.postgres import PostgresLedger
from plaudit.ledger.reasons import AccountReason, Reason

__all__ = [
    "MAX_AMOUNT",
    "MAX_CHAIN",
    "WHOLE",
    "Account",
    "AccountFilter",
    "AccountReason",
    "Balances",
    "Filter",
    "Kind",
    "Ledger",
    "Limit",
    "MemoryLedger",
    "Outcome",
    "Posted",
    "PostgresLedger",
    "Reason",
    "Record",
    "Refused",
    "Transfer",
    "make_hold",
    "make_post",
    "make_void",
    "spendable",
]
