"""Who gave most: in a live, in this week, and of all time. Only gifts in lives count: those in messages are private."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.rooms import counting, live_queries
from plaudit.rooms.model import NOBODY, Face, Leader, Live, Span


class _Place(Struct, frozen=True):
    fan_id: UUID
    coins: int
    handle: str | None
    name: str | None
    picture_url: str | None


async def get_leaderboard(db: Database, live_id: UUID, span: Span, *, limit: int, now: datetime) -> list[Leader]:
    """The first places, of the live or of its creator. Raises LiveNotFound."""
    async with db.transaction() as tx:
        live = await live_queries.get_live(tx, live_id)
        written = {Span.LIVE: str(live.id), Span.WEEK: counting.week_of(now), Span.ALL: counting.OVER_ALL}[span]
        return await _list_leaders(tx, live.creator_id, written, limit=limit)


async def list_leaders_of_live(tx: Transaction, live: Live, *, limit: int) -> list[Leader]:
    """The first places in one live."""
    return await _list_leaders(tx, live.creator_id, str(live.id), limit=limit)


async def sum_coins(tx: Transaction, live: Live) -> int:
    """All coins of one live."""
    return await tx.value(
        int,
        """
        select coalesce(sum(coins), 0)::bigint from rooms.leaderboard
        where creator_id = %(creator_id)s and span = %(span)s
        """,
        {"creator_id": live.creator_id, "span": str(live.id)},
    )


async def _list_leaders(tx: Transaction, creator_id: UUID, span: str, *, limit: int) -> list[Leader]:
    """Of two with the same sum, who reached it first is before the other."""
    places = await tx.all(
        _Place,
        """
        select fan_id, coins, handle, display_name as name, picture_url
        from (
            select fan_id, coins, reached_at from rooms.leaderboard
            where creator_id = %(creator_id)s and span = %(span)s
            order by coins desc, reached_at, fan_id limit %(limit)s
        ) as leaders left join people.people p on p.id = fan_id
        order by coins desc, reached_at, fan_id
        """,
        {"creator_id": creator_id, "span": span, "limit": limit},
    )
    return [Leader(rank=rank, coins=place.coins, face=_face(place)) for rank, place in enumerate(places, 1)]


def _face(place: _Place) -> Face | None:
    if place.fan_id == NOBODY or place.handle is None or place.name is None:
        return None
    return Face(handle=place.handle, name=place.name, picture_url=place.picture_url)
