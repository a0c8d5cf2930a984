"""What a gift must know of a room, kept in memory for a few seconds: every tap asks, and it hardly ever changes."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from datetime import datetime
from time import monotonic
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.clock import Clock
from plaudit.foundation.database import Database
from plaudit.foundation.renewal import Renewal
from plaudit.people import is_blocked_between, list_blocked_between
from plaudit.people.queries import get_person
from plaudit.rooms import eligibility
from plaudit.rooms.model import Face

REMEMBERED_SECONDS = 3.0
# What is still asked for after this is loaded anew before that, together with others, while the old answer is given.
_RENEWED_AFTER_SECONDS = 1.5
MOST_REMEMBERED = 50_000

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class KnownLive(Struct, frozen=True):
    """Whose live it is, and whether it is on."""

    id: UUID
    creator_id: UUID
    is_on: bool


class KnownPerson(Struct, frozen=True):
    """How others see somebody, and the region that their rates and rules are of."""

    face: Face
    region: str


class Forgotten:
    """When something was last said to have changed."""

    def __init__(self) -> None:
        self._at: dict[UUID, float] = {}

    def note(self, id: UUID) -> None:
        """What was asked about it until now doesn't count any more."""
        if len(self._at) >= MOST_REMEMBERED:
            oldest = monotonic() - REMEMBERED_SECONDS
            self._at = {each: at for each, at in self._at.items() if at > oldest}
        self._at[id] = monotonic()

    def is_older(self, asked_at: float, *ids: UUID) -> bool:
        """Whether what was asked then is from before a change, or too old anyway."""
        return asked_at <= monotonic() - REMEMBERED_SECONDS or any(asked_at <= self._at.get(id, 0.0) for id in ids)


class Memory(Generic[Key, Value]):
    """Answers by what they are about. Many who ask for the same at once share one answer."""

    def __init__(
        self,
        load: Callable[[Key], Awaitable[Value]],
        ids: Callable[[Key], tuple[UUID, ...]],
        load_many: Callable[[Collection[Key]], Awaitable[Mapping[Key, Value]]] | None = None,
    ) -> None:
        """`load` finds the answer, and `load_many` those of many at once; `ids` are what an answer depends on."""
        self._load = load
        self._load_many = load_many or self._load_each
        self._ids = ids
        self._asked: dict[Key, tuple[float, asyncio.Future[Value]]] = {}
        self._renewal = Renewal(self._renew)

    async def get(self, key: Key, forgotten: Forgotten) -> Value:
        """The answer of a moment ago, or a new one. Raises what `load` raises, and doesn't remember that."""
        asked_at, task = self._asked.get(key) or (0.0, None)
        if task is None or forgotten.is_older(asked_at, *self._ids(key)):
            task = self._ask(key)
        elif task.done():
            if asked_at <= monotonic() - _RENEWED_AFTER_SECONDS:
                self._renewal.ask(key)
            return task.result()
        # Shielded: whoever asks first may go away, and the others still wait for the answer.
        return await asyncio.shield(task)

    def _ask(self, key: Key) -> asyncio.Task[Value]:
        if len(self._asked) >= MOST_REMEMBERED:
            self._asked = dict(list(self._asked.items())[MOST_REMEMBERED // 2 :])
        self._asked.pop(key, None)
        task = asyncio.ensure_future(self._load(key))
        self._asked[key] = (monotonic(), task)
        task.add_done_callback(lambda done: self._drop_failure(key, done))
        return task

    async def _renew(self, keys: Collection[Key]) -> None:
        asked_at, before = monotonic(), {key: self._asked.get(key) for key in keys}
        for key, answer in (await self._load_many(keys)).items():
            # Another one than before: it was asked for meanwhile.
            if answer is None or before[key] is None or self._asked.get(key) is not before[key]:
                continue
            renewed: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
            renewed.set_result(answer)
            del self._asked[key]
            self._asked[key] = (asked_at, renewed)

    async def _load_each(self, keys: Collection[Key]) -> Mapping[Key, Value]:
        return {key: await self._load(key) for key in keys}

    def _drop_failure(self, key: Key, task: asyncio.Task[Value]) -> None:
        failed = task.cancelled() or task.exception() is not None or task.result() is None
        if failed and self._asked.get(key, (0.0, None))[1] is task:
            del self._asked[key]


class Known:
    """Lives, people, who may receive, and who is blocked: from memory or from the database. One for a process."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._forgotten = Forgotten()
        self._lives: Memory[UUID, KnownLive | None] = Memory(self._load_live, lambda live_id: (live_id,))
        self._people: Memory[UUID, KnownPerson] = Memory(self._load_person, lambda person_id: (person_id,))
        self._receivers: Memory[UUID, bool] = Memory(self._load_receiver, lambda person_id: (person_id,))
        self._blocks: Memory[tuple[UUID, UUID], bool] = Memory(self._load_block, lambda pair: pair, self._load_blocks)

    async def find_live(self, live_id: UUID) -> KnownLive | None:
        """The live, on or not."""
        return await self._lives.get(live_id, self._forgotten)

    async def get_person(self, person_id: UUID) -> KnownPerson:
        """Somebody as they were a moment ago. Raises NoSuchPerson."""
        return await self._people.get(person_id, self._forgotten)

    async def may_receive(self, person_id: UUID) -> bool:
        """Whether this person may receive gifts."""
        return await self._receivers.get(person_id, self._forgotten)

    async def is_blocked_between(self, one: UUID, other: UUID) -> bool:
        """Whether either has blocked the other."""
        return await self._blocks.get((one, other), self._forgotten)

    def forget(self, id: UUID) -> None:
        """Something about this live or person changed: ask the database next time."""
        self._forgotten.note(id)

    async def _load_live(self, live_id: UUID) -> KnownLive | None:
        async with self._db.transaction() as tx:
            return await tx.find(
                KnownLive,
                "select id, creator_id, ended_at is null as is_on from rooms.lives where id = %(id)s",
                {"id": live_id},
            )

    async def _load_person(self, person_id: UUID) -> KnownPerson:
        async with self._db.transaction() as tx:
            person = await get_person(tx, person_id)
        face = Face(handle=person.handle, name=person.display_name, picture_url=person.picture_url)
        return KnownPerson(face, person.region)

    async def _load_receiver(self, person_id: UUID) -> bool:
        now: datetime = self._clock.now()
        return await eligibility.may_receive(self._db, person_id, now)

    async def _load_block(self, pair: tuple[UUID, UUID]) -> bool:
        async with self._db.transaction() as tx:
            return await is_blocked_between(tx, *pair)

    async def _load_blocks(self, pairs: Collection[tuple[UUID, UUID]]) -> Mapping[tuple[UUID, UUID], bool]:
        async with self._db.transaction() as tx:
            blocked = await list_blocked_between(tx, pairs)
        return {pair: pair in blocked for pair in pairs}
