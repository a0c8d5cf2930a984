"""SQL of what banks sent: files, their lines, bookings and totals."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.payouts.batch_errors import NoSuchBankFile
from plaudit.payouts.batch_model import BankFile, BankLine, DayTotal, Verdict
from plaudit.payouts.model import Rail
from plaudit.people.model import Place
from plaudit.providers.payouts import Booking


class Upload(Struct, frozen=True, kw_only=True):
    """A file as it came."""

    id: UUID
    rail: Rail
    name: str
    sealed: bytes
    sha256: bytes
    bank_id: str
    uploaded_at: datetime
    uploaded_by: UUID


class Whole(Struct, frozen=True, kw_only=True):
    """A batch that a bank speaks of as a whole: how much it pays, without what failed before."""

    id: UUID
    currency: str
    total_minor: int


async def find_same(tx: Transaction, sha256: bytes) -> UUID | None:
    """The file with these very bytes, if it came before."""
    row = await tx.find(_Id, "select id from payouts.bank_files where sha256 = %(sha256)s", {"sha256": sha256})
    return row.id if row else None


class _Id(Struct, frozen=True):
    id: UUID


async def add_file(tx: Transaction, upload: Upload) -> bool:
    """False, and nothing changed, when the same bytes are there."""
    added = await tx.execute(
        """
        insert into payouts.bank_files (id, rail, name, sealed, sha256, bank_id, uploaded_at, uploaded_by)
        values (%(id)s, %(rail)s, %(name)s, %(sealed)s, %(sha256)s, %(bank_id)s, %(uploaded_at)s, %(uploaded_by)s)
        on conflict (sha256) do nothing
        """,
        msgspec.structs.asdict(upload),
    )
    return added == 1


async def add_lines(tx: Transaction, lines: Sequence[BankLine]) -> None:
    """All lines of a file; those that name a payment of ours are tied to it."""
    rows = [msgspec.structs.asdict(line) for line in lines]
    async with tx.connection.cursor() as cursor:
        await cursor.executemany(
            """
            insert into payouts.bank_lines (file_id, number, kind, end_to_end_id, trace, batch, state, at, reason,
                reference, currency, amount_minor, corrected, verdict, payout_id)
            values (%(file_id)s, %(number)s, %(kind)s, %(end_to_end_id)s, %(trace)s, %(batch)s, %(state)s, %(at)s,
                %(reason)s, %(reference)s, %(currency)s, %(amount_minor)s, %(corrected)s, %(verdict)s,
                coalesce(
                    (select payout_id from payouts.batch_items where end_to_end_id = %(end_to_end_id)s),
                    (select payout_id from payouts.batch_items where trace = %(trace)s order by number desc limit 1)))
            """,
            rows,
        )


async def find_whole(tx: Transaction, batch_id: UUID) -> Whole | None:
    """A batch with what it should bring to the bank's books."""
    return await tx.find(
        Whole,
        """
        select b.id, b.currency,
            coalesce(sum(i.amount_minor) filter (where i.state <> 'failed'), 0)::bigint as total_minor
        from payouts.batches b join payouts.batch_items i on i.batch_id = b.id
        where b.id = %(id)s group by b.id
        """,
        {"id": batch_id},
    )


async def spread_line(tx: Transaction, line: BankLine, batch_id: UUID, *, after: int) -> int:
    """What is told of a whole batch, as a line for each of its items that is open; how many there are."""
    return await tx.execute(
        """
        insert into payouts.bank_lines (file_id, number, kind, end_to_end_id, state, at, reason, reference, payout_id)
        select %(file)s, %(after)s + row_number() over (order by number), 'item', end_to_end_id, %(state)s, %(at)s,
            %(reason)s, %(reference)s, payout_id
        from payouts.batch_items where batch_id = %(batch)s and state in ('pending', 'unclaimed')
        """,
        {
            "file": line.file_id,
            "after": after,
            "state": line.state,
            "at": line.at,
            "reason": line.reason,
            "reference": line.reference,
            "batch": batch_id,
        },
    )


async def add_bookings(tx: Transaction, bookings: Sequence[Booking], file_id: UUID) -> None:
    """Lines of the bank's account; those that were told before are left as they are."""
    rows = [
        {
            "account": each.account,
            "reference": each.reference,
            "on": each.on,
            "currency": each.amount.currency.code,
            "amount": each.amount.minor,
            "is_debit": each.is_debit,
            "batch": each.batch,
            "ids": list(each.ids),
            "file": file_id,
        }
        for each in bookings
    ]
    async with tx.connection.cursor() as cursor:
        await cursor.executemany(
            """
            insert into payouts.bookings (account, reference, booked_on, currency, amount_minor, is_debit, batch_id,
                file_id)
            values (%(account)s, %(reference)s, %(on)s, %(currency)s, %(amount)s, %(is_debit)s,
                coalesce(
                    (select batch_id from payouts.batch_items where end_to_end_id = any(%(ids)s::text[]) limit 1),
                    (select id from payouts.batches where replace(id::text, '-', '') = %(batch)s::text)),
                %(file)s)
            on conflict do nothing
            """,
            rows,
        )


async def list_waiting(tx: Transaction, *, limit: int) -> list[BankLine]:
    """Lines that nothing came of yet, in the order in which they were told."""
    return await tx.all(
        BankLine,
        """
        select l.file_id, l.number, l.kind, l.end_to_end_id, l.trace, l.batch, l.state, l.at, l.reason, l.reference,
            l.currency, l.amount_minor, l.corrected, l.payout_id, l.verdict
        from payouts.bank_lines l join payouts.bank_files f on f.id = l.file_id
        where l.verdict is null order by f.uploaded_at, f.id, l.number limit %(limit)s
        """,
        {"limit": limit},
    )


async def store_verdict(tx: Transaction, line: BankLine, verdict: Verdict) -> None:
    """What came of a line."""
    await tx.execute(
        "update payouts.bank_lines set verdict = %(verdict)s where file_id = %(file)s and number = %(number)s",
        {"verdict": verdict, "file": line.file_id, "number": line.number},
    )


async def lock_differing(tx: Transaction, names: Sequence[str]) -> list[BankLine]:
    """Lines on these batches as wholes whose amounts aren't what they should bring; nobody else judges them meanwhile.

    `names` are ids in hexadecimal, as banks are told them.
    """
    return await tx.all(
        BankLine,
        """
        select file_id, number, kind, end_to_end_id, trace, batch, state, at, reason, reference, currency,
            amount_minor, corrected, payout_id, verdict
        from payouts.bank_lines
        where kind = 'batch' and verdict = 'amount_differs' and lower(replace(batch, '-', '')) = any(%(names)s::text[])
        order by at, file_id, number for update
        """,
        {"names": names},
    )


async def count_lines(tx: Transaction, file_id: UUID) -> int:
    """The number of a file's last line, those included that a line on a whole batch was spread to."""
    return await tx.value(
        int, "select coalesce(max(number), 0) from payouts.bank_lines where file_id = %(id)s", {"id": file_id}
    )


async def get_file(tx: Transaction, file_id: UUID) -> BankFile:
    """A file with how far it is applied. Raises NoSuchBankFile."""
    found = await tx.find(
        BankFile,
        """
        select f.id, rail, name, sha256, bank_id, uploaded_at, count(number) as lines,
            count(number) filter (where verdict is null) as waiting,
            count(number) filter (where verdict in ('unmatched', 'amount_differs', 'contradicts', 'correction'))
                as to_look_at
        from payouts.bank_files f left join payouts.bank_lines l on l.file_id = f.id
        where f.id = %(id)s group by f.id
        """,
        {"id": file_id},
    )
    if found is None:
        raise NoSuchBankFile
    return found


async def list_files(tx: Transaction, *, after: Place | None, limit: int) -> list[BankFile]:
    """The newest first."""
    return await tx.all(
        BankFile,
        """
        select f.id, rail, name, sha256, bank_id, uploaded_at, count(number) as lines,
            count(number) filter (where verdict is null) as waiting,
            count(number) filter (where verdict in ('unmatched', 'amount_differs', 'contradicts', 'correction'))
                as to_look_at
        from (
            select id, rail, name, sha256, bank_id, uploaded_at from payouts.bank_files
            where %(since)s::timestamptz is null or (uploaded_at, id) < (%(since)s, %(after)s::uuid)
            order by uploaded_at desc, id desc limit %(limit)s
        ) f left join payouts.bank_lines l on l.file_id = f.id
        group by f.id, rail, name, sha256, bank_id, uploaded_at order by uploaded_at desc, f.id desc
        """,
        {
            "since": after.since if after else None,
            "after": after.id if after else None,
            "limit": limit,
        },
    )


async def list_to_look_at(tx: Transaction, *, limit: int) -> list[BankLine]:
    """What somebody must look at, the newest first."""
    return await tx.all(
        BankLine,
        """
        select file_id, number, kind, end_to_end_id, trace, batch, state, at, reason, reference, currency,
            amount_minor, corrected, payout_id, verdict
        from payouts.bank_lines
        where verdict in ('unmatched', 'amount_differs', 'contradicts', 'correction')
        order by at desc, file_id, number limit %(limit)s
        """,
        {"limit": limit},
    )


async def sum_days(tx: Transaction, *, since: date, until: date) -> list[DayTotal]:
    """Each day and currency on which batches were to pay or something was booked, the newest first."""
    return await tx.all(
        DayTotal,
        """
        with sent as (
            select pay_on as day, currency, sum(amount_minor) filter (where i.state <> 'failed') as sent_minor
            from payouts.batches b join payouts.batch_items i on i.batch_id = b.id
            where rail in ('sepa', 'ach') and b.state in ('sent', 'done') group by 1, 2
        ), booked as (
            select booked_on as day, currency,
                coalesce(sum(amount_minor) filter (where is_debit and batch_id is not null), 0) as booked_minor,
                coalesce(sum(amount_minor) filter (where not is_debit and batch_id is not null), 0) as returned_minor,
                coalesce(sum(amount_minor) filter (where is_debit and batch_id is null), 0) as other_minor
            from payouts.bookings group by 1, 2
        ), days as (
            select day, currency, coalesce(sent_minor, 0) as sent_minor, coalesce(booked_minor, 0) as booked_minor,
                coalesce(returned_minor, 0) as returned_minor, coalesce(other_minor, 0) as other_minor
            from sent full join booked using (day, currency)
        ), summed as (
            select day, currency, sent_minor, booked_minor, returned_minor, other_minor,
                sum(sent_minor - booked_minor) over (partition by currency order by day) as open_minor
            from days
        )
        select day, currency, sent_minor::bigint, booked_minor::bigint, returned_minor::bigint, other_minor::bigint,
            open_minor::bigint
        from summed where day between %(since)s and %(until)s order by day desc, currency
        """,
        {"since": since, "until": until},
    )
