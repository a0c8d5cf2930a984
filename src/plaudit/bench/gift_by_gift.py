"""The settlement that a careful developer writes first: one database transaction a gift, and then its money.

The same tables, constraints and indexes, prepared statements over one connection, rates in memory. It writes the same
slices, so the settlement can go on from where it stopped.
"""

from datetime import UTC, datetime
from time import perf_counter
from typing import Any
from uuid import UUID

from msgspec import Struct

from plaudit.coins.line import value_between
from plaudit.earnings.leg_queries import Leg, mark_posted
from plaudit.earnings.queries import list_all_rates
from plaudit.earnings.rates import RateTable
from plaudit.earnings.rules import share_of
from plaudit.earnings.settling import Settling, leg_chain, post
from plaudit.foundation.database import Transaction
from plaudit.ledger import Posted

_GIFT = """
    select t.timestamp, t.at, t.ref_128, fan.ref_128, creator.ref_128, t.amount, s.spent
    from earnings.cursor c
    join ledger.transfers t on t.timestamp = c.timestamp + 1
    join ledger.accounts fan on fan.id = t.debit_account
    join ledger.accounts creator on creator.id = t.credit_account
    join coins.spenders s on s.person_id = fan.ref_128
    for update of c, s
"""
_STRETCHES = """
    select s.first_coin, s.coins, s.lot_id, s.lot_offset, l.coins, l.value_micros, l.currency
    from coins.stretches s join coins.lots l on l.id = s.lot_id
    where s.person_id = %s and s.first_coin < %s and s.first_coin >= (
        select max(first_coin) from coins.stretches where person_id = %s and first_coin <= %s)
    order by s.first_coin
"""
_SLICE = """
    insert into earnings.slices (timestamp, place, gift_id, fan_id, creator_id, lot_id, lot_offset, coins, value_micros,
        share_micros, currency, region, tier, share_bps, micros_per_coin)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'US', 'standard', %s, %s)
"""
_CARRY = """
    insert into earnings.carries (creator_id, currency, carry) values (%s, %s, %s)
    on conflict (creator_id, currency) do update set carry = excluded.carry
"""
_TERMS = """
    insert into earnings.terms (person_id, region, valid_from) values (%s, 'US', 'epoch') on conflict do nothing
"""
_RUN = "insert into earnings.runs (id, first_timestamp, last_timestamp, folded_at) values (%s, %s, %s, now())"
_LEG = """
    insert into earnings.legs (run, creator_id, currency, gifts, coins, value_micros, share_micros, promoted_micros,
        left_micros, first_at, last_at, release_at)
    values (%s, %s, %s, 1, %s, %s, %s, 0, %s, %s, %s, %s + interval '7 days')
"""


class _Gift(Struct, frozen=True):
    timestamp: int
    at: datetime
    gift_id: UUID
    fan_id: UUID
    creator_id: UUID
    coins: int
    spent: int


async def settle_gifts(books: Settling, seconds: float) -> float:
    """Settle one gift after the other for some seconds; how many a second."""
    async with books.db.transaction() as tx:
        rates = RateTable(await list_all_rates(tx))
    done, started = 0, perf_counter()
    while (elapsed := perf_counter() - started) < seconds:
        async with books.db.transaction() as tx:
            legs = await _fold_one(tx, rates)
        for leg in legs:
            outcome = await post(books, leg_chain(leg))
            assert isinstance(outcome, Posted), outcome
        async with books.db.transaction() as tx:
            await mark_posted(tx, legs, now=datetime.now(UTC))
        done += 1
    return round(done / elapsed, 1)


async def _fold_one(tx: Transaction, rates: RateTable) -> list[Leg]:
    run = tx.connection.execute
    gift = _Gift(*(await _row(await run(_GIFT))))
    end = gift.spent + gift.coins
    found = await (await run(_STRETCHES, (gift.fan_id, end, gift.fan_id, gift.spent))).fetchall()
    legs: dict[str, Leg] = {}
    for place, row in enumerate(found):
        leg = await _slice_one(tx, rates, gift, place, row)
        before = legs.get(leg.currency)
        legs[leg.currency] = _sum(before, leg) if before else leg
    await run("update coins.spenders set spent = %s where person_id = %s", (end, gift.fan_id))
    await run("update earnings.cursor set timestamp = %s, at = %s", (gift.timestamp, gift.at))
    await run(_TERMS, (gift.creator_id,))
    await run(_RUN, (gift.timestamp, gift.timestamp, gift.timestamp))
    for leg in legs.values():
        money = (leg.coins, leg.value_micros, leg.share_micros, leg.share_micros)
        await run(_LEG, (leg.run, leg.creator_id, leg.currency, *money, gift.at, gift.at, gift.at))
    return list(legs.values())


async def _slice_one(tx: Transaction, rates: RateTable, gift: _Gift, place: int, row: tuple[Any, ...]) -> Leg:
    first_coin, coins, lot_id, lot_offset, lot_coins, lot_micros, currency = row
    begins, ends = max(first_coin, gift.spent), min(first_coin + coins, gift.spent + gift.coins)
    first, count = lot_offset + begins - first_coin, ends - begins
    value = value_between(lot_micros, lot_coins, first=first, end=first + count)
    held = await tx.connection.execute(
        "select carry from earnings.carries where creator_id = %s and currency = %s for update",
        (gift.creator_id, currency),
    )
    carry = await held.fetchone()
    rate = rates.find("US", currency, now=gift.at)
    share = share_of(rate, coins=count, micros=value, carry=carry[0] if carry else 0)
    of_whom = (gift.timestamp, place, gift.gift_id, gift.fan_id, gift.creator_id, lot_id, first, count)
    how = (rate.share_bps, rate.micros_per_coin) if rate else (None, None)
    await tx.connection.execute(_SLICE, (*of_whom, value, share.micros, currency, *how))
    await tx.connection.execute(_CARRY, (gift.creator_id, currency, share.carry))
    return Leg(
        run=gift.timestamp,
        creator_id=gift.creator_id,
        currency=currency,
        coins=count,
        value_micros=value,
        share_micros=share.micros,
        promoted_micros=0,
    )


def _sum(one: Leg, other: Leg) -> Leg:
    return Leg(
        run=one.run,
        creator_id=one.creator_id,
        currency=one.currency,
        coins=one.coins + other.coins,
        value_micros=one.value_micros + other.value_micros,
        share_micros=one.share_micros + other.share_micros,
        promoted_micros=0,
    )


async def _row(cursor: Any) -> tuple[Any, ...]:
    row = await cursor.fetchone()
    if row is None:
        raise RuntimeError("there are no gifts left to settle")
    return row
