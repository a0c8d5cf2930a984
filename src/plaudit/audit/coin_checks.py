"""Coins and lots: every coin is in one place, and worth its part of what was paid for it.

`moves`, `rests` and `currencies` are the tables that checking.py lays out in the snapshot. What settlement hasn't
folded yet (beyond `%(folded)s`) is taken from the ledger itself.
"""

from plaudit.audit.asking import Check
from plaudit.audit.findings import Code

COIN_FLOAT = Check(
    code=Code.COIN_FLOAT_DIFFERS,
    sentence="The coin float in {currency} isn't the value left in lots: {difference}.",
    sql="""
        with parts as (
            select currency, sum(value) as value from rests group by currency
            union all
            select lot.currency, sum(cut.value_micros)
            from coins.cuts as cut join coins.lots as lot on lot.id = cut.lot_id
            where cut.fits and cut.ended is null
                and not exists (select from ledger.transfers as ending where ending.hold_id = cut.hold_id and kind = 2)
            group by lot.currency
            union all
            select top_up.currency, sum(top_up.net_minor * 10000::numeric)
            from moves as credit join coins.top_ups as top_up on top_up.id = credit.ref
            where credit.code = 1 and credit.credit_code = 200 and credit.timestamp > %(folded)s
            group by top_up.currency
            union all
            select leg.currency, sum(leg.value_micros - coalesce(posted.amount, 0))
            from earnings.legs as leg
            join currencies using (currency)
            left join lateral (
                select sum(amount) as amount from moves
                where moves.ref = leg.creator_id and moves.ref_64 = leg.run and moves.code = 4
                    and moves.asset = currencies.asset and moves.debit_code = 2000
            ) as posted on true
            where leg.posted_at is null
            group by leg.currency
        ),
        wanted as (select currency, sum(value) as value from parts group by currency),
        had as (
            select currency, sum(credits_posted - debits_posted) as value
            from ledger.accounts join currencies on currencies.asset = ledger
            where code = 2000 group by currency
        )
        select currency, coalesce(wanted.value, 0) as float_expected, coalesce(had.value, 0) as float_found,
            count(*) over () as total
        from wanted full join had using (currency)
        where coalesce(wanted.value, 0) <> coalesce(had.value, 0)
        order by currency limit %(limit)s
    """,
)

FAN_COINS = Check(
    code=Code.FAN_COINS_DIFFER,
    sentence="The coins of the fan {fan} aren't those left in their lots: {difference}.",
    sql="""
        with later as (
            select side.owner, sum(side.amount) as amount
            from ledger.feed as f
            cross join lateral (
                values (f.debit_code, f.debit_owner, -f.amount), (f.credit_code, f.credit_owner, f.amount)
            ) as side (code, owner, amount)
            where f.timestamp > %(folded)s and f.asset = 1 and f.kind in (0, 2) and side.code = 200
            group by side.owner
        ),
        had as (
            select coalesce(ref_128, id) as fan, sum(credits_posted - debits_posted) as coins
            from ledger.accounts where code = 200 and ledger = 1 group by 1
        ),
        cut as (select person_id, sum(coins) as coins from coins.cuts where fits and ended is null group by person_id),
        lots as (
            select person_id as fan, spender.received - spender.spent + coalesce(cut.coins, 0) as coins
            from coins.spenders as spender left join cut using (person_id)
        )
        select fan, coalesce(lots.coins, 0) as coins_expected,
            coalesce(had.coins, 0) - coalesce(later.amount, 0) as coins_found, count(*) over () as total
        from lots full join had using (fan) left join later on later.owner = fan
        where coalesce(lots.coins, 0) <> coalesce(had.coins, 0) - coalesce(later.amount, 0)
        order by fan limit %(limit)s
    """,
)

LINE = Check(
    code=Code.LINE_BROKEN,
    sentence="The line of the fan {fan} has a hole, an overlap or another end than it should: {difference}.",
    sql="""
        with placed as (
            select person_id, first_coin, coins,
                coalesce(lag(first_coin + coins) over (partition by person_id order by first_coin), 0) as end_before
            from coins.stretches
        ),
        lines as (
            select person_id, sum(coins) as coins, min(first_coin) filter (where first_coin <> end_before) as broken_at
            from placed group by person_id
        )
        select coalesce(lines.person_id, spender.person_id) as fan, lines.broken_at,
            coalesce(spender.received, 0) as coins_expected, coalesce(lines.coins, 0) as coins_found,
            count(*) over () as total
        from lines full join coins.spenders as spender on spender.person_id = lines.person_id
        where lines.broken_at is not null or coalesce(spender.received, 0) <> coalesce(lines.coins, 0)
        order by fan limit %(limit)s
    """,
)

LOTS = Check(
    code=Code.LOT_DIFFERS,
    sentence="What was spent, taken back and left of the lot {lot} isn't the lot: {difference}.",
    sql="""
        with parts as (
            select lot_id, sum(coins) as coins, sum(value_micros) as value from earnings.slices group by lot_id
            union all
            select lot_id, sum(coins), sum(value) from rests group by lot_id
            union all
            select lot_id, sum(coins), sum(value_micros) from coins.cuts
            where fits and ended is distinct from 'voided' group by lot_id
        ),
        whole as (select lot_id, sum(coins) as coins, sum(value) as value from parts group by lot_id)
        select whole.lot_id as lot, coalesce(lot.coins, 0) as coins_expected, whole.coins as coins_found,
            coalesce(lot.value_micros, 0) as value_expected, whole.value as value_found, count(*) over () as total
        from whole left join coins.lots as lot on lot.id = whole.lot_id
        where lot.id is null or lot.coins <> whole.coins or lot.value_micros <> whole.value
        order by whole.lot_id limit %(limit)s
    """,
)

OVERLAPS = Check(
    code=Code.SLICES_OVERLAP,
    sentence="Coins of the lot {lot} were spent twice: by the gift {other} and by the gift {timestamp}.",
    sql="""
        with placed as (
            select lot_id, lot_offset, timestamp, place,
                lag(lot_offset + coins) over of_the_lot as end_before, lag(timestamp) over of_the_lot as other
            from earnings.slices
            window of_the_lot as (partition by lot_id order by lot_offset)
        )
        select lot_id as lot, timestamp, place, other, count(*) over () as total
        from placed where lot_offset < end_before
        order by timestamp, place limit %(limit)s
    """,
)

VALUES = Check(
    code=Code.SLICE_VALUE_DIFFERS,
    sentence="Part {place} of the gift {timestamp} isn't its part of the lot {lot}: {difference}.",
    sql="""
        select slice.timestamp, slice.place, slice.lot_id as lot,
            div(lot.value_micros::numeric * (slice.lot_offset + slice.coins), lot.coins)
                - div(lot.value_micros::numeric * slice.lot_offset, lot.coins) as value_expected,
            slice.value_micros as value_found, lot.person_id::text as fan_expected, slice.fan_id::text as fan_found,
            lot.currency as currency_expected, slice.currency as currency_found, count(*) over () as total
        from earnings.slices as slice left join coins.lots as lot on lot.id = slice.lot_id
        where lot.id is null or lot.person_id <> slice.fan_id or lot.currency <> slice.currency
            or slice.value_micros <> div(lot.value_micros::numeric * (slice.lot_offset + slice.coins), lot.coins)
                - div(lot.value_micros::numeric * slice.lot_offset, lot.coins)
        order by 1, 2 limit %(limit)s
    """,
)

SHARES = Check(
    code=Code.SLICE_SHARE_DIFFERS,
    sentence="The share of the creator {creator} of part {place} of the gift {timestamp} is another: {difference}.",
    sql="""
        with divided as (
            select timestamp, place, creator_id, coins, micros_per_coin, share_micros,
                value_micros::numeric * coalesce(share_bps, 0) as whole,
                sum(value_micros::numeric * coalesce(share_bps, 0)) over (
                    partition by creator_id, currency order by timestamp, place) as n
            from earnings.slices
        )
        select timestamp, place, creator_id as creator,
            coalesce(coins * micros_per_coin, div(n, 10000) - div(n - whole, 10000)) as share_expected,
            share_micros as share_found, count(*) over () as total
        from divided
        where share_micros <> coalesce(coins * micros_per_coin, div(n, 10000) - div(n - whole, 10000))
        order by timestamp, place limit %(limit)s
    """,
)

CARRIES = Check(
    code=Code.CARRY_DIFFERS,
    sentence="What is carried for the creator {creator} in {currency} is another: {difference}.",
    sql="""
        with divided as (
            select creator_id, currency, mod(sum(value_micros::numeric * coalesce(share_bps, 0)), 10000) as carry
            from earnings.slices group by creator_id, currency
        )
        select creator_id as creator, currency, coalesce(divided.carry, 0) as carry_expected,
            coalesce(kept.carry, 0) as carry_found, count(*) over () as total
        from divided full join earnings.carries as kept using (creator_id, currency)
        where coalesce(divided.carry, 0) <> coalesce(kept.carry, 0)
        order by creator_id, currency limit %(limit)s
    """,
)

RATES = Check(
    code=Code.SLICE_RATE_DIFFERS,
    sentence="Part {place} of the gift {timestamp} has another rate than held for the creator {creator}: {difference}.",
    sql="""
        with terms as (
            select person_id, region, tier, valid_from as since,
                coalesce(lead(valid_from) over (partition by person_id order by valid_from), 'infinity') as until
            from earnings.terms
        ),
        starts as (
            select '-infinity'::timestamptz as at
            union select valid_from from earnings.rates
            union select valid_from from earnings.promotional_rates
        ),
        rated as materialized (
            select kind.region, kind.tier, kind.currency, kind.kind, starts.at as since,
                coalesce(lead(starts.at) over (
                    partition by kind.region, kind.tier, kind.currency, kind.kind order by starts.at), 'infinity'
                ) as until,
                rate.share_bps, rate.micros_per_coin
            from (
                select distinct terms.region, terms.tier, lots.currency, lots.kind
                from (select distinct region, tier from terms) as terms,
                    (select distinct currency, kind from coins.lots) as lots
            ) as kind
            cross join starts
            left join lateral (
                select share_bps, micros_per_coin, region, currency, valid_from from earnings.rates
                where kind.kind = 'paid' and tier = kind.tier and region in (kind.region, '')
                    and currency in (kind.currency, '') and valid_from <= starts.at
                union all
                select null, micros_per_coin, region, currency, valid_from from earnings.promotional_rates
                where kind.kind = 'promotional' and region in (kind.region, '') and currency = kind.currency
                    and valid_from <= starts.at
                order by region desc, currency desc, valid_from desc limit 1
            ) as rate on true
        )
        select slice.timestamp, slice.place, slice.creator_id as creator,
            rated.share_bps as share_bps_expected, slice.share_bps as share_bps_found,
            rated.micros_per_coin as micros_per_coin_expected, slice.micros_per_coin as micros_per_coin_found,
            terms.region as region_expected, slice.region as region_found,
            terms.tier as tier_expected, slice.tier as tier_found, count(*) over () as total
        from earnings.slices as slice
        join ledger.transfers as gift on gift.timestamp = slice.timestamp
        join coins.lots as lot on lot.id = slice.lot_id
        left join terms on terms.person_id = slice.creator_id and gift.at >= terms.since and gift.at < terms.until
        left join rated on rated.region = terms.region and rated.tier = terms.tier
            and rated.currency = slice.currency and rated.kind = lot.kind
            and gift.at >= rated.since and gift.at < rated.until
        where terms.region is distinct from slice.region or terms.tier is distinct from slice.tier
            or rated.share_bps is distinct from slice.share_bps
            or rated.micros_per_coin is distinct from slice.micros_per_coin
        order by slice.timestamp, slice.place limit %(limit)s
    """,
)

GIFTS = Check(
    code=Code.GIFT_SETTLED_WRONGLY,
    sentence="The slices of the gift {timestamp} aren't the gift: {difference}.",
    sql="""
        with gifts as (
            select timestamp, amount as coins, debit_owner as fan, credit_owner as creator
            from ledger.feed
            where timestamp <= %(folded)s and code = 2 and kind in (0, 2) and asset = 1 and debit_code = 200
                and credit_code = 300
        ),
        sliced as (
            select timestamp, sum(coins) as coins, min(fan_id::text) as fan, max(fan_id::text) as other_fan,
                min(creator_id::text) as creator, max(creator_id::text) as other_creator
            from earnings.slices group by timestamp
        )
        select timestamp, coalesce(gifts.coins, 0) as coins_expected, coalesce(sliced.coins, 0) as coins_found,
            gifts.fan::text as fan_expected, sliced.fan as fan_found,
            gifts.creator::text as creator_expected, sliced.creator as creator_found, count(*) over () as total
        from gifts full join sliced using (timestamp)
        where gifts.coins is distinct from sliced.coins
            or gifts.fan::text <> sliced.fan or gifts.fan::text <> sliced.other_fan
            or gifts.creator::text <> sliced.creator or gifts.creator::text <> sliced.other_creator
        order by timestamp limit %(limit)s
    """,
)

TOP_UPS = Check(
    code=Code.TOP_UP_DIFFERS,
    sentence="The top-up {top_up}, which is {status}, isn't in the ledger as it should be: {difference}.",
    sql="""
        with credited as (
            select ref,
                count(*) filter (where credit_code = 200) as times,
                coalesce(sum(amount) filter (where credit_code = 200), 0) as coins,
                coalesce(sum(amount) filter (where credit_code = 2000), 0) as net,
                coalesce(sum(amount) filter (where credit_code = 2100), 0) as tax,
                coalesce(sum(amount) filter (where debit_code = 5000), 0) as fee
            from moves where code = 1 group by ref
        ),
        wanted as (
            select top_up.id, top_up.status,
                top_up.coins, net_minor * 10000 as net, tax_minor * 10000 as tax, fee_minor * 10000 as fee
            from coins.top_ups as top_up left join credited on credited.ref = top_up.id
            where status = 'settled' or credited.ref is not null
        )
        select wanted.id as top_up, wanted.status,
            case when status in ('settled', 'paid') then 1 else 0 end as credits_expected,
            coalesce(credited.times, 0) as credits_found,
            wanted.coins as coins_expected, coalesce(credited.coins, 0) as coins_found,
            wanted.net as net_expected, coalesce(credited.net, 0) as net_found,
            wanted.tax as tax_expected, coalesce(credited.tax, 0) as tax_found,
            coalesce(wanted.fee, 0) as fee_expected, coalesce(credited.fee, 0) as fee_found,
            count(*) over () as total
        from wanted left join credited on credited.ref = wanted.id
        where status not in ('settled', 'paid') or coalesce(credited.times, 0) <> 1 or wanted.coins <> credited.coins
            or wanted.net <> credited.net or wanted.tax <> credited.tax or coalesce(wanted.fee, 0) <> credited.fee
        order by wanted.id limit %(limit)s
    """,
)

GRANTS = Check(
    code=Code.GRANT_DIFFERS,
    sentence="The coins given by the grant {grant} aren't in the ledger as they should be: {difference}.",
    sql="""
        with credited as (
            select ref, count(*) as times, sum(amount) as coins from moves
            where code = 3 and credit_code = 200 group by ref
        )
        select given.id as "grant", 1 as credits_expected, coalesce(credited.times, 0) as credits_found,
            given.coins as coins_expected, coalesce(credited.coins, 0) as coins_found, count(*) over () as total
        from coins.grants as given left join credited on credited.ref = given.id
        where (given.posted_at is not null or credited.ref is not null)
            and (credited.times is distinct from 1 or credited.coins <> given.coins)
        order by given.id limit %(limit)s
    """,
)

CHECKS = (
    COIN_FLOAT, FAN_COINS, LINE, LOTS, OVERLAPS, VALUES, SHARES, CARRIES, RATES, GIFTS, TOP_UPS, GRANTS,
)  # fmt: skip
