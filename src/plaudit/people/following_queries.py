"""SQL of follows and blocks."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.people.model import Acquaintance, Place, Relation


class _Pair(Struct, frozen=True):
    one: UUID
    other: UUID


async def lock_pair(tx: Transaction, one: UUID, other: UUID) -> None:
    """One change between two people at a time, so that a follow can't slip in beside a block."""
    first, second = sorted((one, other))
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended(%(pair)s, 0))", {"pair": f"people:{first}:{second}"}
    )


async def add_follow(tx: Transaction, follower_id: UUID, followed_id: UUID, *, now: datetime) -> None:
    """A second time changes nothing."""
    await tx.execute(
        """
        insert into people.follows (follower_id, followed_id, since) values (%(follower)s, %(followed)s, %(now)s)
        on conflict do nothing
        """,
        {"follower": follower_id, "followed": followed_id, "now": now},
    )


async def delete_follow(tx: Transaction, follower_id: UUID, followed_id: UUID) -> None:
    """Also when there is none."""
    await tx.execute(
        "delete from people.follows where follower_id = %(follower)s and followed_id = %(followed)s",
        {"follower": follower_id, "followed": followed_id},
    )


async def add_block(tx: Transaction, blocker_id: UUID, blocked_id: UUID, *, now: datetime) -> None:
    """A second time changes nothing."""
    await tx.execute(
        """
        insert into people.blocks (blocker_id, blocked_id, since) values (%(blocker)s, %(blocked)s, %(now)s)
        on conflict do nothing
        """,
        {"blocker": blocker_id, "blocked": blocked_id, "now": now},
    )


async def delete_block(tx: Transaction, blocker_id: UUID, blocked_id: UUID) -> None:
    """Also when there is none."""
    await tx.execute(
        "delete from people.blocks where blocker_id = %(blocker)s and blocked_id = %(blocked)s",
        {"blocker": blocker_id, "blocked": blocked_id},
    )


async def is_blocked_between(tx: Transaction, one: UUID, other: UUID) -> bool:
    """Whether either has blocked the other."""
    return await tx.value(
        bool,
        """
        select exists (select from people.blocks where blocker_id = %(one)s and blocked_id = %(other)s)
            or exists (select from people.blocks where blocker_id = %(other)s and blocked_id = %(one)s)
        """,
        {"one": one, "other": other},
    )


async def list_blocked_between(tx: Transaction, pairs: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Those of the pairs in which either has blocked the other."""
    found = await tx.all(
        _Pair,
        """
        select one, other from unnest(%(ones)s::uuid[], %(others)s::uuid[]) as pair (one, other)
        where exists (select from people.blocks where blocker_id = one and blocked_id = other)
            or exists (select from people.blocks where blocker_id = other and blocked_id = one)
        """,
        {"ones": [one for one, _ in pairs], "others": [other for _, other in pairs]},
    )
    return {(pair.one, pair.other) for pair in found}


async def get_relation(tx: Transaction, viewer_id: UUID, person_id: UUID) -> Relation:
    """What lies between the viewer and the person."""
    return await tx.one(
        Relation,
        """
        select
            exists (select from people.follows where follower_id = %(viewer)s and followed_id = %(person)s)
                as following,
            exists (select from people.follows where follower_id = %(person)s and followed_id = %(viewer)s)
                as followed_by,
            exists (select from people.blocks where blocker_id = %(viewer)s and blocked_id = %(person)s) as blocking
        """,
        {"viewer": viewer_id, "person": person_id},
    )


async def list_followers(tx: Transaction, person_id: UUID, *, after: Place | None, limit: int) -> list[Acquaintance]:
    """The newest first."""
    return await tx.all(
        Acquaintance,
        """
        select p.id, p.handle, p.display_name, p.picture_url, f.since
        from people.follows f join people.people p on p.id = f.follower_id
        where f.followed_id = %(person)s
            and (%(since)s::timestamptz is null or (f.since, f.follower_id) < (%(since)s, %(id)s::uuid))
        order by f.since desc, f.follower_id desc limit %(limit)s
        """,
        _page(person_id, after, limit),
    )


async def list_following(tx: Transaction, person_id: UUID, *, after: Place | None, limit: int) -> list[Acquaintance]:
    """The newest first."""
    return await tx.all(
        Acquaintance,
        """
        select p.id, p.handle, p.display_name, p.picture_url, f.since
        from people.follows f join people.people p on p.id = f.followed_id
        where f.follower_id = %(person)s
            and (%(since)s::timestamptz is null or (f.since, f.followed_id) < (%(since)s, %(id)s::uuid))
        order by f.since desc, f.followed_id desc limit %(limit)s
        """,
        _page(person_id, after, limit),
    )


async def list_blocked(tx: Transaction, person_id: UUID, *, after: Place | None, limit: int) -> list[Acquaintance]:
    """The newest first."""
    return await tx.all(
        Acquaintance,
        """
        select p.id, p.handle, p.display_name, p.picture_url, b.since
        from people.blocks b join people.people p on p.id = b.blocked_id
        where b.blocker_id = %(person)s
            and (%(since)s::timestamptz is null or (b.since, b.blocked_id) < (%(since)s, %(id)s::uuid))
        order by b.since desc, b.blocked_id desc limit %(limit)s
        """,
        _page(person_id, after, limit),
    )


def _page(person_id: UUID, after: Place | None, limit: int) -> dict[str, object]:
    return {
        "person": person_id,
        "since": after.since if after else None,
        "id": after.id if after else None,
        "limit": limit,
    }
