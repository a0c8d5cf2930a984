"""What goes over the wire about direct messages."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.rooms.message_model import ListedThread, Message, MessageWish, Thread
from plaudit.rooms.model import Face
from plaudit.web.api import fields
from plaudit.web.api.paging import write_place


class MessageBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message to the person with the handle `to`. The id is the writer's: the same again is the same message."""

    id: UUID
    to: fields.AtName
    text: fields.MessageText

    def wish(self) -> MessageWish:
        """As the rooms package takes it."""
        return MessageWish(id=self.id, to=self.to, text=self.text)


class ReadBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The number of the last message that one has read."""

    number: int


class ThreadAnswer(Struct, frozen=True, kw_only=True):
    """A thread in one's list. `unread` counts what the other wrote since one last read."""

    other: Face
    last_at: datetime
    last: Message
    unread: int


class ThreadList(Struct, frozen=True, kw_only=True):
    """A page, what was last written in first; `next` goes into `after`, and is null on the last page."""

    items: list[ThreadAnswer]
    next: str | None


class MessageList(Struct, frozen=True, kw_only=True):
    """What one wrote with `other`, a page of it, the newest message first; `next` goes into `after`.

    `read_number` is how far one has read oneself, `read_by_other` how far the other has.
    """

    other: Face
    last_number: int
    read_number: int
    read_by_other: int
    items: list[Message]
    next: str | None


def show_threads(found: list[ListedThread], limit: int) -> ThreadList:
    """The page from one more than `limit` that were asked for: that one only tells that there is more."""
    items = [
        ThreadAnswer(other=thread.other, last_at=thread.last_at, last=thread.last, unread=thread.unread)
        for thread in found[:limit]
    ]
    last = found[limit - 1] if len(found) > limit else None
    return ThreadList(items=items, next=write_place(last.last_at, last.id) if last else None)


def show_thread(thread: Thread, limit: int) -> MessageList:
    """The page from one more than `limit` messages that were asked for."""
    items = list(thread.messages[:limit])
    return MessageList(
        other=thread.other,
        last_number=thread.last_number,
        read_number=thread.read_number,
        read_by_other=thread.read_by_other,
        items=items,
        next=str(items[-1].number) if len(thread.messages) > limit else None,
    )
