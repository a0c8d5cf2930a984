"""What every ledger can do, whatever keeps its books."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from plaudit.ledger.model import (
    EVERY_ACCOUNT,
    EVERYTHING,
    Account,
    AccountFilter,
    Balances,
    Filter,
    Outcome,
    Record,
    Transfer,
)
from plaudit.ledger.reasons import AccountReason


class Ledger(Protocol):
    """The only thing that moves value. Amounts are integers of the smallest unit of an account's asset.

    Every call may raise `Unavailable` (nothing happened); `post` may also raise `OutcomeUnknown`: ask again with the
    same ids. Pages come in the order of timestamps (transfers) or ids (accounts): pass the last one as `after`.
    """

    async def post(self, chain: Iterable[Transfer]) -> Outcome:
        """Post all transfers of the chain, or none. The same ids again give the same answer, for ever."""
        ...

    async def open_accounts(self, accounts: Sequence[Account]) -> list[AccountReason | None]:
        """Open each account, or find it open as wished (None); else why not. Those refused don't stop the others."""
        ...

    async def close_account(self, account: UUID) -> bool:
        """From now on nothing enters or leaves it, though its holds may still be voided or expire. False: not found."""
        ...

    async def reopen_account(self, account: UUID) -> bool:
        """Undo `close_account`. False: not found."""
        ...

    async def expire_holds(self) -> int:
        """End the holds whose time is over, and say how many. Every `post` does so first; this is for quiet times."""
        ...

    async def find_account(self, account: UUID) -> tuple[Account, Balances] | None:
        """An account with its balances as of now."""
        ...

    async def find_transfer(self, transfer: UUID) -> Record | None:
        """A transfer as it was recorded."""
        ...

    async def balances(self, accounts: Sequence[UUID]) -> dict[UUID, Balances]:
        """The balances of those accounts that exist, all as of one moment."""
        ...

    async def balances_at(self, account: UUID, at: datetime) -> Balances | None:
        """An account's balances after everything up to and including the instant `at`. None: no such account."""
        ...

    async def list_transfers(
        self, which: Filter = EVERYTHING, *, after: int | None = None, limit: int = 100, newest_first: bool = False
    ) -> list[Record]:
        """A page of transfers, beyond the timestamp `after`. Without a filter this is the feed of all that happened."""
        ...

    async def list_accounts(
        self, which: AccountFilter = EVERY_ACCOUNT, *, after: UUID | None = None, limit: int = 100
    ) -> list[tuple[Account, Balances]]:
        """A page of accounts with their balances, beyond the id `after`."""
        ...

    async def last_timestamp(self) -> int:
        """How many transfers there are; the feed's end."""
        ...


async def spendable(ledger: Ledger, account: UUID) -> int:
    """What a wallet can spend now: posted credits less debits, those held included; 0 for an account never opened."""
    found = await ledger.find_account(account)
    return found[1].spendable if found else 0
