"""The books as a journal that Beancount or hledger reads, checks and sums up.

All of it is written from one snapshot. The opening balances are summed from the transfers, the closing ones taken from
the accounts' counters: that the two fit is for the other program to prove.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from plaudit.audit import export_queries as queries
from plaudit.audit.export_dialects import Dialect, dialect_of
from plaudit.audit.export_queries import Balance, Moved, Params
from plaudit.audit.export_rules import Entry, ExportWish, Group, Line, Opening, name_account, unused_accounts
from plaudit.foundation.database import Database, Transaction
from plaudit.ledger.chart import AccountCode, account_id

_HOUSE = "House"
# Accounts of these kinds are told apart by provider, bank or jurisdiction also where persons aren't.
_SPLIT = [AccountCode.PROVIDER_CLEARING, AccountCode.BANK, AccountCode.TAX_PAYABLE, AccountCode.TAX_WITHHELD]
_KNOWN = ("sandbox", "sepa", "ach", "wallet")

Write = Callable[[str], object]


async def export_books(db: Database, wish: ExportWish, write: Write) -> int:
    """Write the journal piece by piece; how many of our transfers are in it.

    It may take minutes: open `db` with a statement time-out in which the largest table can be read.
    """
    dialect = dialect_of(wish.format)
    async with db.transaction() as tx:
        await tx.execute("set transaction isolation level repeatable read, read only")
        params = await _params(tx, wish)
        before = await queries.find_last_before(tx, _midnight(wish.first_on))
        upto = await queries.find_last_before(tx, _midnight(wish.last_on + timedelta(days=1)))
        closing = await queries.list_closing(tx, params, after=upto, last=await queries.get_last(tx))
        opening = _open(
            await queries.list_opening(tx, params, upto=before), closing, await queries.count_open_holds(tx)
        )
        _write(write, dialect.write_head(wish, opening))
        stream = queries.stream_by_day if wish.group is Group.DAY else queries.stream_by_chain
        transfers = await _write_entries(write, dialect, stream(tx, params, after=before, upto=upto))
        _write(write, dialect.write_end(wish, _lines(closing)))
    return transfers


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def _params(tx: Transaction, wish: ExportWish) -> Params:
    nameless = await queries.list_nameless(tx)
    words = [*await queries.list_words(tx), *_KNOWN]
    names = {
        account_id(AccountCode(code), asset, word): word or _HOUSE
        for code, asset in {(each.code, each.asset) for each in nameless if each.code in set(AccountCode)}
        for word in ("", *words)
    }
    labels = {each.id: names[each.id] for each in nameless if each.id in names}
    return {
        "per_person": wish.per_person,
        "split": [int(code) for code in _SPLIT],
        "ids": list(labels),
        "labels": list(labels.values()),
    }


def _open(opening: Sequence[Balance], closing: Sequence[Balance], open_holds: int) -> Opening:
    assets: dict[str, list[int]] = {}
    for each in closing:
        assets.setdefault(name_account(each.code, each.owner), []).append(each.asset)
    used = [(name, sorted(set(found))) for name, found in assets.items()]
    return Opening(
        accounts=[*used, *((name, ()) for name in unused_accounts(assets))],
        assets=sorted({each.asset for each in closing}),
        balances=_lines(opening),
        open_holds=open_holds,
    )


def _lines(balances: Sequence[Balance]) -> list[Line]:
    return [Line(name_account(each.code, each.owner), each.asset, each.amount) for each in balances]


def _write(write: Write, parts: Iterator[str]) -> None:
    for part in parts:
        write(part)


async def _write_entries(write: Write, dialect: Dialect, rows: AsyncIterator[Moved]) -> int:
    transfers = 0
    group: list[Moved] = []
    async for row in rows:
        if group and row[:3] != group[0][:3]:
            _write(write, dialect.write_entry(_entry(group)))
            group = []
        group.append(row)
        transfers += row.transfers
    if group:
        _write(write, dialect.write_entry(_entry(group)))
    return transfers


def _entry(rows: Sequence[Moved]) -> Entry:
    return Entry(
        on=rows[0].on,
        code=rows[0].transfer_code,
        transfers=sum(row.transfers for row in rows),
        first_timestamp=min(row.first_timestamp for row in rows),
        last_timestamp=max(row.last_timestamp for row in rows),
        reference=rows[0].group.partition("/")[0],
        lines=[line for row in rows for line in _sides(row)],
    )


def _sides(row: Moved) -> tuple[Line, Line]:
    amount = int(row.amount)
    return (
        Line(name_account(row.debit_code, row.debit_owner), row.asset, amount),
        Line(name_account(row.credit_code, row.credit_owner), row.asset, -amount),
    )
