"""SQL of the line of stretches.

What the fold reads and writes has no schema before its names: where nothing is made again from the start they are those
of `coins`, and where it is they are scratch tables of the same names, which stand first (`earnings.refolding`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import LiteralString, TypeVar
from uuid import UUID

from msgspec import Struct

from plaudit.coins.line import Piece
from plaudit.coins.model import Part, Spender, Stretch
from plaudit.foundation.database import Transaction

Row = TypeVar("Row")


class Worth(Struct, frozen=True, kw_only=True):
    """How many coins a lot had, for how much."""

    coins: int
    value_micros: int


class _Changed(Struct, frozen=True):
    person_id: UUID
    timestamp: int


class _Fits(Struct, frozen=True):
    fits: bool


# Read by everybody.


async def find_spender(tx: Transaction, person_id: UUID) -> Spender | None:
    """How long the line is, and how much of it is spent."""
    return await tx.find(
        Spender,
        "select received, spent, taken from coins.spenders where person_id = %(person_id)s",
        {"person_id": person_id},
    )


async def list_stretches(tx: Transaction, person_id: UUID, *, first: int, limit: int) -> list[Stretch]:
    """The stretch with the place `first` and those after it, at most `limit`."""
    return await tx.all(
        Stretch,
        """
        select s.first_coin, s.coins, s.lot_id, s.lot_offset, l.coins as lot_coins, l.value_micros, l.currency,
            l.region, l.pack, l.provider, l.kind
        from coins.stretches s
        join coins.lots l on l.id = s.lot_id
        where s.person_id = %(person_id)s and s.first_coin + s.coins > %(first)s and s.first_coin >= coalesce((
            select max(first_coin) from coins.stretches
            where person_id = %(person_id)s and first_coin <= %(first)s), 0)
        order by s.first_coin limit %(limit)s
        """,
        {"person_id": person_id, "first": first, "limit": limit},
    )


async def list_unfolded(tx: Transaction, person_id: UUID, spender: Spender, *, first: int, limit: int) -> list[Stretch]:
    """Lots that aren't in the line yet, at the places where they will be: the place `first` and after it."""
    return await tx.all(
        Stretch,
        """
        select first_coin - %(taken)s as first_coin, coins, id as lot_id, 0 as lot_offset, coins as lot_coins,
            value_micros, currency, region, pack, provider, kind
        from coins.lots
        where person_id = %(person_id)s and first_coin >= %(received)s and first_coin - %(taken)s + coins > %(first)s
        order by first_coin limit %(limit)s
        """,
        {
            "limit": limit,
            "person_id": person_id,
            "received": spender.received + spender.taken,
            "taken": spender.taken,
            "first": first,
        },
    )


async def list_rest(tx: Transaction, lot_id: UUID) -> list[Piece]:
    """What of a lot is in the line and not spent."""
    return await tx.all(
        Piece,
        """
        select s.lot_id, s.lot_offset + greatest(p.spent - s.first_coin, 0) as lot_offset,
            s.coins - greatest(p.spent - s.first_coin, 0) as coins
        from coins.stretches s
        join coins.spenders p on p.person_id = s.person_id
        where s.lot_id = %(lot_id)s and s.first_coin + s.coins > p.spent
        order by s.first_coin
        """,
        {"lot_id": lot_id},
    )


async def get_worth(tx: Transaction, lot_id: UUID) -> Worth:
    """How many coins the lot had, for how much."""
    return await tx.one(Worth, "select coins, value_micros from coins.lots where id = %(lot_id)s", {"lot_id": lot_id})


async def find_cut(tx: Transaction, kind: type[Row], hold_id: UUID) -> Row | None:
    """What came of a hold."""
    return await tx.find(
        kind,
        """
        select hold_id, timestamp, lot_id, person_id, coins, rest_before, fits, lot_offset, value_micros, ended,
            ended_timestamp
        from coins.cuts where hold_id = %(hold_id)s
        """,
        {"hold_id": hold_id},
    )


async def list_cuts(tx: Transaction, kind: type[Row], person_id: UUID) -> list[Row]:
    """What came of all holds on a fan's coins, in their order; hardly anybody has any."""
    return await tx.all(
        kind,
        """
        select hold_id, timestamp, lot_id, person_id, coins, rest_before, fits, lot_offset, value_micros, ended,
            ended_timestamp
        from coins.cuts where person_id = %(person_id)s order by timestamp
        """,
        {"person_id": person_id},
    )


async def list_whole(tx: Transaction, lots: Sequence[UUID]) -> list[Part]:
    """Each of these lots as one part."""
    return await tx.all(
        Part,
        "select id as lot_id, coins, value_micros as micros, currency, kind from coins.lots where id = any(%(lots)s)",
        {"lots": list(lots)},
    )


async def list_changed(tx: Transaction, *, after: int) -> tuple[int, set[UUID]]:
    """Whose lines cuts have changed after a transfer, and the last transfer that changed one."""
    rows = await tx.all(
        _Changed,
        """
        select person_id, timestamp from coins.cuts where fits and timestamp > %(after)s
        union all
        select person_id, ended_timestamp from coins.cuts where fits and ended_timestamp > %(after)s
        """,
        {"after": after},
    )
    return max((row.timestamp for row in rows), default=after), {row.person_id for row in rows}


async def last_change(tx: Transaction) -> int:
    """The last transfer that changed any line otherwise than at its end; 0 when none did."""
    return await tx.value(
        int,
        """
        select greatest(
            0, (select max(timestamp) from coins.cuts), (select max(ended_timestamp) from coins.cuts))::bigint
        """,
    )


# Written by the fold alone.


class Event(Struct, frozen=True, kw_only=True):
    """A transfer that takes coins from a fan in another way than a gift does, or gives them back."""

    timestamp: int
    at: datetime
    id: UUID
    kind: int
    code: int
    amount: int
    hold_id: UUID | None
    lot_id: UUID | None
    person_id: UUID


async def find_event(tx: Transaction, *, after: int, upto: int) -> Event | None:
    """The first after a transfer, up to another; holds of other codes change nothing before they are posted."""
    return await tx.find(
        Event,
        """
        select timestamp, at, id, kind, code, amount, hold_id, ref_128 as lot_id, debit_owner as person_id
        from ledger.feed
        where timestamp > %(after)s and timestamp <= %(upto)s and code <> 2 and debit_code = 200 and asset = 1
            and (code in (10, 11) or kind in (0, 2))
        order by timestamp limit 1
        """,
        {"after": after, "upto": upto},
    )


_OPEN_LOTS: LiteralString = """
    with credited as (
        select timestamp, at, id, code, ref_128, amount as coins, credit_owner as person_id,
            credit_credits_posted - amount as received_before
        from ledger.feed
        where timestamp > %(after)s and timestamp <= %(upto)s and code <> 2 and credit_code = 200 and asset = 1
            and kind in (0, 2)
    ),
    told as (
        select c.timestamp, c.at, c.person_id, c.received_before, c.coins, coalesce(t.id, g.id, c.id) as lot_id,
            case when t.id is null then 'promotional' else 'paid' end as kind,
            coalesce(t.net_minor, 0) * 10000 as value_micros,
            coalesce(t.currency, g.currency, p.currency, 'USD') as currency,
            coalesce(t.region, p.region, '') as region, t.pack, coalesce(t.provider, '') as provider
        from credited c
        left join coins.top_ups t
            on c.code = 1 and t.id = c.ref_128 and t.person_id = c.person_id and t.coins = c.coins
        left join coins.grants g
            on c.code = 3 and g.id = c.ref_128 and g.person_id = c.person_id and g.coins = c.coins
        left join people.people p on p.id = c.person_id
    ),
    opened as (
        insert into coins.lots
            (id, person_id, first_coin, coins, value_micros, currency, region, pack, provider, opened_at, kind)
        select lot_id, person_id, received_before, coins, value_micros, currency, region, pack, provider, at, kind
        from told
        on conflict do nothing
    ),
    grown as (
        insert into spenders as s (person_id, received)
        select person_id, sum(coins) from told group by person_id order by person_id
        on conflict (person_id) do update set received = s.received + excluded.received
    )
    insert into stretches (person_id, first_coin, coins, lot_id, lot_offset)
    select person_id, coalesce(s.received, 0) + sum(coins) over before_it - coins, coins, lot_id, 0
    from told left join spenders s using (person_id)
    window before_it as (partition by person_id order by timestamp)
"""


async def open_lots(tx: Transaction, *, after: int, upto: int) -> int:
    """Append the coins that fans received to their lines, each as a lot; how many lots.

    What is said of a lot comes from the intent that the transfer refers to. Without one it is worth nothing.
    """
    return await tx.execute(_OPEN_LOTS, {"after": after, "upto": upto})


async def list_unspent(tx: Transaction, person_id: UUID) -> list[Piece]:
    """The part of the line that isn't spent."""
    return await tx.all(
        Piece,
        """
        select s.lot_id, s.lot_offset + greatest(p.spent - s.first_coin, 0) as lot_offset,
            s.coins - greatest(p.spent - s.first_coin, 0) as coins
        from spenders p
        join stretches s on s.person_id = p.person_id and s.first_coin + s.coins > p.spent
        where p.person_id = %(person_id)s
        order by s.first_coin
        """,
        {"person_id": person_id},
    )


async def replace_unspent(tx: Transaction, person_id: UUID, line: Sequence[Piece]) -> None:
    """Write the part of the line that isn't spent anew, and how long the line is."""
    params: dict[str, object] = {
        "person_id": person_id,
        "lots": [piece.lot_id for piece in line],
        "offsets": [piece.lot_offset for piece in line],
        "coins": [piece.coins for piece in line],
    }
    await tx.execute(
        """
        delete from stretches s using spenders p
        where p.person_id = %(person_id)s and s.person_id = p.person_id and s.first_coin >= p.spent
        """,
        params,
    )
    await tx.execute(
        """
        update stretches s set coins = p.spent - s.first_coin
        from spenders p
        where p.person_id = %(person_id)s and s.person_id = p.person_id and s.first_coin + s.coins > p.spent
        """,
        params,
    )
    await tx.execute(
        """
        with pieces as (
            select lot_id, lot_offset, coins, sum(coins) over (order by place) - coins as before_it
            from unnest(%(lots)s::uuid[], %(offsets)s::bigint[], %(coins)s::bigint[])
                with ordinality as pieces (lot_id, lot_offset, coins, place)
        )
        insert into stretches (person_id, first_coin, coins, lot_id, lot_offset)
        select p.person_id, p.spent + before_it, coins, lot_id, lot_offset
        from spenders p, pieces
        where p.person_id = %(person_id)s
        """,
        params,
    )


async def note_taken(tx: Transaction, person_id: UUID, coins: int) -> None:
    """So many coins left the line; below zero, so many came back."""
    await tx.execute(
        """
        update spenders set received = received - %(coins)s, taken = taken + %(coins)s where person_id = %(person_id)s
        """,
        {"person_id": person_id, "coins": coins},
    )


async def add_cut(tx: Transaction, cut: Mapping[str, object], pieces: Sequence[Piece]) -> None:
    """What came of a hold, and which coins it took."""
    await tx.execute(
        """
        insert into cuts
            (hold_id, timestamp, lot_id, person_id, coins, rest_before, fits, lot_offset, value_micros)
        values (%(hold_id)s, %(timestamp)s, %(lot_id)s, %(person_id)s, %(coins)s, %(rest_before)s, %(fits)s,
            %(lot_offset)s, %(value_micros)s)
        """,
        cut,
    )
    for piece in pieces:
        await tx.execute(
            "insert into cut_pieces (hold_id, lot_offset, coins) values (%(hold_id)s, %(lot_offset)s, %(coins)s)",
            {"hold_id": cut["hold_id"], "lot_offset": piece.lot_offset, "coins": piece.coins},
        )


async def end_cut(tx: Transaction, hold_id: UUID, ended: str, *, timestamp: int) -> bool | None:
    """Say what came of the hold; whether it fitted, None of a hold that isn't there."""
    rows = await tx.all(
        _Fits,
        """
        update cuts set ended = %(ended)s, ended_timestamp = %(timestamp)s
        where hold_id = %(hold_id)s and ended is null
        returning fits
        """,
        {"hold_id": hold_id, "ended": ended, "timestamp": timestamp},
    )
    return rows[0].fits if rows else None


async def list_pieces(tx: Transaction, hold_id: UUID) -> list[Piece]:
    """Which coins a cut took, in the order of the lot."""
    return await tx.all(
        Piece,
        """
        select c.lot_id, p.lot_offset, p.coins
        from cuts c join cut_pieces p on p.hold_id = c.hold_id
        where c.hold_id = %(hold_id)s
        order by p.lot_offset
        """,
        {"hold_id": hold_id},
    )
