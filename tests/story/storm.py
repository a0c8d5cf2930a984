"""A storm of gifts: many fans who give without a pause, ask again until they know, and note what they were told."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from random import Random
from typing import Literal
from uuid import UUID

import httpx

from tests.story.house import House, Json, a_gift
from tests.story.watchers import SocketWatcher, StreamWatcher, Watcher
from tests.waiting import until
from tests.web.api.conftest import Someone

FANS = 24
BUYERS = 2
LIVES = 3
PRICES = {"rose": 1, "heart": 1, "finger_heart": 5, "applause": 9, "rosa": 10}
PACK, PACK_COINS = "pack_3900", 3_900

_LONGEST_PAUSE_SECONDS = 0.15
# What a kind person does: not all at once again.
_LONGEST_WAIT_SECONDS = 0.4

Known = Literal["sent", "nothing happened", "unknown"]


class Asked:
    """A gift that somebody asked for, and what they know of it by now."""

    def __init__(self, fan: Someone, wish: Json) -> None:
        self.fan = fan
        self.wish = wish
        self.coins = PRICES[wish["gift"]] * wish["quantity"]
        self.known: Known = "nothing happened"
        self.patience = 0.95
        """How likely it is that the fan asks again."""
        self.answer: Json = {}

    @property
    def giver(self) -> str | None:
        """Who stands on the leaderboard for it."""
        return None if self.wish["visibility"] == "anonymous" else self.fan.handle


class Storm:
    """Fans, lives, and everything that was asked for."""

    def __init__(self, house: House, seed: int) -> None:
        self.house = house
        self.chance = Random(seed)
        self.creators: list[Someone] = []
        self.lives: list[str] = []
        self.fans: list[Someone] = []
        self.bought: Counter[str] = Counter()
        self.asked: dict[str, Asked] = {}
        self.watchers: list[Watcher] = []
        """Who is there from the beginning."""
        self.latecomers: list[Watcher] = []
        self._is_over = False

    async def gather(self) -> None:
        """Creators go live, fans buy coins, and everyone who will watch is there."""
        for _ in range(LIVES):
            creator, live = await self.house.open_live("nova")
            self.creators.append(creator)
            self.lives.append(live)
        self.fans = await self.house.fans(FANS, PACK)
        self.bought.update({fan.handle: PACK_COINS for fan in self.fans})
        client = self.house.client
        for live in self.lives:
            self.watchers += [
                SocketWatcher(client, live),
                SocketWatcher(client, live, restless=Random(self.chance.random())),
                StreamWatcher(client, live),
            ]
            self.latecomers += [SocketWatcher(client, live, after=None), StreamWatcher(client, live, after=None)]

    @property
    def sent(self) -> list[Asked]:
        """What fans know to be sent."""
        return [asked for asked in self.asked.values() if asked.known == "sent"]

    @asynccontextmanager
    async def raging(self) -> AsyncGenerator[None]:
        """Everyone gives, and some buy, while the block runs; at its end each one finishes what is at hand."""
        busy = [self._give_on(fan, Random(self.chance.random())) for fan in self.fans]
        busy += [self._buy_on(fan, Random(self.chance.random())) for fan in self.fans[:BUYERS]]
        tasks = [asyncio.create_task(each) for each in busy]
        try:
            yield
            self._is_over = True
            await asyncio.wait_for(asyncio.gather(*tasks), 90)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def until_more(self, gifts: int) -> None:
        """Wait until so many more gifts have been answered."""
        before = len(self.sent)
        await until(lambda: len(self.sent) >= before + gifts, seconds=60)

    async def _give_on(self, fan: Someone, chance: Random) -> None:
        combo = str(UUID(int=chance.getrandbits(128), version=4))
        while not self._is_over:
            asked = Asked(fan, self._wish(chance, combo))
            self.asked[asked.wish["id"]] = asked
            await self._insist(asked, chance)
            await asyncio.sleep(chance.random() * _LONGEST_PAUSE_SECONDS)

    def _wish(self, chance: Random, combo: str) -> Json:
        """Mostly in a live, often as taps of a combo, at times anonymously; and now and then in a message."""
        number = chance.randrange(LIVES)
        plain = a_gift(self.lives[number], chance.choice(list(PRICES)), quantity=chance.choice((1, 1, 2)))
        wish = {**plain, "id": str(UUID(int=chance.getrandbits(128), version=4)), "visibility": "public"}
        match chance.randrange(8):
            case 0:
                del wish["live_id"]
                return {**wish, "to": self.creators[number].handle, "message": "Well sung!"}
            case 1:
                return {**wish, "visibility": "anonymous"}
            case 2 | 3 | 4:
                return {**wish, "gift": "rose", "combo_id": combo}
            case _:
                return wish

    async def _buy_on(self, fan: Someone, chance: Random) -> None:
        """Buy again and again, each time until the coins are there."""
        while not self._is_over:
            wish = {"id": str(UUID(int=chance.getrandbits(128), version=4)), "pack": "pack_100", "provider": "sandbox"}
            await self._buy(fan, wish, chance)
            self.bought[fan.handle] += 100

    async def _buy(self, fan: Someone, wish: Json, chance: Random) -> None:
        top_up = await self._until_answered(chance, lambda: fan.ask("POST /v1/top-ups", wish), 201)
        pay = partial(self.house.client.post, f"{top_up['checkout_url']}/pay", json={"card": "success"})
        # 409: it is paid already, and the answer of the first time was lost.
        await self._until_answered(chance, pay, 200, 409)
        while top_up["status"] != "settled":
            await asyncio.sleep(chance.random() * _LONGEST_WAIT_SECONDS)
            top_up = await self._until_answered(chance, lambda: fan.ask(f"GET /v1/top-ups/{wish['id']}"), 200)

    async def _until_answered(
        self, chance: Random, ask: Callable[[], Awaitable[httpx.Response]], *expected: int
    ) -> Json:
        while True:
            with suppress(httpx.TransportError):
                answer = await ask()
                if answer.status_code != 503:
                    assert answer.status_code in expected, f"{answer.status_code} {answer.text}"
                    return answer.json()
            await asyncio.sleep(chance.random() * _LONGEST_WAIT_SECONDS)

    async def _insist(self, asked: Asked, chance: Random) -> None:
        """Ask until it is sent. A few lose patience after an attempt that failed, and some ask once more for fun."""
        while not await self._try(asked):
            if chance.random() > asked.patience:
                return
            await asyncio.sleep(chance.random() * _LONGEST_WAIT_SECONDS)
        if chance.random() < 0.1:
            first = asked.answer
            if await self._try(asked):
                assert _facts(asked.answer) == _facts(first)

    async def _try(self, asked: Asked) -> bool:
        """Ask once. Whoever hears that nothing happened, each time they asked, may believe it."""
        try:
            answer = await asked.fan.ask("POST /v1/gifts", asked.wish)
        except httpx.ConnectError:
            return False
        except httpx.TransportError:
            self._learn_nothing(asked)
            return False
        if answer.status_code == 503:
            asked.patience = 0.6
            if answer.json()["code"] == "outcome_unknown":
                self._learn_nothing(asked)
            return False
        assert answer.status_code == 201, f"{answer.status_code} {answer.text}"
        asked.known, asked.answer = "sent", answer.json()
        assert asked.answer["coins"] == asked.coins
        return True

    def _learn_nothing(self, asked: Asked) -> None:
        if asked.known == "nothing happened":
            asked.known = "unknown"


def _facts(answer: Json) -> Sequence[object]:
    """What the same gift is answered with each time; the estimate of the creator's share may be away for a moment."""
    return [value for name, value in answer.items() if name != "creator_share"]
