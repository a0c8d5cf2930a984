"""SQL of mutes, blocked words and moderators."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.people.model import Acquaintance, Place
from plaudit.rooms.talk_model import BlockedWord, MutedPerson


class Owner(Struct, frozen=True, kw_only=True):
    """Whose live it is, and whether somebody was made a moderator by them."""

    creator_id: UUID
    is_moderator: bool


async def find_owner(tx: Transaction, live_id: UUID, person_id: UUID) -> Owner | None:
    """Whose live it is, and what this person is there; None when there is no such live."""
    return await tx.find(
        Owner,
        """
        select creator_id, exists (
            select from rooms.moderators m where m.creator_id = l.creator_id and m.person_id = %(person)s
        ) as is_moderator
        from rooms.lives l where id = %(live)s
        """,
        {"live": live_id, "person": person_id},
    )


async def store_mute(
    tx: Transaction, creator_id: UUID, person_id: UUID, *, by: UUID, now: datetime, until: datetime | None
) -> None:
    """Put it in the place of the one before."""
    await tx.execute(
        """
        insert into rooms.mutes (creator_id, person_id, muted_by, since, until)
        values (%(creator)s, %(person)s, %(by)s, %(now)s, %(until)s)
        on conflict (creator_id, person_id)
        do update set muted_by = excluded.muted_by, since = excluded.since, until = excluded.until
        """,
        {"creator": creator_id, "person": person_id, "by": by, "now": now, "until": until},
    )


async def delete_mute(tx: Transaction, creator_id: UUID, person_id: UUID) -> None:
    """Also when there is none."""
    await tx.execute(
        "delete from rooms.mutes where creator_id = %(creator)s and person_id = %(person)s",
        {"creator": creator_id, "person": person_id},
    )


async def list_mutes(
    tx: Transaction, creator_id: UUID, *, after: Place | None, limit: int, now: datetime
) -> list[MutedPerson]:
    """Those that aren't over, the newest first."""
    return await tx.all(
        MutedPerson,
        """
        select p.id, p.handle, p.display_name, p.picture_url, m.since, m.until
        from rooms.mutes m join people.people p on p.id = m.person_id
        where m.creator_id = %(creator)s and (m.until is null or m.until > %(now)s)
            and (%(since)s::timestamptz is null or (m.since, m.person_id) < (%(since)s, %(id)s::uuid))
        order by m.since desc, m.person_id desc limit %(limit)s
        """,
        {
            "creator": creator_id,
            "now": now,
            "since": after.since if after else None,
            "id": after.id if after else None,
            "limit": limit,
        },
    )


async def lock_words(tx: Transaction, creator_id: UUID) -> int:
    """How many words the creator has blocked; until `tx` ends nobody adds one."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended(%(name)s, 0))", {"name": f"rooms:words:{creator_id}"}
    )
    return await tx.value(
        int, "select count(*) from rooms.blocked_words where creator_id = %(creator)s", {"creator": creator_id}
    )


async def has_word(tx: Transaction, creator_id: UUID, word: str) -> bool:
    """Whether it is blocked already."""
    return await tx.value(
        bool,
        "select exists (select from rooms.blocked_words where creator_id = %(creator)s and word = %(word)s)",
        {"creator": creator_id, "word": word},
    )


async def add_word(tx: Transaction, creator_id: UUID, word: str, *, now: datetime) -> None:
    """A second time changes nothing."""
    await tx.execute(
        """
        insert into rooms.blocked_words (creator_id, word, since) values (%(creator)s, %(word)s, %(now)s)
        on conflict do nothing
        """,
        {"creator": creator_id, "word": word, "now": now},
    )


async def delete_word(tx: Transaction, creator_id: UUID, word: str) -> None:
    """Also when there is none."""
    await tx.execute(
        "delete from rooms.blocked_words where creator_id = %(creator)s and word = %(word)s",
        {"creator": creator_id, "word": word},
    )


async def list_words(tx: Transaction, creator_id: UUID) -> list[BlockedWord]:
    """In the order of the alphabet."""
    return await tx.all(
        BlockedWord,
        "select word, since from rooms.blocked_words where creator_id = %(creator)s order by word",
        {"creator": creator_id},
    )


async def add_moderator(tx: Transaction, creator_id: UUID, person_id: UUID, *, now: datetime) -> None:
    """A second time changes nothing."""
    await tx.execute(
        """
        insert into rooms.moderators (creator_id, person_id, since) values (%(creator)s, %(person)s, %(now)s)
        on conflict do nothing
        """,
        {"creator": creator_id, "person": person_id, "now": now},
    )


async def delete_moderator(tx: Transaction, creator_id: UUID, person_id: UUID) -> None:
    """Also when there is none."""
    await tx.execute(
        "delete from rooms.moderators where creator_id = %(creator)s and person_id = %(person)s",
        {"creator": creator_id, "person": person_id},
    )


async def list_moderators(tx: Transaction, creator_id: UUID, *, after: Place | None, limit: int) -> list[Acquaintance]:
    """The newest first."""
    return await tx.all(
        Acquaintance,
        """
        select p.id, p.handle, p.display_name, p.picture_url, m.since
        from rooms.moderators m join people.people p on p.id = m.person_id
        where m.creator_id = %(creator)s
            and (%(since)s::timestamptz is null or (m.since, m.person_id) < (%(since)s, %(id)s::uuid))
        order by m.since desc, m.person_id desc limit %(limit)s
        """,
        {
            "creator": creator_id,
            "since": after.since if after else None,
            "id": after.id if after else None,
            "limit": limit,
        },
    )
