"""What a creator is told about a month, added up from the ledger's transfers: opening + movements = closing, exactly.

A month that is over is written down once and never changes; its hash can be checked by anybody who has the bytes.
"""

import hashlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from plaudit.earnings import statement_queries as queries
from plaudit.earnings.errors import NoSuchStatement, StatementDoesNotAddUp
from plaudit.earnings.statement_model import (
    VERSION,
    CoinsOfMonth,
    DayOfGifts,
    FanOfMonth,
    InCurrency,
    Movement,
    OtherFans,
    Position,
    Statement,
    decode,
    encode,
    make_position,
    sum_positions,
)
from plaudit.earnings.statement_queries import DayRow, FanRow, StoredStatement
from plaudit.foundation.currencies import get_currency_by_number
from plaudit.foundation.database import Database
from plaudit.foundation.money import COIN
from plaudit.ledger import Account, AccountFilter, Balances, Filter, Kind, Ledger, Record
from plaudit.ledger.chart import AccountCode, TransferCode, account_id
from plaudit.ledger.model import ZERO

MOST_FANS = 25

_PAGE = 1_000
_PARTS: Mapping[int, str] = {
    AccountCode.CREATOR_PENDING: "pending",
    AccountCode.CREATOR_AVAILABLE: "available",
    AccountCode.CREATOR_RESERVE: "reserve",
    AccountCode.OWED_BY_CREATOR: "owed",
}
# A program whose clock is slow may still date a transfer into the month before.
_SLOWEST_CLOCK = timedelta(hours=1)
_MOMENT = timedelta(microseconds=1)


class Told(Struct, frozen=True, kw_only=True):
    """A statement as it is shown. `sha256` (in hexadecimal) is there once the month is over and settled.

    `seal` is the text of the ledger's seal that covers all of a final one, where whoever shows it has found it.
    """

    statement: Statement
    content: bytes
    sha256: str | None
    made_at: datetime | None
    seal: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether it never changes any more."""
        return self.sha256 is not None


class MonthOfCreator(Struct, frozen=True, kw_only=True):
    """A month for which there is a statement; `sha256` is None while nobody asked for it, or it isn't over."""

    month: str
    sha256: str | None


class _Books(Struct, frozen=True):
    """A creator's accounts in one currency, by the part of their position."""

    currency: str
    accounts: dict[UUID, str]


class _Span(Struct, frozen=True, kw_only=True):
    """A month, as far as the transfer `last`: what comes while it is read isn't in it."""

    since: datetime
    until: datetime
    last: int


class _Change(Struct):
    """What one reason did in a month, so far."""

    code: int
    parts: dict[str, int]
    count: int = 0


async def get_statement(db: Database, ledger: Ledger, person_id: UUID, month: str, *, now: datetime) -> Told:
    """The statement of a month like 2026-03: as it was written down, or as it stands. Raises NoSuchStatement.

    The first look at a month that is over and settled writes it down.
    """
    first = read_month(month)
    async with db.transaction() as tx:
        stored = await queries.find_statement(tx, person_id, first)
    if stored is None:
        if month not in {each.month for each in await list_months(db, ledger, person_id, now=now)}:
            raise NoSuchStatement
        # Asked before it is made: what comes in between makes it too early, never too late.
        is_over = await _is_over(db, ledger, first, now=now)
        content = await make_statement(db, ledger, person_id, first)
        if not is_over:
            return Told(statement=decode(content), content=content, sha256=None, made_at=None)
        stored = await _store(db, person_id, first, content, now=now)
    return Told(
        statement=decode(stored.content),
        content=stored.content,
        sha256=stored.sha256.hex(),
        made_at=stored.made_at,
    )


async def list_months(db: Database, ledger: Ledger, person_id: UUID, *, now: datetime) -> list[MonthOfCreator]:
    """Every month since the first in which something came, the newest first."""
    begun = await _first_at(ledger, person_id)
    if begun is None:
        return []
    async with db.transaction() as tx:
        stored = await queries.list_stored_months(tx, person_id)
    months, month = list[date](), now.astimezone(UTC).date().replace(day=1)
    while month >= begun.astimezone(UTC).date().replace(day=1):
        months.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    hashes = {each: stored[each].hex() if each in stored else None for each in months}
    return [MonthOfCreator(month=f"{each:%Y-%m}", sha256=hashes[each]) for each in months]


async def list_stored(db: Database, *, after: tuple[UUID, date] | None, limit: int = 100) -> list[StoredStatement]:
    """Everybody's statements that were written down, by person and month: for whoever checks them."""
    async with db.transaction() as tx:
        return await queries.list_statements(tx, after=after, limit=limit)


async def make_statement(db: Database, ledger: Ledger, person_id: UUID, month: date) -> bytes:
    """The statement of the month that begins on this day, as canonical JSON, from the ledger and the slices.

    Of a month that is over and settled it gives the same bytes for ever. Raises StatementDoesNotAddUp when the books
    are wrong.
    """
    since, until = span_of(month)
    span = _Span(since=since, until=until, last=await _last_before(ledger, until))
    found = [await _in_currency(db, ledger, person_id, books, span) for books in await _books(ledger, person_id)]
    statement = Statement(
        version=VERSION,
        person_id=person_id,
        month=f"{month:%Y-%m}",
        since=since,
        until=until,
        ledger_up_to=span.last,
        coins=await _coins(ledger, person_id, span),
        currencies=tuple(each for each in found if each.movements or each.opening != Position()),
    )
    return encode(statement)


def read_month(text: str) -> date:
    """The first day of a month like 2026-03. Raises NoSuchStatement."""
    try:
        if len(text) != len("2026-03"):
            raise ValueError
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise NoSuchStatement from None


def span_of(month: date) -> tuple[datetime, datetime]:
    """When a month begins, and when the next one does (UTC)."""
    following = (month + timedelta(days=31)).replace(day=1)
    return (datetime(month.year, month.month, 1, tzinfo=UTC), datetime(following.year, following.month, 1, tzinfo=UTC))


async def _is_over(db: Database, ledger: Ledger, month: date, *, now: datetime) -> bool:
    """Whether no transfer can come into the month any more, and all of its gifts are settled."""
    _, until = span_of(month)
    if now < until:
        return False
    beyond = await ledger.list_transfers(Filter(since=until), limit=1)
    if not beyond and now < until + _SLOWEST_CLOCK:
        return False
    last = await _last_before(ledger, until)
    async with db.transaction() as tx:
        return await queries.is_settled_up_to(tx, last)


async def _last_before(ledger: Ledger, until: datetime) -> int:
    """The last transfer before an instant; 0 when there is none."""
    found = await ledger.list_transfers(Filter(before=until), limit=1, newest_first=True)
    return found[0].timestamp if found else 0


async def _store(db: Database, person_id: UUID, month: date, content: bytes, *, now: datetime) -> StoredStatement:
    digest = hashlib.sha256(content).digest()
    made = StoredStatement(person_id=person_id, month=month, content=content, sha256=digest, made_at=now)
    async with db.transaction() as tx:
        await queries.add_statement(tx, made)
        # Two who ask at once make the same bytes; the first one's stay.
        return await queries.find_statement(tx, person_id, month) or made


async def _first_at(ledger: Ledger, person_id: UUID) -> datetime | None:
    accounts = [account_id(AccountCode.CREATOR_COINS, COIN, person_id)]
    accounts += [account for books in await _books(ledger, person_id) for account in books.accounts]
    first = [await ledger.list_transfers(Filter(account=account), limit=1) for account in accounts]
    return min((records[0].at for records in first if records), default=None)


async def _books(ledger: Ledger, person_id: UUID) -> list[_Books]:
    """A creator's accounts, by currency."""
    found: dict[int, dict[UUID, str]] = {}
    for account in await _accounts(ledger, person_id):
        if account.code in _PARTS:
            found.setdefault(account.ledger, {})[account.id] = _PARTS[account.code]
    books = [_Books(get_currency_by_number(asset).code, accounts) for asset, accounts in found.items()]
    return sorted(books, key=lambda each: each.currency)


async def _accounts(ledger: Ledger, person_id: UUID) -> list[Account]:
    found: list[Account] = []
    while True:
        after = found[-1].id if found else None
        page = await ledger.list_accounts(AccountFilter(ref_128=person_id), after=after, limit=_PAGE)
        found += [account for account, _ in page]
        if len(page) < _PAGE:
            return found


async def _in_currency(db: Database, ledger: Ledger, person_id: UUID, books: _Books, span: _Span) -> InCurrency:
    opening: dict[str, int] = {}
    closing: dict[str, int] = {}
    changes: dict[str, _Change] = {}
    runs: dict[int, int] = {}
    on_its_way = 0
    for account, part in books.accounts.items():
        balances = await ledger.balances_at(account, span.since - _MOMENT) or ZERO
        opening[part] = _amount(balances, part)
        async for record in _records(ledger, account, span):
            balances = record.balances_of(account)
            _count(changes, books, account, record)
            if record.transfer.code == TransferCode.SETTLEMENT:
                runs[record.transfer.ref_64] = runs.get(record.transfer.ref_64, 0) + record.transfer.amount
        closing[part] = _amount(balances, part)
        on_its_way += balances.debits_pending if part == "available" else 0
    movements = tuple(
        Movement(kind=kind, count=change.count, change=make_position(**change.parts))
        for kind, change in sorted(changes.items(), key=lambda each: (each[1].code, each[0]))
    )
    begun, ended = make_position(**opening), make_position(**closing)
    if sum_positions((begun, *(each.change for each in movements))) != ended:
        raise StatementDoesNotAddUp(f"{person_id} in {books.currency}, from {span.since} to {span.until}")
    days, fans = await _gifts(db, person_id, books.currency, runs)
    return InCurrency(
        currency=books.currency,
        opening=begun,
        movements=movements,
        closing=ended,
        on_its_way=on_its_way,
        days=days,
        fans=fans[:MOST_FANS],
        other_fans=_others(fans[MOST_FANS:]),
    )


def _amount(balances: Balances, part: str) -> int:
    """What is owed stands in debits, what one has in credits."""
    return balances.net_debits if part == "owed" else -balances.net_debits


def _count(changes: dict[str, _Change], books: _Books, account: UUID, record: Record) -> None:
    """Add what a transfer did to one of its two accounts."""
    transfer = record.transfer
    if transfer.kind not in (Kind.TRANSFER, Kind.POST):
        return
    kind = TransferCode(transfer.code).name.lower() if transfer.code in set(TransferCode) else str(transfer.code)
    part, is_debit = books.accounts[account], transfer.debit_account == account
    # What is owed grows with debits, and what one has with credits.
    sign = 1 if is_debit == (part == "owed") else -1
    change = changes.setdefault(kind, _Change(transfer.code, {}))
    change.parts[part] = change.parts.get(part, 0) + sign * transfer.amount
    # Between two of the creator's own accounts it is seen from both.
    change.count += is_debit or transfer.debit_account not in books.accounts


async def _gifts(
    db: Database, person_id: UUID, currency: str, runs: Mapping[int, int]
) -> tuple[tuple[DayOfGifts, ...], tuple[FanOfMonth, ...]]:
    """The gifts of these runs by day and by fan, which must sum to what was settled."""
    async with db.transaction() as tx:
        days = [row for row in await queries.sum_by_day(tx, person_id, list(runs)) if row.currency == currency]
        fans = [row for row in await queries.sum_by_fan(tx, person_id, list(runs)) if row.currency == currency]
    if not sum(row.share for row in days) == sum(row.share for row in fans) == sum(runs.values()):
        raise StatementDoesNotAddUp(f"the slices of {person_id} in {currency} and what was settled")
    return tuple(_show_day(row) for row in days), tuple(_show_fan(row) for row in fans)


def _show_day(row: DayRow) -> DayOfGifts:
    return DayOfGifts(day=row.day, gifts=row.gifts, coins=row.coins, value=row.value, share=row.share)


def _show_fan(row: FanRow) -> FanOfMonth:
    return FanOfMonth(fan=row.fan, gifts=row.gifts, coins=row.coins, share=row.share)


def _others(fans: Sequence[FanOfMonth]) -> OtherFans:
    return OtherFans(
        fans=len(fans),
        gifts=sum(fan.gifts for fan in fans),
        coins=sum(fan.coins for fan in fans),
        share=sum(fan.share for fan in fans),
    )


async def _coins(ledger: Ledger, person_id: UUID, span: _Span) -> CoinsOfMonth:
    account = account_id(AccountCode.CREATOR_COINS, COIN, person_id)
    before = await ledger.balances_at(account, span.since - _MOMENT) or ZERO
    after = await ledger.balances_at(account, span.until - _MOMENT) or ZERO
    return CoinsOfMonth(
        opening=-before.net_debits,
        received=after.credits_posted - before.credits_posted,
        settled=after.debits_posted - before.debits_posted,
        closing=-after.net_debits,
    )


async def _records(ledger: Ledger, account: UUID, span: _Span) -> AsyncGenerator[Record]:
    """An account's transfers of the month, as far as the statement reaches."""
    which, after = Filter(account=account, since=span.since, before=span.until), 0
    while page := await ledger.list_transfers(which, after=after, limit=_PAGE):
        for record in page:
            if record.timestamp > span.last:
                return
            yield record
        after = page[-1].timestamp
