"""The people of a measured world: fans with sessions and coins, and creators who may receive them.

They come in through the packages' own doors.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from plaudit.coins import Buyer, Till, top_ups
from plaudit.coins import Wish as CoinWish
from plaudit.coins.chains import fan_account
from plaudit.coins.settling import apply_payment
from plaudit.foundation.clock import SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.ledger import Ledger
from plaudit.people import Caller, Hasher, Wish, actions, operators, profiles
from plaudit.people.hashing import Cost
from plaudit.providers import Sandbox
from plaudit.providers.sandbox import NAME, SandboxSettings
from plaudit.providers.sandbox_rules import Card
from plaudit.rooms import eligibility
from plaudit.rooms.eligibility_rules import Kind, Rule

_PACK, _COINS_OF_PACK = "pack_12500", 12_500
_AT_ONCE = 8
# Passwords that guard nothing: the least that argon2 takes.
_CHEAP = Cost(memory_kib=8, rounds=1, lanes=1)
_CALLER = Caller(address="127.0.0.1", user_agent="plaudit bench")

Result = TypeVar("Result")


class Fan(Struct, frozen=True, kw_only=True):
    """Somebody who is signed in; `token` is their session's, `coins` what they bought."""

    id: UUID
    handle: str
    token: str
    coins: int = 0

    @property
    def account(self) -> UUID:
        """Their coins in the ledger."""
        return fan_account(self.id)


async def sign_up_people(db: Database, prefix: str, count: int) -> list[Fan]:
    """So many people, `{prefix}_0` and on, each with a session."""
    hasher, clock = Hasher(_CHEAP), SystemClock()

    async def sign_up(number: int) -> Fan:
        handle = f"{prefix}_{number}"
        wish = Wish(
            email=f"{handle}@example.org",
            password=f"a seat in the crowd, number {number}",
            handle=handle,
            birth_on=date(1990, 1, 1),
            region="US",
        )
        made = await actions.sign_up(db, hasher, wish, caller=_CALLER, now=clock.now())
        return Fan(id=made.person.id, handle=handle, token=made.token)

    return await in_turns([sign_up(number) for number in range(count)])


async def let_buy(db: Database, ledger: Ledger, fans: Sequence[Fan], *, coins: int) -> list[Fan]:
    """Each fan buys at least so many coins, in the largest packs, and pays at the sandbox with a card that works."""
    sandbox, clock = Sandbox(db), SystemClock()
    # Its webhooks would still be on their way when the measuring has begun; here each payment is asked for.
    await sandbox.change_settings(SandboxSettings(copies=0))
    till = Till(db=db, ledger=ledger, providers={NAME: sandbox})

    async def buy(fan: Fan) -> Fan:
        packs = -(-coins // _COINS_OF_PACK)
        for _ in range(packs):
            await _buy_one(till, sandbox, fan, now=clock.now())
        return Fan(id=fan.id, handle=fan.handle, token=fan.token, coins=packs * _COINS_OF_PACK)

    return await in_turns([buy(fan) for fan in fans])


async def _buy_one(till: Till, sandbox: Sandbox, fan: Fan, *, now: datetime) -> None:
    buyer = Buyer(person_id=fan.id, region="US", currency="USD")
    top_up = await top_ups.start_top_up(till, CoinWish(id=new_id(), provider=NAME, pack=_PACK), buyer, now=now)
    assert top_up.checkout_id is not None, "it was just opened"
    await sandbox.pay(UUID(top_up.checkout_id), Card.SUCCESS, now=now)
    payment = await sandbox.find_payment(top_up.checkout_id, now=now)
    assert payment is not None, "it was just paid"
    await apply_payment(till, NAME, payment, now=now)


async def in_turns(works: Sequence[Awaitable[Result]]) -> list[Result]:
    """All results, in order; a few at once, since each wants a database connection."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(work: Awaitable[Result]) -> Result:
        async with room:
            return await work

    return await asyncio.gather(*(one(work) for work in works))


async def sign_up_creators(db: Database, count: int) -> list[Fan]:
    """So many creators who may receive gifts: verified by an operator, who asks for no followers here."""
    clock = SystemClock()
    made = await operators.add_operator(db, Hasher(_CHEAP), "operator@example.org", now=clock.now())
    operator_id = await _id_of(db, made.handle)
    today = clock.now().date()
    none_asked = Rule(kind=Kind.LEAST_FOLLOWERS, region="", value=0, holds_from=today)
    await eligibility.set_rule(db, none_asked, by=operator_id, now=clock.now())
    creators = await sign_up_people(db, "creator", count)
    for creator in creators:
        await profiles.apply_as_creator(db, creator.id, "is measured", now=clock.now())
        await operators.verify_creator(db, operator_id, creator.handle, now=clock.now())
    return creators


async def _id_of(db: Database, handle: str) -> UUID:
    async with db.transaction() as tx:
        return (await profiles.get_profile(tx, handle)).id
