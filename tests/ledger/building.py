"""The small world of the ledger's tests: a few accounts, short ways to write transfers, and a look at everything."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from plaudit.foundation.ids import derive_id
from plaudit.ledger import (
    WHOLE,
    Account,
    Balances,
    Ledger,
    Limit,
    Posted,
    Reason,
    Record,
    Refused,
    Transfer,
    make_hold,
    make_post,
    make_void,
)
from tests.ledger.closing import every_account, every_record

COINS = 1
DOLLARS = 840

ISSUED = UUID(int=0xA1)
"""Coins without a limit: where they come from."""
WALLET = UUID(int=0xA2)
"""A fan's coins: never below zero."""
CREATOR = UUID(int=0xA3)
"""Coins without a limit: where gifts go."""
DEBT = UUID(int=0xA4)
"""What a fan owes in coins: never paid back twice."""
BANK = UUID(int=0xA5)
"""Dollars."""
UNKNOWN = UUID(int=0xDEAD)
"""An account that nobody opened."""

ACCOUNTS = (
    Account(ISSUED, COINS, 100),
    Account(WALLET, COINS, 200, Limit.DEBITS_MUST_NOT_EXCEED_CREDITS, UUID(int=0xFA)),
    Account(CREATOR, COINS, 300),
    Account(DEBT, COINS, 210, Limit.CREDITS_MUST_NOT_EXCEED_DEBITS),
    Account(BANK, DOLLARS, 1010),
)
FUNDING_COINS = 1000


def named(name: str) -> UUID:
    """The id that a name stands for in these tests."""
    return derive_id(UUID(int=0x7E57), name)


def a_transfer(
    name: str, debit: UUID = WALLET, credit: UUID = CREATOR, amount: int = 40, code: int = 1, **more: Any
) -> Transfer:
    """A gift of 40 coins, unless it says otherwise."""
    return Transfer(named(name), debit, credit, amount, code, **more)


def a_hold(name: str, amount: int = 40, *, seconds: int = 0, debit: UUID = WALLET, credit: UUID = CREATOR) -> Transfer:
    """40 coins held for the creator, for ever, unless it says otherwise."""
    return make_hold(a_transfer(name, debit, credit, amount), seconds=seconds)


def post_of(name: str, amount: int = WHOLE) -> Transfer:
    """Posts the hold of that name."""
    return make_post(named(f"post of {name}"), named(name), amount)


def void_of(name: str) -> Transfer:
    """Voids the hold of that name."""
    return make_void(named(f"void of {name}"), named(name))


async def open_world(ledger: Ledger) -> Ledger:
    """The accounts, and 1,000 coins in the wallet."""
    assert await ledger.open_accounts(ACCOUNTS) == [None] * len(ACCOUNTS)
    await posted(ledger, a_transfer("funding", ISSUED, WALLET, FUNDING_COINS))
    return ledger


async def posted(ledger: Ledger, *chain: Transfer) -> tuple[Record, ...]:
    """Post a chain that must succeed; its records."""
    outcome = await ledger.post(chain)
    assert isinstance(outcome, Posted), outcome
    return outcome.records


async def reason_of(ledger: Ledger, *chain: Transfer) -> Reason:
    """Post a chain that must be refused and change nothing; why it was."""
    return (await refusal_of(ledger, chain)).reason


async def refusal_of(ledger: Ledger, chain: Iterable[Transfer]) -> Refused:
    """The same, with the place in the chain."""
    async with unchanged(ledger):
        outcome = await ledger.post(chain)
    assert isinstance(outcome, Refused), outcome
    return outcome


async def balances_of(ledger: Ledger, account: UUID) -> Balances:
    """The balances of an account that exists."""
    return (await ledger.balances([account]))[account]


async def feed_of(ledger: Ledger) -> list[Record]:
    """Everything that happened."""
    return [record async for record in every_record(ledger)]


@asynccontextmanager
async def unchanged(ledger: Ledger) -> AsyncGenerator[None]:
    """What is done inside leaves every account, every balance and the feed as they are."""
    before = await every_account(ledger), await feed_of(ledger)
    yield
    assert (await every_account(ledger), await feed_of(ledger)) == before


def times_of(records: Iterable[Record]) -> list[datetime]:
    """The instants of records, in their order."""
    return [record.at for record in records]
