"""The crowd as a whole: everyone who plays, until they are sent home."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from random import Random

from plaudit.demo.airing import keep_on_air, keep_shopping, look_around, look_into_the_shop
from plaudit.demo.api import Api, Away
from plaudit.demo.cast import Member
from plaudit.demo.giving import keep_giving
from plaudit.demo.stage import Stage, make_rooms, unharmed
from plaudit.demo.talking import keep_liking, keep_talking
from plaudit.demo.watching import keep_listening, keep_watching
from plaudit.demo.words import SMALL_TALK, Shuffled

_OPEN_SECONDS = 60.0
_AGAIN_SECONDS = 0.2


def make_stage(api: Api, tokens: Mapping[str, str], fans: Sequence[Member], pace: Callable[[], float]) -> Stage:
    """A stage that is dark yet; `tokens` are by handle, of the fans and of the creators."""
    random = Random()
    return Stage(
        api=api,
        tokens=dict(tokens),
        fans=list(fans),
        random=random,
        rooms=make_rooms(random),
        small_talk=Shuffled(SMALL_TALK, random),
        pace=pace,
    )


async def open_doors(stage: Stage) -> None:
    """Return when all three creators are on. Raises Away when that takes too long."""
    try:
        async with asyncio.timeout(_OPEN_SECONDS):
            while not (stage.prices and all(room.live_id for room in stage.rooms.values())):
                await unharmed(look_into_the_shop(stage))
                await unharmed(look_around(stage, {}))
                await asyncio.sleep(_AGAIN_SECONDS)
    except TimeoutError:
        raise Away(stage.api.trouble or "the creators can't go live") from None


async def play(stage: Stage) -> None:
    """Everyone plays, until cancelled."""
    async with asyncio.TaskGroup() as players:
        players.create_task(keep_on_air(stage))
        players.create_task(keep_shopping(stage))
        players.create_task(keep_giving(stage))
        players.create_task(keep_talking(stage))
        players.create_task(keep_liking(stage))
        players.create_task(keep_watching(stage))
        for room in stage.rooms.values():
            players.create_task(keep_listening(stage, room))
