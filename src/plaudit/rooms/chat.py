"""Chat in a live: best effort on the screens, with the last lines for whoever joins."""

from datetime import datetime
from uuid import UUID

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import IdReused
from plaudit.people import Visitor
from plaudit.rooms import chat_queries as queries
from plaudit.rooms import moderation, talk_rules, wire
from plaudit.rooms.chat_queries import Standing
from plaudit.rooms.errors import LiveHasEnded, LiveNotFound, SenderBlocked
from plaudit.rooms.talk import Talk
from plaudit.rooms.talk_errors import IsMuted, NoSuchLine
from plaudit.rooms.talk_model import ChatLine, ChatWish, NewLine, face_of

LAST_LINES = 50


async def post_chat(talk: Talk, live_id: UUID, wish: ChatWish, visitor: Visitor, *, now: datetime) -> ChatLine:
    """Say something in a live; the same id again answers the same line, whatever has changed since.

    Raises Invalid, LiveNotFound, IdReused, LiveHasEnded, SenderBlocked, IsMuted, WordNotAllowed or ChatTooFast, in
    this order.
    """
    line = NewLine(
        id=wish.id, live_id=live_id, person_id=visitor.person_id, text=talk_rules.take_line(wish.text), at=now
    )
    async with talk.db.transaction() as tx:
        standing = await queries.find_standing(tx, live_id, visitor.person_id, now=now)
        if standing is None:
            raise LiveNotFound
        known = await queries.find_line(tx, wish.id)
        if known is None:
            _refuse(standing, line.text)
            talk.pace.take(visitor.person_id, live_id, now)
            if not await queries.add_line(tx, line):
                # The same one is on its way on another connection, and was stored in between.
                known = await queries.find_line(tx, wish.id)
    if known is not None:
        return _show(_require_same(known, line), visitor)
    shown = _show(line, visitor)
    talk.line.publish(wire.subject_of(live_id), wire.encode([shown]))
    return shown


async def remove_line(talk: Talk, live_id: UUID, line_id: UUID, visitor: Visitor, *, now: datetime) -> None:
    """Take a line off every screen; again changes nothing. Raises LiveNotFound, NotAModerator or NoSuchLine."""
    async with talk.db.transaction() as tx:
        moderator = await moderation.require_moderator(tx, live_id, visitor)
        if not await queries.remove_line(tx, live_id, line_id, by=visitor.person_id, now=now):
            await _require_line(tx, live_id, line_id)
            return
        await moderator.note(tx, "chat_removed", str(line_id), now=now)
        events = await talk.log.append(tx, live_id, [wire.ChatRemoved(at=now, id=line_id)])
    talk.log.publish(events)


async def list_last(tx: Transaction, live_id: UUID, limit: int = LAST_LINES) -> list[ChatLine]:
    """The last lines that nobody removed, the oldest of them first; none for a live that there isn't."""
    return await queries.list_last(tx, live_id, limit)


async def get_chat(db: Database, live_id: UUID) -> list[ChatLine]:
    """The last 50 lines that nobody removed, the oldest of them first. Raises LiveNotFound."""
    async with db.transaction() as tx:
        if not await queries.is_live(tx, live_id):
            raise LiveNotFound
        return await list_last(tx, live_id)


def _refuse(standing: Standing, text: str) -> None:
    if standing.has_ended:
        raise LiveHasEnded
    if standing.is_blocked:
        raise SenderBlocked("You can't chat in this room.")
    if standing.is_muted:
        raise IsMuted
    talk_rules.refuse_blocked_words(text, standing.words)


def _require_same(known: NewLine, line: NewLine) -> NewLine:
    if (known.live_id, known.person_id, known.text) != (line.live_id, line.person_id, line.text):
        raise IdReused
    return known


async def _require_line(tx: Transaction, live_id: UUID, line_id: UUID) -> None:
    known = await queries.find_line(tx, line_id)
    if known is None or known.live_id != live_id:
        raise NoSuchLine


def _show(line: NewLine, visitor: Visitor) -> ChatLine:
    return ChatLine(id=line.id, at=line.at, sender=face_of(visitor), text=line.text)
