"""A large history in a moment, written by SQL: its sums are known in closed form, so nothing needs to be added up."""

from plaudit.foundation.database import Database

_FUNDS = 1_000_000_000


async def generate_gifts(db: Database, *, fans: int, creators: int, gifts: int) -> None:
    """Fund each fan, then let them send gifts of 3 coins in turn, to the creators in turn, 1 ms apart.

    The ledger must be empty.
    """
    params = {"fans": fans, "creators": creators, "gifts": gifts, "funds": _FUNDS}
    async with db.transaction() as tx:
        await tx.execute("set local statement_timeout = 0")
        await tx.execute(_ACCOUNTS, params)
        await tx.execute(_FUNDING, params)
        await tx.execute(_GIFTS, params)
        await tx.execute(
            "update ledger.clock set timestamp = %(fans)s + %(gifts)s, at = now() + %(gifts)s * interval '1 ms'", params
        )


# Numbers that are easy to tell apart: 1 the issuer, from 1000 the creators, from 1000000 the fans.
_ACCOUNTS = """
    insert into ledger.accounts
        (id, ledger, code, "limit", opened_at, debits_posted, debits_pending, credits_posted, credits_pending)
    select '00000000-0000-0000-0000-000000000001'::uuid, 1, 100, 2, now(), %(funds)s::bigint * %(fans)s, 0, 0, 0
    union all
    select lpad(to_hex(1000 + number), 32, '0')::uuid, 1, 300, 0, now(), 0, 0,
           3 * (%(gifts)s::bigint / %(creators)s + (number < %(gifts)s %% %(creators)s)::integer), 0
    from generate_series(0, %(creators)s - 1) as number
    union all
    select lpad(to_hex(1000000 + number), 32, '0')::uuid, 1, 200, 1, now(),
           3 * (%(gifts)s::bigint / %(fans)s + (number < %(gifts)s %% %(fans)s)::integer), 0, %(funds)s, 0
    from generate_series(0, %(fans)s - 1) as number
"""
_FUNDING = """
    insert into ledger.transfers (
        timestamp, at, amount,
        debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending,
        credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending,
        ref_64, hold_seconds, id, debit_account, credit_account, ref_32, code, kind)
    select number + 1, now(), %(funds)s,
           %(funds)s::bigint * (number + 1), 0, 0, 0,
           0, 0, %(funds)s, 0,
           0, 0, ('f' || lpad(to_hex(number), 31, '0'))::uuid, '00000000-0000-0000-0000-000000000001',
           lpad(to_hex(1000000 + number), 32, '0')::uuid, 0, 1, 0
    from generate_series(0, %(fans)s - 1) as number
"""
_GIFTS = """
    insert into ledger.transfers (
        timestamp, at, amount,
        debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending,
        credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending,
        ref_64, hold_seconds, id, debit_account, credit_account, ref_32, code, kind)
    select %(fans)s + number + 1, now() + number * interval '1 ms', 3,
           3 * (number / %(fans)s + 1), 0, %(funds)s, 0,
           0, 0, 3 * (number / %(creators)s + 1), 0,
           number, 0, ('e' || lpad(to_hex(number), 31, '0'))::uuid,
           lpad(to_hex(1000000 + number %% %(fans)s), 32, '0')::uuid,
           lpad(to_hex(1000 + number %% %(creators)s), 32, '0')::uuid, 0, 2, 0
    from generate_series(0, %(gifts)s::bigint - 1) as number
"""
