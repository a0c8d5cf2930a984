"""What goes over the wire about lives: bodies that are read and objects that are answered."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from msgspec import UNSET, Raw, Struct, UnsetType

from plaudit.rooms import Event, Live, LiveChange, LiveWish, Playback
from plaudit.rooms.model import Face, Leader
from plaudit.rooms.wire import LeaderShown, show_leader
from plaudit.web.api.paging import write_place


class PlaybackBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the stream is: `kind` is `hls` or `whep`, `url` begins with https:// (or http://localhost)."""

    kind: str
    url: str

    def playback(self) -> Playback:
        """As the rooms package takes it."""
        return Playback(kind=self.kind, url=self.url)


class LiveBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish to go live. The id is the caller's: the same again is the same live."""

    id: UUID
    title: str
    cover_url: str | None = None
    playback: PlaybackBody | None = None

    def wish(self) -> LiveWish:
        """As the rooms package takes it."""
        playback = self.playback.playback() if self.playback else None
        return LiveWish(id=self.id, title=self.title, cover_url=self.cover_url, playback=playback)


class LiveChangeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one may change about one's live; what is left out stays, and null takes a cover or a playback away."""

    title: str | UnsetType = UNSET
    cover_url: str | UnsetType | None = UNSET
    playback: PlaybackBody | UnsetType | None = UNSET

    def change(self) -> LiveChange:
        """As the rooms package takes it."""
        playback = self.playback.playback() if isinstance(self.playback, PlaybackBody) else self.playback
        return LiveChange(title=self.title, cover_url=self.cover_url, playback=playback)


class EndBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an operator ends a live, in words that everyone sees."""

    reason: str


class Watch(Struct, frozen=True, kw_only=True):
    """Where to watch what happens: a WebSocket, asked for with `token` until `expires_at`."""

    url: str
    token: str
    expires_at: datetime


class ListedLive(Struct, frozen=True, kw_only=True):
    """A live. `viewers` is how many watch it now; `playback` is null where only the room is shown."""

    id: UUID
    title: str
    cover_url: str | None
    playback: Playback | None
    creator: Face
    started_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    likes: int
    viewers: int
    seq: int


class LiveAnswer(ListedLive, frozen=True, kw_only=True):
    """A live with what a viewer needs. `seq` is the number of the last event: watch on from there."""

    watch: Watch


class LiveList(Struct, frozen=True, kw_only=True):
    """A page of the lives that are on, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[ListedLive]
    next: str | None


class EventList(Struct, frozen=True, kw_only=True):
    """What happened, by its numbers. `next` is the last of them: as `after` it goes on from here, also later."""

    events: list[dict[str, Any]]
    next: int


class LeaderList(Struct, frozen=True, kw_only=True):
    """Who gave most, the first first; `from` is null for all that was given anonymously. There is no next page."""

    items: list[LeaderShown]
    next: None = None


def show_listed(live: Live, viewers: int) -> ListedLive:
    """A live in a list."""
    return ListedLive(**_shown(live, viewers))


def show_live(live: Live, viewers: int, watch: Watch) -> LiveAnswer:
    """A live for who is about to watch it."""
    return LiveAnswer(**_shown(live, viewers), watch=watch)


def show_lives(found: Sequence[Live], limit: int, viewers_of: Callable[[UUID], int]) -> LiveList:
    """The page from one more than `limit` that were asked for: that one only tells that there is more."""
    items = [show_listed(live, viewers_of(live.id)) for live in found[:limit]]
    more = len(found) > limit
    return LiveList(items=items, next=write_place(items[-1].started_at, items[-1].id) if more else None)


def show_events(found: Sequence[Event], after: int) -> EventList:
    """Events, each as it went to every screen."""
    # What is stored is JSON already: it goes out as it is, whatever this list's type says for the description.
    bodies = cast("list[dict[str, Any]]", [Raw(event.body) for event in found])
    return EventList(events=bodies, next=found[-1].seq if found else after)


def show_leaders(found: Sequence[Leader]) -> LeaderList:
    """A leaderboard for everyone's eyes."""
    return LeaderList(items=[show_leader(leader) for leader in found])


def _shown(live: Live, viewers: int) -> dict[str, Any]:
    return {
        "id": live.id,
        "title": live.title,
        "cover_url": live.cover_url,
        "playback": live.playback,
        "creator": live.creator,
        "started_at": live.started_at,
        "ended_at": live.ended_at,
        "end_reason": live.end_reason,
        "likes": live.likes,
        "viewers": viewers,
        "seq": live.last_seq,
    }
