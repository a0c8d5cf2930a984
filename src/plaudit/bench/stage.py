"""A measured world: the product as it is served, fans with coins, and creators who are live."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.bench.crowd import Fan, let_buy, sign_up_creators, sign_up_people
from plaudit.bench.load import Call
from plaudit.bench.requests import post
from plaudit.bench.served import Product, database_apart, running_product
from plaudit.bench.talking import ask
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.ledger import PostgresLedger


class Size(Struct, frozen=True, kw_only=True):
    """How many fans there are, how many coins each of them buys at least, and how many creators are live."""

    fans: int
    coins: int
    creators: int


class Stage(Struct, frozen=True, kw_only=True):
    """What is measured: fan number n gives in the live of number n, counted round."""

    product: Product
    fans: Sequence[Fan]
    creators: Sequence[Fan]
    lives: Sequence[UUID]

    def gift_calls(self, count: int, *, live: int | None = None) -> list[Call]:
        """What the first so many fans send again and again: one rose, each in their live or all in the same."""
        rose = {"gift": "rose", "quantity": 1}
        lives = self.lives if live is None else [self.lives[live]]
        return [
            post("/v1/gifts", {"live_id": str(lives[number % len(lives)]), **rose}, token=fan.token)
            for number, fan in enumerate(self.fans[:count])
        ]


@asynccontextmanager
async def open_stage(settings: Settings, size: Size) -> AsyncGenerator[Stage]:
    """Everything set up and served until the block ends; nothing of it stays."""
    async with database_apart(settings) as (apart, pids):
        fans, creators = await _gather(apart, size)
        async with running_product(apart, pids) as product:
            lives = [await _go_live(product, creator) for creator in creators]
            yield Stage(product=product, fans=fans, creators=creators, lives=lives)


async def _gather(settings: Settings, size: Size) -> tuple[list[Fan], list[Fan]]:
    url = settings.database_url or ""
    async with Database.open(url) as db, PostgresLedger.open(db) as ledger:
        fans = await let_buy(db, ledger, await sign_up_people(db, "fan", size.fans), coins=size.coins)
        return fans, await sign_up_creators(db, size.creators)


async def _go_live(product: Product, creator: Fan) -> UUID:
    body = {"id": new_id(), "title": "A measured evening"}
    return msgspec.convert(
        (await ask(product.address, "POST", "/v1/lives", token=creator.token, body=body))["id"], UUID
    )
