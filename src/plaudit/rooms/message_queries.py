"""SQL of threads and messages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Params, Transaction
from plaudit.foundation.database_errors import name_constraint
from plaudit.foundation.errors import IdReused
from plaudit.foundation.ids import new_id
from plaudit.people.model import Place
from plaudit.rooms.message_model import GiftInMessage, ListedThread, Message
from plaudit.rooms.model import Face

# Who uses an id in two threads at once is told by the database; in every other case we look first.
name_constraint("a message has an id of its own", IdReused)


class Side(Struct, frozen=True, kw_only=True):
    """A thread as one of its two people has it."""

    thread_id: UUID
    last_number: int
    read_number: int
    read_by_other: int


class Known(Struct, frozen=True, kw_only=True):
    """A text message as it is compared with one that has the same id."""

    thread_id: UUID
    sender_id: UUID
    text: str | None


class Other(Struct, frozen=True, kw_only=True):
    """Somebody who is written to."""

    id: UUID
    handle: str
    display_name: str
    picture_url: str | None

    @property
    def face(self) -> Face:
        """As they are shown beside what they say."""
        return Face(handle=self.handle, name=self.display_name, picture_url=self.picture_url)


async def find_other(tx: Transaction, handle: str) -> Other | None:
    """Who has this handle, which is in its one form."""
    return await tx.find(
        Other,
        "select id, handle, display_name, picture_url from people.people where handle = %(handle)s",
        {"handle": handle},
    )


async def lock_thread(tx: Transaction, one: UUID, other: UUID, *, now: datetime) -> UUID:
    """The thread of two people, made if need be; until `tx` ends nobody else writes in it."""
    first, second = sorted((one, other))
    pair: Params = {"one": first, "other": second, "now": now, "id": new_id()}
    found = await _lock(tx, pair)
    if found is None:
        await tx.execute(
            """
            with made as (
                insert into rooms.threads (id, one_id, other_id) values (%(id)s, %(one)s, %(other)s)
                on conflict (one_id, other_id) do nothing returning id
            )
            insert into rooms.thread_sides (person_id, other_id, thread_id, last_at)
            select person_id, other_id, made.id, %(now)s::timestamptz
            from made, (values (%(one)s::uuid, %(other)s::uuid), (%(other)s, %(one)s)) as sides (person_id, other_id)
            """,
            pair,
        )
        found = await _lock(tx, pair)
    assert found is not None, "threads are never deleted"
    return found.id


class _Id(Struct, frozen=True):
    id: UUID


async def _lock(tx: Transaction, pair: Params) -> _Id | None:
    return await tx.find(
        _Id,
        "select id from rooms.threads where one_id = %(one)s and other_id = %(other)s for no key update",
        pair,
    )


async def find_known(tx: Transaction, message_id: UUID) -> Known | None:
    """The message that has this id."""
    return await tx.find(
        Known, "select thread_id, sender_id, text from rooms.messages where id = %(id)s", {"id": message_id}
    )


async def is_noted(tx: Transaction, sending_id: UUID) -> bool:
    """Whether this gift is a message already."""
    return await tx.value(
        bool, "select exists (select from rooms.messages where sending_id = %(id)s)", {"id": sending_id}
    )


class NewMessage(Struct, frozen=True, kw_only=True):
    """A message to be stored: with a text or with a gift."""

    id: UUID
    thread_id: UUID
    sender_id: UUID
    text: str | None = None
    sending_id: UUID | None = None
    at: datetime


async def add_message(tx: Transaction, new: NewMessage) -> None:
    """Store it under the next number of its thread, whose lock the caller holds. Raises IdReused."""
    values = {
        "id": new.id,
        "thread": new.thread_id,
        "sender": new.sender_id,
        "text": new.text,
        "sending": new.sending_id,
        "at": new.at,
    }
    await tx.execute(
        """
        with numbered as (
            update rooms.threads set last_number = last_number + 1 where id = %(thread)s returning last_number
        )
        insert into rooms.messages (id, thread_id, number, sender_id, text, sending_id, at)
        select %(id)s, %(thread)s, last_number, %(sender)s, %(text)s, %(sending)s, %(at)s from numbered
        """,
        values,
    )
    await tx.execute(
        "update rooms.thread_sides set last_at = greatest(last_at, %(at)s) where thread_id = %(thread)s", values
    )


class _Row(Struct, frozen=True, kw_only=True):
    id: UUID
    thread_id: UUID
    number: int
    at: datetime
    sender: str
    text: str | None
    sending_id: UUID | None
    gift: str | None
    name: str | None
    tier: str | None
    art: str | None
    quantity: int | None
    coins: int | None
    words: str | None

    def message(self) -> Message:
        gift = None
        if self.sending_id is not None:
            gift = GiftInMessage(
                id=self.sending_id,
                gift=self.gift or "",
                name=self.name or "",
                tier=self.tier or "",
                art=self.art or "",
                quantity=self.quantity or 0,
                coins=self.coins or 0,
                message=self.words,
            )
        return Message(id=self.id, number=self.number, at=self.at, sender=self.sender, text=self.text, gift=gift)


async def get_message(tx: Transaction, message_id: UUID) -> Message:
    """The message, as both of its people see it."""
    row = await tx.one(
        _Row,
        """
        select id, thread_id, number, at, sender, text, sending_id, gift, name, tier, art, quantity, coins, words
        from rooms.messages_shown where id = %(id)s
        """,
        {"id": message_id},
    )
    return row.message()


async def list_messages(tx: Transaction, thread_id: UUID, *, before: int | None, limit: int) -> list[Message]:
    """The newest first, from below the number `before`."""
    rows = await tx.all(
        _Row,
        """
        select id, thread_id, number, at, sender, text, sending_id, gift, name, tier, art, quantity, coins, words
        from rooms.messages_shown
        where thread_id = %(thread)s and (%(before)s::bigint is null or number < %(before)s)
        order by number desc limit %(limit)s
        """,
        {"thread": thread_id, "before": before, "limit": limit},
    )
    return [row.message() for row in rows]


async def find_side(tx: Transaction, person_id: UUID, other_id: UUID) -> Side | None:
    """The thread of these two, as the first of them has it; None when they never wrote."""
    return await tx.find(
        Side,
        """
        select mine.thread_id, t.last_number, mine.read_number, theirs.read_number as read_by_other
        from rooms.thread_sides mine
        join rooms.threads t on t.id = mine.thread_id
        join rooms.thread_sides theirs on theirs.person_id = mine.other_id and theirs.other_id = mine.person_id
        where mine.person_id = %(person)s and mine.other_id = %(other)s
        """,
        {"person": person_id, "other": other_id},
    )


async def store_read(tx: Transaction, person_id: UUID, other_id: UUID, number: int) -> None:
    """Up to here the person has read; it never goes back."""
    await tx.execute(
        """
        update rooms.thread_sides set read_number = greatest(read_number, %(number)s)
        where person_id = %(person)s and other_id = %(other)s
        """,
        {"person": person_id, "other": other_id, "number": number},
    )


class _Listed(Struct, frozen=True, kw_only=True):
    id: UUID
    handle: str
    display_name: str
    picture_url: str | None
    last_at: datetime
    unread: int


async def list_threads(tx: Transaction, person_id: UUID, *, after: Place | None, limit: int) -> list[ListedThread]:
    """The one that was last written in first."""
    listed = await tx.all(
        _Listed,
        """
        select s.thread_id as id, p.handle, p.display_name, p.picture_url, s.last_at,
            (select count(*) from rooms.messages m
                where m.thread_id = s.thread_id and m.number > s.read_number and m.sender_id = s.other_id) as unread
        from rooms.thread_sides s join people.people p on p.id = s.other_id
        where s.person_id = %(person)s
            and (%(since)s::timestamptz is null or (s.last_at, s.thread_id) < (%(since)s, %(id)s::uuid))
        order by s.last_at desc, s.thread_id desc limit %(limit)s
        """,
        {
            "person": person_id,
            "since": after.since if after else None,
            "id": after.id if after else None,
            "limit": limit,
        },
    )
    last = await _list_last(tx, [one.id for one in listed])
    return [_show(one, last[one.id]) for one in listed]


async def count_unread(tx: Transaction, person_id: UUID, *, threads: int, most: int) -> int:
    """How much others wrote that the person hasn't read, in the newest `threads` of theirs; counted up to `most`."""
    return await tx.value(
        int,
        """
        select count(*) from (
            select from (
                select thread_id, other_id, read_number from rooms.thread_sides
                where person_id = %(person)s order by last_at desc, thread_id desc limit %(threads)s
            ) s
            join rooms.messages m
                on m.thread_id = s.thread_id and m.number > s.read_number and m.sender_id = s.other_id
            limit %(most)s
        ) as unread
        """,
        {"person": person_id, "threads": threads, "most": most},
    )


async def _list_last(tx: Transaction, thread_ids: Sequence[UUID]) -> dict[UUID, Message]:
    """The last message of each thread."""
    rows = await tx.all(
        _Row,
        """
        select m.id, thread_id, number, at, sender, text, sending_id, gift, name, tier, art, quantity, coins, words
        from rooms.threads t join rooms.messages_shown m on m.thread_id = t.id and m.number = t.last_number
        where t.id = any(%(threads)s)
        """,
        {"threads": list(thread_ids)},
    )
    return {row.thread_id: row.message() for row in rows}


def _show(one: _Listed, last: Message) -> ListedThread:
    other = Face(handle=one.handle, name=one.display_name, picture_url=one.picture_url)
    return ListedThread(id=one.id, other=other, last_at=one.last_at, last=last, unread=one.unread)
