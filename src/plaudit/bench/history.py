"""A history to settle: fans who bought many lots and gave them away, put into the tables in SQL.

It is as if everything had been posted one by one: counters, balances after each transfer and the clock agree.
"""

from collections.abc import Callable
from itertools import accumulate
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from plaudit.bench.world import ZIPF
from plaudit.coins.chains import fan_account
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import COIN
from plaudit.gifts.chains import creator_account
from plaudit.ledger import Account, Ledger
from plaudit.ledger.chart import AccountCode, account_id, make_account

MOST_COINS_OF_A_GIFT = 20
_CURRENCIES = ("USD", "EUR")
_ACCOUNTS_AT_ONCE = 1_000
_GIFTS_AT_ONCE = 500_000

Say = Callable[[str], None]


class History(Struct, frozen=True, kw_only=True):
    """Who gives to whom; each fan has `lots` lots of `coins` coins, half of the fans in dollars and half in euros."""

    fans: list[UUID]
    creators: list[UUID]
    lots: int
    coins: int
    seed: int


def make_history(*, fans: int, creators: int, lots: int, gifts: int, seed: int) -> History:
    """With coins for twice as many gifts as a fan gives on average: chance isn't fair."""
    coins = -(-2 * (gifts // fans + 10) * MOST_COINS_OF_A_GIFT // lots)
    return History(
        fans=[new_id() for _ in range(fans)],
        creators=[new_id() for _ in range(creators)],
        lots=lots,
        coins=coins,
        seed=seed,
    )


async def fund(db: Database, ledger: Ledger, history: History) -> None:
    """Open all accounts, and let every fan buy every lot: round by round, so that lots of all fans lie in between."""
    people = [*history.fans, *history.creators]
    accounts = [make_account(AccountCode.COINS_ISSUED, COIN)]
    accounts += [make_account(AccountCode.FAN_COINS, COIN, fan) for fan in history.fans]
    accounts += [make_account(AccountCode.CREATOR_COINS, COIN, creator) for creator in history.creators]
    for code in (AccountCode.COIN_FLOAT, AccountCode.PLATFORM_REVENUE):
        accounts += [make_account(code, get_currency(currency).asset) for currency in _CURRENCIES]
    accounts += [make_account(AccountCode.PROVIDER_CLEARING, get_currency(code).asset, "bench") for code in _CURRENCIES]
    for start in range(0, len(accounts), _ACCOUNTS_AT_ONCE):
        await ledger.open_accounts(accounts[start : start + _ACCOUNTS_AT_ONCE])
    async with db.transaction() as tx:
        await _add_people(tx, people)
        await _add_top_ups(tx, history, accounts)
    await _analyze(db)


async def add_gifts(db: Database, history: History, count: int, say: Say) -> None:
    """So many gifts more, of 1 to 20 coins, from any fan to creators of whom a few are very popular."""
    done = 0
    while done < count:
        page = min(_GIFTS_AT_ONCE, count - done)
        async with db.transaction() as tx:
            await _add_gifts(tx, history, page)
        done += page
        say(f"{done:,} of {count:,} gifts put into the ledger")
    await _analyze(db)


async def _analyze(db: Database) -> None:
    async with await db.connect_alone() as alone:
        await alone.execute("analyze ledger.transfers, ledger.accounts, coins.top_ups, people.people")


async def _add_people(tx: Transaction, people: list[UUID]) -> None:
    await tx.execute(
        """
        insert into people.people (id, email, handle, display_name, region, currency, joined_at)
        select id, 'bench' || n || '@example.org', 'bench_' || n, 'Bench', 'US', 'USD', now()
        from unnest(%(people)s::uuid[]) with ordinality as people (id, n)
        """,
        {"people": people},
    )


_TOP_UPS: LiteralString = """
    with bought as (
        select gen_random_uuid() as id, person_id, wallet, fan, lot,
            case when fan %% 2 = 0 then 'USD' else 'EUR' end as currency,
            %(coins)s::bigint + fan %% 7 as coins, %(coins)s::bigint + 37 + (fan + lot) %% 101 as net_minor,
            row_number() over (order by lot, fan) as n
        from unnest(%(people)s::uuid[], %(wallets)s::uuid[]) with ordinality as fans (person_id, wallet, fan),
            generate_series(1, %(lots)s) as lot
    ),
    wished as (
        insert into coins.top_ups (id, person_id, coins, provider, region, currency, net_minor, tax_minor, tax_name,
            tax_bps, status, asked_at, payment_id, fee_minor, paid_at, settled_at)
        select id, person_id, coins, 'bench', 'US', currency, net_minor, 0, '', 0, 'settled', now(), id::text, 0,
            now(), now()
        from bought
    ),
    legs as (
        select 2 * n - 1 as n, id, 10000 * net_minor as amount,
            case currency when 'USD' then %(clearing_usd)s::uuid else %(clearing_eur)s::uuid end as debit,
            case currency when 'USD' then %(float_usd)s::uuid else %(float_eur)s::uuid end as credit
        from bought
        union all
        select 2 * n, id, coins, %(issued)s::uuid, wallet from bought
    )
    insert into ledger.transfers (timestamp, at, amount, debit_debits_posted, debit_debits_pending,
        debit_credits_posted, debit_credits_pending, credit_debits_posted, credit_debits_pending,
        credit_credits_posted, credit_credits_pending, ref_64, hold_seconds, id, debit_account, credit_account,
        ref_128, ref_32, code, kind)
    select n, now(), amount, sum(amount) over (partition by debit order by n), 0, 0, 0, 0, 0,
        sum(amount) over (partition by credit order by n), 0, 0, 0, gen_random_uuid(), debit, credit, id, 0, 1, 0
    from legs
"""


async def _add_top_ups(tx: Transaction, history: History, accounts: list[Account]) -> None:
    """Two transfers each: what was paid into the coin float, and the coins into the wallet."""
    usd, eur = (get_currency(code).asset for code in _CURRENCIES)
    params: dict[str, object] = {
        "people": history.fans,
        "wallets": [fan_account(fan) for fan in history.fans],
        "lots": history.lots,
        "coins": history.coins,
        "issued": accounts[0].id,
        "float_usd": account_id(AccountCode.COIN_FLOAT, usd),
        "float_eur": account_id(AccountCode.COIN_FLOAT, eur),
        "clearing_usd": account_id(AccountCode.PROVIDER_CLEARING, usd, "bench"),
        "clearing_eur": account_id(AccountCode.PROVIDER_CLEARING, eur, "bench"),
    }
    await tx.execute(_TOP_UPS, params)
    await _count_up(tx, 0)


_GIFTS: LiteralString = """
    with drawn as materialized (
        select n, 1 + floor(random() * %(most)s)::bigint as amount,
            (%(wallets)s::uuid[])[1 + floor(random() * %(fans)s)::integer] as debit,
            (%(received)s::uuid[])[
                1 + width_bucket(random() * %(total)s, %(popularity)s::double precision[])] as credit
        from generate_series(%(start)s::bigint + 1, %(start)s::bigint + %(count)s) as n
    )
    insert into ledger.transfers (timestamp, at, amount, debit_debits_posted, debit_debits_pending,
        debit_credits_posted, debit_credits_pending, credit_debits_posted, credit_debits_pending,
        credit_credits_posted, credit_credits_pending, ref_64, hold_seconds, id, debit_account, credit_account,
        ref_128, ref_32, code, kind)
    select n, now(), amount, debit.debits_posted + sum(amount) over (partition by d.debit order by n), 0,
        debit.credits_posted, 0, credit.debits_posted, 0,
        credit.credits_posted + sum(amount) over (partition by d.credit order by n), 0, 0, 0, gen_random_uuid(),
        d.debit, d.credit, gen_random_uuid(), 0, 2, 0
    from drawn d
    join ledger.accounts debit on debit.id = d.debit
    join ledger.accounts credit on credit.id = d.credit
    order by n
"""


async def _add_gifts(tx: Transaction, history: History, count: int) -> None:
    popularity = list(accumulate(1 / place**ZIPF for place in range(1, len(history.creators) + 1)))  # float: a chance
    start = await tx.value(int, "select timestamp from ledger.clock")
    await tx.execute("select setseed(%(seed)s)", {"seed": (history.seed + start) % 1_000 / 1_000})
    await tx.execute(
        _GIFTS,
        {
            "most": MOST_COINS_OF_A_GIFT,
            "wallets": [fan_account(fan) for fan in history.fans],
            "fans": len(history.fans),
            "received": [creator_account(creator) for creator in history.creators],
            "total": popularity[-1],
            "popularity": popularity[:-1],
            "start": start,
            "count": count,
        },
    )
    await _count_up(tx, start)


async def _count_up(tx: Transaction, start: int) -> None:
    """Let the accounts' counters and the clock follow the transfers after `start`."""
    await tx.execute(
        """
        with moved as (
            select account, sum(debited) as debited, sum(credited) as credited
            from (
                select debit_account as account, amount as debited, 0 as credited
                from ledger.transfers where timestamp > %(start)s
                union all
                select credit_account, 0, amount from ledger.transfers where timestamp > %(start)s
            ) as sides
            group by account
        )
        update ledger.accounts a
        set debits_posted = debits_posted + debited, credits_posted = credits_posted + credited
        from moved where a.id = moved.account
        """,
        {"start": start},
    )
    await tx.execute(
        """
        update ledger.clock c set timestamp = t.timestamp, at = t.at, version = version + 1
        from (select timestamp, at from ledger.transfers order by timestamp desc limit 1) as t
        """
    )
