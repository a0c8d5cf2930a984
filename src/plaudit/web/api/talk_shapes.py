"""What goes over the wire about chat and its moderation; a line of chat is the same object as in the room itself."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.ids import new_id
from plaudit.rooms.moderation import MuteWish
from plaudit.rooms.talk_model import BlockedWord, ChatLine, ChatWish, MutedPerson
from plaudit.web.api import fields
from plaudit.web.api.paging import write_place


class ChatBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody says. With an id of one's own it can be sent again and is said once."""

    id: UUID | None = None
    text: fields.ChatText

    def wish(self) -> ChatWish:
        """As the rooms package takes it."""
        return ChatWish(id=self.id or new_id(), text=self.text)


class LikesBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Likes of one fan, several at once."""

    count: fields.Likes


class MuteBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how long somebody is muted."""

    minutes: fields.Minutes = None

    def wish(self, handle: str) -> MuteWish:
        """As the rooms package takes it."""
        return MuteWish(handle=handle, minutes=self.minutes)


class ChatLines(Struct, frozen=True, kw_only=True):
    """The last lines, the oldest of them first; there is never a next page."""

    items: list[ChatLine]
    next: None = None


class MuteAnswer(Struct, frozen=True, kw_only=True):
    """Somebody who may not chat; `until` is null for as long as nobody unmutes them."""

    handle: str
    display_name: str
    picture_url: str | None
    since: datetime
    until: datetime | None


class MuteList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[MuteAnswer]
    next: str | None


class BlockedWordList(Struct, frozen=True, kw_only=True):
    """All blocked words, as they are looked for; there is never a next page."""

    items: list[BlockedWord]
    next: None = None


def show_mutes(found: list[MutedPerson], limit: int) -> MuteList:
    """The page from one more than `limit` that were asked for: that one only tells that there is more."""
    items = [
        MuteAnswer(
            handle=muted.handle,
            display_name=muted.display_name,
            picture_url=muted.picture_url,
            since=muted.since,
            until=muted.until,
        )
        for muted in found[:limit]
    ]
    last = found[limit - 1] if len(found) > limit else None
    return MuteList(items=items, next=write_place(last.since, last.id) if last else None)
