"""SQL of reserves."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict

from plaudit.foundation.database import Transaction

_RESERVES: LiteralString = """
    select id, creator_id, currency, micros, left_micros, reason, made_by, made_at, until, posted_at, refused_at,
        freed_micros, freed_by, freed_at
    from earnings.reserves
"""
_ONE: LiteralString = _RESERVES + "where id = %(id)s"
_LOCKED: LiteralString = _ONE + " for no key update"
_OF_ONE: LiteralString = _RESERVES + "where creator_id = %(creator_id)s order by made_at desc, id desc"
_OPEN: LiteralString = """
    where freed_at is null and refused_at is null
        and (until <= %(now)s or posted_at is null or freed_micros is not null)
    order by until, id limit %(limit)s
"""


class Reserve(Struct, frozen=True, kw_only=True):
    """Available money that an operator keeps back until an instant; in internal units. See `earnings.reserves`."""

    id: UUID
    creator_id: UUID
    currency: str
    micros: int
    left_micros: int
    reason: str
    made_by: UUID
    made_at: datetime
    until: datetime
    posted_at: datetime | None = None
    refused_at: datetime | None = None
    freed_micros: int | None = None
    freed_by: UUID | None = None
    freed_at: datetime | None = None


async def add_reserve(tx: Transaction, reserve: Reserve) -> bool:
    """The intent; False when there is one with this id."""
    return bool(
        await tx.execute(
            """
            insert into earnings.reserves
                (id, creator_id, currency, micros, left_micros, reason, made_by, made_at, until)
            values (%(id)s, %(creator_id)s, %(currency)s, %(micros)s, %(left_micros)s, %(reason)s, %(made_by)s,
                %(made_at)s, %(until)s)
            on conflict (id) do nothing
            """,
            asdict(reserve),
        )
    )


async def get_reserve(tx: Transaction, id: UUID) -> Reserve:
    """One of them."""
    return await tx.one(Reserve, _ONE, {"id": id})


async def lock_reserve(tx: Transaction, id: UUID) -> Reserve | None:
    """The reserve, which stays as it is until `tx` ends."""
    return await tx.find(Reserve, _LOCKED, {"id": id})


async def list_reserves(tx: Transaction, creator_id: UUID) -> list[Reserve]:
    """Of one creator, the newest first."""
    return await tx.all(Reserve, _OF_ONE, {"creator_id": creator_id})


async def list_open(tx: Transaction, *, now: datetime, limit: int) -> list[Reserve]:
    """Those that are over, or half-done, the first that ends first."""
    return await tx.all(
        Reserve,
        _RESERVES + _OPEN,
        {"now": now, "limit": limit},
    )


async def mark_reserved(tx: Transaction, id: UUID, *, refused: bool, now: datetime) -> None:
    """The ledger has it, or refused it. What it has is the truth, whoever was refused before or after."""
    await tx.execute(
        """
        update earnings.reserves set posted_at = case when %(refused)s then null else %(now)s end,
            refused_at = case when %(refused)s then coalesce(refused_at, %(now)s) end
        where id = %(id)s and posted_at is null
        """,
        {"id": id, "refused": refused, "now": now},
    )


async def plan_freeing(tx: Transaction, id: UUID, operator_id: UUID | None) -> None:
    """The intent to give back all that is left."""
    await tx.execute(
        """
        update earnings.reserves set freed_micros = left_micros, left_micros = 0, freed_by = %(operator_id)s
        where id = %(id)s and freed_micros is null
        """,
        {"id": id, "operator_id": operator_id},
    )


async def reduce_freeing(tx: Transaction, id: UUID, micros: int) -> None:
    """There is only so much, and the ledger refused more."""
    await tx.execute(
        "update earnings.reserves set freed_micros = least(freed_micros, %(micros)s) where id = %(id)s",
        {"id": id, "micros": micros},
    )


async def mark_freed(tx: Transaction, id: UUID, *, now: datetime) -> None:
    """The ledger has it."""
    await tx.execute(
        "update earnings.reserves set freed_at = %(now)s where id = %(id)s and freed_at is null", {"id": id, "now": now}
    )
