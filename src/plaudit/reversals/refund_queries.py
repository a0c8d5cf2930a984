"""SQL of refunds."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.coins.model import TopUp
from plaudit.foundation.database import Transaction
from plaudit.foundation.database_errors import name_constraint
from plaudit.people.model import Place
from plaudit.reversals.errors import RefundUnderWay
from plaudit.reversals.model import Refund, RefundFile, RefundState, Taken

name_constraint("a lot has one refund", RefundUnderWay)


class _Id(Struct, frozen=True):
    id: UUID


async def find_days(tx: Transaction, *, now: datetime) -> int:
    """For how many days coins can be given back."""
    return await tx.value(
        int,
        "select days from reversals.refund_policies where valid_from <= %(now)s order by valid_from desc limit 1",
        {"now": now},
    )


async def add_refund(tx: Transaction, refund: Refund) -> None:
    """A second one with the same id changes nothing. Raises RefundUnderWay, when `tx` is over or before."""
    await tx.execute(
        """
        insert into reversals.refunds (id, person_id, top_up_id, asked_at)
        values (%(id)s, %(person_id)s, %(top_up_id)s, %(asked_at)s)
        on conflict (id) do nothing
        """,
        msgspec.structs.asdict(refund),
    )


async def find_refund(tx: Transaction, refund_id: UUID) -> Refund | None:
    """The refund, or None."""
    return await tx.find(
        Refund,
        """
        select r.id, r.person_id, top_up_id, t.currency, state, r.coins, value_micros, r.net_minor, r.tax_minor, answer,
            reason, note, r.asked_at, held_at, sent_at, ended_at
        from reversals.refunds r join coins.top_ups t on t.id = top_up_id
        where r.id = %(id)s
        """,
        {"id": refund_id},
    )


async def get_refund(tx: Transaction, refund_id: UUID) -> Refund:
    """A refund that is known to be there."""
    refund = await find_refund(tx, refund_id)
    assert refund is not None, "refunds are never deleted"
    return refund


async def lock_refund(tx: Transaction, refund_id: UUID) -> Refund:
    """The same, and it stays as it is until `tx` ends."""
    await tx.execute("select 1 from reversals.refunds where id = %(id)s for no key update", {"id": refund_id})
    return await get_refund(tx, refund_id)


async def store_refund(tx: Transaction, refund: Refund) -> None:
    """Store where it stands."""
    await tx.execute(
        """
        update reversals.refunds set state = %(state)s, coins = %(coins)s, value_micros = %(value_micros)s,
            net_minor = %(net_minor)s, tax_minor = %(tax_minor)s, answer = %(answer)s, reason = %(reason)s,
            note = %(note)s, held_at = %(held_at)s, sent_at = %(sent_at)s, ended_at = %(ended_at)s
        where id = %(id)s
        """,
        msgspec.structs.asdict(refund),
    )


async def find_live_refund(tx: Transaction, top_up_id: UUID) -> Refund | None:
    """The refund of a top-up that is under way or done; None where there is none, or where all failed."""
    row = await tx.find(
        _Id,
        "select id from reversals.refunds where top_up_id = %(top_up_id)s and state <> 'failed'",
        {"top_up_id": top_up_id},
    )
    return await find_refund(tx, row.id) if row else None


async def list_refunds(tx: Transaction, person_id: UUID, *, after: Place | None, limit: int) -> list[Refund]:
    """Somebody's, the newest first."""
    return await tx.all(
        Refund,
        """
        select r.id, r.person_id, top_up_id, t.currency, state, r.coins, value_micros, r.net_minor, r.tax_minor, answer,
            reason, note, r.asked_at, held_at, sent_at, ended_at
        from reversals.refunds r join coins.top_ups t on t.id = top_up_id
        where r.person_id = %(person_id)s
            and (%(since)s::timestamptz is null or (r.asked_at, r.id) < (%(since)s, %(id)s::uuid))
        order by r.asked_at desc, r.id desc limit %(limit)s
        """,
        {
            "person_id": person_id,
            "since": after.since if after else None,
            "id": after.id if after else None,
            "limit": limit,
        },
    )


async def list_refunds_of(tx: Transaction, top_ups: Sequence[UUID]) -> list[Refund]:
    """All refunds of some top-ups, the oldest first."""
    return await tx.all(
        Refund,
        """
        select r.id, r.person_id, top_up_id, t.currency, state, r.coins, value_micros, r.net_minor, r.tax_minor, answer,
            reason, note, r.asked_at, held_at, sent_at, ended_at
        from reversals.refunds r join coins.top_ups t on t.id = top_up_id
        where top_up_id = any(%(top_ups)s) order by r.asked_at, r.id
        """,
        {"top_ups": list(top_ups)},
    )


async def list_files(
    tx: Transaction, state: RefundState | None, *, after: Place | None, limit: int
) -> list[RefundFile]:
    """Everyone's, the newest first."""
    return await tx.all(
        RefundFile,
        """
        select r.id, r.person_id, top_up_id, t.currency, state, r.coins, value_micros, r.net_minor, r.tax_minor, answer,
            reason, note, r.asked_at, held_at, sent_at, ended_at, handle
        from reversals.refunds r join coins.top_ups t on t.id = top_up_id join people.people p on p.id = r.person_id
        where (%(state)s::text is null or state = %(state)s)
            and (%(since)s::timestamptz is null or (r.asked_at, r.id) < (%(since)s, %(id)s::uuid))
        order by r.asked_at desc, r.id desc limit %(limit)s
        """,
        {
            "state": None if state is None else state.value,
            "since": after.since if after else None,
            "id": after.id if after else None,
            "limit": limit,
        },
    )


async def find_file(tx: Transaction, refund_id: UUID) -> RefundFile | None:
    """Anybody's, or None."""
    return await tx.find(
        RefundFile,
        """
        select r.id, r.person_id, top_up_id, t.currency, state, r.coins, value_micros, r.net_minor, r.tax_minor, answer,
            reason, note, r.asked_at, held_at, sent_at, ended_at, handle
        from reversals.refunds r join coins.top_ups t on t.id = top_up_id join people.people p on p.id = r.person_id
        where r.id = %(id)s
        """,
        {"id": refund_id},
    )


async def list_under_way(tx: Transaction, *, limit: int) -> list[UUID]:
    """Refunds that didn't end, those that weren't looked at for longest first."""
    rows = await tx.all(
        _Id,
        """
        select id from reversals.refunds where ended_at is null
        order by coalesce(polled_at, asked_at), id limit %(limit)s
        """,
        {"limit": limit},
    )
    return [row.id for row in rows]


async def take_to_poll(tx: Transaction, refund_id: UUID, *, before: datetime, now: datetime) -> bool:
    """Whether its provider is to be asked: nobody did since `before`; from now on somebody has."""
    touched = await tx.execute(
        """
        update reversals.refunds set polled_at = %(now)s
        where id = %(id)s and (polled_at is null or polled_at <= %(before)s)
        """,
        {"id": refund_id, "before": before, "now": now},
    )
    return touched > 0


async def list_bought(tx: Transaction, person_id: UUID, *, since: datetime, limit: int) -> list[TopUp]:
    """What somebody bought whose coins came at or after `since`, the newest first."""
    return await tx.all(
        TopUp,
        """
        select id, person_id, pack, coins, provider, region, currency, net_minor, tax_minor, tax_name, tax_bps, status,
            asked_at, checkout_id, checkout_url, payment_id, fee_minor, paid_at, settled_at
        from coins.top_ups
        where person_id = %(person_id)s and settled_at >= %(since)s
        order by settled_at desc, id desc limit %(limit)s
        """,
        {"person_id": person_id, "since": since, "limit": limit},
    )


async def is_folded(tx: Transaction, lot_id: UUID) -> bool:
    """Whether the settlement's fold has met the lot: it writes its stretches, and cuts remember what left them."""
    return await tx.value(
        bool,
        """
        select exists (select from coins.stretches where lot_id = %(lot_id)s)
            or exists (select from coins.cuts where lot_id = %(lot_id)s)
        """,
        {"lot_id": lot_id},
    )


async def sum_taken(tx: Transaction, top_up_id: UUID) -> Taken:
    """What refunds and lost disputes took of a payment so far."""
    return await tx.one(
        Taken,
        """
        select coalesce(sum(value_micros), 0)::bigint as value_micros, coalesce(sum(tax_minor), 0)::bigint as tax_minor
        from (
            select value_micros, tax_minor from reversals.refunds
            where top_up_id = %(top_up_id)s and state = 'refunded'
            union all
            select covered_micros - tax_minor * 10000, tax_minor from reversals.disputes
            where top_up_id = %(top_up_id)s and planned_at is not null
        ) as taken
        """,
        {"top_up_id": top_up_id},
    )
