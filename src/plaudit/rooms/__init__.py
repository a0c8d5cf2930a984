"""Rooms: lives and what happens in them, gifts on their way there, chat, and messages between people.

`lives` starts and ends them, `sending` gives, `events`, `leaderboard` and `state` tell, `combos` and `relay` are for
the worker. All of them work with a `Rooms`. What happens gets its number in `RoomLog`. `chat` and `moderation` are what
is said in a room and who sees to it, `messages` what two people write to each other, `eligibility` and `violations` who
may receive gifts.
"""

from plaudit.rooms import (
    chat,
    combos,
    eligibility,
    events,
    leaderboard,
    lives,
    messages,
    moderation,
    relay,
    sending,
    state,
    violations,
)
from plaudit.rooms.log import RoomLog
from plaudit.rooms.model import Event, Live, LiveChange, LivePlace, LiveWish, Playback, RoomGift, Span
from plaudit.rooms.rooms import Rooms
from plaudit.rooms.talk import Talk

__all__ = [
    "Event",
    "Live",
    "LiveChange",
    "LivePlace",
    "LiveWish",
    "Playback",
    "RoomGift",
    "RoomLog",
    "Rooms",
    "Span",
    "Talk",
    "chat",
    "combos",
    "eligibility",
    "events",
    "leaderboard",
    "lives",
    "messages",
    "moderation",
    "relay",
    "sending",
    "state",
    "violations",
]
