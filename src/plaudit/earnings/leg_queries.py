"""SQL of legs, releases, repayments and reserves: the intents of what the ledger is to be told."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Transaction


class Leg(Struct, frozen=True, kw_only=True):
    """What one run brings one creator in one currency, in internal units; see the table `earnings.legs`."""

    run: int
    creator_id: UUID
    currency: str
    coins: int
    value_micros: int
    share_micros: int
    promoted_micros: int


class Pending(Struct, frozen=True):
    """How much of a leg is still pending."""

    run: int
    left_micros: int


class Move(Struct, frozen=True, kw_only=True):
    """A release or a repayment."""

    id: UUID
    creator_id: UUID
    currency: str
    micros: int


class Debt(Struct, frozen=True, kw_only=True):
    """What a creator owes and has available, in the currency with this ISO 4217 number."""

    creator_id: UUID
    asset: int
    micros: int


class Reserved(Struct, frozen=True):
    """How much of a reserve is left."""

    id: UUID
    left_micros: int


async def list_unposted(tx: Transaction, *, after: Leg | None, limit: int) -> list[Leg]:
    """A page of legs that the ledger may not have yet, beyond the leg `after`, the oldest run first."""
    return await tx.all(
        Leg,
        """
        select run, creator_id, currency, coins, value_micros, share_micros, promoted_micros
        from earnings.legs
        where posted_at is null and (run, creator_id, currency) > (%(run)s, %(creator_id)s, %(currency)s)
        order by run, creator_id, currency limit %(limit)s
        """,
        {
            "run": after.run if after else 0,
            "creator_id": after.creator_id if after else UUID(int=0),
            "currency": after.currency if after else "",
            "limit": limit,
        },
    )


async def mark_posted(tx: Transaction, legs: list[Leg], *, now: datetime) -> None:
    """The ledger has them; and the runs of which all are there."""
    params: dict[str, object] = {
        "runs": [leg.run for leg in legs],
        "creators": [leg.creator_id for leg in legs],
        "currencies": [leg.currency for leg in legs],
        "now": now,
    }
    await tx.execute(
        """
        update earnings.legs l set posted_at = %(now)s
        from unnest(%(runs)s::bigint[], %(creators)s::uuid[], %(currencies)s::text[]) as p (run, creator_id, currency)
        where l.run = p.run and l.creator_id = p.creator_id and l.currency = p.currency and l.posted_at is null
        """,
        params,
    )
    await tx.execute(
        """
        update earnings.runs r set posted_at = %(now)s
        where r.posted_at is null and r.id = any(%(runs)s)
            and not exists (select from earnings.legs l where l.run = r.id and l.posted_at is null)
        """,
        params,
    )


async def lock_pending(tx: Transaction, creator_id: UUID, currency: str, *, first: int | None) -> list[Pending]:
    """Posted legs of which something is still pending: the one of the run `first`, then from the newest on."""
    return await tx.all(
        Pending,
        """
        select run, left_micros from earnings.legs
        where creator_id = %(creator_id)s and currency = %(currency)s and left_micros > 0 and posted_at is not null
        order by run = %(first)s desc nulls last, run desc
        for update
        """,
        {"creator_id": creator_id, "currency": currency, "first": first},
    )


async def reduce_leg(tx: Transaction, run: int, creator_id: UUID, currency: str, micros: int) -> None:
    """So much of it isn't pending any more."""
    await tx.execute(
        """
        update earnings.legs set left_micros = left_micros - %(micros)s
        where run = %(run)s and creator_id = %(creator_id)s and currency = %(currency)s
        """,
        {"run": run, "creator_id": creator_id, "currency": currency, "micros": micros},
    )


class Due(Struct, frozen=True):
    """Pending money of a creator whose time is over."""

    creator_id: UUID
    currency: str
    micros: int
    legs: int


async def take_due(tx: Transaction, *, now: datetime, limit: int) -> list[Due]:
    """Pending money whose time is over: from now on it isn't pending, and the caller adds its releases."""
    return await tx.all(
        Due,
        """
        with due as (
            select run, creator_id, currency, left_micros from earnings.legs
            where release_at <= %(now)s and left_micros > 0 and posted_at is not null
            order by release_at limit %(limit)s for update skip locked
        ),
        taken as (
            update earnings.legs l set left_micros = 0, released_at = %(now)s
            from due d
            where l.run = d.run and l.creator_id = d.creator_id and l.currency = d.currency
        )
        select creator_id, currency, sum(left_micros)::bigint as micros, count(*) as legs from due
        group by creator_id, currency order by creator_id, currency
        """,
        {"now": now, "limit": limit},
    )


async def add_release(tx: Transaction, move: Move, *, now: datetime) -> None:
    """The intent."""
    await tx.execute(
        """
        insert into earnings.releases (id, creator_id, currency, micros, made_at)
        values (%(id)s, %(creator_id)s, %(currency)s, %(micros)s, %(now)s)
        """,
        {"id": move.id, "creator_id": move.creator_id, "currency": move.currency, "micros": move.micros, "now": now},
    )


async def list_releases(tx: Transaction, *, limit: int) -> list[Move]:
    """Releases that the ledger may not have yet."""
    return await tx.all(
        Move,
        """
        select id, creator_id, currency, micros from earnings.releases
        where posted_at is null order by made_at, id limit %(limit)s
        """,
        {"limit": limit},
    )


async def mark_released(tx: Transaction, ids: list[UUID], *, now: datetime) -> None:
    """The ledger has them."""
    await tx.execute(
        "update earnings.releases set posted_at = %(now)s where id = any(%(ids)s) and posted_at is null",
        {"ids": ids, "now": now},
    )


async def list_debts(tx: Transaction, *, limit: int) -> list[Debt]:
    """What creators owe and could pay now from what is available, where nothing is on its way already."""
    return await tx.all(
        Debt,
        """
        select o.ref_128 as creator_id, o.ledger as asset,
            least(o.debits_posted - o.credits_posted - o.credits_pending,
                  a.credits_posted - a.debits_posted - a.debits_pending) as micros
        from ledger.accounts o
        join ledger.accounts a on a.ref_128 = o.ref_128 and a.code = 2210 and a.ledger = o.ledger
        where o.code = 1120 and o.debits_posted - o.credits_posted - o.credits_pending > 0
            and a.credits_posted - a.debits_posted - a.debits_pending > 0
        order by o.id limit %(limit)s
        """,
        {"limit": limit},
    )


async def add_repayment(tx: Transaction, move: Move, *, now: datetime) -> None:
    """The intent, unless there is one for this creator and currency already."""
    await tx.execute(
        """
        insert into earnings.repayments (id, creator_id, currency, micros, made_at)
        values (%(id)s, %(creator_id)s, %(currency)s, %(micros)s, %(now)s)
        on conflict do nothing
        """,
        {"id": move.id, "creator_id": move.creator_id, "currency": move.currency, "micros": move.micros, "now": now},
    )


async def list_repayments(tx: Transaction, *, limit: int) -> list[Move]:
    """Repayments that the ledger may not have yet."""
    return await tx.all(
        Move,
        """
        select id, creator_id, currency, micros from earnings.repayments
        where ended_at is null order by made_at, id limit %(limit)s
        """,
        {"limit": limit},
    )


async def is_repayment_open(tx: Transaction, id: UUID) -> bool:
    """Whether the ledger may still be told of it."""
    return await tx.value(
        bool, "select exists (select from earnings.repayments where id = %(id)s and ended_at is null)", {"id": id}
    )


async def end_repayment(tx: Transaction, id: UUID, *, refused: bool, now: datetime) -> None:
    """The ledger has it, or there wasn't so much any more. What it has is the truth, whoever was refused before."""
    await tx.execute(
        """
        update earnings.repayments set ended_at = coalesce(ended_at, %(now)s), refused = %(refused)s
        where id = %(id)s and (ended_at is null or (refused and not %(refused)s))
        """,
        {"id": id, "refused": refused, "now": now},
    )


async def lock_reserves(tx: Transaction, creator_id: UUID, currency: str) -> list[Reserved]:
    """Reserves that nobody frees yet, the newest first."""
    return await tx.all(
        Reserved,
        """
        select id, left_micros from earnings.reserves
        where creator_id = %(creator_id)s and currency = %(currency)s and posted_at is not null
            and freed_micros is null and left_micros > 0
        order by made_at desc, id desc
        for update
        """,
        {"creator_id": creator_id, "currency": currency},
    )


async def reduce_reserve(tx: Transaction, id: UUID, micros: int) -> None:
    """So much of it is gone."""
    await tx.execute(
        "update earnings.reserves set left_micros = left_micros - %(micros)s where id = %(id)s",
        {"id": id, "micros": micros},
    )
