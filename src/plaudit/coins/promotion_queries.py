"""SQL of grants."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict

from plaudit.foundation.database import Transaction

_GRANTS: LiteralString = """
    select id, person_id, coins, currency, reason, made_by, made_at, posted_at from coins.grants
"""
_ONE: LiteralString = _GRANTS + "where id = %(id)s"
_OF_ONE: LiteralString = _GRANTS + "where person_id = %(person_id)s order by made_at desc, id desc"
_UNPOSTED: LiteralString = _GRANTS + "where posted_at is null order by made_at, id limit %(limit)s"


class Grant(Struct, frozen=True, kw_only=True):
    """Coins that somebody is given for nothing; `posted_at` says that they are in the wallet.

    `currency` is the one in which the person counted then: in it a creator is paid, where promotional coins bring any.
    """

    id: UUID
    person_id: UUID
    coins: int
    currency: str
    reason: str
    made_by: UUID | None
    made_at: datetime
    posted_at: datetime | None


async def add_grant(tx: Transaction, grant: Grant) -> bool:
    """The intent; False when there is one with this id."""
    return bool(
        await tx.execute(
            """
            insert into coins.grants (id, person_id, coins, currency, reason, made_by, made_at)
            values (%(id)s, %(person_id)s, %(coins)s, %(currency)s, %(reason)s, %(made_by)s, %(made_at)s)
            on conflict (id) do nothing
            """,
            asdict(grant),
        )
    )


async def get_grant(tx: Transaction, id: UUID) -> Grant:
    """One of them."""
    return await tx.one(Grant, _ONE, {"id": id})


async def list_grants(tx: Transaction, person_id: UUID) -> list[Grant]:
    """Of one person, the newest first."""
    return await tx.all(Grant, _OF_ONE, {"person_id": person_id})


async def list_unposted(tx: Transaction, *, limit: int) -> list[Grant]:
    """Those that the ledger may not have yet, the oldest first."""
    return await tx.all(Grant, _UNPOSTED, {"limit": limit})


async def mark_granted(tx: Transaction, id: UUID, *, now: datetime) -> None:
    """The coins are in the wallet."""
    await tx.execute(
        "update coins.grants set posted_at = %(now)s where id = %(id)s and posted_at is null", {"id": id, "now": now}
    )
