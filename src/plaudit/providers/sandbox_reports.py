"""The sandbox's daily report, from its own tables."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Transaction
from plaudit.foundation.money import Money
from plaudit.providers import sandbox_rules as rules
from plaudit.providers.reports import ReportLine, What


class _Row(Struct, frozen=True, kw_only=True):
    what: What
    id: UUID
    amount_minor: int
    fee_minor: int
    currency: str
    at: datetime


async def list_lines(tx: Transaction, day: date) -> list[ReportLine]:
    """Everything that happened on a day (UTC), in its order."""
    since = datetime.combine(day, time(), UTC)
    rows = await tx.all(
        _Row,
        """
        select 'payment' as what, id, amount_minor, 0::bigint as fee_minor, currency, ended_at as at
        from sandbox.checkouts where state = 'paid' and ended_at >= %(since)s and ended_at < %(until)s
        union all
        select 'refund', reference, amount_minor, 0, currency, at
        from sandbox.refunds where state = 'succeeded' and at >= %(since)s and at < %(until)s
        union all
        select 'dispute', id, amount_minor, fee_minor, currency, opened_at
        from sandbox.disputes where opened_at >= %(since)s and opened_at < %(until)s
        union all
        select 'dispute_won', id, amount_minor, 0, currency, at
        from sandbox.disputes where state = 'won' and at >= %(since)s and at < %(until)s
        order by at, what, id
        """,
        {"since": since, "until": since + timedelta(days=1)},
    )
    return [_line(row) for row in rows]


def _line(row: _Row) -> ReportLine:
    amount = Money(row.amount_minor, get_currency(row.currency))
    fee = rules.fee_of(amount) if row.what is What.PAYMENT else Money(row.fee_minor, amount.currency)
    return ReportLine(what=row.what, reference=_reference(row), amount=amount, fee=fee, at=row.at)


def _reference(row: _Row) -> str:
    match row.what:
        case What.PAYMENT:
            return f"pay_{row.id.hex}"
        case What.REFUND:
            return str(row.id)
        case _:
            return f"dis_{row.id.hex}"
