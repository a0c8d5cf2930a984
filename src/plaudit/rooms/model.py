"""Lives, what happens in them, and who gave most: frozen values."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

NOBODY = UUID(int=0)
"""Whose name stands for everyone who gave anonymously."""


class Face(Struct, frozen=True, kw_only=True):
    """A person as others see them on a screen."""

    handle: str
    name: str
    picture_url: str | None


class Playback(Struct, frozen=True, kw_only=True):
    """Where the stream itself is; `kind` is `hls` or `whep`."""

    kind: str
    url: str


class LiveWish(Struct, frozen=True, kw_only=True):
    """What a creator sends to go live, as it came; `rules.take_wish` judges it."""

    id: UUID
    title: str
    cover_url: str | None = None
    playback: Playback | None = None


class LiveChange(Struct, frozen=True, kw_only=True):
    """What a creator changes about their live; what is UNSET stays. None takes a cover or a playback away."""

    title: str | UnsetType = UNSET
    cover_url: str | UnsetType | None = UNSET
    playback: Playback | UnsetType | None = UNSET


class Live(Struct, frozen=True, kw_only=True):
    """A creator's stream. `last_seq` is the number of the last thing that happened in it; it is on until `ended_at`."""

    id: UUID
    creator_id: UUID
    creator_handle: str
    creator_name: str
    creator_picture_url: str | None
    title: str
    cover_url: str | None
    playback_kind: str | None
    playback_url: str | None
    started_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    last_seq: int
    likes: int

    @property
    def creator(self) -> Face:
        """Whose live it is."""
        return Face(handle=self.creator_handle, name=self.creator_name, picture_url=self.creator_picture_url)

    @property
    def playback(self) -> Playback | None:
        """Where the stream is, if anywhere."""
        if self.playback_kind is None or self.playback_url is None:
            return None
        return Playback(kind=self.playback_kind, url=self.playback_url)


class LiveFile(Live, frozen=True, kw_only=True):
    """A live as operators see it: how many coins were given in it, and by how many fans."""

    coins: int
    givers: int


class LivePlace(Struct, frozen=True, kw_only=True):
    """Where a page of lives ended: the next begins after it."""

    started_at: datetime
    id: UUID


class Event(Struct, frozen=True, gc=False):
    """Something that happened in a live. `body` is the JSON object that goes to every screen, `seq` in it."""

    live_id: UUID
    seq: int
    type: str
    at: datetime
    body: bytes


class GiftShown(Struct, frozen=True, kw_only=True):
    """A gift of the catalogue as a screen shows it."""

    id: str
    name: str
    tier: str
    art: str


class RoomGift(Struct, frozen=True, kw_only=True):
    """A gift that was sent in a live, with everything that the room is told. `coins` are those of all `quantity`."""

    id: UUID
    live_id: UUID
    creator_id: UUID
    fan_id: UUID
    sender: Face
    gift: GiftShown
    quantity: int
    coins: int
    is_anonymous: bool
    combo_id: UUID | None
    message: str | None
    at: datetime


class Combo(Struct, frozen=True, kw_only=True):
    """The same gift again and again. `gift` and `sender` are the JSON that screens show."""

    key: UUID
    live_id: UUID
    generation: int
    count: int
    coins: int
    last_at: datetime
    ended_at: datetime | None
    gift: bytes
    sender: bytes


class Span(StrEnum):
    """Over what a leaderboard counts."""

    LIVE = "live"
    WEEK = "week"
    ALL = "all"


class Leader(Struct, frozen=True, kw_only=True):
    """A place on a leaderboard; `face` is None for all that was given anonymously."""

    rank: int
    coins: int
    face: Face | None
