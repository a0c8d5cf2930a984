"""Whether a ledger's books close, asked through its own door: debits equal credits, and history adds up to today."""

from collections import defaultdict
from collections.abc import AsyncIterator
from uuid import UUID

from plaudit.foundation.clock import SystemClock
from plaudit.foundation.database import Database
from plaudit.ledger import Account, Balances, Kind, Ledger, Record
from plaudit.ledger.checking import check_ledger
from plaudit.ledger.model import ZERO, sum_balances


async def every_account(ledger: Ledger) -> dict[UUID, tuple[Account, Balances]]:
    """All accounts, page by page."""
    found: dict[UUID, tuple[Account, Balances]] = {}
    last: UUID | None = None
    while page := await ledger.list_accounts(after=last, limit=500):
        found.update({account.id: (account, balances) for account, balances in page})
        last = page[-1][0].id
    return found


async def every_record(ledger: Ledger) -> AsyncIterator[Record]:
    """The whole feed, page by page."""
    last = 0
    while page := await ledger.list_transfers(after=last, limit=500):
        for record in page:
            yield record
        last = page[-1].timestamp


async def assert_check_passes(db: Database) -> None:
    """The same as `plaudit check --all` proves."""
    report = await check_ledger(db, now=SystemClock().now(), everything=True)
    assert report.is_clean, report.findings


async def assert_books_close(ledger: Ledger) -> None:
    """Each asset sums to zero, timestamps have no gap, and every balance is the last one that its history shows."""
    accounts = await every_account(ledger)
    by_asset: defaultdict[int, list[Balances]] = defaultdict(list)
    for account, balances in accounts.values():
        by_asset[account.ledger].append(balances)
    for asset, all_balances in by_asset.items():
        total = sum_balances(all_balances)
        assert total.debits_posted == total.credits_posted, f"asset {asset} doesn't sum to zero: {total}"
        assert total.debits_pending == total.credits_pending, f"holds of asset {asset} don't sum to zero: {total}"
    latest: dict[UUID, Balances] = {}
    pending: defaultdict[UUID, int] = defaultdict(int)
    held: dict[UUID, int] = {}
    timestamp = 0
    async for record in every_record(ledger):
        timestamp += 1
        assert record.timestamp == timestamp
        transfer = record.transfer
        latest[transfer.debit_account] = record.debit_balances
        latest[transfer.credit_account] = record.credit_balances
        if transfer.kind is Kind.HOLD:
            held[transfer.id] = transfer.amount
            pending[transfer.debit_account] += transfer.amount
        elif transfer.hold_id is not None:
            pending[transfer.debit_account] -= held.pop(transfer.hold_id)
    assert timestamp == await ledger.last_timestamp()
    for id, (_, balances) in accounts.items():
        assert balances == latest.get(id, ZERO)
        assert balances.debits_pending == pending[id]
