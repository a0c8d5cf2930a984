"""The queue before the table of intents: callers wait here while a batch is stored, and the next one takes them along.

Like the ledger's writer, and simpler: an intent moves nothing, so storing it again does no harm, and whoever hears that
it couldn't be stored may believe that nothing happened. It is stored durably before the ledger hears of the gift: a
database that crashed in between would have forgotten it, while the ledger's queue, which is ours, would not.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from time import monotonic
from uuid import UUID

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.database_errors import named_errors
from plaudit.foundation.database_line import Line
from plaudit.foundation.errors import Overloaded, PlauditError, Unavailable
from plaudit.foundation.logs import get_logger
from plaudit.gifts import queries
from plaudit.gifts.model import Sending

log = get_logger(__name__)

MAX_WAITING = 100_000
"""How many intents may wait at once; one more is turned away."""

# A batch costs the same, whatever is in it. One gift alone never waits for this, and a steady stream of them shares.
_BETWEEN_BATCHES_SECONDS = 0.008
_RETRY_SECONDS = 0.05
_RETRY_SECONDS_AT_MOST = 1.0
_CLOSED = "Gifts are shutting down; nothing was changed."


class _Waiting:
    """An intent and whoever waits until it is stored."""

    __slots__ = ("answer", "deadline", "sending")

    def __init__(self, sending: Sending, answer: asyncio.Future[Sending], deadline: float) -> None:
        self.sending = sending
        self.answer = answer
        self.deadline = deadline

    def fail(self, error: PlauditError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class Intents:
    """Gathers intents into batches: one statement and one commit for all that came while the last was stored."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Line]],
        *,
        deadline_seconds: float,
        batch_limit: int,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        """Use `Intents.open`; this alone writes nothing."""
        self._connect = connect
        self._deadline_seconds = deadline_seconds
        self._batch_limit = batch_limit
        self._max_waiting = max_waiting
        self._queue: deque[_Waiting] = deque()
        self._under_way: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._next_at = 0.0
        self._closing = False
        self._line: Line | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        db: Database,
        *,
        deadline_seconds: float = 5.0,
        batch_limit: int = 512,
        max_waiting: int = MAX_WAITING,
    ) -> AsyncGenerator["Intents"]:
        """A queue for as long as the block runs; at its end everyone who still waits is answered.

        `deadline_seconds`: how long a caller waits at most. `batch_limit`: how many intents are stored together.
        """
        limits = {"batch_limit": batch_limit, "max_waiting": max_waiting}
        intents = cls(db.connect_alone, deadline_seconds=deadline_seconds, **limits)
        tasks = [asyncio.create_task(intents._write()), asyncio.create_task(intents._watch())]
        try:
            yield intents
        finally:
            await intents._close(tasks)

    async def store(self, sending: Sending) -> Sending:
        """What is now stored under this id: this intent, or another one that was there before.

        Raises Unavailable when nothing was stored in time, or Overloaded. Cancelling a caller leaves the others alone.
        """
        if self._closing:
            raise Unavailable(_CLOSED)
        if len(self._queue) >= self._max_waiting:
            raise Overloaded
        answer: asyncio.Future[Sending] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(sending, answer, monotonic() + self._deadline_seconds))
        self._wake.set()
        return await answer

    async def _close(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Take no more, store what waits, and answer everyone, at the latest after the deadline."""
        self._closing = True
        self._wake.set()
        await asyncio.wait(tasks[:1], timeout=self._deadline_seconds)
        for waiting in (*self._under_way, *self._queue):
            waiting.fail(Unavailable(_CLOSED))
        # A line on which the server is silent is closed first: to cancel what is under way on it would take an answer.
        await self._hang_up()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._hang_up()

    # The task that stores.

    async def _write(self) -> None:
        patience = _RETRY_SECONDS
        while await self._has_work():
            self._under_way = self._take()
            try:
                await self._store(self._under_way)
            except Unavailable as error:
                if type(error) is not Unavailable:
                    # The server is there and says why not, for example that its disk is full: nobody need wait.
                    _refuse(self._under_way, error)
                log.warning("intents can't be stored", code=error.code, seconds=patience)
                self._queue.extendleft(reversed(self._under_way))
                await self._hang_up()
                await asyncio.sleep(patience)
                patience = min(patience * 2, _RETRY_SECONDS_AT_MOST)
            else:
                patience = _RETRY_SECONDS

    async def _has_work(self) -> bool:
        """Wait for an intent. False: there is none, and we close."""
        self._under_way = []
        while not self._queue:
            if self._closing:
                return False
            self._wake.clear()
            await self._wake.wait()
        await self._keep_distance()
        return True

    async def _keep_distance(self) -> None:
        """Let a moment pass since the last batch began, so that more of those that come after each other share one."""
        pause = self._next_at - monotonic()
        if pause > 0 and not self._closing:
            await asyncio.sleep(pause)
        self._next_at = monotonic() + _BETWEEN_BATCHES_SECONDS

    def _take(self) -> list[_Waiting]:
        """The next ones in order, without those whose callers have gone."""
        batch: list[_Waiting] = []
        while self._queue and len(batch) < self._batch_limit:
            waiting = self._queue.popleft()
            if not waiting.answer.done():
                batch.append(waiting)
        return batch

    async def _store(self, batch: Sequence[_Waiting]) -> None:
        """Store and answer. Raises Unavailable and its kind; what else goes wrong goes to whoever caused it."""
        if not batch:
            return
        try:
            stored = await self._add([waiting.sending for waiting in batch])
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it goes to the caller whose intent did it
            await self._single_out(batch, error)
        else:
            for waiting in batch:
                if not waiting.answer.done():
                    waiting.answer.set_result(stored.get(waiting.sending.id, waiting.sending))

    async def _add(self, sendings: list[Sending]) -> dict[UUID, Sending]:
        """Store them; when any was there before, then what is stored under each id."""
        if self._line is None:
            self._line = await self._connect()
        with named_errors(self._line):
            if await queries.add_sendings(self._line, sendings) == len(sendings):
                return {}
            found = await queries.list_sendings(Transaction(self._line), [sending.id for sending in sendings])
        return {sending.id: sending for sending in found}

    async def _single_out(self, batch: Sequence[_Waiting], error: Exception) -> None:
        """One intent breaks a rule of the table, and the others must not suffer for it."""
        if len(batch) > 1:
            for waiting in batch:
                await self._store([waiting])
            return
        log.error("an intent can't be stored", sending=str(batch[0].sending.id), exc_info=error)
        if not batch[0].answer.done():
            batch[0].answer.set_exception(error)

    async def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with suppress(Exception):
                await line.close()

    # The task that watches the time.

    async def _watch(self) -> None:
        """Answer, within a twentieth of the deadline, those who waited too long, also while the database is silent."""
        while True:
            await asyncio.sleep(self._deadline_seconds / 20)
            now = monotonic()
            for waiting in (*self._under_way, *self._queue):
                if waiting.deadline > now:
                    break
                waiting.fail(Unavailable())


def _refuse(batch: Sequence[_Waiting], error: PlauditError) -> None:
    for waiting in batch:
        waiting.fail(error)
