"""SQL of disputes, and of what lost ones take back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.coins.model import TopUp
from plaudit.foundation.database import Transaction
from plaudit.people.model import Place
from plaudit.providers import DisputeState
from plaudit.reversals.model import Dispute, DisputeFile, Policy, Slice, Unwinding


class _Id(Struct, frozen=True):
    id: UUID


class Swept(Struct, frozen=True):
    """Until when a provider's disputes were asked for."""

    swept_until: datetime


async def add_dispute(tx: Transaction, dispute: Dispute) -> None:
    """A second one with the same provider and id changes nothing."""
    await tx.execute(
        """
        insert into reversals.disputes (id, provider, dispute_id, payment_id, currency, amount_minor, fee_minor, reason,
            state, opened_at, decided_at, heard_at)
        values (%(id)s, %(provider)s, %(dispute_id)s, %(payment_id)s, %(currency)s, %(amount_minor)s, %(fee_minor)s,
            %(reason)s, %(state)s, %(opened_at)s, %(decided_at)s, %(heard_at)s)
        on conflict (id) do nothing
        """,
        msgspec.structs.asdict(dispute),
    )


async def find_dispute(tx: Transaction, dispute_id: UUID) -> Dispute | None:
    """The dispute, or None."""
    return await tx.find(
        Dispute,
        """
        select id, provider, dispute_id, payment_id, top_up_id, person_id, currency, amount_minor, fee_minor, reason,
            state, opened_at, heard_at, decided_at, booked_at, held_at, planned_at, closed_at, coins, value_micros,
            covered_micros, tax_minor, rest_micros, loss_micros, note
        from reversals.disputes where id = %(id)s
        """,
        {"id": dispute_id},
    )


async def get_dispute(tx: Transaction, dispute_id: UUID) -> Dispute:
    """A dispute that is known to be there."""
    dispute = await find_dispute(tx, dispute_id)
    assert dispute is not None, "disputes are never deleted"
    return dispute


async def lock_dispute(tx: Transaction, dispute_id: UUID) -> Dispute:
    """The same, and it stays as it is until `tx` ends."""
    await tx.execute("select 1 from reversals.disputes where id = %(id)s for no key update", {"id": dispute_id})
    return await get_dispute(tx, dispute_id)


async def store_dispute(tx: Transaction, dispute: Dispute) -> None:
    """Store where it stands."""
    await tx.execute(
        """
        update reversals.disputes set top_up_id = %(top_up_id)s, person_id = %(person_id)s, state = %(state)s,
            decided_at = %(decided_at)s, booked_at = %(booked_at)s, held_at = %(held_at)s, planned_at = %(planned_at)s,
            closed_at = %(closed_at)s, coins = %(coins)s, value_micros = %(value_micros)s,
            covered_micros = %(covered_micros)s, tax_minor = %(tax_minor)s, rest_micros = %(rest_micros)s,
            loss_micros = %(loss_micros)s, note = %(note)s
        where id = %(id)s
        """,
        msgspec.structs.asdict(dispute),
    )


async def find_paid(tx: Transaction, provider: str, payment_id: str) -> TopUp | None:
    """The top-up that a payment paid for, locked until `tx` ends; None where there is none whose coins came."""
    return await tx.find(
        TopUp,
        """
        select id, person_id, pack, coins, provider, region, currency, net_minor, tax_minor, tax_name, tax_bps, status,
            asked_at, checkout_id, checkout_url, payment_id, fee_minor, paid_at, settled_at
        from coins.top_ups where provider = %(provider)s and payment_id = %(payment_id)s and status = 'settled'
        for no key update
        """,
        {"provider": provider, "payment_id": payment_id},
    )


async def is_disputed(tx: Transaction, top_up_id: UUID) -> bool:
    """Whether a dispute of the payment is open or lost."""
    return await tx.value(
        bool,
        "select exists (select from reversals.disputes where top_up_id = %(id)s and state <> 'won')",
        {"id": top_up_id},
    )


async def find_policy(tx: Transaction, currency: str, *, now: datetime) -> Policy:
    """Who bears a lost dispute: the currency's own row goes before that for all."""
    return await tx.one(
        Policy,
        """
        select creator_bears_bps, cap_minor from reversals.dispute_policies
        where currency in (%(currency)s, '') and valid_from <= %(now)s
        order by currency desc, valid_from desc limit 1
        """,
        {"currency": currency, "now": now},
    )


async def is_all_posted(tx: Transaction, lot_id: UUID) -> bool:
    """Whether the money of every gift that was made of this lot is in the ledger."""
    return await tx.value(
        bool,
        """
        select not exists (
            select from earnings.slices s
            join earnings.runs r on s.timestamp between r.first_timestamp and r.last_timestamp
            where s.lot_id = %(lot_id)s and r.posted_at is null)
        """,
        {"lot_id": lot_id},
    )


async def list_slices(tx: Transaction, lot_id: UUID) -> list[Slice]:
    """What disputes didn't take yet of every slice of a lot, the newest first."""
    return await tx.all(
        Slice,
        """
        select s.timestamp, s.place, s.gift_id, s.creator_id,
            s.value_micros - coalesce(sum(c.value_micros), 0)::bigint as value_micros,
            s.share_micros - coalesce(sum(c.share_micros), 0)::bigint as share_micros
        from earnings.slices s
        left join reversals.claims c on c.timestamp = s.timestamp and c.place = s.place
        where s.lot_id = %(lot_id)s
        group by s.timestamp, s.place
        having s.value_micros > coalesce(sum(c.value_micros), 0) or s.share_micros > coalesce(sum(c.share_micros), 0)
        order by s.timestamp desc, s.place desc
        """,
        {"lot_id": lot_id},
    )


async def add_claims(tx: Transaction, dispute_id: UUID, claimed: Sequence[Slice]) -> None:
    """What a dispute takes of each slice."""
    await tx.execute(
        """
        insert into reversals.claims (dispute_id, timestamp, place, gift_id, creator_id, value_micros, share_micros)
        select %(dispute_id)s, * from unnest(%(timestamps)s::bigint[], %(places)s::smallint[], %(gifts)s::uuid[],
            %(creators)s::uuid[], %(values)s::bigint[], %(shares)s::bigint[])
        """,
        {
            "dispute_id": dispute_id,
            "timestamps": [each.timestamp for each in claimed],
            "places": [each.place for each in claimed],
            "gifts": [each.gift_id for each in claimed],
            "creators": [each.creator_id for each in claimed],
            "values": [each.value_micros for each in claimed],
            "shares": [each.share_micros for each in claimed],
        },
    )


async def add_unwinding(tx: Transaction, unwinding: Unwinding) -> None:
    """An attempt at taking one creator's part."""
    await tx.execute(
        """
        insert into reversals.unwindings (dispute_id, creator_id, attempt, currency, gifts, value_micros, share_micros,
            platform_micros, absorbed_micros, promotion_micros, pending_micros, available_micros, reserve_micros,
            owed_micros, planned_at)
        values (%(dispute_id)s, %(creator_id)s, %(attempt)s, %(currency)s, %(gifts)s, %(value_micros)s,
            %(share_micros)s, %(platform_micros)s, %(absorbed_micros)s, %(promotion_micros)s, %(pending_micros)s,
            %(available_micros)s, %(reserve_micros)s, %(owed_micros)s, %(planned_at)s)
        """,
        msgspec.structs.asdict(unwinding),
    )


async def replace_unwinding(tx: Transaction, unwinding: Unwinding, *, now: datetime) -> bool:
    """This attempt is given up for another. False when it was posted or replaced meanwhile."""
    touched = await tx.execute(
        """
        update reversals.unwindings set replaced_at = %(now)s
        where dispute_id = %(dispute_id)s and creator_id = %(creator_id)s and attempt = %(attempt)s
            and posted_at is null and replaced_at is null
        """,
        {"now": now, **msgspec.structs.asdict(unwinding)},
    )
    return touched > 0


async def mark_posted(tx: Transaction, unwinding: Unwinding, attempt: int, *, now: datetime) -> None:
    """The ledger has this attempt; any other of the creator's is replaced."""
    of = {"dispute_id": unwinding.dispute_id, "creator_id": unwinding.creator_id, "attempt": attempt, "now": now}
    await tx.execute(
        """
        update reversals.unwindings set replaced_at = %(now)s
        where dispute_id = %(dispute_id)s and creator_id = %(creator_id)s and attempt <> %(attempt)s
            and replaced_at is null
        """,
        of,
    )
    await tx.execute(
        """
        update reversals.unwindings set posted_at = coalesce(posted_at, %(now)s), replaced_at = null
        where dispute_id = %(dispute_id)s and creator_id = %(creator_id)s and attempt = %(attempt)s
        """,
        of,
    )


async def list_unwindings(tx: Transaction, dispute_id: UUID) -> list[Unwinding]:
    """What a dispute takes from each creator, in the order of their ids; replaced attempts are left out."""
    return await tx.all(
        Unwinding,
        """
        select dispute_id, creator_id, attempt, currency, gifts, value_micros, share_micros, platform_micros,
            absorbed_micros, promotion_micros, pending_micros, available_micros, reserve_micros, owed_micros,
            planned_at, posted_at
        from reversals.unwindings where dispute_id = %(dispute_id)s and replaced_at is null order by creator_id
        """,
        {"dispute_id": dispute_id},
    )


async def list_files(
    tx: Transaction, state: DisputeState | None, *, after: Place | None, limit: int
) -> list[DisputeFile]:
    """All of them, the newest first."""
    return await tx.all(
        DisputeFile,
        """
        select d.id, provider, dispute_id, payment_id, top_up_id, person_id, d.currency, amount_minor, fee_minor,
            reason, state, opened_at, heard_at, decided_at, booked_at, held_at, planned_at, closed_at, coins,
            value_micros, covered_micros, tax_minor, rest_micros, loss_micros, note, handle
        from reversals.disputes d left join people.people p on p.id = d.person_id
        where (%(state)s::text is null or state = %(state)s)
            and (%(since)s::timestamptz is null or (opened_at, d.id) < (%(since)s, %(id)s::uuid))
        order by opened_at desc, d.id desc limit %(limit)s
        """,
        {
            "state": None if state is None else state.value,
            "since": after.since if after else None,
            "id": after.id if after else None,
            "limit": limit,
        },
    )


async def find_file(tx: Transaction, dispute_id: UUID) -> DisputeFile | None:
    """The dispute, or None."""
    return await tx.find(
        DisputeFile,
        """
        select d.id, provider, dispute_id, payment_id, top_up_id, person_id, d.currency, amount_minor, fee_minor,
            reason, state, opened_at, heard_at, decided_at, booked_at, held_at, planned_at, closed_at, coins,
            value_micros, covered_micros, tax_minor, rest_micros, loss_micros, note, handle
        from reversals.disputes d left join people.people p on p.id = d.person_id
        where d.id = %(id)s
        """,
        {"id": dispute_id},
    )


async def list_of_top_ups(tx: Transaction, top_ups: Sequence[UUID]) -> list[Dispute]:
    """All disputes of some payments, the oldest first."""
    return await tx.all(
        Dispute,
        """
        select id, provider, dispute_id, payment_id, top_up_id, person_id, currency, amount_minor, fee_minor, reason,
            state, opened_at, heard_at, decided_at, booked_at, held_at, planned_at, closed_at, coins, value_micros,
            covered_micros, tax_minor, rest_micros, loss_micros, note
        from reversals.disputes where top_up_id = any(%(top_ups)s) order by opened_at, id
        """,
        {"top_ups": list(top_ups)},
    )


async def take_to_go_on(tx: Transaction, *, now: datetime, limit: int) -> list[UUID]:
    """Disputes with which something is left to do but to wait; those that weren't looked at for longest first."""
    rows = await tx.all(
        _Id,
        """
        update reversals.disputes set looked_at = %(now)s
        where id in (
            select id from reversals.disputes
            where closed_at is null and (state <> 'opened' or held_at is null)
                and (top_up_id is not null or looked_at is null or looked_at <= %(now)s - interval '1 minute')
            order by coalesce(looked_at, heard_at), id limit %(limit)s)
        returning id
        """,
        {"now": now, "limit": limit},
    )
    return [row.id for row in rows]


async def take_to_poll(tx: Transaction, *, now: datetime, before: datetime, limit: int) -> list[Dispute]:
    """Open disputes about which nobody asked since `before`; from now on somebody has."""
    return await tx.all(
        Dispute,
        """
        update reversals.disputes set polled_at = %(now)s
        where id in (
            select id from reversals.disputes where state = 'opened' and coalesce(polled_at, heard_at) <= %(before)s
            order by coalesce(polled_at, heard_at) limit %(limit)s for update skip locked)
        returning id, provider, dispute_id, payment_id, top_up_id, person_id, currency, amount_minor, fee_minor, reason,
            state, opened_at, heard_at, decided_at, booked_at, held_at, planned_at, closed_at, coins, value_micros,
            covered_micros, tax_minor, rest_micros, loss_micros, note
        """,
        {"now": now, "before": before, "limit": limit},
    )


async def find_sweep(tx: Transaction, provider: str) -> Swept | None:
    """Until when a provider's disputes were asked for."""
    return await tx.find(
        Swept, "select swept_until from reversals.sweeps where provider = %(provider)s", {"provider": provider}
    )


async def store_sweep(tx: Transaction, provider: str, until: datetime) -> None:
    """They were asked for until then."""
    await tx.execute(
        """
        insert into reversals.sweeps (provider, swept_until) values (%(provider)s, %(until)s)
        on conflict (provider) do update set swept_until = greatest(sweeps.swept_until, excluded.swept_until)
        """,
        {"provider": provider, "until": until},
    )
