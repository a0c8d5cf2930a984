"""The queue before the scribe: callers wait here while a batch is under way, and the next batch takes them along."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any

import structlog

from plaudit.foundation.clock import Clock
from plaudit.foundation.errors import OutcomeUnknown, Overloaded, PlauditError, Unavailable
from plaudit.ledger.model import Outcome, Transfer
from plaudit.ledger.scribe import Decided, Scribe, Stale

log = structlog.get_logger()

MAX_WAITING = 100_000
"""How many chains may wait at once; one more is turned away."""

_SMALL_BATCH = 32
_RETRY_SECONDS = 0.05
_RETRY_SECONDS_AT_MOST = 1.0
_SILENT = "The database doesn't answer; nothing was changed."
_CLOSED = "The ledger is shutting down; nothing was changed."


class _Waiting:
    """A chain and whoever waits for its outcome."""

    __slots__ = ("answer", "chain", "deadline", "maybe_stored")

    def __init__(self, chain: Sequence[Transfer], answer: asyncio.Future[Outcome], deadline: float) -> None:
        self.chain = chain
        self.answer = answer
        self.deadline = deadline
        self.maybe_stored = False

    def fail(self, error: Exception) -> None:
        """Answer with an error: with `OutcomeUnknown` instead, if an earlier attempt may have stored the chain."""
        if not self.answer.done():
            self.answer.set_exception(OutcomeUnknown() if self.maybe_stored else error)


class _Batch:
    """Chains that are decided and stored together."""

    __slots__ = ("decided", "waiting")

    def __init__(self) -> None:
        self.waiting: list[_Waiting] = []
        self.decided: Decided | None = None

    def doubt(self) -> None:
        """It may have been stored, and nobody was told."""
        for waiting in self.waiting:
            waiting.maybe_stored = True


class Writer:
    """Gathers chains into batches and answers each caller. One task decides ahead, one stores, one watches the time.

    When a connection is lost in the middle of a batch, its chains are asked again with the same ids, until their
    deadline: then the caller hears `OutcomeUnknown` if the batch may have been stored, else `Unavailable`.
    """

    def __init__(
        self, connect: Callable[[], Awaitable[Scribe]], clock: Clock, *, deadline_seconds: float, batch_limit: int
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._batch_limit = batch_limit
        self._queue: deque[_Waiting] = deque()
        self._under_way: list[_Batch] = []
        self._storing: asyncio.Task[_Batch] | None = None
        self._wake = asyncio.Event()
        self._closing = False
        self._scribe: Scribe | None = None
        self._one_by_one = 0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to write, in the running event loop."""
        self._tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._watch())]

    async def submit(self, chain: Sequence[Transfer]) -> Outcome:
        """The outcome of a chain whose form is right. Cancelling the caller leaves the others of its batch alone."""
        if self._closing:
            raise Unavailable(_CLOSED)
        if len(self._queue) >= MAX_WAITING:
            raise Overloaded
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(chain, answer, monotonic() + self._deadline_seconds))
        self._wake.set()
        return await answer

    async def close(self) -> None:
        """Take no more, write what waits, and answer everyone, at the latest after the deadline."""
        self._closing = True
        self._wake.set()
        await asyncio.wait(self._tasks[:1], timeout=self._deadline_seconds)
        self._answer_the_last()
        # A line on which the server is silent is closed first: to cancel what is under way on it would take an answer.
        await self._hang_up()
        tasks: list[asyncio.Task[Any]] = [*self._tasks, *([self._storing] if self._storing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._hang_up()

    def _answer_the_last(self) -> None:
        """Those who still wait when there is no more time."""
        self._answer_what_was_stored()
        for batch in self._under_way:
            for waiting in batch.waiting:
                waiting.fail(OutcomeUnknown())
        for waiting in self._queue:
            waiting.fail(Unavailable(_CLOSED))

    # The task that gathers and decides.

    async def _write(self) -> None:
        patience = _RETRY_SECONDS
        while await self._has_work():
            try:
                await self._next_batch(await self._ready_scribe())
                patience = _RETRY_SECONDS
            except Stale:
                await self._start_again()
            except PlauditError as error:
                log.warning("the ledger can't write and tries again", error=error.detail, seconds=patience)
                await self._start_again(error)
                await self._hang_up()
                await asyncio.sleep(patience)
                patience = min(patience * 2, _RETRY_SECONDS_AT_MOST)
            except Exception as error:  # noqa: BLE001 - whatever it is, it goes to the caller whose chain did it
                await self._single_out(error)

    async def _has_work(self) -> bool:
        """Wait for a chain, or for a batch whose storing has failed. False: the last one is stored, and we close."""
        while not self._queue:
            if self._storing and self._storing.done():
                return True
            if self._closing and not self._storing:
                return False
            self._wake.clear()
            await self._wake.wait()
        return True

    async def _next_batch(self, scribe: Scribe) -> None:
        if not scribe.is_alone or self._one_by_one:
            self._answer(await self._landed())
            batch = self._take()
            async with self._in_time(batch):
                batch.decided = await scribe.write([waiting.chain for waiting in batch.waiting], self._clock.now())
            self._answer(batch)
        elif not self._queue:
            self._answer(await self._landed())
        else:
            batch = self._take()
            batch.decided = await self._decide(scribe, batch)
            landed = await self._landed()
            self._storing = asyncio.create_task(self._store(scribe, batch, batch.decided))
            # Only now: answering wakes up hundreds of callers, and the next batch should be on its way before they run.
            self._answer(landed)

    async def _decide(self, scribe: Scribe, batch: _Batch) -> Decided:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await scribe.decide([waiting.chain for waiting in batch.waiting], self._clock.now())
        except TimeoutError as error:
            raise Unavailable(_SILENT) from error

    async def _store(self, scribe: Scribe, batch: _Batch, decided: Decided) -> _Batch:
        try:
            async with self._in_time(batch):
                await scribe.store(decided)
        finally:
            self._wake.set()
        return batch

    async def _landed(self) -> _Batch | None:
        """Wait until what is being stored is stored. Raises what kept it from being stored."""
        storing = self._storing
        if storing is None:
            return None
        batch = await storing
        self._storing = None
        return batch

    @asynccontextmanager
    async def _in_time(self, batch: _Batch) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                yield
        except TimeoutError as error:
            batch.doubt()
            raise OutcomeUnknown from error
        except (OutcomeUnknown, asyncio.CancelledError):
            batch.doubt()
            raise

    def _answer(self, batch: _Batch | None) -> None:
        if batch is None or batch.decided is None:
            return
        self._under_way.remove(batch)
        for waiting, outcome in zip(batch.waiting, batch.decided.outcomes, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(outcome)

    def _take(self) -> _Batch:
        """The next chains in order, without those whose callers have gone.

        With nothing under way and many waiting it is half of them, so that the other half is decided meanwhile.
        """
        batch = _Batch()
        limit = self._batch_limit
        if self._one_by_one:
            self._one_by_one -= 1
            limit = 1
        elif not self._under_way and len(self._queue) > _SMALL_BATCH:
            limit = min(limit, len(self._queue) // 2)
        transfers = 0
        while self._queue and transfers < limit:
            waiting = self._queue.popleft()
            if not waiting.answer.done():
                batch.waiting.append(waiting)
                transfers += len(waiting.chain) or 1
        self._under_way.append(batch)
        return batch

    async def _ready_scribe(self) -> Scribe:
        if self._scribe is None:
            self._scribe = await self._connect()
        return self._scribe

    # When something went wrong.

    async def _start_again(self, error: PlauditError | None = None) -> None:
        """All that was under way goes back to the head of the queue: with the same ids, asking again does no harm."""
        if self._storing:
            await asyncio.wait((self._storing,))
            self._answer_what_was_stored()
        if error is not None and type(error) not in (Unavailable, OutcomeUnknown):
            self._refuse(error)
        self._take_back()
        if self._scribe:
            self._scribe.forget()

    def _answer_what_was_stored(self) -> None:
        """A batch may have been stored before the next one failed: its callers hear so, whatever comes of others."""
        storing = self._storing
        if storing is None or not storing.done():
            return
        self._storing = None
        # What it may have failed with says nothing new: whatever went wrong, everything is asked again.
        if not storing.cancelled() and storing.exception() is None:
            self._answer(storing.result())

    def _take_back(self) -> None:
        for batch in reversed(self._under_way):
            self._queue.extendleft(reversed(batch.waiting))
        self._under_way.clear()

    def _refuse(self, error: PlauditError) -> None:
        """The server is there and says why not, for example that its disk is full: nobody need wait for that."""
        for batch in self._under_way:
            for waiting in batch.waiting:
                waiting.fail(error)

    async def _single_out(self, error: Exception) -> None:
        """The second guard contradicted the rules: one chain is to blame, and the others must not suffer for it."""
        if self._storing:
            await asyncio.wait((self._storing,))
            self._answer_what_was_stored()
        suspects = [waiting for batch in self._under_way for waiting in batch.waiting]
        if len(suspects) == 1:
            log.error("a chain broke a constraint of the ledger", chain=suspects[0].chain, exc_info=error)
            suspects[0].fail(error)
        elif suspects:
            self._one_by_one += len(suspects)
        else:
            log.error("the ledger can't write", exc_info=error)
            await asyncio.sleep(_RETRY_SECONDS_AT_MOST)
        await self._start_again()

    async def _hang_up(self) -> None:
        scribe, self._scribe = self._scribe, None
        if scribe is not None:
            with suppress(Exception):
                await scribe.close()

    # The task that watches the time.

    async def _watch(self) -> None:
        """Answer, within a twentieth of the deadline, those who waited too long, also while the database is silent."""
        while True:
            await asyncio.sleep(self._deadline_seconds / 20)
            now = monotonic()
            while self._queue and self._queue[0].deadline <= now:
                self._queue.popleft().fail(Unavailable())
            for waiting in (waiting for batch in self._under_way for waiting in batch.waiting):
                if waiting.deadline <= now:
                    waiting.fail(OutcomeUnknown())
