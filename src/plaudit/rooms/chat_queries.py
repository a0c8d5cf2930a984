"""SQL of chat."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.rooms.model import Face
from plaudit.rooms.talk_model import ChatLine, NewLine


class Standing(Struct, frozen=True, kw_only=True):
    """What is so between a live and somebody who wants to say something there; `words` are those that are blocked."""

    has_ended: bool
    is_blocked: bool
    is_muted: bool
    words: tuple[str, ...]


async def find_standing(tx: Transaction, live_id: UUID, person_id: UUID, *, now: datetime) -> Standing | None:
    """None when there is no such live."""
    return await tx.find(
        Standing,
        """
        select l.ended_at is not null as has_ended,
            exists (
                select from people.blocks b where b.blocker_id = l.creator_id and b.blocked_id = %(person)s
            ) as is_blocked,
            exists (
                select from rooms.mutes m
                where m.creator_id = l.creator_id and m.person_id = %(person)s
                    and (m.until is null or m.until > %(now)s)
            ) as is_muted,
            array(
                select word from rooms.blocked_words w where w.creator_id = l.creator_id order by word
            ) as words
        from rooms.lives l where l.id = %(live)s
        """,
        {"live": live_id, "person": person_id, "now": now},
    )


async def find_line(tx: Transaction, line_id: UUID) -> NewLine | None:
    """What was said under this id, removed or not."""
    return await tx.find(
        NewLine,
        "select id, live_id, person_id, text, at from rooms.chat where id = %(id)s",
        {"id": line_id},
    )


async def add_line(tx: Transaction, line: NewLine) -> bool:
    """Whether the id was free."""
    return (
        await tx.execute(
            """
            insert into rooms.chat (id, live_id, person_id, text, at)
            values (%(id)s, %(live)s, %(person)s, %(text)s, %(at)s) on conflict (id) do nothing
            """,
            {"id": line.id, "live": line.live_id, "person": line.person_id, "text": line.text, "at": line.at},
        )
        == 1
    )


class _Row(Struct, frozen=True, kw_only=True):
    id: UUID
    at: datetime
    text: str
    handle: str
    display_name: str
    picture_url: str | None


async def list_last(tx: Transaction, live_id: UUID, limit: int) -> list[ChatLine]:
    """The last lines of a live that nobody removed, the oldest of them first."""
    rows = await tx.all(
        _Row,
        """
        select c.id, c.at, c.text, p.handle, p.display_name, p.picture_url
        from rooms.chat c join people.people p on p.id = c.person_id
        where c.live_id = %(live)s and c.removed_at is null
        order by c.at desc, c.id desc limit %(limit)s
        """,
        {"live": live_id, "limit": limit},
    )
    return [_show(row) for row in reversed(rows)]


def _show(row: _Row) -> ChatLine:
    sender = Face(handle=row.handle, name=row.display_name, picture_url=row.picture_url)
    return ChatLine(id=row.id, at=row.at, sender=sender, text=row.text)


async def remove_line(tx: Transaction, live_id: UUID, line_id: UUID, *, by: UUID, now: datetime) -> bool:
    """Whether it was there and nobody had removed it."""
    return (
        await tx.execute(
            """
            update rooms.chat set removed_at = %(now)s, removed_by = %(by)s
            where id = %(id)s and live_id = %(live)s and removed_at is null
            """,
            {"id": line_id, "live": live_id, "by": by, "now": now},
        )
        == 1
    )


async def is_live(tx: Transaction, live_id: UUID) -> bool:
    """Whether there is such a live, on or over."""
    return await tx.value(bool, "select exists (select from rooms.lives where id = %(id)s)", {"id": live_id})
