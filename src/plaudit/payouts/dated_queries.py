"""SQL of what operators set for payouts: rules, fees, exchange rates, withholding. The newest row before now holds."""

from datetime import datetime

import msgspec

from plaudit.foundation.database import Transaction
from plaudit.payouts.model import ExchangeRate, Fee, Rail, Rules, Withholding


async def find_rules(tx: Transaction, currency: str, *, now: datetime) -> Rules | None:
    """What holds for a currency."""
    return await tx.find(
        Rules,
        """
        select currency, minimum_minor, maximum_day_minor, code_above_minor, automatic_below_minor,
            two_operators_above_minor, tax_form_above_minor, spread_bps, keeps_fee, valid_from
        from payouts.rules where currency = %(currency)s and valid_from <= %(now)s
        order by valid_from desc limit 1
        """,
        {"currency": currency, "now": now},
    )


async def list_rules(tx: Transaction, *, now: datetime) -> list[Rules]:
    """What holds, and what will."""
    return await tx.all(
        Rules,
        """
        select currency, minimum_minor, maximum_day_minor, code_above_minor, automatic_below_minor,
            two_operators_above_minor, tax_form_above_minor, spread_bps, keeps_fee, valid_from
        from payouts.rules r
        where valid_from > %(now)s or valid_from = (
            select max(valid_from) from payouts.rules where currency = r.currency and valid_from <= %(now)s)
        order by currency, valid_from
        """,
        {"now": now},
    )


async def store_rules(tx: Transaction, rules: Rules) -> None:
    """In the place of what was set for the very same instant."""
    await tx.execute(
        """
        insert into payouts.rules (currency, minimum_minor, maximum_day_minor, code_above_minor, automatic_below_minor,
            two_operators_above_minor, tax_form_above_minor, spread_bps, keeps_fee, valid_from)
        values (%(currency)s, %(minimum_minor)s, %(maximum_day_minor)s, %(code_above_minor)s,
            %(automatic_below_minor)s, %(two_operators_above_minor)s, %(tax_form_above_minor)s, %(spread_bps)s,
            %(keeps_fee)s, %(valid_from)s)
        on conflict (currency, valid_from) do update set minimum_minor = excluded.minimum_minor,
            maximum_day_minor = excluded.maximum_day_minor, code_above_minor = excluded.code_above_minor,
            automatic_below_minor = excluded.automatic_below_minor,
            two_operators_above_minor = excluded.two_operators_above_minor,
            tax_form_above_minor = excluded.tax_form_above_minor, spread_bps = excluded.spread_bps,
            keeps_fee = excluded.keeps_fee
        """,
        msgspec.structs.asdict(rules),
    )


async def find_fee(tx: Transaction, rail: Rail, currency: str, *, now: datetime) -> Fee | None:
    """What a rail costs."""
    return await tx.find(
        Fee,
        """
        select rail, currency, fee_minor, valid_from from payouts.fees
        where rail = %(rail)s and currency = %(currency)s and valid_from <= %(now)s
        order by valid_from desc limit 1
        """,
        {"rail": rail, "currency": currency, "now": now},
    )


async def list_fees(tx: Transaction, *, now: datetime) -> list[Fee]:
    """What holds, and what will."""
    return await tx.all(
        Fee,
        """
        select rail, currency, fee_minor, valid_from from payouts.fees f
        where valid_from > %(now)s or valid_from = (
            select max(valid_from) from payouts.fees
            where rail = f.rail and currency = f.currency and valid_from <= %(now)s)
        order by rail, currency, valid_from
        """,
        {"now": now},
    )


async def store_fee(tx: Transaction, fee: Fee) -> None:
    """In the place of what was set for the very same instant."""
    await tx.execute(
        """
        insert into payouts.fees (rail, currency, fee_minor, valid_from)
        values (%(rail)s, %(currency)s, %(fee_minor)s, %(valid_from)s)
        on conflict (rail, currency, valid_from) do update set fee_minor = excluded.fee_minor
        """,
        msgspec.structs.asdict(fee),
    )


async def find_rate(tx: Transaction, base: str, quote: str, *, now: datetime) -> ExchangeRate | None:
    """The rate between two currencies, in this direction."""
    return await tx.find(
        ExchangeRate,
        """
        select id, base, quote, numerator, denominator, source, valid_from from payouts.exchange_rates
        where base = %(base)s and quote = %(quote)s and valid_from <= %(now)s
        order by valid_from desc limit 1
        """,
        {"base": base, "quote": quote, "now": now},
    )


async def list_rates(tx: Transaction, *, now: datetime) -> list[ExchangeRate]:
    """What holds, and what will."""
    return await tx.all(
        ExchangeRate,
        """
        select id, base, quote, numerator, denominator, source, valid_from from payouts.exchange_rates r
        where valid_from > %(now)s or valid_from = (
            select max(valid_from) from payouts.exchange_rates
            where base = r.base and quote = r.quote and valid_from <= %(now)s)
        order by base, quote, valid_from
        """,
        {"now": now},
    )


async def add_rate(tx: Transaction, rate: ExchangeRate, set_by: object) -> bool:
    """False, and nothing changed, when these currencies have a rate from this very instant."""
    added = await tx.execute(
        """
        insert into payouts.exchange_rates (id, base, quote, numerator, denominator, source, set_by, valid_from)
        values (%(id)s, %(base)s, %(quote)s, %(numerator)s, %(denominator)s, %(source)s, %(set_by)s, %(valid_from)s)
        on conflict (base, quote, valid_from) do nothing
        """,
        {**msgspec.structs.asdict(rate), "set_by": set_by},
    )
    return added == 1


async def find_withholding(
    tx: Transaction, residence: str, form: str, *, has_id: bool, now: datetime
) -> Withholding | None:
    """What is withheld of somebody who lives there and signed this form."""
    return await tx.find(
        Withholding,
        """
        select residence, form, has_id, rate_bps, valid_from from payouts.withholdings
        where form = %(form)s and has_id = %(has_id)s and residence in ('', %(residence)s) and valid_from <= %(now)s
        order by residence desc, valid_from desc limit 1
        """,
        {"residence": residence, "form": form, "has_id": has_id, "now": now},
    )


async def list_withholdings(tx: Transaction, *, now: datetime) -> list[Withholding]:
    """What holds, and what will."""
    return await tx.all(
        Withholding,
        """
        select residence, form, has_id, rate_bps, valid_from from payouts.withholdings w
        where valid_from > %(now)s or valid_from = (
            select max(valid_from) from payouts.withholdings
            where residence = w.residence and form = w.form and has_id = w.has_id and valid_from <= %(now)s)
        order by form, residence, has_id, valid_from
        """,
        {"now": now},
    )


async def store_withholding(tx: Transaction, withholding: Withholding) -> None:
    """In the place of what was set for the very same instant."""
    await tx.execute(
        """
        insert into payouts.withholdings (residence, form, has_id, rate_bps, valid_from)
        values (%(residence)s, %(form)s, %(has_id)s, %(rate_bps)s, %(valid_from)s)
        on conflict (form, residence, has_id, valid_from) do update set rate_bps = excluded.rate_bps
        """,
        msgspec.structs.asdict(withholding),
    )
