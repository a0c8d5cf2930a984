"""SQL of what operators set and see: prices, taxes, and everyone's top-ups.

A list of prices holds what is in force and what is to come; what was in force before stays in the table.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from plaudit.coins.model import Bought, ExactAmounts, PackPrice, Status, TaxRate, Told, TopUp, TopUpFile
from plaudit.foundation.database import Transaction
from plaudit.people.model import Place


async def store_pack(tx: Transaction, price: PackPrice) -> None:
    """Takes the place of a row for the same instant."""
    await tx.execute(
        """
        insert into coins.packs (region, currency, channel, id, coins, price_minor, is_offered, valid_from)
        values (%(region)s, %(currency)s, %(channel)s, %(id)s, %(coins)s, %(price_minor)s, %(is_offered)s,
            %(valid_from)s)
        on conflict (currency, channel, region, id, valid_from) do update
            set coins = excluded.coins, price_minor = excluded.price_minor, is_offered = excluded.is_offered
        """,
        msgspec.structs.asdict(price),
    )


async def list_packs(tx: Transaction, *, now: datetime) -> list[PackPrice]:
    """By region, currency and channel, from the smallest up, then by date."""
    return await tx.all(
        PackPrice,
        """
        select region, currency, channel, id, coins, price_minor, is_offered, valid_from
        from coins.packs p
        where not exists (
            select from coins.packs later
            where (later.currency, later.channel, later.region, later.id) = (p.currency, p.channel, p.region, p.id)
                and later.valid_from > p.valid_from and later.valid_from <= %(now)s)
        order by region, currency, channel, coins, id, valid_from
        """,
        {"now": now},
    )


async def store_tax(tx: Transaction, tax: TaxRate) -> None:
    """Takes the place of a row for the same instant."""
    await tx.execute(
        """
        insert into coins.taxes (region, name, rate_bps, valid_from)
        values (%(region)s, %(name)s, %(rate_bps)s, %(valid_from)s)
        on conflict (region, valid_from) do update set name = excluded.name, rate_bps = excluded.rate_bps
        """,
        msgspec.structs.asdict(tax),
    )


async def list_taxes(tx: Transaction, *, now: datetime) -> list[TaxRate]:
    """By region, then by date."""
    return await tx.all(
        TaxRate,
        """
        select region, name, rate_bps, valid_from from coins.taxes t
        where not exists (
            select from coins.taxes later
            where later.region = t.region and later.valid_from > t.valid_from and later.valid_from <= %(now)s)
        order by region, valid_from
        """,
        {"now": now},
    )


async def store_exact(tx: Transaction, exact: ExactAmounts) -> None:
    """Takes the place of a row for the same instant."""
    await tx.execute(
        """
        insert into coins.exact_amounts (currency, channel, minimum_minor, least_coins, most_coins, valid_from)
        values (%(currency)s, %(channel)s, %(minimum_minor)s, %(least_coins)s, %(most_coins)s, %(valid_from)s)
        on conflict (currency, channel, valid_from) do update
            set minimum_minor = excluded.minimum_minor, least_coins = excluded.least_coins,
                most_coins = excluded.most_coins
        """,
        msgspec.structs.asdict(exact),
    )


async def list_exact(tx: Transaction, *, now: datetime) -> list[ExactAmounts]:
    """By currency and channel, then by date."""
    return await tx.all(
        ExactAmounts,
        """
        select currency, channel, minimum_minor, least_coins, most_coins, valid_from from coins.exact_amounts e
        where not exists (
            select from coins.exact_amounts later
            where (later.currency, later.channel) = (e.currency, e.channel)
                and later.valid_from > e.valid_from and later.valid_from <= %(now)s)
        order by currency, channel, valid_from
        """,
        {"now": now},
    )


async def list_top_ups(tx: Transaction, status: Status | None, *, after: Place | None, limit: int) -> list[TopUpFile]:
    """Everyone's, the newest first."""
    return await tx.all(
        TopUpFile,
        """
        select t.id, person_id, pack, coins, provider, t.region, t.currency, net_minor, tax_minor, tax_name, tax_bps,
            status, asked_at, checkout_id, checkout_url, payment_id, fee_minor, paid_at, settled_at, handle
        from coins.top_ups t join people.people p on p.id = t.person_id
        where (%(status)s::text is null or status = %(status)s)
            and (%(since)s::timestamptz is null or (asked_at, t.id) < (%(since)s, %(id)s::uuid))
        order by asked_at desc, t.id desc limit %(limit)s
        """,
        {
            "status": None if status is None else status.value,
            "since": after.since if after else None,
            "id": after.id if after else None,
            "limit": limit,
        },
    )


async def find_top_up(tx: Transaction, top_up_id: UUID) -> TopUpFile | None:
    """Anybody's, or None."""
    return await tx.find(
        TopUpFile,
        """
        select t.id, person_id, pack, coins, provider, t.region, t.currency, net_minor, tax_minor, tax_name, tax_bps,
            status, asked_at, checkout_id, checkout_url, payment_id, fee_minor, paid_at, settled_at, handle
        from coins.top_ups t join people.people p on p.id = t.person_id
        where t.id = %(id)s
        """,
        {"id": top_up_id},
    )


async def list_told(tx: Transaction, top_up: TopUp) -> list[Told]:
    """In the order in which it came. An event names our top-up somewhere in its body, whoever the provider is.

    Looked for in the month after it was asked for: nobody tells of a payment later than that.
    """
    return await tx.all(
        Told,
        """
        select event_id, body, received_at, applied_at, note from coins.inbox
        where received_at between %(asked_at)s and %(asked_at)s + interval '31 days'
            and provider = %(provider)s and position(%(reference)s in body) > 0
        order by received_at, event_id limit 100
        """,
        {"asked_at": top_up.asked_at, "provider": top_up.provider, "reference": str(top_up.id).encode()},
    )


async def sum_bought(tx: Transaction, *, since: datetime) -> list[Bought]:
    """By currency. A lot is opened with the coins' coming into the wallet."""
    return await tx.all(
        Bought,
        """
        select currency, count(*) as top_ups, sum(coins)::bigint as coins, sum(net_minor)::bigint as net_minor
        from coins.top_ups where settled_at >= %(since)s group by currency order by sum(net_minor) desc, currency
        """,
        {"since": since},
    )
