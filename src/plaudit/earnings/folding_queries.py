"""SQL of the settlement's fold: many gifts in one statement.

Names without a schema are those of tables that can be made again from the ledger; see `coins.order_queries`.
"""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from plaudit.earnings.errors import LineTooShort
from plaudit.foundation.database import Transaction
from plaudit.foundation.database_errors import name_constraint

name_constraint("nobody spends what isn't in the line", LineTooShort)


class Place(Struct, frozen=True):
    """Up to which transfer everything is folded, and when that was."""

    timestamp: int
    at: datetime


class Settled(Struct, frozen=True, kw_only=True):
    """What one statement settled: gifts, their coins, and how many of these the line had."""

    gifts: int
    coins: int
    found: int


class Uncovered(Struct, frozen=True, kw_only=True):
    """A gift that spends what its fan's line hasn't got."""

    timestamp: int
    fan_id: UUID


async def use_tables(tx: Transaction) -> None:
    """Let names without a schema mean the real tables, or scratch ones where there are any, until `tx` ends."""
    await tx.execute("set local search_path = earnings, coins")


async def lock_cursor(tx: Transaction, *, waits: bool) -> Place | None:
    """Become the one who folds until `tx` ends; None when somebody else is and this one doesn't wait."""
    if waits:
        return await tx.find(Place, "select timestamp, at from cursor for update")
    return await tx.find(Place, "select timestamp, at from cursor for update skip locked")


async def move_cursor(tx: Transaction, place: Place) -> None:
    """Everything is folded up to there."""
    await tx.execute(
        "update cursor set timestamp = %(timestamp)s, at = %(at)s", {"timestamp": place.timestamp, "at": place.at}
    )


async def get_place(tx: Transaction) -> Place:
    """Up to where everything is folded."""
    return await tx.one(Place, "select timestamp, at from earnings.cursor")


async def count_behind(tx: Transaction) -> int:
    """How many transfers aren't folded yet."""
    return await tx.value(
        int, "select clock.timestamp - cursor.timestamp from ledger.clock clock, earnings.cursor cursor"
    )


async def find_page(tx: Transaction, *, after: int, most: int) -> Place | None:
    """The last transfer of the next page: at most so many, and of no more than a day. None when there is nothing new.

    Timestamps have no gap and their instants never go back, so it is found by halving.
    """
    return await tx.find(
        Place,
        """
        with recursive first as (
            select at + interval '1 day' as over from ledger.transfers where timestamp = %(after)s + 1
        ),
        search (low, high) as (
            select %(after)s::bigint + 1, least(%(after)s::bigint + %(most)s, (select timestamp from ledger.clock))
            from first
            union all
            select case when middle.at < over then middle.timestamp else low end,
                   case when middle.at < over then high else middle.timestamp - 1 end
            from search, first, ledger.transfers middle
            where middle.timestamp = (low + high + 1) / 2 and low < high
        )
        select t.timestamp, t.at from search join ledger.transfers t on t.timestamp = low where low >= high
        """,
        {"after": after, "most": most},
    )


_GIFTS: LiteralString = """
    with gifts as materialized (
        select timestamp, at, coalesce(ref_128, id) as gift_id, debit_owner as fan_id, credit_owner as creator_id,
            amount as coins
        from ledger.feed
        where timestamp > %(after)s and timestamp <= %(upto)s and code = 2 and kind in (0, 2) and asset = 1
            and debit_code = 200 and credit_code = 300
    )
"""


# An operator may have set terms from a little after the place of the fold on. They are still to come here: tiers aren't
# taken from them, but they move to the new region, too.
_TERMS: LiteralString = """
    with receivers as materialized (
        select distinct credit_account as id from ledger.transfers
        where timestamp > %(after)s and timestamp <= %(upto)s and code = 2
    ),
    creators as (select coalesce(ref_128, id) as creator_id from receivers join ledger.accounts using (id)),
    planned as (
        update earnings.terms t set region = p.region
        from creators c
        join people.people p on p.id = c.creator_id
        where t.person_id = c.creator_id and t.region <> p.region
            and t.valid_from > %(folded_at)s + interval '1 microsecond'
    )
    insert into earnings.terms as t (person_id, region, tier, risk_tier, valid_from)
    select c.creator_id, coalesce(p.region, ''), 'standard', 'standard', 'epoch'
    from creators c
    left join people.people p on p.id = c.creator_id
    where not exists (select from earnings.terms where person_id = c.creator_id)
    union all
    select c.creator_id, p.region, known.tier, known.risk_tier, %(folded_at)s + interval '1 microsecond'
    from creators c
    join people.people p on p.id = c.creator_id
    join lateral (
        select region, tier, risk_tier from earnings.terms
        where person_id = c.creator_id and valid_from <= %(folded_at)s + interval '1 microsecond'
        order by valid_from desc limit 1
    ) as known on known.region <> p.region
    on conflict (person_id, valid_from) do update set region = excluded.region
"""


async def note_terms(tx: Transaction, cursor: Place, upto: int) -> None:
    """Write down the terms of creators that are new here, or whose region changed: from after what is folded on."""
    await tx.execute(_TERMS, {"after": cursor.timestamp, "upto": upto, "folded_at": cursor.at})


# A gift takes its place in its fan's line after all that the fan gave before; its parts are the stretches that it meets
# there. `offset 0` keeps the planner from making the look into the index, gift by gift, a walk over all stretches.
_PARTS: LiteralString = """
    placed as materialized (
        select g.*, (coalesce(s.spent, 0) + sum(g.coins) over before_it - g.coins)::bigint as first_coin
        from gifts g left join spenders s on s.person_id = g.fan_id
        window before_it as (partition by g.fan_id order by g.timestamp)
    ),
    parts as materialized (
        select p.timestamp, p.at, p.gift_id, p.fan_id, p.creator_id, s.*,
            row_number() over (partition by p.timestamp order by s.place_in_line) - 1 as place
        from placed p
        cross join lateral (
            select s.lot_id, l.currency, l.kind, l.coins as lot_coins, l.value_micros as lot_micros,
                greatest(s.first_coin, p.first_coin) as place_in_line,
                s.lot_offset + greatest(p.first_coin - s.first_coin, 0) as lot_offset,
                least(s.first_coin + s.coins, p.first_coin + p.coins)
                    - greatest(s.first_coin, p.first_coin) as coins
            from stretches s
            join coins.lots l on l.id = s.lot_id
            where s.person_id = p.fan_id and s.first_coin < p.first_coin + p.coins and s.first_coin >= (
                select max(b.first_coin) from stretches b where b.person_id = p.fan_id and b.first_coin <= p.first_coin)
            offset 0
        ) as s
    )
"""

# The rates that hold in this page, for each kind of creator and coins, from and until when; most of the time one each.
_RATES: LiteralString = """
    terms_then as materialized (
        select person_id, region, tier, risk_tier, valid_from as since,
            coalesce(lead(valid_from) over (partition by person_id order by valid_from), 'infinity') as until
        from earnings.terms where person_id in (select creator_id from gifts)
    ),
    priced as materialized (
        select p.*, t.region, t.tier,
            (div(p.lot_micros::numeric * (p.lot_offset + p.coins), p.lot_coins)
                - div(p.lot_micros::numeric * p.lot_offset, p.lot_coins))::bigint as value_micros
        from parts p
        join terms_then t on t.person_id = p.creator_id and p.at >= t.since and p.at < t.until
    ),
    span as (select min(at) as first_at, max(at) as last_at from priced),
    starts as (
        select first_at as at from span
        union select valid_from from earnings.rates, span where valid_from > first_at and valid_from <= last_at
        union select valid_from from earnings.promotional_rates, span
            where valid_from > first_at and valid_from <= last_at
    ),
    rated as materialized (
        select c.region, c.tier, c.currency, c.kind, s.at as since,
            coalesce(
                lead(s.at) over (partition by c.region, c.tier, c.currency, c.kind order by s.at), 'infinity') as until,
            r.share_bps, r.micros_per_coin
        from (select distinct region, tier, currency, kind from priced) as c
        cross join starts s
        left join lateral (
            select share_bps, micros_per_coin, region, currency, valid_from from earnings.rates
            where c.kind = 'paid' and tier = c.tier and region in (c.region, '') and currency in (c.currency, '')
                and valid_from <= s.at
            union all
            select null, micros_per_coin, region, currency, valid_from from earnings.promotional_rates
            where c.kind = 'promotional' and region in (c.region, '') and currency = c.currency and valid_from <= s.at
            order by region desc, currency desc, valid_from desc limit 1
        ) as r on true
    )
"""

# What each division leaves over goes into the creator's next slice of the same currency: with `n` as the sum of all
# that was to be divided up to here, a slice gets what `n // 10000` grew by. A price per coin divides nothing.
_SHARES: LiteralString = """
    divided as materialized (
        select p.*, r.share_bps, r.micros_per_coin, p.value_micros::numeric * coalesce(r.share_bps, 0) as whole,
            coalesce(c.carry, 0)
                + sum(p.value_micros::numeric * coalesce(r.share_bps, 0)) over up_to_it as n
        from priced p
        join rated r on r.region = p.region and r.tier = p.tier and r.currency = p.currency and r.kind = p.kind
            and p.at >= r.since and p.at < r.until
        left join carries c on c.creator_id = p.creator_id and c.currency = p.currency
        window up_to_it as (partition by p.creator_id, p.currency order by p.timestamp, p.place)
    ),
    shared as materialized (
        select *, coalesce(coins * micros_per_coin, (div(n, 10000) - div(n - whole, 10000))::bigint) as share_micros
        from divided
    )
"""

_STORED: LiteralString = """
    sliced as (
        insert into slices (timestamp, place, gift_id, fan_id, creator_id, lot_id, lot_offset, coins, value_micros,
            share_micros, currency, region, tier, share_bps, micros_per_coin)
        select timestamp, place, gift_id, fan_id, creator_id, lot_id, lot_offset, coins, value_micros,
            share_micros, currency, region, tier, share_bps, micros_per_coin
        from shared order by timestamp, place
    ),
    carried as (
        insert into carries as c (creator_id, currency, carry)
        select distinct on (creator_id, currency) creator_id, currency, n %% 10000
        from shared order by creator_id, currency, timestamp desc, place desc
        on conflict (creator_id, currency) do update set carry = excluded.carry where c.carry <> excluded.carry
    ),
    consumed as (
        update spenders s set spent = s.spent + g.coins
        from (select fan_id, sum(coins) as coins from gifts group by fan_id) as g
        where s.person_id = g.fan_id
    ),
    ran as (
        insert into runs (id, first_timestamp, last_timestamp, folded_at)
        select %(after)s + 1, %(after)s + 1, %(upto)s, %(now)s where exists (select from shared)
    ),
    summed as (
        select creator_id, currency, count(distinct timestamp) as gifts, sum(coins) as coins,
            sum(value_micros) as value_micros, sum(share_micros) as share_micros,
            sum(greatest(share_micros - value_micros, 0)) as promoted_micros, min(at) as first_at, max(at) as last_at
        from shared group by creator_id, currency
    ),
    leg as (
        insert into legs (run, creator_id, currency, gifts, coins, value_micros, share_micros, promoted_micros,
            left_micros, first_at, last_at, release_at)
        select %(after)s + 1, s.creator_id, s.currency, s.gifts, s.coins, s.value_micros, s.share_micros,
            s.promoted_micros, s.share_micros, s.first_at, s.last_at,
            s.last_at + make_interval(secs => coalesce(h.hold_seconds, 604800))
        from summed s
        join terms_then t on t.person_id = s.creator_id and s.last_at >= t.since and s.last_at < t.until
        left join lateral (
            select hold_seconds from earnings.risk_tiers
            where risk_tier = t.risk_tier and valid_from <= s.last_at order by valid_from desc limit 1
        ) as h on true
    )
"""

_COUNTED: LiteralString = """
    select (select count(*) from gifts) as gifts, (select coalesce(sum(coins), 0)::bigint from gifts) as coins,
        (select coalesce(sum(coins), 0)::bigint from shared) as found
"""


async def settle(tx: Transaction, *, after: int, upto: int, now: datetime) -> Settled:
    """Cut every gift after a transfer, up to another, into slices, and write down what the run is to bring whom.

    All coins that these gifts spend must be in their fans' lines: look at `found`, or LineTooShort is raised.
    """
    statement = ", ".join((_GIFTS, _PARTS, _RATES, _SHARES, _STORED)) + _COUNTED
    return await tx.one(Settled, statement, {"after": after, "upto": upto, "now": now})


_UNCOVERED: LiteralString = """,
    placed as (
        select timestamp, fan_id, coalesce(s.received, 0) as received,
            sum(coins) over (partition by fan_id order by timestamp) + coalesce(s.spent, 0) as spent
        from gifts left join spenders s on s.person_id = fan_id
    )
    select timestamp, fan_id from placed where spent > received order by timestamp limit 1
"""


async def find_uncovered(tx: Transaction, *, after: int, upto: int) -> Uncovered | None:
    """The first gift after a transfer, up to another, that spends what isn't in its fan's line."""
    return await tx.find(Uncovered, _GIFTS + _UNCOVERED, {"after": after, "upto": upto})
