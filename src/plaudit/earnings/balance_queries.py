"""SQL of what a creator has and gets."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.earnings.model import STANDARD
from plaudit.earnings.waterfall import Spent
from plaudit.foundation.database import Transaction


class Terms(Struct, frozen=True, kw_only=True):
    """Whose rates hold for a creator."""

    region: str
    tier: str


class PendingRow(Struct, frozen=True, kw_only=True):
    """What becomes available in one currency on one day."""

    currency: str
    release_at: datetime
    micros: int


class ReserveRow(Struct, frozen=True, kw_only=True):
    """Money that an operator keeps back."""

    currency: str
    micros: int
    reason: str
    since: datetime
    until: datetime


class FoldedRow(Struct, frozen=True, kw_only=True):
    """What is settled and not yet in the ledger, in one currency."""

    currency: str
    gifts: int
    coins: int
    micros: int


async def find_terms(tx: Transaction, person_id: UUID, region: str, *, now: datetime) -> Terms:
    """The terms of record; those of a newcomer from `region` when there are none."""
    found = await tx.find(
        Terms,
        """
        select region, tier from earnings.terms
        where person_id = %(person_id)s and valid_from <= %(now)s
        order by valid_from desc limit 1
        """,
        {"person_id": person_id, "now": now},
    )
    return found or Terms(region=region, tier=STANDARD)


async def list_pending(tx: Transaction, creator_id: UUID) -> list[PendingRow]:
    """What waits for its release, by currency and day (UTC), each with the day's first instant at which some comes."""
    return await tx.all(
        PendingRow,
        """
        select currency, min(release_at) as release_at, sum(left_micros)::bigint as micros
        from earnings.legs
        where creator_id = %(creator_id)s and left_micros > 0 and posted_at is not null
        group by currency, date_trunc('day', release_at at time zone 'UTC')
        order by currency, 2
        """,
        {"creator_id": creator_id},
    )


async def list_reserves(tx: Transaction, creator_id: UUID) -> list[ReserveRow]:
    """What is kept back now."""
    return await tx.all(
        ReserveRow,
        """
        select currency, left_micros as micros, reason, made_at as since, until from earnings.reserves
        where creator_id = %(creator_id)s and posted_at is not null and freed_at is null and left_micros > 0
        order by currency, until, id
        """,
        {"creator_id": creator_id},
    )


async def list_folded(tx: Transaction, creator_id: UUID) -> list[FoldedRow]:
    """Legs on their way to the ledger, by currency."""
    return await tx.all(
        FoldedRow,
        """
        select currency, sum(gifts)::bigint as gifts, sum(coins)::bigint as coins, sum(share_micros)::bigint as micros
        from earnings.legs where creator_id = %(creator_id)s and posted_at is null
        group by currency
        """,
        {"creator_id": creator_id},
    )


async def get_cursor(tx: Transaction) -> int:
    """Up to which transfer everything is folded."""
    return await tx.value(int, "select timestamp from earnings.cursor")


async def list_spent(tx: Transaction, timestamps: Sequence[int]) -> list[Spent]:
    """The slices of the gifts with these transfers, in their order, with what is known of the lots."""
    return await tx.all(
        Spent,
        """
        select s.timestamp, s.lot_id, s.lot_offset, s.coins, s.value_micros, s.share_micros, s.currency, s.tier,
            s.share_bps, s.micros_per_coin, l.coins as lot_coins, l.kind as lot_kind, l.region as lot_region, l.pack,
            l.provider, coalesce(t.tax_minor, 0) as tax_minor, coalesce(t.fee_minor, 0) as fee_minor,
            coalesce(leg.released_at, leg.release_at) as available_at
        from earnings.slices s
            join coins.lots l on l.id = s.lot_id
            left join coins.top_ups t on t.id = s.lot_id
            left join lateral (
                select id from earnings.runs r where r.first_timestamp <= s.timestamp and r.id <= s.timestamp
                order by r.id desc limit 1) run on true
            left join earnings.legs leg
                on (leg.run, leg.creator_id, leg.currency) = (run.id, s.creator_id, s.currency)
        where s.timestamp = any(%(timestamps)s)
        order by s.timestamp, s.place
        """,
        {"timestamps": list(timestamps)},
    )


class ChargeRow(Struct, frozen=True, kw_only=True):
    """What was charged for a lot beside its value."""

    id: UUID
    tax_minor: int
    fee_minor: int


async def list_charges(tx: Transaction, lot_ids: Sequence[UUID]) -> dict[UUID, ChargeRow]:
    """Tax and fee of lots that were bought."""
    found = await tx.all(
        ChargeRow,
        """
        select id, tax_minor, coalesce(fee_minor, 0) as fee_minor from coins.top_ups where id = any(%(ids)s)
        """,
        {"ids": list(lot_ids)},
    )
    return {row.id: row for row in found}
