"""What banks send: kept as it came, each line applied once, and what fits nothing of ours put before an operator."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from hashlib import sha256
from itertools import chain
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import Invalid
from plaudit.foundation.ids import new_id
from plaudit.payouts import bank_queries as queries
from plaudit.payouts import batch_queries
from plaudit.payouts import batch_rules as rules
from plaudit.payouts.bank_queries import Upload
from plaudit.payouts.batch_model import BankFile, BankLine, DayTotal, Dispatch, Verdict
from plaudit.payouts.contents import seal
from plaudit.payouts.model import Rail
from plaudit.payouts.telling import apply_outcome, close_finished, side_by_side
from plaudit.people.model import Place
from plaudit.people.operators import note_act
from plaudit.providers.payouts import BankReport, BatchOutcome, Correction, ItemOutcome, ItemState

_AT_ONCE = 300
_LONGEST_SPAN_DAYS = 366


class UploadWish(Struct, frozen=True, kw_only=True):
    """A bank's file; `name` is what it was called where it comes from."""

    rail: Rail
    name: str
    content: bytes


async def take_file(dispatch: Dispatch, wish: UploadWish, operator_id: UUID, *, now: datetime) -> BankFile:
    """Keep a bank's file, and apply its first lines at once; the worker goes on. The same bytes again change nothing.

    Raises StatusFileUnreadable for what no bank would send, and Invalid for a wallet, which has no files.
    """
    rail = dispatch.files.get(wish.rail)
    if rail is None:
        raise Invalid("A wallet's provider sends no files.", field="rail")
    report = await asyncio.to_thread(rail.read, wish.content)
    id = new_id()
    upload = Upload(
        id=id,
        rail=wish.rail,
        name="".join(letter for letter in wish.name if letter.isprintable())[:200] or "file",
        sealed=await seal(dispatch.pay, wish.content, of=id.bytes),
        sha256=sha256(wish.content).digest(),
        bank_id=report.id[:200],
        uploaded_at=now,
        uploaded_by=operator_id,
    )
    async with dispatch.pay.db.transaction() as tx:
        if await queries.add_file(tx, upload):
            await _add_lines(tx, upload, report)
        known = await queries.find_same(tx, upload.sha256)
        assert known is not None, "it was added, or there before"
        await note_act(tx, operator_id, "bank_file_uploaded", str(known), {"name": upload.name}, now=now)
    await apply_waiting(dispatch, now=now)
    return await get_file(dispatch.pay.db, known)


async def _add_lines(tx: Transaction, upload: Upload, report: BankReport) -> None:
    lines = list(_lines_of(upload.id, report))
    await queries.add_lines(tx, lines)
    await queries.add_bookings(tx, report.bookings, upload.id)
    after, spoken_of = len(lines), set[tuple[str, str]]()
    for line in lines:
        if line.kind != "batch" or line.batch is None or line.state is None:
            continue
        # A status report says of a file and of its only block of payments the same.
        is_news = (line.batch, line.state) not in spoken_of
        spoken_of.add((line.batch, line.state))
        verdict, count = await _spread(tx, line, after=after) if is_news else (Verdict.SAME, 0)
        after += count
        await queries.store_verdict(tx, line, verdict)


async def _spread(tx: Transaction, line: BankLine, *, after: int) -> tuple[Verdict, int]:
    """What is told of a whole batch is told of each of its payments, if it is about our batch and all of its money."""
    whole = await queries.find_whole(tx, batch_id) if (batch_id := _id_of(line.batch)) else None
    if whole is None:
        return Verdict.UNMATCHED, 0
    if line.state is not None and rules.is_duplicate(line.state, line.reason):
        return Verdict.CONTRADICTS, 0
    if line.state is ItemState.PAID and (line.amount_minor, line.currency) != (whole.total_minor, whole.currency):
        return Verdict.AMOUNT_DIFFERS, 0
    if line.state is ItemState.PENDING:
        return Verdict.SAME, 0
    return Verdict.APPLIED, await queries.spread_line(tx, line, whole.id, after=after)


def _id_of(name: str | None) -> UUID | None:
    try:
        return UUID(name or "")
    except ValueError:
        return None


def _lines_of(file_id: UUID, report: BankReport) -> Iterator[BankLine]:
    told = chain(report.outcomes, report.batches, report.corrections)
    return (_line_of(file_id, number, each) for number, each in enumerate(told, start=1))


def _line_of(file_id: UUID, number: int, told: ItemOutcome | BatchOutcome | Correction) -> BankLine:
    if isinstance(told, Correction):
        return BankLine(
            file_id=file_id,
            number=number,
            kind="correction",
            at=told.at,
            end_to_end_id=told.end_to_end_id,
            trace=told.trace,
            reason=told.code,
            corrected=_mask(told.corrected),
        )
    line = BankLine(
        file_id=file_id,
        number=number,
        kind="batch" if isinstance(told, BatchOutcome) else "item",
        at=told.at,
        state=told.state,
        reason=told.reason,
        reference=told.reference,
        currency=told.amount.currency.code if told.amount else None,
        amount_minor=told.amount.minor if told.amount else None,
    )
    if isinstance(told, BatchOutcome):
        return msgspec.structs.replace(line, batch=told.batch)
    return msgspec.structs.replace(line, end_to_end_id=told.end_to_end_id, trace=told.trace)


def _mask(corrected: str) -> str:
    """A bank may correct a whole account number, which only the sealed file has."""
    return f"•••• {corrected[-4:]}" if len(corrected) > 7 else "••••"


async def apply_waiting(dispatch: Dispatch, *, now: datetime, limit: int = _AT_ONCE) -> int:
    """Apply lines that nothing came of yet; how many there were. Raises what the ledger raises: the rest waits on."""
    async with dispatch.pay.db.transaction() as tx:
        lines = await queries.list_waiting(tx, limit=limit)
    # What is told of one payout is told in its order; of others at the same time.
    groups: dict[object, list[BankLine]] = {}
    for line in lines:
        groups.setdefault(line.payout_id or (line.file_id, line.number), []).append(line)
    await side_by_side(_apply_group(dispatch, group) for group in groups.values())
    touched = {line.payout_id for line in lines if line.payout_id}
    await close_finished(dispatch, touched, now=now)
    if await _judge_again(dispatch, touched):
        return len(lines) + await apply_waiting(dispatch, now=now, limit=limit)
    return len(lines)


async def _judge_again(dispatch: Dispatch, payout_ids: Collection[UUID]) -> bool:
    """A batch may be booked before we hear which of its payments were rejected; whether a sum fits now that didn't."""
    verdicts: set[Verdict] = set()
    async with dispatch.pay.db.transaction() as tx:
        batches = await batch_queries.list_batches_of(tx, list(payout_ids))
        for line in await queries.lock_differing(tx, [id.hex for id in batches]):
            verdict, _ = await _spread(tx, line, after=await queries.count_lines(tx, line.file_id))
            await queries.store_verdict(tx, line, verdict)
            verdicts.add(verdict)
    return Verdict.APPLIED in verdicts


async def _apply_group(dispatch: Dispatch, lines: Sequence[BankLine]) -> None:
    for line in lines:
        verdict = await _apply(dispatch, line)
        async with dispatch.pay.db.transaction() as tx:
            await queries.store_verdict(tx, line, verdict)


async def _apply(dispatch: Dispatch, line: BankLine) -> Verdict:
    if line.payout_id is None or line.state is None:
        return Verdict.UNMATCHED if line.payout_id is None else Verdict.CORRECTION
    if rules.is_duplicate(line.state, line.reason):
        return Verdict.CONTRADICTS
    told = ItemOutcome(
        end_to_end_id=line.end_to_end_id,
        trace=line.trace,
        state=line.state,
        at=line.at,
        reason=line.reason,
        reference=line.reference,
        amount=line.amount,
    )
    return await apply_outcome(dispatch, told, line.payout_id)


async def get_file(db: Database, file_id: UUID) -> BankFile:
    """A file with how far it is applied. Raises NoSuchBankFile."""
    async with db.transaction() as tx:
        return await queries.get_file(tx, file_id)


async def list_files(db: Database, *, after: Place | None, limit: int) -> list[BankFile]:
    """The newest first."""
    async with db.transaction() as tx:
        return await queries.list_files(tx, after=after, limit=limit)


async def list_to_look_at(db: Database, *, limit: int) -> list[BankLine]:
    """Lines that fit nothing, or not what was known, the newest first."""
    async with db.transaction() as tx:
        return await queries.list_to_look_at(tx, limit=limit)


async def list_totals(db: Database, *, since: date, until: date) -> list[DayTotal]:
    """What batches were to pay and what banks booked, for each day (at most 366) and currency. Raises Invalid."""
    if not 0 <= (until - since).days < _LONGEST_SPAN_DAYS:
        raise Invalid("Ask for a span of up to 366 days.", field="since")
    async with db.transaction() as tx:
        return await queries.sum_days(tx, since=since, until=until)
