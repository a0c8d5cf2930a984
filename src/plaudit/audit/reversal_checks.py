"""Refunds and disputes: what went back is what their rows say, and nobody gave back more than they had got."""

from plaudit.audit.asking import Check
from plaudit.audit.findings import Code

REFUNDS = Check(
    code=Code.REFUND_DIFFERS,
    sentence="The refund {refund}, which is {state}, isn't in the ledger as it should be: {difference}.",
    sql="""
        with held as (
            select ref, sum(amount) as amount from open_holds where code = 10 and credit_code = 2500 group by ref
        ),
        gone as (
            select ref,
                sum(case when debit_code = 2000 then amount when credit_code = 2000 then -amount else 0 end) as value,
                sum(case when credit_code = 1000 then amount when debit_code = 1000 then -amount else 0 end) as paid
            from moves where code in (10, 13) and asset <> 1 group by ref
        ),
        wanted as (
            select id, state, value_micros, (net_minor + tax_minor) * 10000 as paid,
                case when state in ('refunded', 'failed') then 1 when state = 'asked' then 2 else 3 end as stage
            from reversals.refunds
        )
        select wanted.id as refund, wanted.state,
            case when stage = 3 and gone.ref is null and held.amount is not null then value_micros else 0 end
                as held_expected, coalesce(held.amount, 0) as held_found,
            case when state = 'refunded' or (stage = 3 and gone.ref is not null)
                then coalesce(value_micros, 0) else 0 end
                as value_expected, coalesce(gone.value, 0) as value_found,
            case when state = 'refunded' or (stage = 3 and gone.ref is not null)
                then coalesce(wanted.paid, 0) else 0 end
                as paid_expected, coalesce(gone.paid, 0) as paid_found, count(*) over () as total
        from wanted left join held on held.ref = wanted.id left join gone on gone.ref = wanted.id
        where (stage = 1 and held.ref is not null)
            or (stage = 3 and held.amount <> value_micros)
            or (state in ('failed', 'asked') and gone.ref is not null)
            or ((state = 'refunded' or gone.ref is not null) and (
                gone.value is distinct from value_micros or gone.paid is distinct from wanted.paid))
        order by wanted.id limit %(limit)s
    """,
)

REFUNDS_UNDER_WAY = Check(
    code=Code.REFUNDS_UNDER_WAY_DIFFER,
    sentence="Refunds under way in {currency} aren't their account: {difference}.",
    sql="""
        with wanted as (
            select currency, sum(amount) as micros
            from open_holds join currencies using (asset)
            join reversals.refunds as refund on refund.id = open_holds.ref and refund.ended_at is null
            where code = 10 and credit_code = 2500 group by currency
        ),
        had as (
            select currency, sum(credits_pending) as micros, sum(credits_posted - debits_posted) as posted
            from ledger.accounts join currencies on currencies.asset = ledger
            where code = 2500 group by currency
        )
        select currency, coalesce(wanted.micros, 0) as held_expected, coalesce(had.micros, 0) as held_found,
            0 as posted_expected, coalesce(had.posted, 0) as posted_found, count(*) over () as total
        from wanted full join had using (currency)
        where coalesce(wanted.micros, 0) <> coalesce(had.micros, 0) or coalesce(had.posted, 0) <> 0
        order by currency limit %(limit)s
    """,
)

DISPUTES = Check(
    code=Code.DISPUTE_DIFFERS,
    sentence="The dispute {dispute}, which is {state}, isn't in the ledger as it should be: {difference}.",
    sql="""
        with net as (
            select ref,
                coalesce(sum(amount) filter (where debit_code = 1100), 0) as opened,
                coalesce(sum(amount) filter (where credit_code = 1100), 0) as closed,
                coalesce(sum(amount) filter (where debit_code = 5030), 0) as fee
            from moves where code in (11, 12) and asset <> 1 group by ref
        ),
        wanted as (
            select id, state, booked_at, closed_at, amount_minor * 10000 as amount, fee_minor * 10000 as fee
            from reversals.disputes
        )
        select wanted.id as dispute, wanted.state,
            wanted.amount as opened_expected, coalesce(net.opened, 0) as opened_found,
            wanted.fee as fee_expected, coalesce(net.fee, 0) as fee_found,
            case when closed_at is not null then wanted.amount else least(coalesce(net.closed, 0), wanted.amount) end
                as closed_expected, coalesce(net.closed, 0) as closed_found, count(*) over () as total
        from wanted left join net on net.ref = wanted.id
        where (booked_at is not null or net.ref is not null) and (
            wanted.amount <> coalesce(net.opened, 0) or wanted.fee <> coalesce(net.fee, 0)
            or (closed_at is not null and wanted.amount <> coalesce(net.closed, 0))
            or coalesce(net.closed, 0) > wanted.amount)
        order by wanted.id limit %(limit)s
    """,
)

DISPUTES_OPEN = Check(
    code=Code.DISPUTES_OPEN_DIFFER,
    sentence="Open disputes in {currency} aren't their account: {difference}.",
    sql="""
        with wanted as (
            select currency, sum(case when debit_code = 1100 then amount else -amount end) as micros
            from moves join currencies using (asset)
            join reversals.disputes as dispute using (currency)
            where dispute.id = moves.ref and dispute.closed_at is null
                and (debit_code = 1100 or credit_code = 1100)
            group by currency
        ),
        had as (
            select currency, sum(debits_posted - credits_posted) as micros
            from ledger.accounts join currencies on currencies.asset = ledger
            where code = 1100 group by currency
        )
        select currency, coalesce(wanted.micros, 0) as open_expected, coalesce(had.micros, 0) as open_found,
            count(*) over () as total
        from wanted full join had using (currency)
        where coalesce(wanted.micros, 0) <> coalesce(had.micros, 0)
        order by currency limit %(limit)s
    """,
)

UNWINDINGS = Check(
    code=Code.UNWINDING_DIFFERS,
    sentence="What the dispute {dispute} took from the creator {creator} isn't what was planned: {difference}.",
    sql="""
        with taken as (
            select ref as dispute_id, debit_owner as creator_id, ref_32 as attempt,
                coalesce(sum(amount) filter (where debit_code = 2200), 0) as pending,
                coalesce(sum(amount) filter (where debit_code = 2210), 0) as available,
                coalesce(sum(amount) filter (where debit_code = 2220), 0) as reserve,
                coalesce(sum(amount) filter (where debit_code = 1120), 0) as owed
            from moves where code = 12 and debit_code in (2200, 2210, 2220, 1120)
            group by ref, debit_owner, ref_32
        ),
        planned as (
            select * from reversals.unwindings where replaced_at is null
        )
        select coalesce(planned.dispute_id, taken.dispute_id) as dispute,
            coalesce(planned.creator_id, taken.creator_id) as creator,
            coalesce(planned.pending_micros, 0) as pending_expected, coalesce(taken.pending, 0) as pending_found,
            coalesce(planned.available_micros, 0) as available_expected,
            coalesce(taken.available, 0) as available_found,
            coalesce(planned.reserve_micros, 0) as reserve_expected, coalesce(taken.reserve, 0) as reserve_found,
            coalesce(planned.owed_micros, 0) as owed_expected, coalesce(taken.owed, 0) as owed_found,
            count(*) over () as total
        from planned full join taken on taken.dispute_id = planned.dispute_id
            and taken.creator_id = planned.creator_id and taken.attempt = planned.attempt
        where (planned.posted_at is not null or taken.dispute_id is not null) and (
            coalesce(planned.pending_micros, 0) <> coalesce(taken.pending, 0)
            or coalesce(planned.available_micros, 0) <> coalesce(taken.available, 0)
            or coalesce(planned.reserve_micros, 0) <> coalesce(taken.reserve, 0)
            or coalesce(planned.owed_micros, 0) <> coalesce(taken.owed, 0))
        order by 1, 2 limit %(limit)s
    """,
)

CLAIMS = Check(
    code=Code.UNWINDING_DIFFERS,
    sentence="Lost disputes claim more of part {place} of the gift {timestamp} than it had: {difference}.",
    sql="""
        with claimed as (
            select timestamp, place, sum(value_micros) as value, sum(share_micros) as share
            from reversals.claims group by timestamp, place
        )
        select timestamp, place, least(claimed.value, slice.value_micros) as value_expected,
            claimed.value as value_found, least(claimed.share, slice.share_micros) as share_expected,
            claimed.share as share_found, count(*) over () as total
        from claimed left join earnings.slices as slice using (timestamp, place)
        where slice.timestamp is null or claimed.value > slice.value_micros or claimed.share > slice.share_micros
        order by timestamp, place limit %(limit)s
    """,
)

# The coins of refunds and disputes are held and posted with their lot as the reference.
EXPLAINED = Check(
    code=Code.TRANSFER_UNEXPLAINED,
    sentence="Transfer {timestamp} of code {code} refers to nothing that we know.",
    sql="""
        with known as materialized (
            select 1 as code, id from coins.top_ups
            union all select 3, id from coins.grants
            union all select 5, id from earnings.releases
            union all select 6, id from earnings.reserves
            union all select 7, id from earnings.repayments
            union all select side.code, id from payouts.payouts, (values (8), (9)) as side (code)
            union all select side.code, id from reversals.refunds, (values (10), (13)) as side (code)
            union all select side.code, id from reversals.disputes, (values (11), (12), (13)) as side (code)
        )
        select timestamp, moves.code, moves.ref as reference, count(*) over () as total
        from moves
        left join known on known.code = moves.code and known.id = moves.ref
        left join coins.lots as lot on lot.id = moves.ref and moves.code in (10, 11) and moves.asset = 1
        where known.id is null and lot.id is null and moves.code not in (4, 14)
        order by timestamp limit %(limit)s
    """,
)

CHECKS = (REFUNDS, REFUNDS_UNDER_WAY, DISPUTES, DISPUTES_OPEN, UNWINDINGS, CLAIMS, EXPLAINED)
