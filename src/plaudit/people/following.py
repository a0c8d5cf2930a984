"""Who follows whom, and who has blocked whom. A block ends following both ways, and keeps it from coming back."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from plaudit.foundation.database import Database, Transaction
from plaudit.people import following_queries, profiles, queries, rules
from plaudit.people.errors import Blocked, NotYourself
from plaudit.people.model import Acquaintance, Place, Profile, Relation

MOST_ON_A_PAGE = 100


async def follow(db: Database, person_id: UUID, handle: str, *, now: datetime) -> None:
    """Follow somebody; doing it again changes nothing. Raises NoSuchPerson, NotYourself or Blocked."""
    async with db.transaction() as tx:
        other = await _other(tx, person_id, handle)
        if await is_blocked_between(tx, person_id, other):
            raise Blocked
        await following_queries.add_follow(tx, person_id, other, now=now)


async def unfollow(db: Database, person_id: UUID, handle: str) -> None:
    """Follow somebody no more, whether one did or not. Raises NoSuchPerson or NotYourself."""
    async with db.transaction() as tx:
        await following_queries.delete_follow(tx, person_id, await _other(tx, person_id, handle))


async def block(db: Database, person_id: UUID, handle: str, *, now: datetime) -> None:
    """Block somebody; neither follows the other any more. Raises NoSuchPerson or NotYourself."""
    async with db.transaction() as tx:
        other = await _other(tx, person_id, handle)
        await following_queries.add_block(tx, person_id, other, now=now)
        await following_queries.delete_follow(tx, person_id, other)
        await following_queries.delete_follow(tx, other, person_id)


async def unblock(db: Database, person_id: UUID, handle: str) -> None:
    """Take one's own block away, if there is one. Raises NoSuchPerson or NotYourself."""
    async with db.transaction() as tx:
        await following_queries.delete_block(tx, person_id, await _other(tx, person_id, handle))


async def is_blocked_between(tx: Transaction, one: UUID, other: UUID) -> bool:
    """Whether either has blocked the other."""
    return await following_queries.is_blocked_between(tx, one, other)


async def list_blocked_between(tx: Transaction, pairs: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Those of the pairs in which either has blocked the other."""
    return await following_queries.list_blocked_between(tx, pairs)


async def get_profile(db: Database, handle: str, *, viewer_id: UUID | None = None) -> tuple[Profile, Relation | None]:
    """Somebody as others see them, and what lies between them and the viewer, if there is one. Raises NoSuchPerson."""
    async with db.transaction() as tx:
        profile = await profiles.get_profile(tx, handle)
        if viewer_id is None or viewer_id == profile.id:
            return profile, None
        return profile, await following_queries.get_relation(tx, viewer_id, profile.id)


async def list_followers(db: Database, handle: str, *, after: Place | None, limit: int) -> list[Acquaintance]:
    """Who follows this person, the newest first. Raises NoSuchPerson."""
    async with db.transaction() as tx:
        person_id = await queries.get_id_by_handle(tx, rules.take_known_handle(handle))
        return await following_queries.list_followers(tx, person_id, after=after, limit=limit)


async def list_following(db: Database, handle: str, *, after: Place | None, limit: int) -> list[Acquaintance]:
    """Whom this person follows, the newest first. Raises NoSuchPerson."""
    async with db.transaction() as tx:
        person_id = await queries.get_id_by_handle(tx, rules.take_known_handle(handle))
        return await following_queries.list_following(tx, person_id, after=after, limit=limit)


async def list_blocked(db: Database, person_id: UUID, *, after: Place | None, limit: int) -> list[Acquaintance]:
    """Whom this person has blocked, the newest first: for their own eyes only."""
    async with db.transaction() as tx:
        return await following_queries.list_blocked(tx, person_id, after=after, limit=limit)


async def _other(tx: Transaction, person_id: UUID, handle: str) -> UUID:
    """The other person; until `tx` ends, nothing else changes between these two."""
    other = await queries.get_id_by_handle(tx, rules.take_known_handle(handle))
    if other == person_id:
        raise NotYourself
    await following_queries.lock_pair(tx, person_id, other)
    return other
