"""After the measuring: do wallets, ledger and feed say what the answers said? Nothing is quick that loses a gift."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from plaudit.bench.crowd import Fan, in_turns
from plaudit.bench.stage import Stage
from plaudit.bench.talking import ask
from plaudit.foundation.database import Database
from plaudit.foundation.money import COIN
from plaudit.ledger import PostgresLedger
from plaudit.ledger.chart import AccountCode, account_id
from plaudit.rooms import events

# A gift is in its room's log a moment after its answer.
_FEED_SECONDS = 30.0


class Agreement(Struct, frozen=True, kw_only=True):
    """How many gifts (of one coin each) there are by the answers, by fans' and creators' accounts, and in the feeds."""

    answered: int
    spent: int
    received: int
    in_feeds: int
    wallets_that_differ: int

    @property
    def problems(self) -> list[str]:
        """What doesn't agree, in words."""
        found = [
            f"{self.answered:,} gifts were answered, and {count:,} {what}"
            for count, what in (
                (self.spent, "coins were spent"),
                (self.received, "coins were received"),
                (self.in_feeds, "gifts are in the feeds"),
            )
            if count != self.answered
        ]
        differing = self.wallets_that_differ
        return found + ([f"{differing:,} fans' wallets differ from their answers"] if differing else [])


async def compare(stage: Stage, answered: Mapping[UUID, int], feeds_before: Mapping[UUID, int]) -> Agreement:
    """The gifts that were answered, by fan, against everything that keeps them."""
    total = sum(answered.values())
    async with Database.open(stage.product.settings.database_url or "") as db, PostgresLedger.open(db) as ledger:
        in_feeds = await _until_in_feeds(db, feeds_before, total)
        accounts = [fan.account for fan in stage.fans]
        received = [account_id(AccountCode.CREATOR_COINS, COIN, creator.id) for creator in stage.creators]
        balances = await ledger.balances([*accounts, *received])
    wallets = await in_turns([_wallet(stage, fan) for fan in stage.fans])
    return Agreement(
        answered=total,
        spent=sum(balances[account].debits_posted for account in accounts),
        received=sum(balances[account].credits_posted for account in received if account in balances),
        in_feeds=in_feeds,
        wallets_that_differ=_differing(stage.fans, wallets, answered),
    )


def _differing(fans: Sequence[Fan], wallets: Sequence[int], answered: Mapping[UUID, int]) -> int:
    pairs = zip(fans, wallets, strict=True)
    return sum(coins != fan.coins - answered.get(fan.id, 0) for fan, coins in pairs)


async def _wallet(stage: Stage, fan: Fan) -> int:
    return int((await ask(stage.product.address, "GET", "/v1/wallet", token=fan.token))["coins"])


async def feeds_of(stage: Stage) -> dict[UUID, int]:
    """How many events each live has now."""
    async with Database.open(stage.product.settings.database_url or "") as db:
        return await events.last_seqs(db, stage.lives)


async def _until_in_feeds(db: Database, before: Mapping[UUID, int], total: int) -> int:
    """How many events came since `before`: as many as there should be, or what there is when time is up."""
    ends = asyncio.get_running_loop().time() + _FEED_SECONDS
    while True:
        now = await events.last_seqs(db, list(before))
        found = sum(now.values()) - sum(before.values())
        if found >= total or asyncio.get_running_loop().time() > ends:
            return found
        await asyncio.sleep(0.05)
