"""Everything that rooms work with, and what runs beside them."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.clock import Clock, SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.logs import get_logger
from plaudit.gifts import Gifting
from plaudit.ledger import Ledger
from plaudit.providers import Line
from plaudit.rooms import wire
from plaudit.rooms.known import Known
from plaudit.rooms.log import RoomLog
from plaudit.rooms.presence import Presence
from plaudit.rooms.talk import Talk

log = get_logger(__name__)


class _Forget(Struct, frozen=True, omit_defaults=True):
    live: UUID | None = None
    person: UUID | None = None


class Rooms(Struct, frozen=True, kw_only=True):
    """What lives and gifts in them need; made once when the program starts."""

    db: Database
    ledger: Ledger
    line: Line
    clock: Clock
    gifting: Gifting
    log: RoomLog
    known: Known
    presence: Presence
    talk: Talk

    @classmethod
    @asynccontextmanager
    async def open(
        cls, db: Database, ledger: Ledger, line: Line, clock: Clock | None = None, *, deadline_seconds: float = 5.0
    ) -> AsyncGenerator["Rooms"]:
        """Rooms for as long as the block runs; at its end, gifts that wait for their number get it.

        `deadline_seconds` is how long a gift waits at most to have its intent stored.
        """
        clock = clock or SystemClock()
        async with AsyncExitStack() as stack:
            room_log = await stack.enter_async_context(RoomLog(db, line))
            gifting = await stack.enter_async_context(Gifting.open(db, ledger, deadline_seconds=deadline_seconds))
            known, presence = Known(db, clock), Presence(line)
            talk = await stack.enter_async_context(Talk.open(db, line, room_log, known))
            stack.push_async_callback(await line.subscribe(wire.PRESENCE, presence.hear))
            stack.push_async_callback(await line.subscribe(wire.FORGET, _forgetting(known)))
            yield cls(
                db=db,
                ledger=ledger,
                line=line,
                clock=clock,
                gifting=gifting,
                log=room_log,
                known=known,
                presence=presence,
                talk=talk,
            )

    def forget_live(self, live_id: UUID) -> None:
        """A live changed: here it is known at once, elsewhere when they hear of it."""
        self.known.forget(live_id)
        self.line.publish(wire.FORGET, wire.encode(_Forget(live=live_id)))

    def forget_person(self, person_id: UUID) -> None:
        """What somebody may, or whom they block, changed: here it is known at once, elsewhere when they hear of it."""
        self.known.forget(person_id)
        self.line.publish(wire.FORGET, wire.encode(_Forget(person=person_id)))

    def tell_of_letters(self, *handles: str) -> None:
        """Whoever of these looks at their messages now looks again. Best effort: pages also look by themselves."""
        for told in handles:
            self.line.publish(f"{wire.LETTERS}.{told}", b"{}")


def _forgetting(known: Known) -> Callable[[str, bytes], None]:
    decoder = msgspec.json.Decoder(_Forget)

    def forget(subject: str, payload: bytes) -> None:
        try:
            told = decoder.decode(payload)
        except msgspec.DecodeError as problem:
            log.warning("a message can't be read", subject=subject, error=str(problem))
            return
        for id in (told.live, told.person):
            if id is not None:
                known.forget(id)

    return forget
