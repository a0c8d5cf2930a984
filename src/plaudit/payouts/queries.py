"""SQL of payouts and their steps."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.foundation.database_errors import name_constraint
from plaudit.payouts.errors import AlreadyApproved, IllegalStep, NoSuchPayout
from plaudit.payouts.model import Approved, Method, Payee, Payout, Rail, State, Step
from plaudit.payouts.rules import Year
from plaudit.people.model import Place

name_constraint("a payout takes legal steps only", IllegalStep)
name_constraint("a payout's steps are numbered", IllegalStep)
name_constraint("an operator approves a payout once", AlreadyApproved)


class _Id(Struct, frozen=True):
    id: UUID


async def lock_payee(tx: Transaction, person_id: UUID) -> Payee | None:
    """Who would be paid, or None for who never applied. Others who want the same person's money wait until `tx` ends.

    So what two requests at the same moment see of the day's payouts is never the same.
    """
    await tx.execute("select 1 from people.creators where person_id = %(id)s for no key update", {"id": person_id})
    return await find_payee(tx, person_id)


async def find_payee(tx: Transaction, person_id: UUID) -> Payee | None:
    """Who would be paid, or None for who never applied."""
    return await tx.find(
        Payee,
        """
        select p.id, email, handle, display_name, region, currency, legal_name, verified_at,
            operator_since is not null as is_operator
        from people.creators c join people.people p on p.id = c.person_id
        where p.id = %(id)s
        """,
        {"id": person_id},
    )


async def add_payout(tx: Transaction, payout: Payout) -> bool:
    """False, and nothing changed, when the id is there already."""
    added = await tx.execute(
        """
        insert into payouts.payouts
            (id, person_id, method_id, rail, currency, amount_minor, takes_all, fee_minor, withheld_minor,
            spread_micros, paid_currency, paid_minor, rate_id, keeps_fee, residence, form, operators, why, asked_at,
            state_at, ledger_due_at)
        values (%(id)s, %(person_id)s, %(method_id)s, %(rail)s, %(currency)s, %(amount_minor)s, %(takes_all)s,
            %(fee_minor)s, %(withheld_minor)s, %(spread_micros)s, %(paid_currency)s, %(paid_minor)s, %(rate_id)s,
            %(keeps_fee)s, %(residence)s, %(form)s, %(operators)s, %(why)s, %(asked_at)s, %(state_at)s,
            %(ledger_due_at)s)
        on conflict (id) do nothing
        """,
        msgspec.structs.asdict(payout),
    )
    return added == 1


async def find_payout(tx: Transaction, payout_id: UUID) -> Payout | None:
    """The payout, or None."""
    return await tx.find(
        Payout,
        """
        select id, person_id, method_id, rail, currency, amount_minor, takes_all, fee_minor, withheld_minor,
            spread_micros, paid_currency, paid_minor, rate_id, keeps_fee, residence, form, operators, why, state,
            asked_at, state_at, held_at, ledger_due_at, reference, paid_at, paused_at, paused_by, paused_reason
        from payouts.payouts where id = %(id)s
        """,
        {"id": payout_id},
    )


async def lock_payout(tx: Transaction, payout_id: UUID) -> Payout:
    """The payout, which stays as it is until `tx` ends. Raises NoSuchPayout."""
    await tx.execute("select 1 from payouts.payouts where id = %(id)s for no key update", {"id": payout_id})
    payout = await find_payout(tx, payout_id)
    if payout is None:
        raise NoSuchPayout
    return payout


async def list_payouts(tx: Transaction, person_id: UUID, *, after: Place | None, limit: int) -> list[Payout]:
    """A creator's payouts, the newest first; without those that never held anything, since they were refused."""
    return await tx.all(
        Payout,
        """
        select id, person_id, method_id, rail, currency, amount_minor, takes_all, fee_minor, withheld_minor,
            spread_micros, paid_currency, paid_minor, rate_id, keeps_fee, residence, form, operators, why, state,
            asked_at, state_at, held_at, ledger_due_at, reference, paid_at, paused_at, paused_by, paused_reason
        from payouts.payouts
        where person_id = %(person_id)s and not (state = 'failed' and held_at is null)
            and (%(since)s::timestamptz is null or (asked_at, id) < (%(since)s, %(after)s::uuid))
        order by asked_at desc, id desc limit %(limit)s
        """,
        {
            "person_id": person_id,
            "since": after.since if after else None,
            "after": after.id if after else None,
            "limit": limit,
        },
    )


async def add_step(tx: Transaction, step: Step) -> None:
    """The payout is now where the step leads. Raises IllegalStep."""
    await tx.execute(
        """
        insert into payouts.steps (payout_id, number, state, at, actor_kind, actor_id, reason)
        values (%(payout_id)s, %(number)s, %(state)s, %(at)s, %(actor_kind)s, %(actor_id)s, %(reason)s)
        """,
        msgspec.structs.asdict(step),
    )


async def list_steps(tx: Transaction, payout_id: UUID) -> list[Step]:
    """In their order."""
    return await tx.all(
        Step,
        """
        select payout_id, number, state, at, actor_kind, actor_id, reason
        from payouts.steps where payout_id = %(id)s order by number
        """,
        {"id": payout_id},
    )


async def count_steps(tx: Transaction, payout_id: UUID) -> int:
    """How many steps there are."""
    return await tx.value(int, "select count(*) from payouts.steps where payout_id = %(id)s", {"id": payout_id})


async def get_step(tx: Transaction, payout_id: UUID, state: State) -> Step | None:
    """The step that led to a state, if it was ever reached."""
    return await tx.find(
        Step,
        """
        select payout_id, number, state, at, actor_kind, actor_id, reason
        from payouts.steps where payout_id = %(id)s and state = %(state)s
        """,
        {"id": payout_id, "state": state},
    )


async def set_due(tx: Transaction, payout_id: UUID, due_at: datetime | None) -> None:
    """From when on the ledger has to be told; None when it knows."""
    await tx.execute(
        "update payouts.payouts set ledger_due_at = %(due_at)s where id = %(id)s", {"id": payout_id, "due_at": due_at}
    )


async def set_held(tx: Transaction, payout_id: UUID, *, now: datetime) -> None:
    """The ledger holds the amount."""
    await tx.execute(
        """
        update payouts.payouts set held_at = coalesce(held_at, %(now)s), ledger_due_at = null where id = %(id)s
        """,
        {"id": payout_id, "now": now},
    )


async def set_paid(tx: Transaction, payout_id: UUID, *, reference: str | None, at: datetime) -> None:
    """When it was paid, and the rail's reference for it."""
    await tx.execute(
        """
        update payouts.payouts set paid_at = %(at)s, reference = coalesce(%(reference)s, reference)
        where id = %(id)s
        """,
        {"id": payout_id, "at": at, "reference": reference},
    )


async def list_due(tx: Transaction, *, now: datetime, limit: int) -> list[UUID]:
    """Payouts of whose state the ledger has to be told, the longest due first."""
    rows = await tx.all(
        _Id,
        """
        select id from payouts.payouts where ledger_due_at <= %(now)s
        order by ledger_due_at, id limit %(limit)s
        """,
        {"now": now, "limit": limit},
    )
    return [row.id for row in rows]


async def sum_taken(tx: Transaction, person_id: UUID, currency: str, *, day: datetime, year: datetime) -> Year:
    """What a creator asked for of a currency since two instants, without what failed or was cancelled.

    What came back counts for the day, and not for the year: it wasn't paid.
    """
    return await tx.one(
        Year,
        """
        select coalesce(sum(amount_minor) filter (where asked_at >= %(day)s), 0)::bigint as today_minor,
            coalesce(sum(amount_minor) filter (where state <> 'returned'), 0)::bigint as this_year_minor
        from payouts.payouts
        where person_id = %(person_id)s and currency = %(currency)s and asked_at >= least(%(day)s, %(year)s)
            and state not in ('failed', 'cancelled')
        """,
        {"person_id": person_id, "currency": currency, "day": day, "year": year},
    )


async def has_paid(tx: Transaction, method_id: UUID) -> bool:
    """Whether something was paid to this method before and stayed there."""
    return await tx.value(
        bool,
        "select exists (select from payouts.payouts where method_id = %(id)s and state = 'paid')",
        {"id": method_id},
    )


async def list_approved(tx: Transaction, rail: Rail, *, limit: int) -> list[Approved]:
    """Payouts ready for a rail, the oldest first, with their methods; nobody else gets them until `tx` ends."""
    payouts = await tx.all(
        Payout,
        """
        select id, person_id, method_id, rail, currency, amount_minor, takes_all, fee_minor, withheld_minor,
            spread_micros, paid_currency, paid_minor, rate_id, keeps_fee, residence, form, operators, why, state,
            asked_at, state_at, held_at, ledger_due_at, reference, paid_at, paused_at, paused_by, paused_reason
        from payouts.payouts
        where state = 'approved' and rail = %(rail)s and held_at is not null and paused_at is null
        order by asked_at, id limit %(limit)s for no key update skip locked
        """,
        {"rail": rail, "limit": limit},
    )
    methods = await _methods_of(tx, payouts)
    return [Approved(payout=payout, method=methods[payout.method_id]) for payout in payouts]


async def _methods_of(tx: Transaction, payouts: list[Payout]) -> dict[UUID, Method]:
    found = await tx.all(
        Method,
        """
        select id, person_id, kind, currency, holder_name, sealed, shown, created_at, usable_from, verified_at,
            retired_at, code_hash, code_until, code_tries
        from payouts.methods where id = any(%(ids)s)
        """,
        {"ids": [payout.method_id for payout in payouts]},
    )
    return {method.id: method for method in found}


async def add_approval(tx: Transaction, payout_id: UUID, operator_id: UUID, *, now: datetime) -> int:
    """How many operators approved, this one included. Raises AlreadyApproved."""
    await tx.execute(
        """
        insert into payouts.approvals (payout_id, operator_id, at) values (%(payout_id)s, %(operator_id)s, %(now)s)
        """,
        {"payout_id": payout_id, "operator_id": operator_id, "now": now},
    )
    return await tx.value(int, "select count(*) from payouts.approvals where payout_id = %(id)s", {"id": payout_id})


async def set_pause(tx: Transaction, payout_id: UUID, by: UUID | None, reason: str | None, *, now: datetime) -> None:
    """Let it wait, for a reason; None lets it go on."""
    await tx.execute(
        """
        update payouts.payouts set paused_by = %(by)s, paused_reason = %(reason)s,
            paused_at = case when %(by)s::uuid is null then null else %(now)s::timestamptz end
        where id = %(id)s
        """,
        {"id": payout_id, "by": by, "reason": reason, "now": now},
    )
