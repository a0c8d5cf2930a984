"""SQL of top-ups, lots and the inbox."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.coins.errors import PaidTwice
from plaudit.coins.model import Lot, TopUp
from plaudit.foundation.database import Transaction
from plaudit.foundation.database_errors import name_constraint
from plaudit.providers import Kind

name_constraint("a payment pays for one top-up", PaidTwice)


class Waiting(Struct, frozen=True, kw_only=True):
    """An event in the inbox that wasn't applied yet."""

    provider: str
    event_id: str
    body: bytes


class _Id(Struct, frozen=True):
    id: UUID


async def add_top_up(tx: Transaction, top_up: TopUp) -> None:
    """A second one with the same id changes nothing: look what is there afterwards."""
    await tx.execute(
        """
        insert into coins.top_ups
            (id, person_id, pack, coins, provider, region, currency, net_minor, tax_minor, tax_name, tax_bps, asked_at)
        values (%(id)s, %(person_id)s, %(pack)s, %(coins)s, %(provider)s, %(region)s, %(currency)s, %(net_minor)s,
            %(tax_minor)s, %(tax_name)s, %(tax_bps)s, %(asked_at)s)
        on conflict (id) do nothing
        """,
        msgspec.structs.asdict(top_up),
    )


async def find_top_up(tx: Transaction, top_up_id: UUID) -> TopUp | None:
    """The top-up, or None."""
    return await tx.find(
        TopUp,
        """
        select id, person_id, pack, coins, provider, region, currency, net_minor, tax_minor, tax_name, tax_bps, status,
            asked_at, checkout_id, checkout_url, payment_id, fee_minor, paid_at, settled_at
        from coins.top_ups where id = %(id)s
        """,
        {"id": top_up_id},
    )


async def lock_top_up(tx: Transaction, top_up_id: UUID) -> TopUp | None:
    """The top-up, which stays as it is until `tx` ends."""
    await tx.execute("select 1 from coins.top_ups where id = %(id)s for no key update", {"id": top_up_id})
    return await find_top_up(tx, top_up_id)


async def store_top_up(tx: Transaction, top_up: TopUp) -> None:
    """Store where it stands. Raises PaidTwice when the payment pays for another one."""
    await tx.execute(
        """
        update coins.top_ups set status = %(status)s, checkout_id = %(checkout_id)s, checkout_url = %(checkout_url)s,
            payment_id = %(payment_id)s, fee_minor = %(fee_minor)s, paid_at = %(paid_at)s, settled_at = %(settled_at)s
        where id = %(id)s
        """,
        msgspec.structs.asdict(top_up),
    )


async def list_paid(tx: Transaction, *, limit: int) -> list[UUID]:
    """Top-ups whose payment is known and whose coins may not be in the wallet yet, the oldest first."""
    rows = await tx.all(
        _Id,
        "select id from coins.top_ups where status = 'paid' order by asked_at, id limit %(limit)s",
        {"limit": limit},
    )
    return [row.id for row in rows]


async def take_to_poll(tx: Transaction, *, now: datetime, before: datetime, limit: int) -> list[UUID]:
    """Pending top-ups with a checkout that nobody asked about since `before`; from now on somebody has."""
    rows = await tx.all(
        _Id,
        """
        update coins.top_ups set polled_at = %(now)s
        where id in (
            select id from coins.top_ups
            where status = 'pending' and checkout_id is not null and coalesce(polled_at, asked_at) <= %(before)s
            order by asked_at limit %(limit)s for update skip locked)
        returning id
        """,
        {"now": now, "before": before, "limit": limit},
    )
    return [row.id for row in rows]


async def add_lot(tx: Transaction, lot: Lot) -> None:
    """A second time changes nothing: the settlement may have been here first."""
    await tx.execute(
        """
        insert into coins.lots
            (id, person_id, first_coin, coins, value_micros, currency, region, pack, provider, opened_at)
        values (%(id)s, %(person_id)s, %(first_coin)s, %(coins)s, %(value_micros)s, %(currency)s, %(region)s, %(pack)s,
            %(provider)s, %(opened_at)s)
        on conflict do nothing
        """,
        msgspec.structs.asdict(lot),
    )


async def list_lots(tx: Transaction, person_id: UUID, *, first: int, end: int) -> Sequence[Lot]:
    """The lots that hold any of the coins from `first` up to `end`, in the order in which they are spent."""
    return await tx.all(
        Lot,
        """
        select id, person_id, first_coin, coins, value_micros, currency, region, pack, provider, opened_at, kind
        from coins.lots
        where person_id = %(person_id)s and first_coin < %(end)s and first_coin + coins > %(first)s
        order by first_coin
        """,
        {"person_id": person_id, "first": first, "end": end},
    )


async def add_event(tx: Transaction, event: Waiting, kind: Kind, *, now: datetime) -> None:
    """Keep an event as it came; a second time changes nothing."""
    await tx.execute(
        """
        insert into coins.inbox (provider, event_id, kind, body, received_at)
        values (%(provider)s, %(event_id)s, %(kind)s, %(body)s, %(now)s)
        on conflict (provider, event_id) do nothing
        """,
        {"provider": event.provider, "event_id": event.event_id, "kind": kind, "body": event.body, "now": now},
    )


async def list_waiting(tx: Transaction, kinds: Sequence[Kind], *, limit: int) -> list[Waiting]:
    """Events of these kinds that weren't applied yet, in the order in which they came."""
    return await tx.all(
        Waiting,
        """
        select provider, event_id, body from coins.inbox
        where applied_at is null and kind = any(%(kinds)s) order by received_at, event_id limit %(limit)s
        """,
        {"kinds": list(kinds), "limit": limit},
    )


async def note_applied(tx: Transaction, event: Waiting, note: str | None, *, now: datetime) -> None:
    """It was applied, or can't be: the note says why."""
    await tx.execute(
        """
        update coins.inbox set applied_at = %(now)s, note = %(note)s
        where provider = %(provider)s and event_id = %(event_id)s and applied_at is null
        """,
        {"provider": event.provider, "event_id": event.event_id, "note": note, "now": now},
    )
