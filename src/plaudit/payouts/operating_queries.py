"""SQL of what operators see of payouts."""

from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.payouts.model import ExchangeRate, Payout, State
from plaudit.payouts.queries import find_payout
from plaudit.people.model import Place

Kind = TypeVar("Kind", bound=Struct)


class File(Struct, frozen=True, kw_only=True):
    """A payout as operators see it: whose it is, where it goes, how many said yes, and who lets it wait."""

    payout: Payout
    handle: str
    legal_name: str | None
    holder_name: str
    shown: str
    approvals: int
    paused_by: str | None

    @property
    def waits_for(self) -> str | None:
        """The stable word for what it waits for; None when it is over or the rail has it."""
        payout = self.payout
        if payout.paused_at is not None and payout.state in (State.REQUESTED, State.APPROVED):
            return "paused"
        if payout.state is State.REQUESTED:
            return "holding" if payout.held_at is None else payout.why
        return {State.APPROVED: "batch", State.SUBMITTED: "rail"}.get(payout.state)


class Day(Struct, frozen=True, kw_only=True):
    """What happened on a day by a rail: what was asked for in earnings, what was paid and came back in its currency."""

    day: date
    rail: str
    currency: str
    paid_currency: str
    asked: int
    asked_minor: int
    paid: int
    paid_minor: int
    returned: int
    returned_minor: int


class _Beside(Struct, frozen=True, kw_only=True):
    payout_id: UUID
    handle: str
    legal_name: str | None
    holder_name: str
    shown: str
    approvals: int
    paused_by: str | None


async def list_files(tx: Transaction, state: State | None, *, after: Place | None, limit: int) -> list[File]:
    """In the order in which they came where one state is asked for, else the newest first."""
    payouts = await (_list_of_state(tx, state, after, limit) if state else _list_newest(tx, after, limit))
    return await _with_beside(tx, payouts)


async def _list_of_state(tx: Transaction, state: State, after: Place | None, limit: int) -> list[Payout]:
    return await tx.all(
        Payout,
        """
        select id, person_id, method_id, rail, currency, amount_minor, takes_all, fee_minor, withheld_minor,
            spread_micros, paid_currency, paid_minor, rate_id, keeps_fee, residence, form, operators, why, state,
            asked_at, state_at, held_at, ledger_due_at, reference, paid_at, paused_at, paused_by, paused_reason
        from payouts.payouts
        where state = %(state)s
            and (%(since)s::timestamptz is null or (asked_at, id) > (%(since)s, %(after)s::uuid))
        order by asked_at, id limit %(limit)s
        """,
        {
            "state": state,
            "since": after.since if after else None,
            "after": after.id if after else None,
            "limit": limit,
        },
    )


async def _list_newest(tx: Transaction, after: Place | None, limit: int) -> list[Payout]:
    return await tx.all(
        Payout,
        """
        select id, person_id, method_id, rail, currency, amount_minor, takes_all, fee_minor, withheld_minor,
            spread_micros, paid_currency, paid_minor, rate_id, keeps_fee, residence, form, operators, why, state,
            asked_at, state_at, held_at, ledger_due_at, reference, paid_at, paused_at, paused_by, paused_reason
        from payouts.payouts
        where %(since)s::timestamptz is null or (asked_at, id) < (%(since)s, %(after)s::uuid)
        order by asked_at desc, id desc limit %(limit)s
        """,
        {"since": after.since if after else None, "after": after.id if after else None, "limit": limit},
    )


async def find_file(tx: Transaction, payout_id: UUID) -> File | None:
    """Anybody's payout, or None."""
    payout = await find_payout(tx, payout_id)
    return None if payout is None else (await _with_beside(tx, [payout]))[0]


async def _with_beside(tx: Transaction, payouts: list[Payout]) -> list[File]:
    rows = await tx.all(
        _Beside,
        """
        select p.id as payout_id, w.handle, c.legal_name, m.holder_name, m.shown, o.handle as paused_by,
            (select count(*) from payouts.approvals where payout_id = p.id) as approvals
        from payouts.payouts p
        join people.people w on w.id = p.person_id
        left join people.creators c on c.person_id = p.person_id
        join payouts.methods m on m.id = p.method_id
        left join people.people o on o.id = p.paused_by
        where p.id = any(%(ids)s)
        """,
        {"ids": [payout.id for payout in payouts]},
    )
    beside = {row.payout_id: row for row in rows}
    return [_file(payout, beside[payout.id]) for payout in payouts]


def _file(payout: Payout, row: _Beside) -> File:
    return File(
        payout=payout,
        handle=row.handle,
        legal_name=row.legal_name,
        holder_name=row.holder_name,
        shown=row.shown,
        approvals=row.approvals,
        paused_by=row.paused_by,
    )


async def list_approvals(tx: Transaction, kind: type[Kind], payout_id: UUID) -> list[Kind]:
    """Who said yes, in their order."""
    return await tx.all(
        kind,
        """
        select o.handle as operator, a.at
        from payouts.approvals a join people.people o on o.id = a.operator_id
        where a.payout_id = %(id)s order by a.at
        """,
        {"id": payout_id},
    )


async def find_rate_by_id(tx: Transaction, rate_id: UUID | None) -> ExchangeRate | None:
    """The rate that a payout is exchanged at."""
    return await tx.find(
        ExchangeRate,
        """
        select id, base, quote, numerator, denominator, source, valid_from
        from payouts.exchange_rates where id = %(id)s
        """,
        {"id": rate_id},
    )


async def list_days(tx: Transaction, *, since: datetime) -> list[Day]:
    """Each day (UTC), rail and pair of currencies on which something happened."""
    return await tx.all(
        Day,
        """
        select (s.at at time zone 'UTC')::date as day, p.rail, p.currency, p.paid_currency,
            count(*) filter (where s.state = 'requested') as asked,
            coalesce(sum(p.amount_minor) filter (where s.state = 'requested'), 0)::bigint as asked_minor,
            count(*) filter (where s.state = 'paid') as paid,
            coalesce(sum(p.paid_minor) filter (where s.state = 'paid'), 0)::bigint as paid_minor,
            count(*) filter (where s.state = 'returned') as returned,
            coalesce(sum(p.paid_minor) filter (where s.state = 'returned'), 0)::bigint as returned_minor
        from payouts.steps s join payouts.payouts p on p.id = s.payout_id
        where s.at >= %(since)s and s.state in ('requested', 'paid', 'returned')
        group by 1, 2, 3, 4 order by 1 desc, 2, 3, 4
        """,
        {"since": since},
    )
