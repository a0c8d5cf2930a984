"""What people say in rooms and to each other: frozen values."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct, field

from plaudit.people import Visitor
from plaudit.rooms.model import Face


def face_of(visitor: Visitor) -> Face:
    """The visitor as others see who says something."""
    return Face(handle=visitor.handle, name=visitor.name, picture_url=visitor.picture_url)


class ChatLine(Struct, frozen=True, kw_only=True, tag="chat"):
    """One line of chat: on the wire the `chat` object."""

    id: UUID
    at: datetime
    sender: Face = field(name="from")
    text: str


class ChatWish(Struct, frozen=True, kw_only=True):
    """What somebody wants to say. The id is theirs: the same again is the same line."""

    id: UUID
    text: str


class NewLine(Struct, frozen=True, kw_only=True):
    """A line of chat as it is stored."""

    id: UUID
    live_id: UUID
    person_id: UUID
    text: str
    at: datetime


class LikesTold(Struct, frozen=True, kw_only=True, tag="likes"):
    """How many likes a live has by now: on the wire the `likes` object."""

    total: int


class MutedPerson(Struct, frozen=True, kw_only=True):
    """Somebody who may not chat with a creator's rooms; `until` is None for as long as nobody unmutes them."""

    id: UUID
    handle: str
    display_name: str
    picture_url: str | None
    since: datetime
    until: datetime | None


class BlockedWord(Struct, frozen=True, kw_only=True):
    """A word that a creator doesn't want in their chat."""

    word: str
    since: datetime
