"""SQL of the log: everything for many gifts at once."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from plaudit.foundation.database import Transaction
from plaudit.ledger.packing import bigints, optional_uuids, uuids
from plaudit.rooms.counting import Counting
from plaudit.rooms.model import Combo, Event
from plaudit.rooms.packing import blobs, instants, texts


async def lock_lives(tx: Transaction, live_ids: Collection[UUID]) -> dict[UUID, int]:
    """The last number of each live that exists; until `tx` ends nothing else happens in them.

    Always in the order of their ids, so that two who lock several lives don't wait for each other for ever.
    """
    rows = await tx.connection.execute(
        "select id, last_seq from rooms.lives where id = any(%(ids)s) order by id for no key update",
        {"ids": uuids(live_ids)},
        binary=True,
    )
    return dict(await rows.fetchall())


async def find_gifts(tx: Transaction, gift_ids: Collection[UUID]) -> set[UUID]:
    """Those of the gifts that are among the events already. Ask with their lives locked."""
    rows = await tx.connection.execute(
        "select gift_id from rooms.events where gift_id = any(%(ids)s)", {"ids": uuids(gift_ids)}, binary=True
    )
    return {gift_id for (gift_id,) in await rows.fetchall()}


async def find_combos(tx: Transaction, keys: Collection[UUID]) -> list[Combo]:
    """Those of the combos that ever were, over or not."""
    if not keys:
        return []
    rows = await tx.connection.execute(
        """
        select key, live_id, generation, count, coins, last_at, ended_at, gift, sender
        from rooms.combos where key = any(%(keys)s)
        """,
        {"keys": uuids(keys)},
        binary=True,
    )
    return [_combo(row) for row in await rows.fetchall()]


def _combo(row: tuple[Any, ...]) -> Combo:
    key, live_id, generation, count, coins, last_at, ended_at, gift, sender = row
    return Combo(
        key=key,
        live_id=live_id,
        generation=generation,
        count=count,
        coins=coins,
        last_at=last_at,
        ended_at=ended_at,
        gift=gift,
        sender=sender,
    )


async def store(tx: Transaction, counted: Counting) -> None:
    """Everything that was counted: events, the lives' last numbers, combos and leaderboards."""
    await add_events(tx, counted.events, counted.gift_ids)
    if counted.combos:
        await store_combos(tx, list(counted.combos.values()))
    if counted.sums:
        await _add_sums(tx, counted)


async def add_events(tx: Transaction, events: Sequence[Event], gift_ids: Sequence[UUID | None]) -> None:
    """The events, and each live's last number, which is that of its last event here."""
    last = {event.live_id: event.seq for event in events}
    await tx.connection.execute(
        """
        with moved as (
            update rooms.lives as live set last_seq = after.seq
            from unnest(%(lives)s, %(last_seqs)s) as after (id, seq) where live.id = after.id
        )
        insert into rooms.events (live_id, seq, at, gift_id, type, body)
        select live_id, seq, at, gift_id, type, body
        from unnest(%(live_id)s, %(seq)s, %(at)s, %(gift_id)s, %(type)s, %(body)s)
            as happened (live_id, seq, at, gift_id, type, body)
        """,
        {
            "lives": uuids(last.keys()),
            "last_seqs": bigints(list(last.values())),
            "live_id": uuids([event.live_id for event in events]),
            "seq": bigints([event.seq for event in events]),
            "at": instants([event.at for event in events]),
            "gift_id": optional_uuids(gift_ids),
            "type": texts([event.type for event in events]),
            "body": blobs([event.body for event in events]),
        },
    )


async def store_combos(tx: Transaction, combos: Sequence[Combo]) -> None:
    """Where each combo stands now. Their lives are locked, which keeps everyone else away."""
    await tx.connection.execute(
        """
        insert into rooms.combos (key, live_id, generation, count, coins, last_at, ended_at, gift, sender)
        select key, live_id, generation, count, coins, last_at, ended_at, gift, sender
        from unnest(%(key)s, %(live_id)s, %(generation)s, %(count)s, %(coins)s, %(last_at)s, %(ended_at)s, %(gift)s,
            %(sender)s) as counted (key, live_id, generation, count, coins, last_at, ended_at, gift, sender)
        on conflict (key) do update set generation = excluded.generation, count = excluded.count,
            coins = excluded.coins, last_at = excluded.last_at, ended_at = excluded.ended_at, sender = excluded.sender
        """,
        {
            "key": uuids([combo.key for combo in combos]),
            "live_id": uuids([combo.live_id for combo in combos]),
            "generation": bigints([combo.generation for combo in combos]),
            "count": bigints([combo.count for combo in combos]),
            "coins": bigints([combo.coins for combo in combos]),
            "last_at": instants([combo.last_at for combo in combos]),
            "ended_at": instants([combo.ended_at for combo in combos]),
            "gift": blobs([combo.gift for combo in combos]),
            "sender": blobs([combo.sender for combo in combos]),
        },
    )


async def _add_sums(tx: Transaction, counted: Counting) -> None:
    # A creator's week and all time are in no live's lock: sorted, two who add to the same ones wait in the same order.
    sums = sorted(counted.sums.items(), key=lambda item: (item[0][0].int, item[0][1], item[0][2].int))
    await tx.connection.execute(
        """
        insert into rooms.leaderboard as board (creator_id, span, fan_id, coins, reached_at)
        select creator_id, span, fan_id, coins, reached_at
        from unnest(%(creator_id)s, %(span)s, %(fan_id)s, %(coins)s, %(reached_at)s)
            as given (creator_id, span, fan_id, coins, reached_at)
        on conflict (creator_id, span, fan_id) do update
        set coins = board.coins + excluded.coins, reached_at = greatest(board.reached_at, excluded.reached_at)
        """,
        {
            "creator_id": uuids([creator_id for (creator_id, _, _), _ in sums]),
            "span": texts([span for (_, span, _), _ in sums]),
            "fan_id": uuids([fan_id for (_, _, fan_id), _ in sums]),
            "coins": bigints([added.coins for _, added in sums]),
            "reached_at": instants([added.reached_at for _, added in sums]),
        },
    )
