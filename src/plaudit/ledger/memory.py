"""The whole ledger in dictionaries: the double that tests use, and the oracle that the PostgreSQL ledger is held to."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from heapq import heappop, heappush
from uuid import UUID

from msgspec.structs import replace

from plaudit.foundation.clock import Clock, SystemClock
from plaudit.ledger import rules
from plaudit.ledger.book import Book, expires_at
from plaudit.ledger.model import (
    EVERY_ACCOUNT,
    EVERYTHING,
    ZERO,
    Account,
    AccountFilter,
    Balances,
    Filter,
    Kind,
    Outcome,
    Posted,
    Record,
    Refused,
    Transfer,
)
from plaudit.ledger.reasons import AccountReason


class MemoryLedger:
    """A `Ledger` that lives as long as its object."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._at = datetime.min.replace(tzinfo=UTC)
        self._book = Book()
        self._feed: list[Record] = []
        self._due: list[tuple[datetime, int, Record]] = []

    async def post(self, chain: Iterable[Transfer]) -> Outcome:
        """See `Ledger.post`."""
        taken = rules.take_chain(chain)
        if isinstance(taken, Refused):
            return taken
        at = self._expire()[0]
        outcome = rules.decide(self._book, taken, at)
        if isinstance(outcome, Posted):
            self._at = at
            if outcome.records[0].timestamp > self._book.timestamp:
                self._enter(outcome.records)
        return outcome

    def _enter(self, records: Sequence[Record]) -> None:
        self._book.enter(records)
        self._feed.extend(records)
        for record in records:
            self._at = record.at
            if record.transfer.kind is Kind.HOLD and (over := expires_at(record)):
                heappush(self._due, (over, record.timestamp, record))

    async def expire_holds(self) -> int:
        """See `Ledger.expire_holds`."""
        return self._expire()[1]

    def _expire(self) -> tuple[datetime, int]:
        """The instant that it is for the ledger, which never goes back, and how many holds have expired."""
        at = max(self._at, self._clock.now())
        expired = 0
        while self._due and self._due[0][0] <= at:
            hold = heappop(self._due)[2]
            if hold.transfer.id not in self._book.ended:
                self._enter((rules.expire(self._book, hold, at),))
                expired += 1
        return at, expired

    async def open_accounts(self, accounts: Sequence[Account]) -> list[AccountReason | None]:
        """See `Ledger.open_accounts`."""
        for account in accounts:
            rules.require_types(account)
        return [self._open_account(account) for account in accounts]

    def _open_account(self, account: Account) -> AccountReason | None:
        reason = rules.decide_account(self._book.accounts.get(account.id.int), account)
        if reason is None and account.id.int not in self._book.accounts:
            self._book.accounts[account.id.int] = replace(account, closed=False)
            self._book.balances[account.id.int] = ZERO
        return reason

    async def close_account(self, account: UUID) -> bool:
        """See `Ledger.close_account`."""
        return self._set_closed(account, closed=True)

    async def reopen_account(self, account: UUID) -> bool:
        """See `Ledger.reopen_account`."""
        return self._set_closed(account, closed=False)

    def _set_closed(self, account: UUID, *, closed: bool) -> bool:
        found = self._book.accounts.get(account.int)
        if found is not None:
            self._book.accounts[account.int] = replace(found, closed=closed)
        return found is not None

    async def find_account(self, account: UUID) -> tuple[Account, Balances] | None:
        """See `Ledger.find_account`."""
        found = self._book.accounts.get(account.int)
        return (found, self._book.balances[account.int]) if found else None

    async def find_transfer(self, transfer: UUID) -> Record | None:
        """See `Ledger.find_transfer`."""
        return self._book.records.get(transfer)

    async def balances(self, accounts: Sequence[UUID]) -> dict[UUID, Balances]:
        """See `Ledger.balances`."""
        return {id: self._book.balances[id.int] for id in accounts if id.int in self._book.balances}

    async def balances_at(self, account: UUID, at: datetime) -> Balances | None:
        """See `Ledger.balances_at`."""
        if account.int not in self._book.accounts:
            return None
        end = bisect_right(self._feed, at, key=lambda record: record.at)
        touching = Filter(account=account)
        last = next((record for record in reversed(self._feed[:end]) if touching.admits(record)), None)
        return last.balances_of(account) if last else ZERO

    async def list_transfers(
        self, which: Filter = EVERYTHING, *, after: int | None = None, limit: int = 100, newest_first: bool = False
    ) -> list[Record]:
        """See `Ledger.list_transfers`."""
        if newest_first:
            found = [r for r in reversed(self._feed) if (after is None or r.timestamp < after) and which.admits(r)]
        else:
            found = [record for record in self._feed[max(after or 0, 0) :] if which.admits(record)]
        return found[:limit]

    async def list_accounts(
        self, which: AccountFilter = EVERY_ACCOUNT, *, after: UUID | None = None, limit: int = 100
    ) -> list[tuple[Account, Balances]]:
        """See `Ledger.list_accounts`."""
        found = (a for a in self._book.accounts.values() if which.admits(a) and (after is None or a.id > after))
        page = sorted(found, key=lambda account: account.id)[:limit]
        return [(account, self._book.balances[account.id.int]) for account in page]

    async def last_timestamp(self) -> int:
        """See `Ledger.last_timestamp`."""
        return self._book.timestamp
