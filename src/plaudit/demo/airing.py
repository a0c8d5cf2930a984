"""Three lives are always on: a creator whose live has ended goes live again a little later."""

import asyncio
import math

from plaudit.demo.cast import PLAYED
from plaudit.demo.stage import Room, Stage, unharmed
from plaudit.foundation.ids import new_id

_LOOK_SECONDS = 2.0
_CATALOGUE_SECONDS = 10.0
# Whoever plays a creator has time to look at what was, and to go live by themselves.
_REST_SECONDS, _REST_SECONDS_OF_THE_PLAYED = 10.0, 60.0


async def keep_on_air(stage: Stage) -> None:
    """Look who is on, and go live where nobody is, until cancelled."""
    dark_since: dict[str, float] = {}
    while True:
        await unharmed(look_around(stage, dark_since))
        await asyncio.sleep(_LOOK_SECONDS)


async def keep_shopping(stage: Stage) -> None:
    """Know what there is to give, until cancelled: what an operator adds is given soon after."""
    while True:
        await unharmed(look_into_the_shop(stage))
        await asyncio.sleep(_CATALOGUE_SECONDS)


async def look_into_the_shop(stage: Stage) -> None:
    """What there is to buy and to give now. Raises Refused or Away."""
    fan = stage.fans[0]
    packs = (await stage.ask(fan, "GET /v1/packs"))["items"]
    gifts = (await stage.ask(fan, "GET /v1/gifts/catalogue"))["items"]
    stage.packs = [(str(pack["id"]), int(pack["coins"])) for pack in packs]
    stage.prices = {str(gift["id"]): int(gift["price_coins"]) for gift in gifts}


async def look_around(stage: Stage, dark_since: dict[str, float]) -> None:
    """Who is on now; whoever rested long enough goes live. `dark_since` remembers. Raises Refused or Away."""
    on = {str(live["creator"]["handle"]): live for live in (await stage.api.ask("GET /v1/lives?limit=100"))["items"]}
    now = asyncio.get_running_loop().time()
    for handle, room in stage.rooms.items():
        live = on.get(handle)
        room.live_id = str(live["id"]) if live else None
        if live is not None:
            dark_since[handle] = 0.0
            room.viewers = int(live["viewers"])
        elif not dark_since.get(handle) and handle in dark_since:
            dark_since[handle] = now
        elif now - dark_since.get(handle, -math.inf) >= _rest_of(room):
            await unharmed(_go_live(stage, room))


def _rest_of(room: Room) -> float:
    return _REST_SECONDS_OF_THE_PLAYED if room.creator.member == PLAYED["creator"] else _REST_SECONDS


async def _go_live(stage: Stage, room: Room) -> None:
    body = {"id": str(new_id()), "title": stage.random.choice(room.creator.titles)}
    live = await stage.ask(room.creator.member, "POST /v1/lives", body)
    room.live_id = str(live["id"])
