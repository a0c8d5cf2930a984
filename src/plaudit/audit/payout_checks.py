"""Payouts and refunds and disputes that are under way: each is in the ledger as its state says, and nothing else is.

What ended, and what the ledger is known to have been told of, is exact; of what is under way, every stage is fine that
it can be in.
"""

from plaudit.audit.asking import Check
from plaudit.audit.findings import Code

PAYOUTS = Check(
    code=Code.PAYOUT_DIFFERS,
    sentence="The payout {payout}, which is {state}, isn't in the ledger as it should be: {difference}.",
    sql="""
        with held as (select ref, sum(amount) as amount from open_holds where code = 8 group by ref),
        net as (
            select ref,
                sum(case when debit_code = 2210 then amount when credit_code = 2210 then -amount end) as available,
                sum(case when credit_code = 4020 then amount when debit_code = 4020 then -amount end) as fees,
                sum(case when credit_code = 2300 then amount when debit_code = 2300 then -amount end) as withheld,
                sum(case when credit_code = 1010 then amount when debit_code = 1010 then -amount end) as bank
            from moves where code in (8, 9) group by ref
        ),
        wanted as (
            select id, state, amount_minor * 10000 as amount,
                (state in ('requested', 'approved', 'submitted'))::integer as is_open,
                (state = 'paid')::integer as is_paid,
                case state when 'paid' then fee_minor * 10000 + spread_micros
                    when 'returned' then case when keeps_fee then fee_minor * 10000 else 0 end else 0 end as fees,
                withheld_minor * 10000 as withheld, paid_minor * 10000 as bank,
                case when state = 'returned' and keeps_fee then fee_minor * 10000 else 0 end as kept
            from payouts.payouts where ledger_due_at is null
        )
        select wanted.id as payout, wanted.state,
            wanted.amount * is_open as held_expected, coalesce(held.amount, 0) as held_found,
            wanted.amount * is_paid + kept as taken_expected, coalesce(net.available, 0) as taken_found,
            wanted.fees as fees_expected, coalesce(net.fees, 0) as fees_found,
            wanted.withheld * is_paid as withheld_expected, coalesce(net.withheld, 0) as withheld_found,
            wanted.bank * is_paid as bank_expected, coalesce(net.bank, 0) as bank_found, count(*) over () as total
        from wanted left join held on held.ref = wanted.id left join net on net.ref = wanted.id
        where wanted.amount * is_open <> coalesce(held.amount, 0)
            or wanted.amount * is_paid + kept <> coalesce(net.available, 0)
            or wanted.fees <> coalesce(net.fees, 0) or wanted.withheld * is_paid <> coalesce(net.withheld, 0)
            or wanted.bank * is_paid <> coalesce(net.bank, 0)
        order by wanted.id limit %(limit)s
    """,
)

PAYOUTS_UNDER_WAY = Check(
    code=Code.PAYOUTS_UNDER_WAY_DIFFER,
    sentence="Payouts under way in {currency} aren't their account: {difference}.",
    sql="""
        with wanted as (
            select payout.currency, sum(
                case when payout.ledger_due_at is not null then coalesce(held.amount, 0)
                    when payout.state in ('requested', 'approved', 'submitted') then payout.amount_minor * 10000
                    else 0 end) as micros
            from payouts.payouts as payout
            left join (select ref, sum(amount) as amount from open_holds where code = 8 group by ref) as held
                on held.ref = payout.id
            group by payout.currency
        ),
        had as (
            select currency, sum(credits_pending) as micros, sum(credits_posted - debits_posted) as posted
            from ledger.accounts join currencies on currencies.asset = ledger
            where code = 2400 group by currency
        )
        select currency, coalesce(wanted.micros, 0) as held_expected, coalesce(had.micros, 0) as held_found,
            0 as posted_expected, coalesce(had.posted, 0) as posted_found, count(*) over () as total
        from wanted full join had using (currency)
        where coalesce(wanted.micros, 0) <> coalesce(had.micros, 0) or coalesce(had.posted, 0) <> 0
        order by currency limit %(limit)s
    """,
)

BATCHES = Check(
    code=Code.BATCH_DIFFERS,
    sentence="The batch {batch} isn't the sum of its payouts: {difference}.",
    sql="""
        with summed as (
            select item.batch_id, count(*) as items, sum(item.amount_minor) as total_minor,
                sum(payout.paid_minor) as paid_minor
            from payouts.batch_items as item join payouts.payouts as payout on payout.id = item.payout_id
            group by item.batch_id
        )
        select batch.id as batch, batch.items as items_expected, coalesce(summed.items, 0) as items_found,
            batch.total_minor as total_minor_expected, coalesce(summed.total_minor, 0) as total_minor_found,
            coalesce(summed.total_minor, 0) as payouts_expected, coalesce(summed.paid_minor, 0) as payouts_found,
            count(*) over () as total
        from payouts.batches as batch left join summed on summed.batch_id = batch.id
        where batch.state <> 'discarded' and (
            batch.items is distinct from summed.items or batch.total_minor is distinct from summed.total_minor
            or summed.total_minor <> summed.paid_minor)
        order by batch.id limit %(limit)s
    """,
)

STATEMENTS = Check(
    code=Code.STATEMENT_CHANGED,
    sentence="The statement of the creator {creator} for {month} isn't the one whose hash was kept.",
    sql="""
        select person_id as creator, to_char(month, 'YYYY-MM') as month, count(*) over () as total
        from earnings.statements where sha256 <> sha256(content)
        order by person_id, month limit %(limit)s
    """,
)

CHECKS = (PAYOUTS, PAYOUTS_UNDER_WAY, BATCHES, STATEMENTS)
