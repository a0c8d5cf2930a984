"""Keeps the demo's world alive: starts acts at a pace, and remembers what is worth showing."""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from random import Random

from plaudit.demo.world import CREATORS, Given, act, coins_of
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.money import COIN
from plaudit.ledger import AccountFilter, Balances, Ledger
from plaudit.ledger.chart import AccountCode
from plaudit.ledger.model import sum_balances

_ACTS_AT_ONCE = 200
_ACCOUNTS_A_PAGE = 500


class Living:
    """The world as it goes on. `latest` are the newest gifts, newest first; `trouble` says why nothing moves."""

    def __init__(self, ledger: Ledger, *, pace: float, seed: int | None) -> None:
        self.latest: deque[Given] = deque(maxlen=8)
        self.gifts = 0
        self.top_fans: Counter[str] = Counter()
        self.trouble: str | None = None
        self._ledger = ledger
        self._pace = pace
        self._random = Random(seed)  # noqa: S311 - whims, not secrets

    async def go_on(self) -> None:
        """Start an act now and then, `pace` a second on average, until cancelled."""
        room = asyncio.Semaphore(_ACTS_AT_ONCE)
        async with asyncio.TaskGroup() as acts:
            while True:
                await asyncio.sleep(self._random.expovariate(self._pace))
                await room.acquire()
                acts.create_task(self._act(room))

    async def _act(self, room: asyncio.Semaphore) -> None:
        try:
            given = await act(self._ledger, self._random)
        except PlauditError as error:
            self.trouble = error.detail
        else:
            self.trouble = None
            if given:
                self.gifts += 1
                self.latest.appendleft(given)
                self.top_fans[given.fan] += given.gift.price_coins
        finally:
            room.release()

    async def coins_of_creators(self) -> Sequence[tuple[str, str, int]]:
        """Each creator's name, what they do, and the coins they have received."""
        ids = [coins_of(creator.name, AccountCode.CREATOR_COINS) for creator in CREATORS]
        found = await self._ledger.balances(ids)
        return [
            (creator.name, creator.about, found[id].credits_posted)
            for creator, id in zip(CREATORS, ids, strict=True)
            if id in found
        ]

    async def sums_of_coins(self) -> Balances:
        """The four counters of all accounts of coins together: debits and credits must be equal."""
        sums: list[Balances] = []
        last = None
        while page := await self._ledger.list_accounts(AccountFilter(ledger=COIN), after=last, limit=_ACCOUNTS_A_PAGE):
            sums.extend(balances for _, balances in page)
            last = page[-1][0].id
        return sum_balances(sums)
