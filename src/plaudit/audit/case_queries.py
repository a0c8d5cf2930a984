"""SQL of providers' reports and of cases."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, LiteralString
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.providers import ReportLine

CaseKind = Literal["missing", "extra", "different"]


class Side(Struct, frozen=True, kw_only=True):
    """What one of the two says: in whole minor units."""

    amount_minor: int
    fee_minor: int
    currency: str


class Case(Struct, frozen=True, kw_only=True):
    """One difference between a provider's report and what we have. `reference` is the provider's id, or a refund's."""

    id: int
    kind: CaseKind
    what: str
    provider: str
    on_date: date
    reference: str
    ours: Side | None
    theirs: Side | None
    opened_at: datetime
    closed_at: datetime | None
    closed_by: UUID | None
    closed_by_handle: str | None
    note: str | None


class _Day(Struct, frozen=True):
    on_date: date


async def list_uncompared(tx: Transaction, provider: str, *, earliest: date, latest: date) -> list[date]:
    """The days since the first report of a provider that weren't compared, in order; `latest` if there never was one.

    A day whose report couldn't be read is one of them also when later days were compared.
    """
    rows = await tx.all(
        _Day,
        """
        with reported as (select min(on_date) as first from audit.reports where provider = %(provider)s),
        days as (
            select begun.first + number as on_date
            from reported
            cross join lateral (
                select greatest(coalesce(reported.first, %(latest)s::date), %(earliest)s::date) as first
            ) as begun
            cross join lateral generate_series(0, %(latest)s::date - begun.first) as number
        )
        select on_date from days
        where not exists (
            select from audit.reports as report
            where report.provider = %(provider)s and report.on_date = days.on_date and report.compared_at is not null)
        order by on_date
        """,
        {"provider": provider, "earliest": earliest, "latest": latest},
    )
    return [row.on_date for row in rows]


async def add_report(
    tx: Transaction, provider: str, day: date, body: bytes, *, id: UUID, digest: bytes, now: datetime
) -> UUID:
    """Keep a report; the same bytes again are the same report. Gives its id."""
    params = {"id": id, "provider": provider, "day": day, "body": body, "digest": digest, "now": now}
    await tx.execute(
        """
        insert into audit.reports (id, provider, on_date, body, sha256, fetched_at)
        values (%(id)s, %(provider)s, %(day)s, %(body)s, %(digest)s, %(now)s)
        on conflict (provider, on_date, sha256) do nothing
        """,
        params,
    )
    return await tx.value(
        UUID,
        "select id from audit.reports where provider = %(provider)s and on_date = %(day)s and sha256 = %(digest)s",
        params,
    )


async def store_lines(tx: Transaction, report_id: UUID, provider: str, day: date, lines: Sequence[ReportLine]) -> None:
    """These lines are what the provider reports of the day, in the place of what another report of it said."""
    params: dict[str, object] = {
        "report_id": report_id,
        "provider": provider,
        "day": day,
        "what": [line.what.value for line in lines],
        "reference": [line.reference for line in lines],
        "amount": [line.amount.minor for line in lines],
        "fee": [line.fee.minor for line in lines],
        "currency": [line.amount.currency.code for line in lines],
        "at": [line.at for line in lines],
    }
    await tx.execute("delete from audit.report_lines where provider = %(provider)s and on_date = %(day)s", params)
    await tx.execute(
        """
        insert into audit.report_lines
            (report_id, number, provider, on_date, what, reference, amount_minor, fee_minor, currency, at)
        select %(report_id)s, number, %(provider)s, %(day)s, what, reference, amount_minor, fee_minor, currency, at
        from unnest(%(what)s::text[], %(reference)s::text[], %(amount)s::bigint[], %(fee)s::bigint[],
            %(currency)s::text[], %(at)s::timestamptz[])
            with ordinality as lines (what, reference, amount_minor, fee_minor, currency, at, number)
        """,
        params,
    )


async def mark_compared(tx: Transaction, report_id: UUID, *, now: datetime) -> None:
    """It was compared."""
    await tx.execute("update audit.reports set compared_at = %(now)s where id = %(id)s", {"id": report_id, "now": now})


async def open_cases(tx: Transaction, provider: str, day: date, *, since: datetime, now: datetime) -> int:
    """A case for each line of the day that we don't have so, and for each thing of ours that no line tells.

    Payments are ours as the ledger has them. A provider may date into the next day what we had in the last hour of one,
    so that hour is looked for in the next report.
    """
    return await tx.execute(_COMPARE, {"provider": provider, "day": day, "since": since, "now": now})


_COMPARE: LiteralString = """
    with theirs as (
        select what, reference, sum(amount_minor)::bigint as amount_minor, sum(fee_minor)::bigint as fee_minor,
            min(currency) as currency
        from audit.report_lines where provider = %(provider)s and on_date = %(day)s
        group by what, reference
    ),
    wanted as (
        select top_up.id, top_up.payment_id, top_up.currency, top_up.paid_at as at
        from coins.top_ups as top_up
        where provider = %(provider)s and status in ('paid', 'settled') and (
            payment_id in (select reference from theirs where what = 'payment')
            or (paid_at >= %(since)s - interval '1 hour' and paid_at < %(since)s + interval '23 hours'))
    ),
    ours as (
        select 'payment' as what, wanted.payment_id as reference, booked.amount / 10000 as amount_minor,
            booked.fee / 10000 as fee_minor, wanted.currency, wanted.at
        from wanted cross join lateral (
            select coalesce(sum(amount) filter (where debit_code = 1000), 0)::bigint as amount,
                coalesce(sum(amount) filter (where credit_code = 1000), 0)::bigint as fee
            from ledger.feed where ref_128 = wanted.id and code = 1
        ) as booked
        where booked.amount > 0
        union all
        select 'refund', refund.id::text, refund.net_minor + refund.tax_minor, 0, top_up.currency, refund.ended_at
        from reversals.refunds as refund join coins.top_ups as top_up on top_up.id = refund.top_up_id
        where top_up.provider = %(provider)s and refund.state = 'refunded'
        union all
        select 'dispute', dispute_id, amount_minor, fee_minor, currency, opened_at
        from reversals.disputes where provider = %(provider)s and booked_at is not null
        union all
        select 'dispute_won', dispute_id, amount_minor, 0, currency, decided_at
        from reversals.disputes where provider = %(provider)s and state = 'won' and closed_at is not null
    ),
    compared as (
        select what, reference,
            case when ours.reference is null then 'missing'
                when theirs.reference is null then 'extra' else 'different' end as kind,
            case when ours.reference is not null then jsonb_build_object(
                'amount_minor', ours.amount_minor, 'fee_minor', ours.fee_minor,
                'currency', ours.currency) end as ours,
            case when theirs.reference is not null then jsonb_build_object(
                'amount_minor', theirs.amount_minor, 'fee_minor', theirs.fee_minor,
                'currency', theirs.currency) end as theirs
        from theirs full join ours using (what, reference)
        where (ours.amount_minor, ours.fee_minor, ours.currency)
                is distinct from (theirs.amount_minor, theirs.fee_minor, theirs.currency)
            and (theirs.reference is not null
                or (ours.at >= %(since)s - interval '1 hour' and ours.at < %(since)s + interval '23 hours'
                    and not exists (
                        select from audit.report_lines as line
                        where line.provider = %(provider)s and line.what = ours.what
                            and line.reference = ours.reference)))
    )
    insert into audit.cases (kind, what, provider, on_date, reference, ours, theirs, opened_at)
    select kind, what, %(provider)s, %(day)s, reference, ours, theirs, %(now)s from compared
    order by what, reference
    on conflict (provider, on_date, what, reference) do nothing
"""


async def list_cases(tx: Transaction, *, is_open: bool | None, after: int | None, limit: int) -> list[Case]:
    """A page of cases, the newest first."""
    return await tx.all(
        Case,
        """
        select c.id, kind, what, provider, on_date, reference, ours, theirs, opened_at, closed_at, closed_by,
            person.handle as closed_by_handle, note
        from audit.cases as c left join people.people as person on person.id = c.closed_by
        where (%(after)s::bigint is null or c.id < %(after)s)
            and (%(is_open)s::boolean is null or (closed_at is null) = %(is_open)s)
        order by c.id desc limit %(limit)s
        """,
        {"is_open": is_open, "after": after, "limit": limit},
    )


async def lock_case(tx: Transaction, case_id: int) -> Case | None:
    """The case, which stays as it is until `tx` ends."""
    await tx.execute("select 1 from audit.cases where id = %(id)s for no key update", {"id": case_id})
    return await tx.find(
        Case,
        """
        select c.id, kind, what, provider, on_date, reference, ours, theirs, opened_at, closed_at, closed_by,
            person.handle as closed_by_handle, note
        from audit.cases as c left join people.people as person on person.id = c.closed_by
        where c.id = %(id)s
        """,
        {"id": case_id},
    )


async def close_case(tx: Transaction, case_id: int, operator_id: UUID, note: str, *, now: datetime) -> None:
    """Somebody found out what it was."""
    await tx.execute(
        """
        update audit.cases set closed_at = %(now)s, closed_by = %(operator_id)s, note = %(note)s where id = %(id)s
        """,
        {"id": case_id, "operator_id": operator_id, "note": note, "now": now},
    )
