"""Fans who give: showers of small gifts, now and then a large one, and a top-up when the coins run out."""

import asyncio
from collections.abc import AsyncGenerator

from plaudit.demo.cast import Member
from plaudit.demo.generosity import LARGE_FROM, choose_gift, choose_pack, count_taps, purse_for
from plaudit.demo.stage import Room, Stage, unharmed
from plaudit.demo.words import RIVALS, WITH_A_GIFT
from plaudit.foundation.ids import new_id

_TICK_SECONDS = 0.1
_TAP_SECONDS = (0.15, 0.4)
_MOST_ACTS = 200
_SETTLED_WITHIN, _LOOK_SECONDS = 20, 0.4
_DECLINED = 0.04
_ANONYMOUS = 0.03
_RIVAL_SECONDS = (3.0, 7.0)


async def keep_giving(stage: Stage) -> None:
    """Somebody begins now and then, so that on average as many gifts are given as the pace says, until cancelled."""
    room = asyncio.Semaphore(_MOST_ACTS)

    async def act(series: "Series") -> None:
        async with room:
            await unharmed(series.give())

    async with asyncio.TaskGroup() as acts:
        async for series in _occasions(stage):
            if not room.locked():
                acts.create_task(act(series))


async def _occasions(stage: Stage) -> AsyncGenerator["Series"]:
    """One after the other, each when it is time for it."""
    wait = 0.0
    while True:
        # The pace may change at any time: what is waited for is counted in gifts, not in seconds.
        while wait > 0:
            await asyncio.sleep(_TICK_SECONDS)
            wait -= _TICK_SECONDS * stage.pace()
        series = make_series(stage)
        wait += stage.random.uniform(0.4, 1.6) * (series.taps if series else 1)
        if series:
            yield series


def make_series(stage: Stage, *, room: Room | None = None, gift: str | None = None) -> "Series | None":
    """What somebody is about to give; None while there is nowhere to give it, or nothing to give."""
    room = room or stage.choose_room()
    if room is None or not stage.prices:
        return None
    gift = gift or choose_gift(stage.random, stage.prices, taste=room.creator.taste)
    price = stage.prices[gift]
    fan = stage.choose_fan(purse=purse_for(price))
    return Series(stage, room, fan, gift, taps=count_taps(stage.random, price))


class Series:
    """One fan, one gift, so many taps."""

    def __init__(self, stage: Stage, room: Room, fan: Member, gift: str, *, taps: int) -> None:
        self.taps = taps
        self._stage = stage
        self._room = room
        self._fan = fan
        self._gift = gift
        self._live_id = room.live_id
        self._message: str | None = None
        random = stage.random
        if stage.prices[gift] >= LARGE_FROM and random.random() < 0.5:
            self._message = random.choice(WITH_A_GIFT)
        self._visibility = "anonymous" if random.random() < _ANONYMOUS else "public"

    async def give(self) -> None:
        """All taps, as quick as a thumb. Raises Refused or Away; then the rest isn't given."""
        combo_id = str(new_id()) if self.taps > 1 else None
        await self._have_enough()
        for _ in range(self.taps):
            await self._tap(str(new_id()), combo_id)
            await asyncio.sleep(self._stage.random.uniform(*_TAP_SECONDS))
        if self.taps > 1 and self._stage.random.random() < 0.2:
            await self._stage.ask(
                self._fan, f"POST /v1/lives/{self._live_id}/chat", {"text": self._room.pleased.take()}
            )

    async def reply_to(self, rival: str) -> None:
        """The same a little later, with a word to whoever gave before."""
        self._message, self._visibility = self._stage.random.choice(RIVALS).format(name=rival), "public"
        await asyncio.sleep(self._stage.random.uniform(*_RIVAL_SECONDS))
        await self.give()

    async def _tap(self, gift_id: str, combo_id: str | None) -> None:
        body = {
            "id": gift_id,
            "live_id": self._live_id,
            "gift": self._gift,
            "combo_id": combo_id,
            "message": self._message,
            "visibility": self._visibility,
        }
        sent = await self._stage.ask(self._fan, "POST /v1/gifts", body)
        self._stage.wallets[self._fan.handle] = int(sent["wallet"]["coins"])

    async def _have_enough(self) -> None:
        """As a person does, look at the wallet before, and not only when a gift is refused."""
        cost, wallets = self._stage.prices[self._gift] * self.taps, self._stage.wallets
        if wallets.get(self._fan.handle, 0) < cost:
            wallets[self._fan.handle] = int((await self._stage.ask(self._fan, "GET /v1/wallet"))["coins"])
        missing = cost - wallets[self._fan.handle]
        if missing > 0:
            await top_up(self._stage, self._fan, missing_coins=missing)


async def top_up(stage: Stage, fan: Member, *, missing_coins: int) -> None:
    """Buy what is needed at least, and wait until it is in the wallet. Cards are declined now and then."""
    if stage.random.random() < _DECLINED:
        await _pay(stage, fan, missing_coins, card="declined")
    bought = await _pay(stage, fan, missing_coins, card="success")
    for _ in range(int(_SETTLED_WITHIN / _LOOK_SECONDS)):
        found = await stage.ask(fan, f"GET /v1/top-ups/{bought}")
        if found["status"] == "settled":
            return
        await asyncio.sleep(_LOOK_SECONDS)


async def _pay(stage: Stage, fan: Member, missing_coins: int, *, card: str) -> str:
    pack = choose_pack(stage.packs, purse=fan.purse, missing_coins=missing_coins)
    what = {"pack": pack} if pack else {"coins": missing_coins}
    asked = await stage.ask(fan, "POST /v1/top-ups", {"id": str(new_id()), "provider": "sandbox", **what})
    checkout = str(asked["checkout_url"]).rsplit("/", 1)[1]
    await stage.ask(fan, f"POST /sandbox/checkouts/{checkout}/pay", {"card": card})
    return str(asked["id"])
