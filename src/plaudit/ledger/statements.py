"""The one long statement of the ledger."""

from typing import Final, LiteralString

# `moved` comes first, because the others ask it: when the clock isn't where the writer saw it last, nothing is stored.
WRITE_BATCH: Final[LiteralString] = """
with moved as (
    update ledger.clock
    set timestamp = timestamp + %(count)s, at = %(at)s
    where timestamp = %(seen_timestamp)s and at = %(seen_at)s and version = %(seen_version)s
    returning 1
),
stored as (
    insert into ledger.transfers (
        timestamp, at, amount,
        debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending,
        credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending,
        ref_64, hold_seconds, id, debit_account, credit_account, ref_128, hold_id, ref_32, code, kind)
    select
        %(seen_timestamp)s::bigint + place, %(at)s, amount,
        debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending,
        credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending,
        ref_64, hold_seconds, id, debit_account, credit_account, ref_128, hold_id, ref_32, code, kind
    from moved, unnest(
        %(amount)s,
        %(debit_debits_posted)s, %(debit_debits_pending)s, %(debit_credits_posted)s, %(debit_credits_pending)s,
        %(credit_debits_posted)s, %(credit_debits_pending)s, %(credit_credits_posted)s, %(credit_credits_pending)s,
        %(ref_64)s, %(hold_seconds)s,
        %(id)s, %(debit_account)s, %(credit_account)s, %(ref_128)s, %(hold_id)s,
        %(ref_32)s, %(code)s, %(kind)s
    ) with ordinality as wished (
        amount,
        debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending,
        credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending,
        ref_64, hold_seconds, id, debit_account, credit_account, ref_128, hold_id, ref_32, code, kind, place)
),
opened as (
    insert into ledger.open_holds (id, timestamp, expires_at)
    select id, timestamp, case when seconds > 0 then %(at)s + seconds * interval '1 second' end
    from moved, unnest(%(opened)s, %(opened_timestamp)s, %(opened_seconds)s) as hold (id, timestamp, seconds)
),
ended as (
    delete from ledger.open_holds as hold
    using moved, unnest(%(ended)s) as over (id)
    where hold.id = over.id
),
changed as (
    update ledger.accounts as account
    set debits_posted = after.debits_posted,
        debits_pending = after.debits_pending,
        credits_posted = after.credits_posted,
        credits_pending = after.credits_pending
    from moved, unnest(
        %(account)s, %(debits_posted)s, %(debits_pending)s, %(credits_posted)s, %(credits_pending)s
    ) as after (id, debits_posted, debits_pending, credits_posted, credits_pending)
    where account.id = after.id
)
select count(*) from moved
"""
