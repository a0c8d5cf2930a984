"""What happens in one live, as one program sees it: in order, without gap or double, for any number of viewers."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from plaudit.foundation.database import Database
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.rooms.errors import LiveNotFound
from plaudit.rooms.events import last_seqs, list_events
from plaudit.rooms.state import get_state

RING = 1_024
"""How many events are kept in memory for those who come back."""

MOST_REPLAYED = 5_000
"""Who missed more than this gets the present state instead."""

GAP_SECONDS = 0.03
"""How long something that is missing may be under way before it is looked for in the database."""

_CHAT_KEPT = 50
_PAGE = 500
_STATE_SECONDS = 1.0
# An event so far ahead of what we know is left to the database as well.
_MOST_AHEAD = 10_000

Take = Callable[[Sequence[bytes]], None]

log = get_logger(__name__)


class Replay(Struct, frozen=True):
    """JSON objects to begin with, and the number of the last event that they tell of."""

    objects: list[bytes]
    seq: int


class _Head(Struct, frozen=True):
    """What is read of an object; the rest goes through as it is."""

    type: str
    seq: int | None = None
    at: datetime | None = None
    id: str | None = None


class _State(Struct, frozen=True):
    """A state object, when it was read, and how much chat had gone by when the reading began."""

    seq: int
    body: bytes
    read_at: float
    chat_before: int


class _StateHead(Struct, frozen=True):
    seq: int


_objects = msgspec.json.Decoder(list[Raw])
_head = msgspec.json.Decoder(_Head)


class RoomFeed:
    """One live's events. `seq` is the number of the last one that everybody here has.

    `viewers_of` is asked for the number that stands in a state.
    """

    def __init__(self, db: Database, live_id: UUID, viewers_of: Callable[[UUID], int]) -> None:
        self.live_id = live_id
        self.seq = -1
        self.latest_at: datetime | None = None
        self.idle_since = time.monotonic()
        self.unsubscribe: Callable[[], Awaitable[None]] | None = None
        self._db = db
        self._viewers_of = viewers_of
        self._told_viewers: int | None = None
        self._ring: deque[tuple[int, bytes]] = deque(maxlen=RING)
        self._ahead: dict[int, bytes] = {}
        self._chat: deque[tuple[int, str, bytes]] = deque(maxlen=_CHAT_KEPT)
        self._chat_count = 0
        self._followers: dict[object, tuple[Take, Callable[[], int]]] = {}
        self._joining = 0
        self._healing = asyncio.Lock()
        self._reading_state = asyncio.Lock()
        self._state: _State | None = None
        self._gap: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nobody follows and nobody is about to."""
        return not self._followers and not self._joining

    @property
    def viewers(self) -> int:
        """How many follow here."""
        return sum(count() for _, count in self._followers.values())

    async def load(self) -> None:
        """Begin where the database is, with its latest events at hand. Subscribe before: what comes meanwhile waits.

        Raises LiveNotFound and what `db.transaction` raises.
        """
        last = (await last_seqs(self._db, [self.live_id])).get(self.live_id)
        if last is None:
            raise LiveNotFound
        self.seq = max(0, last - RING)
        await self.heal()

    def receive(self, _subject: str, payload: bytes) -> None:
        """A message from NATS: objects with a number are put in order, the others go straight through."""
        try:
            heads = [(_head.decode(raw), bytes(raw)) for raw in _objects.decode(payload)]
        except msgspec.DecodeError:
            log.warning("a room's message can't be read", live=str(self.live_id), size=len(payload))
            return
        passed: list[bytes] = []
        for head, body in heads:
            self.latest_at = head.at or self.latest_at
            if head.seq is None:
                self._note_chat(head, body)
                passed.append(body)
            elif head.seq > self.seq:
                self._ahead[head.seq] = body
        self._deliver([*self._take_ready(), *passed])
        if self._ahead and self.seq >= 0 and self._gap is None:
            self._gap = asyncio.create_task(self._close_gap())

    def follow(self, take: Take, *, count: Callable[[], int] = lambda: 1) -> Callable[[], None]:
        """From now on `take` gets whatever happens; `count` says how many viewers that is. Gives what ends it."""
        key = object()
        self._followers[key] = (take, count)

        def leave() -> None:
            self._followers.pop(key, None)
            self.idle_since = time.monotonic()

        return leave

    async def catch_up(self, after: int | None) -> Replay:
        """What somebody needs who knows everything up to `after`, or nothing: a state first, then what came since.

        With no `await` between this and `follow` nothing is missed and nothing comes twice. Raises what
        `db.transaction` raises.
        """
        self._joining += 1
        try:
            return await self._catch_up(after)
        finally:
            self._joining -= 1
            self.idle_since = time.monotonic()

    async def heal(self) -> None:
        """Take from the database what didn't come over NATS. Raises what `db.transaction` raises."""
        async with self._healing:
            while events := await list_events(self._db, self.live_id, after=self.seq, limit=_PAGE):
                self._ahead.update({event.seq: event.body for event in events if event.seq > self.seq})
                self._deliver(self._take_ready())
                if len(events) < _PAGE:
                    return

    def tell_viewers(self) -> None:
        """Tell how many watch, when that has changed since it was last told."""
        viewers = self._viewers_of(self.live_id)
        if viewers != self._told_viewers:
            self._told_viewers = viewers
            self._deliver([tell_count(viewers)])

    async def close(self) -> None:
        """Hear no more."""
        if self._gap is not None:
            self._gap.cancel()
        if self.unsubscribe is not None:
            await self.unsubscribe()

    def _take_ready(self) -> list[bytes]:
        """What comes next without a gap."""
        ready: list[bytes] = []
        if self.seq < 0:
            return ready
        while (body := self._ahead.pop(self.seq + 1, None)) is not None:
            self.seq += 1
            self._ring.append((self.seq, body))
            ready.append(body)
        if self._ahead:
            self._ahead = {seq: body for seq, body in self._ahead.items() if seq > self.seq}
            if len(self._ahead) > _MOST_AHEAD:
                self._ahead.clear()
        return ready

    def _deliver(self, objects: Sequence[bytes]) -> None:
        if not objects:
            return
        for take, _ in list(self._followers.values()):
            try:
                take(objects)
            except Exception:
                # The outermost door of a follower: the others get theirs.
                log.exception("accident", live=str(self.live_id))

    def _note_chat(self, head: _Head, body: bytes) -> None:
        if head.type == "chat":
            self._chat_count += 1
            self._chat.append((self._chat_count, head.id or "", body))

    async def _close_gap(self) -> None:
        try:
            await asyncio.sleep(GAP_SECONDS)
            if self._ahead:
                await self.heal()
        except PlauditError as problem:
            log.warning("a gap stays open for now", live=str(self.live_id), code=problem.code)
        finally:
            self._gap = None

    async def _catch_up(self, after: int | None) -> Replay:
        chat_before, begin = self._chat_count, list[bytes]()
        if after is not None and after > self.seq:
            await self.heal()
        if after is None or after > self.seq or self.seq - after > MOST_REPLAYED:
            state = await self._get_state()
            begin = [state.body] if after is None else [_reset(state.seq), state.body]
            after, chat_before = state.seq, state.chat_before
        else:
            # Something always comes, so that whoever missed nothing knows that they are there.
            begin = [tell_count(self._viewers_of(self.live_id))]
        missed = await self._list_missed(after)
        # From here to the end nothing is awaited.
        known = after + len(missed)
        missed.extend(body for seq, body in self._ring if seq > known)
        shown = begin[-1] if begin else b""
        chat = [body for count, id, body in self._chat if count > chat_before and id.encode() not in shown]
        return Replay([*begin, *missed, *chat], self.seq)

    async def _list_missed(self, after: int) -> list[bytes]:
        """What the ring doesn't reach, from the database; never more than what everybody here has."""
        missed: list[bytes] = []
        while (upto := self._ring[0][0] - 1 if self._ring else self.seq) > after + len(missed):
            page = await list_events(self._db, self.live_id, after=after + len(missed), limit=_PAGE)
            if not page:
                break
            missed.extend(event.body for event in page if event.seq <= upto)
        return missed

    async def _get_state(self) -> _State:
        """A state that is at most a second old, read once for all who come in that second."""
        async with self._reading_state:
            if self._state is None or time.monotonic() - self._state.read_at > _STATE_SECONDS:
                chat_before, read_at = self._chat_count, time.monotonic()
                body = await get_state(self._db, self.live_id, viewers=self._viewers_of(self.live_id))
                seq = msgspec.json.decode(body, type=_StateHead).seq
                self._state = _State(seq, body, read_at, chat_before)
            state = self._state
        if state.seq > self.seq:
            await self.heal()
        return state


def tell_count(count: int) -> bytes:
    """How many watch, as screens are told."""
    return b'{"type":"viewers","count":%d}' % count


def _reset(seq: int) -> bytes:
    return b'{"type":"reset","seq":%d}' % seq
