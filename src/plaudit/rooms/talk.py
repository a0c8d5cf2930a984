"""What talking in rooms works with."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from msgspec import Struct

from plaudit.foundation.database import Database
from plaudit.providers import Line
from plaudit.rooms.known import Known
from plaudit.rooms.likes import Likes
from plaudit.rooms.log import RoomLog
from plaudit.rooms.pace import Pace
from plaudit.rooms.talk_errors import ChatTooFast

# As fast as five short answers to five people.
CHAT_LINES, CHAT_SECONDS = 5, 5


class Talk(Struct, frozen=True, kw_only=True):
    """The database, the line and log that tell the rooms, the pace of chat, and the likes; one for a process."""

    db: Database
    line: Line
    log: RoomLog
    likes: Likes
    pace: Pace

    @classmethod
    @asynccontextmanager
    async def open(cls, db: Database, line: Line, log: RoomLog, known: Known) -> AsyncGenerator["Talk"]:
        """For as long as the block runs; at its end the likes that wait are stored."""
        async with Likes(db, line, known) as likes:
            yield cls(db=db, line=line, log=log, likes=likes, pace=Pace(CHAT_LINES, CHAT_SECONDS, ChatTooFast))
