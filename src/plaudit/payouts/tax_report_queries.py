"""SQL of the tax reports: what was paid to whom, and stayed there."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.payouts.tax_model import TaxFacts


class Taken(Struct, frozen=True, kw_only=True):
    """What a creator was paid of a currency in one month: gross, its fees and what was withheld, in minor units.

    Gross is what left their earnings; a payout that came back isn't among them, whenever it did.
    """

    person_id: UUID
    handle: str
    legal_name: str | None
    region: str
    birth_on: date | None
    currency: str
    month: int
    payouts: int
    gross_minor: int
    fee_minor: int
    withheld_minor: int


async def list_taken(tx: Transaction, *, since: datetime, before: datetime) -> list[Taken]:
    """By creator, currency and month (UTC) of the payment."""
    return await tx.all(
        Taken,
        """
        select p.person_id, w.handle, c.legal_name, w.region, w.birth_on, p.currency,
            extract(month from p.paid_at at time zone 'UTC')::integer as month, count(*) as payouts,
            sum(p.amount_minor)::bigint as gross_minor, sum(p.fee_minor)::bigint as fee_minor,
            sum(p.withheld_minor)::bigint as withheld_minor
        from payouts.payouts p
        join people.people w on w.id = p.person_id
        left join people.creators c on c.person_id = p.person_id
        where p.paid_at >= %(since)s and p.paid_at < %(before)s and p.state = 'paid'
        group by p.person_id, w.handle, c.legal_name, w.region, w.birth_on, p.currency, 7
        order by w.handle, p.currency, 7
        """,
        {"since": since, "before": before},
    )


async def list_newest_facts(tx: Transaction, people: list[UUID], *, before: datetime) -> list[TaxFacts]:
    """The newest form that each of them signed before an instant."""
    return await tx.all(
        TaxFacts,
        """
        select distinct on (person_id) id, person_id, residence, form, has_id, shown, sealed, signed_at
        from payouts.tax_facts where person_id = any(%(people)s) and signed_at < %(before)s
        order by person_id, signed_at desc
        """,
        {"people": people, "before": before},
    )
