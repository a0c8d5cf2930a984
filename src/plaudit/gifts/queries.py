"""SQL of the catalogue and of what was sent."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection

from plaudit.foundation.database import Transaction
from plaudit.foundation.database_errors import name_constraint
from plaudit.gifts.errors import GiftExists, PriceExists
from plaudit.gifts.model import Gift, Level, Sending, Tier

name_constraint("gifts_pkey", GiftExists)
name_constraint("a gift's price changes once at an instant", PriceExists)


class PricedRow(Struct, frozen=True, kw_only=True):
    """A gift with one of its prices."""

    id: str
    name: str
    tier: Tier
    art: str
    price_coins: int
    valid_from: datetime
    regions: frozenset[str] | None
    least_level: int
    offered_from: datetime
    offered_until: datetime | None


async def list_catalogue(tx: Transaction) -> list[PricedRow]:
    """Every gift with every price, in the catalogue's order, the newest price first."""
    return await tx.all(
        PricedRow,
        """
        select id, name, tier, art, price_coins, valid_from, regions, least_level, offered_from, offered_until
        from gifts.gifts join gifts.prices on gift = id
        order by sort, id, valid_from desc
        """,
    )


async def list_levels(tx: Transaction) -> list[Level]:
    """The levels, from the first up."""
    return await tx.all(Level, "select level, coins_spent from gifts.levels order by level")


async def add_gift(tx: Transaction, gift: Gift) -> None:
    """At the catalogue's end; its price is for `add_price`. Raises GiftExists."""
    await tx.execute(
        """
        insert into gifts.gifts (id, name, tier, art, regions, least_level, offered_from, offered_until, sort)
        select %(id)s, %(name)s, %(tier)s, %(art)s, %(regions)s, %(least_level)s, %(offered_from)s, %(offered_until)s,
            coalesce(max(sort), 0) + 1
        from gifts.gifts
        """,
        {**msgspec.structs.asdict(gift), "regions": None if gift.regions is None else sorted(gift.regions)},
    )


async def add_price(tx: Transaction, gift_id: str, price_coins: int, *, valid_from: datetime) -> None:
    """Raises PriceExists."""
    await tx.execute(
        "insert into gifts.prices (gift, price_coins, valid_from) values (%(gift)s, %(price_coins)s, %(valid_from)s)",
        {"gift": gift_id, "price_coins": price_coins, "valid_from": valid_from},
    )


async def retire_gift(tx: Transaction, gift_id: str, *, now: datetime) -> bool:
    """From now on it is offered no more, unless that was so already. False: there is no such gift."""
    return (
        await tx.execute(
            """
            update gifts.gifts set offered_until = greatest(offered_from, least(offered_until, %(now)s))
            where id = %(id)s
            """,
            {"id": gift_id, "now": now},
        )
        == 1
    )


async def add_sendings(line: AsyncConnection[Any], sendings: Sequence[Sending]) -> int:
    """Store those whose ids are new, and say how many they were; a transaction of its own when the line is on its own.

    As JSON, because one text of a batch is packed faster than twelve columns of it.
    """
    cursor = await line.execute(
        """
        insert into gifts.sendings (id, sender_id, creator_id, coins, price_coins, asked_at, quantity, is_anonymous,
            live_id, combo_id, gift, message)
        select id, sender_id, creator_id, coins, price_coins, asked_at, quantity, is_anonymous,
            live_id, combo_id, gift, message
        from json_populate_recordset(null::gifts.sendings, %(sendings)s::json)
        on conflict (id) do nothing
        """,
        {"sendings": msgspec.json.encode(sendings).decode()},
    )
    return cursor.rowcount


async def list_sendings(tx: Transaction, ids: Iterable[UUID]) -> list[Sending]:
    """The intents with these ids, in no order."""
    return await tx.all(
        Sending,
        """
        select id, sender_id, creator_id, live_id, gift, price_coins, quantity, coins, combo_id, message, is_anonymous,
            asked_at
        from gifts.sendings where id = any(%(ids)s)
        """,
        {"ids": list(ids)},
    )
