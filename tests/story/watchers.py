"""Whoever watches a live: over a WebSocket or over server-sent events, and back again after every break."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.story.house import Json
from tests.waiting import until

_LONGEST_PAUSE_SECONDS = 0.3
_BREAKS = (OSError, TimeoutError, WebSocketException, httpx.TransportError)


class NotNow(Exception):
    """The product is away for the moment."""


class Watcher(ABC):
    """Sees what happens in one live from `after` on, and comes back with the number of the last thing that it has.

    `after` None asks for the present state first. One that is `restless` leaves by itself after some frames.
    """

    def __init__(
        self, client: httpx.AsyncClient, live: str, *, after: int | None = 0, restless: Random | None = None
    ) -> None:
        self.live = live
        self.events: list[Json] = []
        """What has a number, in the order in which it came."""
        self.others: list[Json] = []
        """Chat, likes, states, and how many watch."""
        self.visits = 0
        self._client = client
        self._after = after
        self._restless = restless
        self._chance = restless or Random(live)

    async def follow(self) -> None:
        """Watch until cancelled."""
        while True:
            with suppress(NotNow, *_BREAKS):
                await self._visit(await self._ask_for_token())
            await asyncio.sleep(self._chance.random() * _LONGEST_PAUSE_SECONDS)

    def of_type(self, *types: str) -> list[Json]:
        """What came of these types, with a number or without one, in no common order."""
        return [each for each in (*self.events, *self.others) if each["type"] in types]

    async def until_seen(self, *types: str, count: int = 1, seconds: float = 30) -> None:
        """Wait until so many of these types have come."""
        await until(lambda: len(self.of_type(*types)) >= count, seconds=seconds)

    @property
    def seqs(self) -> list[int]:
        return [int(event["seq"]) for event in self.events]

    @abstractmethod
    async def _visit(self, watch: Json) -> None:
        """Watch until the connection ends in whatever way."""

    def _take(self, frame: str) -> bool:
        """Note what a frame tells; whether to stay."""
        for each in json.loads(frame):
            is_event = "seq" in each and each["type"] not in ("state", "reset")
            (self.events if is_event else self.others).append(each)
            self._after = each.get("seq", self._after)
        return self._restless is None or self._restless.random() > 0.02

    async def _ask_for_token(self) -> Json:
        answer = await self._client.get(f"/v1/lives/{self.live}")
        if answer.status_code == 503:
            raise NotNow
        assert answer.status_code == 200, answer.text
        self.visits += 1
        return answer.json()["watch"]


class SocketWatcher(Watcher):
    """Over a WebSocket, from the gateway."""

    async def _visit(self, watch: Json) -> None:
        after = "" if self._after is None else f"&after={self._after}"
        async with connect(f"{watch['url']}?token={watch['token']}{after}", proxy=None) as socket:
            async for frame in socket:
                assert isinstance(frame, str)
                if not self._take(frame):
                    return


class StreamWatcher(Watcher):
    """Over server-sent events, from the web server."""

    async def _visit(self, watch: Json) -> None:
        headers = {} if self._after is None else {"Last-Event-ID": str(self._after)}
        stream = self._client.stream(
            "GET", f"/v1/lives/{self.live}/stream", params={"token": watch["token"]}, headers=headers
        )
        async with stream as answer:
            if answer.status_code != 200:
                raise NotNow
            async for line in answer.aiter_lines():
                if line.startswith("data: ") and not self._take(line.removeprefix("data: ")):
                    return


@asynccontextmanager
async def following(watchers: Sequence[Watcher]) -> AsyncGenerator[None]:
    """They watch while the block runs; one that has an accident fails it."""
    tasks = [asyncio.create_task(watcher.follow()) for watcher in watchers]
    try:
        yield
        for task in tasks:
            assert not task.done(), task.exception()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
