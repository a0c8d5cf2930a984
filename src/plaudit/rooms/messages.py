"""Messages between two people, and gifts in them. Whoever is blocked, either way, can't write."""

from datetime import datetime
from uuid import UUID

from plaudit import gifts
from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import IdReused, Invalid
from plaudit.foundation.ids import new_id
from plaudit.people import Visitor, is_blocked_between
from plaudit.people import rules as people_rules
from plaudit.people.errors import NoSuchPerson, NotYourself
from plaudit.people.model import Place
from plaudit.rooms import message_queries as queries
from plaudit.rooms import talk_rules
from plaudit.rooms.errors import SenderBlocked
from plaudit.rooms.message_model import ListedThread, Message, MessageWish, Thread
from plaudit.rooms.message_queries import NewMessage, Other

MOST_UNREAD = 100
"""Nobody counts further than this at a glance."""

_THREADS_LOOKED_AT = 100


async def write_message(db: Database, wish: MessageWish, visitor: Visitor, *, now: datetime) -> Message:
    """Write to somebody; the same id again answers the same message, whatever has changed since.

    Raises Invalid, NoSuchPerson, NotYourself, IdReused or SenderBlocked, in this order.
    """
    text = talk_rules.take_message(wish.text)
    async with db.transaction() as tx:
        other = await _get_other(tx, visitor.person_id, wish.to)
        thread_id = await queries.lock_thread(tx, visitor.person_id, other.id, now=now)
        known = await queries.find_known(tx, wish.id)
        if known is None:
            await _write(tx, wish.id, text, to=other, thread_id=thread_id, sender_id=visitor.person_id, now=now)
        elif (known.thread_id, known.sender_id, known.text) != (thread_id, visitor.person_id, text):
            raise IdReused
        return await queries.get_message(tx, wish.id)


async def _write(
    tx: Transaction, message_id: UUID, text: str, *, to: Other, thread_id: UUID, sender_id: UUID, now: datetime
) -> None:
    if await is_blocked_between(tx, sender_id, to.id):
        raise SenderBlocked("You can't write to this person.")
    new = NewMessage(id=message_id, thread_id=thread_id, sender_id=sender_id, text=text, at=now)
    await queries.add_message(tx, new)


async def note_gift(tx: Transaction, sending: gifts.Sending, *, at: datetime) -> None:
    """Put a gift that the ledger has into the thread of its two people; a second time changes nothing.

    `at` is when it was sent. Nothing is asked about blocks here: the coins have moved, so both shall see it.
    """
    thread_id = await queries.lock_thread(tx, sending.sender_id, sending.creator_id, now=at)
    if await queries.is_noted(tx, sending.id):
        return
    # An id of our own: what clients make could have been used for a text before, by anybody.
    new = NewMessage(id=new_id(), thread_id=thread_id, sender_id=sending.sender_id, sending_id=sending.id, at=at)
    await queries.add_message(tx, new)


async def list_threads(db: Database, person_id: UUID, *, after: Place | None, limit: int) -> list[ListedThread]:
    """With whom this person writes; the one that was last written in first."""
    async with db.transaction() as tx:
        return await queries.list_threads(tx, person_id, after=after, limit=limit)


async def get_thread(db: Database, person_id: UUID, handle: str, *, before: int | None, limit: int) -> Thread:
    """What these two wrote, the newest first, from below the number `before`; empty when they never did.

    Raises NoSuchPerson or NotYourself.
    """
    async with db.transaction() as tx:
        other = await _get_other(tx, person_id, handle)
        side = await queries.find_side(tx, person_id, other.id)
        if side is None:
            return Thread(other=other.face, last_number=0, read_number=0, read_by_other=0, messages=())
        messages = await queries.list_messages(tx, side.thread_id, before=before, limit=limit)
    return Thread(
        other=other.face,
        last_number=side.last_number,
        read_number=side.read_number,
        read_by_other=side.read_by_other,
        messages=tuple(messages),
    )


async def count_unread(db: Database, person_id: UUID) -> int:
    """How many messages wait for this person, up to MOST_UNREAD; what lies deep in the past isn't looked at."""
    async with db.transaction() as tx:
        return await queries.count_unread(tx, person_id, threads=_THREADS_LOOKED_AT, most=MOST_UNREAD)


async def mark_read(db: Database, person_id: UUID, handle: str, number: int) -> None:
    """One has read up to this message; having read further before stays so.

    Raises NoSuchPerson, NotYourself, or Invalid when there is no such message.
    """
    async with db.transaction() as tx:
        other = await _get_other(tx, person_id, handle)
        side = await queries.find_side(tx, person_id, other.id)
        last = 0 if side is None else side.last_number
        if not 0 <= number <= last:
            raise Invalid(f"The last message of this thread has the number {last}.", field="number")
        await queries.store_read(tx, person_id, other.id, number)


async def _get_other(tx: Transaction, person_id: UUID, handle: str) -> Other:
    other = await queries.find_other(tx, people_rules.take_known_handle(handle))
    if other is None:
        raise NoSuchPerson
    if other.id == person_id:
        raise NotYourself("You can't write to yourself.")
    return other
