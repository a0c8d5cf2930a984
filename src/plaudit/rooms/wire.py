"""What goes over the wire about a room: JSON objects, each encoded once.

A `Happening` is numbered when it is stored; chat, likes and the number of viewers are best effort and have no number.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Raw, Struct, field

from plaudit.rooms.model import Combo, Event, Face, GiftShown, Leader, Live, Playback

FORGET = "plaudit.forget"
"""The subject on which caches are told what to drop: `{"live": id}` or `{"person": id}`."""

PRESENCE = "plaudit.presence"
"""The subject on which each gateway tells how many watch: `{"from": gateway, "viewers": {live_id: count}}`."""

LETTERS = "plaudit.letters"
"""Below it each person has a subject with their handle: something in their messages is new. What, is to be asked."""

_encoder = msgspec.json.Encoder()


class LiveShown(Struct, frozen=True, kw_only=True):
    """A live as everyone sees it."""

    id: UUID
    title: str
    cover_url: str | None
    playback: Playback | None
    creator: Face
    started_at: datetime
    ended_at: datetime | None


class ComboCount(Struct, frozen=True, kw_only=True):
    """How far a combo is: `count` gifts so far, all of them worth `coins`."""

    id: UUID
    count: int
    coins: int


class Happening(Struct, frozen=True, kw_only=True, tag_field="type"):
    """Something that happens in a live, before it has a number."""

    at: datetime

    @property
    def type(self) -> str:
        """By what programs tell it from others."""
        return str(self.__struct_config__.tag)


class LiveStarted(Happening, frozen=True, kw_only=True, tag="live_started"):
    """A live began."""

    live: LiveShown


class LiveChanged(Happening, frozen=True, kw_only=True, tag="live_changed"):
    """Its title, cover or playback is another one."""

    live: LiveShown


class LiveEnded(Happening, frozen=True, kw_only=True, tag="live_ended"):
    """It is over."""

    reason: str


class GiftSent(Happening, frozen=True, kw_only=True, tag="gift_sent"):
    """Somebody gave something; `sender` is None when they stay unnamed."""

    id: UUID
    gift: GiftShown
    quantity: int
    coins: int
    sender: Face | None = field(name="from")
    message: str | None
    combo: ComboCount | None


class ComboEnded(Happening, frozen=True, kw_only=True, tag="combo_ended"):
    """Nobody tapped any more."""

    combo: ComboCount
    gift: Raw
    sender: Raw = field(name="from")


class ChatRemoved(Happening, frozen=True, kw_only=True, tag="chat_removed"):
    """A line of chat is to be taken off every screen."""

    id: UUID


class LeaderShown(Struct, frozen=True, kw_only=True):
    """A place on a leaderboard; `face` is None for all that was given anonymously."""

    rank: int
    coins: int
    face: Face | None = field(name="from")


class OpenCombo(Struct, frozen=True, kw_only=True):
    """A combo that may still grow."""

    combo: ComboCount
    gift: Raw
    sender: Raw = field(name="from")


def encode(thing: object) -> bytes:
    """Anything that goes over the wire, as JSON."""
    return _encoder.encode(thing)


def number(live_id: UUID, seq: int, happening: Happening) -> Event:
    """The event that a happening becomes when it has its number, which stands first in its JSON."""
    body = b'{"seq":%d,%b' % (seq, _encoder.encode(happening)[1:])
    return Event(live_id, seq, happening.type, happening.at, body)


def subject_of(live_id: UUID) -> str:
    """Where a live's events are published."""
    return f"plaudit.room.{live_id}"


def frame(bodies: Iterable[bytes]) -> bytes:
    """JSON objects as the one array that goes over NATS and to screens."""
    return b"[%b]" % b",".join(bodies)


def show_live(live: Live) -> LiveShown:
    """A live for everyone's eyes."""
    return LiveShown(
        id=live.id,
        title=live.title,
        cover_url=live.cover_url,
        playback=live.playback,
        creator=live.creator,
        started_at=live.started_at,
        ended_at=live.ended_at,
    )


def show_leader(leader: Leader) -> LeaderShown:
    """A place on a leaderboard for everyone's eyes."""
    return LeaderShown(rank=leader.rank, coins=leader.coins, face=leader.face)


def show_count(combo_id: UUID, combo: Combo) -> ComboCount:
    """How far a combo is."""
    return ComboCount(id=combo_id, count=combo.count, coins=combo.coins)
