"""What two people write to each other: frozen values."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.rooms.model import Face


class MessageWish(Struct, frozen=True, kw_only=True):
    """What somebody writes to a person by their handle. The id is the writer's: the same again is the same message."""

    id: UUID
    to: str
    text: str


class GiftInMessage(Struct, frozen=True, kw_only=True):
    """A gift that was sent in a message, with the words that came with it; `id` is the gift's own."""

    id: UUID
    gift: str
    name: str
    tier: str
    art: str
    quantity: int
    coins: int
    message: str | None


class Message(Struct, frozen=True, kw_only=True):
    """One message: a text, or a gift. `number` counts in its thread from 1; `sender` is a handle."""

    id: UUID
    number: int
    at: datetime
    sender: str
    text: str | None
    gift: GiftInMessage | None


class Thread(Struct, frozen=True, kw_only=True):
    """What one wrote with somebody, the newest message first; up to which number each of the two has read it."""

    other: Face
    last_number: int
    read_number: int
    read_by_other: int
    messages: tuple[Message, ...]


class ListedThread(Struct, frozen=True, kw_only=True):
    """A thread in one's list: with whom, the last message, and how many of theirs one hasn't read."""

    id: UUID
    other: Face
    last_at: datetime
    last: Message
    unread: int
