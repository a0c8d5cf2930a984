"""SQL of the holds on coins."""

from datetime import datetime
from uuid import UUID

import msgspec

from plaudit.foundation.database import Transaction
from plaudit.reversals.model import Hold


async def add_hold(tx: Transaction, hold: Hold) -> None:
    """The intent; a second one with the same id changes nothing."""
    await tx.execute(
        """
        insert into reversals.holds (id, lot_id, refund_id, dispute_id, attempt, made_at)
        values (%(id)s, %(lot_id)s, %(refund_id)s, %(dispute_id)s, %(attempt)s, %(made_at)s)
        on conflict (id) do nothing
        """,
        msgspec.structs.asdict(hold),
    )


async def drop_hold(tx: Transaction, hold_id: UUID, *, now: datetime) -> bool:
    """It is to be voided, and never posted. False when it was dropped before."""
    touched = await tx.execute(
        "update reversals.holds set dropped_at = %(now)s where id = %(id)s and dropped_at is null",
        {"id": hold_id, "now": now},
    )
    return touched > 0


async def lock_owner(tx: Transaction, hold: Hold) -> None:
    """The refund or the dispute of a hold stays as it is until `tx` ends, and so do its holds."""
    await tx.execute(
        "select 1 from reversals.refunds where id = %(refund_id)s for no key update", {"refund_id": hold.refund_id}
    )
    await tx.execute(
        "select 1 from reversals.disputes where id = %(dispute_id)s for no key update", {"dispute_id": hold.dispute_id}
    )


async def find_hold(tx: Transaction, owner_id: UUID) -> Hold | None:
    """The hold of a refund or a dispute that isn't dropped."""
    return await tx.find(
        Hold,
        """
        select id, lot_id, refund_id, dispute_id, attempt, made_at, dropped_at from reversals.holds
        where (refund_id = %(owner_id)s or dispute_id = %(owner_id)s) and dropped_at is null
        """,
        {"owner_id": owner_id},
    )


async def list_holds(tx: Transaction, owner_id: UUID) -> list[Hold]:
    """Every hold that a refund or a dispute ever asked for."""
    return await tx.all(
        Hold,
        """
        select id, lot_id, refund_id, dispute_id, attempt, made_at, dropped_at from reversals.holds
        where refund_id = %(owner_id)s or dispute_id = %(owner_id)s order by attempt
        """,
        {"owner_id": owner_id},
    )


async def list_dropped_of_lot(tx: Transaction, lot_id: UUID) -> list[Hold]:
    """Every hold on a lot's coins that was dropped, whether the ledger ever had it or not, and whosever it was."""
    return await tx.all(
        Hold,
        """
        select id, lot_id, refund_id, dispute_id, attempt, made_at, dropped_at from reversals.holds
        where lot_id = %(lot_id)s and dropped_at is not null order by made_at, attempt
        """,
        {"lot_id": lot_id},
    )


async def list_dropped(tx: Transaction, *, limit: int) -> list[Hold]:
    """Holds that were dropped, and that the fold has seen begin and not end."""
    return await tx.all(
        Hold,
        """
        select h.id, h.lot_id, refund_id, dispute_id, attempt, made_at, dropped_at
        from reversals.holds h join coins.cuts c on c.hold_id = h.id
        where dropped_at is not null and c.ended is null order by dropped_at limit %(limit)s
        """,
        {"limit": limit},
    )
