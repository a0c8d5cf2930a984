"""How far the settlement is behind while the API takes gifts as fast as it can, all on the same machine."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter

from msgspec import Struct

from plaudit.bench.over_http import run_load
from plaudit.bench.stage import Size, open_stage
from plaudit.earnings.settlement import count_behind
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings

_FANS, _CREATORS = 256, 4
_GIFTS_PER_SECOND_AND_FAN = 400
_LOOK_SECONDS = 0.2
_PATIENCE_SECONDS = 60.0

Say = Callable[[str], None]


class Lag(Struct, frozen=True, kw_only=True):
    """Transfers that weren't folded yet: the most of them, and when the load ended; and how long the rest then took."""

    gifts_per_s: float
    most_behind: int
    behind_at_end: int
    caught_up_seconds: float


async def measure_lag(settings: Settings, seconds: float, say: Say) -> Lag:
    """Serve the product with its worker, let fans give, and look on."""
    say("starting the product; fans sign up and buy coins")
    coins = 200 + int(seconds * 2 * _GIFTS_PER_SECOND_AND_FAN)
    async with (
        open_stage(settings, Size(fans=_FANS, coins=coins, creators=_CREATORS)) as stage,
        Database.open(stage.product.settings.database_url or "") as db,
    ):
        await _wait_for_settlement(db)
        say("settling while the API takes gifts")
        seen: list[int] = []
        looking = asyncio.create_task(_look(db, seen))
        try:
            load = await run_load(stage.product.address, stage.gift_calls(_FANS), seconds)
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
        behind, ended = await count_behind(db), perf_counter()
        await _wait_for_settlement(db)
        return Lag(
            gifts_per_s=load.figure.per_s,
            most_behind=max([*seen, behind]),
            behind_at_end=behind,
            caught_up_seconds=round(perf_counter() - ended, 2),
        )


async def _look(db: Database, seen: list[int]) -> None:
    while True:
        seen.append(await count_behind(db))
        await asyncio.sleep(_LOOK_SECONDS)


async def _wait_for_settlement(db: Database) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while await count_behind(db):
            await asyncio.sleep(_LOOK_SECONDS)
