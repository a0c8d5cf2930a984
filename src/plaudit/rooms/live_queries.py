"""SQL of lives."""

from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.foundation.database_errors import name_constraint
from plaudit.rooms.errors import LiveIsOn, LiveNotFound
from plaudit.rooms.model import Face, Live, LiveFile, LivePlace

name_constraint("a creator has one live at a time", LiveIsOn)


class _Titled(Struct, frozen=True):
    id: UUID
    title: str


class _FaceOf(Face, frozen=True, kw_only=True):
    id: UUID


async def add_live(tx: Transaction, live: Live) -> bool:
    """Whether it wasn't there; a second one with the same id changes nothing. Raises LiveIsOn."""
    return (
        await tx.execute(
            """
            insert into rooms.lives (id, creator_id, title, cover_url, playback_kind, playback_url, started_at)
            values (%(id)s, %(creator_id)s, %(title)s, %(cover_url)s, %(playback_kind)s, %(playback_url)s,
                %(started_at)s)
            on conflict (id) do nothing
            """,
            msgspec.structs.asdict(live),
        )
        == 1
    )


async def get_live(tx: Transaction, live_id: UUID) -> Live:
    """The live, over or not. Raises LiveNotFound."""
    live = await tx.find(
        Live,
        """
        select l.id, creator_id, p.handle as creator_handle, p.display_name as creator_name,
            p.picture_url as creator_picture_url, title, cover_url, playback_kind, playback_url, started_at, ended_at,
            end_reason, last_seq, likes
        from rooms.lives l join people.people p on p.id = l.creator_id
        where l.id = %(id)s
        """,
        {"id": live_id},
    )
    if live is None:
        raise LiveNotFound
    return live


async def lock_live(tx: Transaction, live_id: UUID) -> Live:
    """The live, which stays as it is until `tx` ends. Raises LiveNotFound."""
    await tx.execute("select 1 from rooms.lives where id = %(id)s for no key update", {"id": live_id})
    return await get_live(tx, live_id)


async def store_live(tx: Transaction, live: Live) -> None:
    """Store what may change of it, but for its counters."""
    await tx.execute(
        """
        update rooms.lives set title = %(title)s, cover_url = %(cover_url)s, playback_kind = %(playback_kind)s,
            playback_url = %(playback_url)s, ended_at = %(ended_at)s, end_reason = %(end_reason)s
        where id = %(id)s
        """,
        msgspec.structs.asdict(live),
    )


async def list_on(tx: Transaction, *, after: LivePlace | None, limit: int) -> list[Live]:
    """The lives that are on, the newest first."""
    return await tx.all(
        Live,
        """
        select l.id, creator_id, p.handle as creator_handle, p.display_name as creator_name,
            p.picture_url as creator_picture_url, title, cover_url, playback_kind, playback_url, started_at, ended_at,
            end_reason, last_seq, likes
        from rooms.lives l join people.people p on p.id = l.creator_id
        where ended_at is null
            and (%(at)s::timestamptz is null or (started_at, l.id) < (%(at)s::timestamptz, %(id)s::uuid))
        order by started_at desc, l.id desc limit %(limit)s
        """,
        {"at": after.started_at if after else None, "id": after.id if after else None, "limit": limit},
    )


async def list_files(tx: Transaction, *, is_on: bool, after: LivePlace | None, limit: int) -> list[LiveFile]:
    """The lives that are on, or those that are over, the newest first, with the sums of their leaderboards."""
    return await tx.all(
        LiveFile,
        """
        select l.id, l.creator_id, p.handle as creator_handle, p.display_name as creator_name,
            p.picture_url as creator_picture_url, title, cover_url, playback_kind, playback_url, started_at, ended_at,
            end_reason, last_seq, likes, given.coins, given.givers
        from rooms.lives l
        join people.people p on p.id = l.creator_id
        cross join lateral (
            select coalesce(sum(coins), 0)::bigint as coins, count(*) as givers
            from rooms.leaderboard b where b.creator_id = l.creator_id and b.span = l.id::text
        ) as given
        where (ended_at is null) = %(is_on)s
            and (%(at)s::timestamptz is null or (started_at, l.id) < (%(at)s::timestamptz, %(id)s::uuid))
        order by started_at desc, l.id desc limit %(limit)s
        """,
        {
            "is_on": is_on,
            "at": after.started_at if after else None,
            "id": after.id if after else None,
            "limit": limit,
        },
    )


async def find_on(tx: Transaction, creator_id: UUID) -> Live | None:
    """The live that a creator has on now."""
    return await tx.find(
        Live,
        """
        select l.id, creator_id, p.handle as creator_handle, p.display_name as creator_name,
            p.picture_url as creator_picture_url, title, cover_url, playback_kind, playback_url, started_at, ended_at,
            end_reason, last_seq, likes
        from rooms.lives l join people.people p on p.id = l.creator_id
        where creator_id = %(creator_id)s and ended_at is null
        """,
        {"creator_id": creator_id},
    )


async def list_ended(tx: Transaction, creator_id: UUID, *, after: LivePlace | None, limit: int) -> list[Live]:
    """A creator's lives that are over, the newest first."""
    return await tx.all(
        Live,
        """
        select l.id, creator_id, p.handle as creator_handle, p.display_name as creator_name,
            p.picture_url as creator_picture_url, title, cover_url, playback_kind, playback_url, started_at, ended_at,
            end_reason, last_seq, likes
        from rooms.lives l join people.people p on p.id = l.creator_id
        where creator_id = %(creator_id)s and ended_at is not null
            and (%(at)s::timestamptz is null or (started_at, l.id) < (%(at)s::timestamptz, %(id)s::uuid))
        order by started_at desc, l.id desc limit %(limit)s
        """,
        {
            "creator_id": creator_id,
            "at": after.started_at if after else None,
            "id": after.id if after else None,
            "limit": limit,
        },
    )


async def list_titles(tx: Transaction, live_ids: list[UUID]) -> dict[UUID, str]:
    """What lives are called; those that aren't there are left out."""
    rows = await tx.all(_Titled, "select id, title from rooms.lives where id = any(%(ids)s)", {"ids": live_ids})
    return {row.id: row.title for row in rows}


async def list_faces(tx: Transaction, person_ids: list[UUID]) -> dict[UUID, Face]:
    """People as others see them; who isn't there is left out."""
    found = await tx.all(
        _FaceOf,
        "select id, handle, display_name as name, picture_url from people.people where id = any(%(ids)s)",
        {"ids": person_ids},
    )
    return {face.id: Face(handle=face.handle, name=face.name, picture_url=face.picture_url) for face in found}
