"""Creators' money: every leg is its slices, and every balance follows from legs, releases, payouts and what came back.

An intent that isn't marked as done may be in the ledger already or not: of such, what the ledger has counts.
"""

from plaudit.audit.asking import Check
from plaudit.audit.findings import Code

LEGS = Check(
    code=Code.LEG_DIFFERS,
    sentence="What the run {run} brings the creator {creator} in {currency} isn't the sum of its slices: {difference}.",
    sql="""
        with sliced as (
            select run.id as run, slice.creator_id, slice.currency, count(distinct slice.timestamp) as gifts,
                sum(slice.coins) as coins, sum(slice.value_micros) as value, sum(slice.share_micros) as share,
                sum(greatest(slice.share_micros - slice.value_micros, 0)) as promoted
            from earnings.slices as slice
            left join lateral (
                select id from earnings.runs
                where id <= slice.timestamp and slice.timestamp <= last_timestamp order by id desc limit 1
            ) as run on true
            group by run.id, slice.creator_id, slice.currency
        )
        select coalesce(leg.run, sliced.run) as run, coalesce(leg.creator_id, sliced.creator_id) as creator,
            coalesce(leg.currency, sliced.currency) as currency,
            coalesce(sliced.gifts, 0) as gifts_expected, coalesce(leg.gifts, 0) as gifts_found,
            coalesce(sliced.coins, 0) as coins_expected, coalesce(leg.coins, 0) as coins_found,
            coalesce(sliced.value, 0) as value_expected, coalesce(leg.value_micros, 0) as value_found,
            coalesce(sliced.share, 0) as share_expected, coalesce(leg.share_micros, 0) as share_found,
            coalesce(sliced.promoted, 0) as promoted_expected, coalesce(leg.promoted_micros, 0) as promoted_found,
            count(*) over () as total
        from sliced full join earnings.legs as leg
            on leg.run = sliced.run and leg.creator_id = sliced.creator_id and leg.currency = sliced.currency
        where leg.run is null or sliced.creator_id is null or sliced.gifts <> leg.gifts or sliced.coins <> leg.coins
            or sliced.value <> leg.value_micros or sliced.share <> leg.share_micros
            or sliced.promoted <> leg.promoted_micros
        order by 1, 2, 3 limit %(limit)s
    """,
)

LEGS_POSTED = Check(
    code=Code.LEG_POSTED_DIFFERS,
    sentence="The ledger has something else of the run {run} for the creator {creator} in {currency}: {difference}.",
    sql="""
        with posted as (
            select ref_64 as run, ref as creator_id, currency,
                coalesce(sum(amount) filter (where debit_code = 2000), 0) as value,
                coalesce(sum(amount) filter (where credit_code = 2200), 0) as share,
                coalesce(sum(amount) filter (where debit_code = 5040), 0) as promoted
            from moves join currencies using (asset) where code = 4 group by ref_64, ref, currency
        )
        select coalesce(leg.run, posted.run) as run, coalesce(leg.creator_id, posted.creator_id) as creator,
            coalesce(leg.currency, posted.currency) as currency,
            coalesce(leg.value_micros, 0) as value_expected, coalesce(posted.value, 0) as value_found,
            coalesce(leg.share_micros, 0) as share_expected, coalesce(posted.share, 0) as share_found,
            coalesce(leg.promoted_micros, 0) as promoted_expected, coalesce(posted.promoted, 0) as promoted_found,
            count(*) over () as total
        from earnings.legs as leg full join posted
            on leg.run = posted.run and leg.creator_id = posted.creator_id and leg.currency = posted.currency
        where (leg.posted_at is not null or posted.run is not null)
            and (coalesce(leg.value_micros, 0) <> coalesce(posted.value, 0)
                or coalesce(leg.share_micros, 0) <> coalesce(posted.share, 0)
                or coalesce(leg.promoted_micros, 0) <> coalesce(posted.promoted, 0))
        order by 1, 2, 3 limit %(limit)s
    """,
)

COINS_RETIRED = Check(
    code=Code.LEG_POSTED_DIFFERS,
    sentence="The ledger retired other coins for the run {run} of the creator {creator}: {difference}.",
    sql="""
        with posted as (
            select ref_64 as run, ref as creator_id, sum(amount) as coins
            from moves where code = 4 and asset = 1 and debit_code = 300 group by ref_64, ref
        ),
        wanted as (
            select run, creator_id, sum(coins) as coins, bool_and(posted_at is not null) as is_posted
            from earnings.legs group by run, creator_id
        )
        select run, creator_id as creator, coalesce(wanted.coins, 0) as coins_expected,
            coalesce(posted.coins, 0) as coins_found, count(*) over () as total
        from wanted full join posted using (run, creator_id)
        where wanted.run is null or (wanted.is_posted and wanted.coins is distinct from posted.coins)
        order by run, creator_id limit %(limit)s
    """,
)

PENDING = Check(
    code=Code.PENDING_DIFFERS,
    sentence="The pending money of the creator {creator} in {currency} isn't what is left of it: {difference}.",
    sql="""
        with parts as (
            select leg.creator_id, leg.currency, leg.left_micros as micros
            from earnings.legs as leg join currencies using (currency)
            where leg.left_micros > 0 and (leg.posted_at is not null or exists (
                select from moves where moves.ref = leg.creator_id and moves.ref_64 = leg.run and moves.code = 4
                    and moves.asset = currencies.asset))
            union all
            select creator_id, currency, micros from earnings.releases as release
            where posted_at is null and not exists (select from moves where ref = release.id and code = 5)
            union all
            select creator_id, currency, pending_micros from reversals.unwindings as unwinding
            where posted_at is null and replaced_at is null and not exists (
                select from moves where ref = unwinding.dispute_id and code = 12 and ref_32 = unwinding.attempt
                    and debit_owner = unwinding.creator_id and debit_code = 2200)
        ),
        wanted as (select creator_id, currency, sum(micros) as micros from parts group by creator_id, currency),
        had as (
            select coalesce(ref_128, id) as creator_id, currency, sum(credits_posted - debits_posted) as micros
            from ledger.accounts join currencies on currencies.asset = ledger
            where code = 2200 group by 1, 2
        )
        select creator_id as creator, currency, coalesce(wanted.micros, 0) as pending_expected,
            coalesce(had.micros, 0) as pending_found, count(*) over () as total
        from wanted full join had using (creator_id, currency)
        where coalesce(wanted.micros, 0) <> coalesce(had.micros, 0)
        order by creator_id, currency limit %(limit)s
    """,
)

# Each part is what an intent moved on the account 2210, 2220 or 1120 of a creator: credits less debits.
BALANCES = Check(
    code=Code.CREATOR_BALANCE_DIFFERS,
    sentence="Account {account} of the creator {creator} in {currency} doesn't follow from its past: {difference}.",
    sql="""
        with doubtful as (
            select id from earnings.releases where posted_at is null
            union all select id from earnings.repayments where ended_at is null
            union all select id from earnings.reserves
                where (posted_at is null and refused_at is null) or (freed_micros is not null and freed_at is null)
            union all select id from payouts.payouts where ledger_due_at is not null
        ),
        parts as (
            select creator_id, currency, 2210 as account, micros from earnings.releases where posted_at is not null
            union all
            select creator_id, currency, side.account, side.sign * micros
            from earnings.repayments, (values (2210, -1), (1120, 1)) as side (account, sign)
            where ended_at is not null and not refused
            union all
            select creator_id, currency, side.account, side.sign * (micros - coalesce(freed_micros, 0))
            from earnings.reserves, (values (2210, -1), (2220, 1)) as side (account, sign)
            where posted_at is not null and id not in (select id from doubtful)
            union all
            select person_id, currency, 2210, case state
                when 'paid' then -amount_minor * 10000
                when 'returned' then case when keeps_fee then -fee_minor * 10000 else 0 end
                else 0 end
            from payouts.payouts where ledger_due_at is null
            union all
            select creator_id, currency, side.account, -side.micros
            from reversals.unwindings
            cross join lateral (
                values (2210, available_micros), (2220, reserve_micros), (1120, owed_micros)
            ) as side (account, micros)
            where posted_at is not null
            union all
            select side.owner, currency, side.account, side.amount
            from moves join currencies using (asset)
            cross join lateral (
                values (debit_owner, debit_code, -amount), (credit_owner, credit_code, amount)
            ) as side (owner, account, amount)
            where ref in (select id from doubtful) and side.account in (2210, 2220, 1120)
            union all
            select side.owner, currencies.currency, side.account, side.amount
            from moves join currencies using (asset)
            join reversals.unwindings as unwinding on unwinding.dispute_id = moves.ref
                and unwinding.attempt = moves.ref_32 and unwinding.creator_id = moves.debit_owner
            cross join lateral (values (debit_owner, debit_code, -amount)) as side (owner, account, amount)
            where moves.code = 12 and unwinding.posted_at is null and side.account in (2210, 2220, 1120)
        ),
        wanted as (
            select creator_id, currency, account, sum(micros) as micros
            from parts group by creator_id, currency, account
        ),
        had as (
            select coalesce(ref_128, id) as creator_id, currency, code as account,
                sum(credits_posted - debits_posted) as micros
            from ledger.accounts join currencies on currencies.asset = ledger
            where code in (2210, 2220, 1120) group by 1, 2, 3
        )
        select creator_id as creator, currency, account, coalesce(wanted.micros, 0) as balance_expected,
            coalesce(had.micros, 0) as balance_found, count(*) over () as total
        from wanted full join had using (creator_id, currency, account)
        where coalesce(wanted.micros, 0) <> coalesce(had.micros, 0)
        order by creator_id, currency, account limit %(limit)s
    """,
)

CHECKS = (LEGS, LEGS_POSTED, COINS_RETIRED, PENDING, BALANCES)
