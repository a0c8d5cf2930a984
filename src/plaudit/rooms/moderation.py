"""Who is muted, which words are blocked, and who may see to both. All of it holds in every live of a creator."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.people import Scope, Visitor, operators
from plaudit.people import queries as people_queries
from plaudit.people import rules as people_rules
from plaudit.people.errors import NotYourself
from plaudit.people.model import Acquaintance, Place
from plaudit.rooms import moderation_queries as queries
from plaudit.rooms import talk_rules
from plaudit.rooms.errors import LiveNotFound
from plaudit.rooms.talk_errors import CannotMuteCreator, NotAModerator, TooManyBlockedWords
from plaudit.rooms.talk_model import BlockedWord, MutedPerson


class MuteWish(Struct, frozen=True, kw_only=True):
    """Whom to mute, and for how many minutes: None is until somebody unmutes them."""

    handle: str
    minutes: int | None = None


class Moderator(Struct, frozen=True, kw_only=True):
    """Somebody who may moderate a live: in whose rooms, and whether only because they are an operator."""

    visitor: Visitor
    creator_id: UUID
    as_operator: bool

    async def note(self, tx: Transaction, act: str, subject: str, *, now: datetime) -> None:
        """Write down what an operator did in a room of somebody's; what others do in theirs is their own."""
        if self.as_operator:
            detail = {"creator": self.creator_id}
            await operators.note_act(tx, self.visitor.person_id, act, subject, detail, now=now)


async def require_moderator(tx: Transaction, live_id: UUID, visitor: Visitor) -> Moderator:
    """The visitor as a moderator of this live: as its creator, as one whom they appointed, or as an operator.

    Raises LiveNotFound or NotAModerator.
    """
    owner = await queries.find_owner(tx, live_id, visitor.person_id)
    if owner is None:
        raise LiveNotFound
    is_own = owner.is_moderator or owner.creator_id == visitor.person_id
    if not is_own and Scope.OPERATE not in visitor.scopes:
        raise NotAModerator
    return Moderator(visitor=visitor, creator_id=owner.creator_id, as_operator=not is_own)


async def mute(db: Database, live_id: UUID, wish: MuteWish, visitor: Visitor, *, now: datetime) -> None:
    """Let somebody chat no more in any live of this live's creator; muted again, the new end counts.

    Raises Invalid, LiveNotFound, NotAModerator, NoSuchPerson or CannotMuteCreator.
    """
    minutes = talk_rules.take_minutes(wish.minutes)
    until = None if minutes is None else now + timedelta(minutes=minutes)
    async with db.transaction() as tx:
        moderator = await require_moderator(tx, live_id, visitor)
        person_id = await _get_id(tx, wish.handle)
        if person_id == moderator.creator_id:
            raise CannotMuteCreator
        await queries.store_mute(tx, moderator.creator_id, person_id, by=visitor.person_id, now=now, until=until)
        await moderator.note(tx, "person_muted", wish.handle.lower(), now=now)


async def unmute(db: Database, live_id: UUID, handle: str, visitor: Visitor, *, now: datetime) -> None:
    """Let somebody chat again, muted or not. Raises LiveNotFound, NotAModerator or NoSuchPerson."""
    async with db.transaction() as tx:
        moderator = await require_moderator(tx, live_id, visitor)
        await queries.delete_mute(tx, moderator.creator_id, await _get_id(tx, handle))
        await moderator.note(tx, "person_unmuted", handle.lower(), now=now)


async def list_mutes(
    db: Database, live_id: UUID, visitor: Visitor, *, after: Place | None, limit: int, now: datetime
) -> list[MutedPerson]:
    """Who is muted by this live's creator, the newest first. Raises LiveNotFound or NotAModerator."""
    async with db.transaction() as tx:
        moderator = await require_moderator(tx, live_id, visitor)
        return await queries.list_mutes(tx, moderator.creator_id, after=after, limit=limit, now=now)


async def block_word(db: Database, creator_id: UUID, word: str, *, now: datetime) -> None:
    """Keep a word out of one's chat; again changes nothing. Raises Invalid or TooManyBlockedWords."""
    word = talk_rules.take_word(word)
    async with db.transaction() as tx:
        count = await queries.lock_words(tx, creator_id)
        if count >= talk_rules.MOST_BLOCKED_WORDS and not await queries.has_word(tx, creator_id, word):
            raise TooManyBlockedWords(f"A creator blocks at most {talk_rules.MOST_BLOCKED_WORDS} words.", field="word")
        await queries.add_word(tx, creator_id, word, now=now)


async def unblock_word(db: Database, creator_id: UUID, word: str) -> None:
    """Let a word in again, blocked or not. Raises Invalid."""
    word = talk_rules.take_word(word)
    async with db.transaction() as tx:
        await queries.delete_word(tx, creator_id, word)


async def list_words(db: Database, creator_id: UUID) -> list[BlockedWord]:
    """All words that a creator has blocked, as they are looked for."""
    async with db.transaction() as tx:
        return await queries.list_words(tx, creator_id)


async def add_moderator(db: Database, creator_id: UUID, handle: str, *, now: datetime) -> None:
    """Let somebody moderate one's lives. Raises NoSuchPerson or NotYourself."""
    async with db.transaction() as tx:
        await queries.add_moderator(tx, creator_id, await _get_other(tx, creator_id, handle), now=now)


async def remove_moderator(db: Database, creator_id: UUID, handle: str) -> None:
    """Let somebody moderate no more, whether they did or not. Raises NoSuchPerson or NotYourself."""
    async with db.transaction() as tx:
        await queries.delete_moderator(tx, creator_id, await _get_other(tx, creator_id, handle))


async def list_moderators(db: Database, creator_id: UUID, *, after: Place | None, limit: int) -> list[Acquaintance]:
    """Who moderates a creator's lives, the newest first."""
    async with db.transaction() as tx:
        return await queries.list_moderators(tx, creator_id, after=after, limit=limit)


async def _get_id(tx: Transaction, handle: str) -> UUID:
    return await people_queries.get_id_by_handle(tx, people_rules.take_known_handle(handle))


async def _get_other(tx: Transaction, creator_id: UUID, handle: str) -> UUID:
    other = await _get_id(tx, handle)
    if other == creator_id:
        raise NotYourself("You moderate your own lives anyway.")
    return other
