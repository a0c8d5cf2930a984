"""SQL of tax facts."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from plaudit.foundation.database import Transaction
from plaudit.payouts import dated_queries
from plaudit.payouts.tax_model import TaxFacts

# As a W-8BEN: until the end of the third calendar year after the one in which it was signed. Each form is asked anew.
_YEARS = 3


async def find_valid_facts(tx: Transaction, person_id: UUID, *, now: datetime) -> TaxFacts | None:
    """The newest form that somebody signed, while it is good."""
    facts = await tx.find(
        TaxFacts,
        """
        select id, person_id, residence, form, has_id, shown, sealed, signed_at
        from payouts.tax_facts where person_id = %(person_id)s order by signed_at desc limit 1
        """,
        {"person_id": person_id},
    )
    if facts is None or now.year > facts.signed_at.year + _YEARS:
        return None
    return facts


async def get_withheld_bps(tx: Transaction, facts: TaxFacts | None, *, now: datetime) -> int:
    """What is withheld, in basis points; nothing below the threshold, where no form is asked for yet."""
    if facts is None:
        return 0
    found = await dated_queries.find_withholding(tx, facts.residence, facts.form, has_id=facts.has_id, now=now)
    return found.rate_bps if found else 0


async def add_facts(tx: Transaction, facts: TaxFacts) -> bool:
    """False, and nothing changed, when the id, or another form of this very instant, is there already."""
    added = await tx.execute(
        """
        insert into payouts.tax_facts (id, person_id, residence, form, has_id, shown, sealed, signed_at)
        values (%(id)s, %(person_id)s, %(residence)s, %(form)s, %(has_id)s, %(shown)s, %(sealed)s, %(signed_at)s)
        on conflict do nothing
        """,
        msgspec.structs.asdict(facts),
    )
    return added == 1


async def find_facts(tx: Transaction, facts_id: UUID) -> TaxFacts | None:
    """A form by its id, whoever signed it."""
    return await tx.find(
        TaxFacts,
        """
        select id, person_id, residence, form, has_id, shown, sealed, signed_at
        from payouts.tax_facts where id = %(id)s
        """,
        {"id": facts_id},
    )


def expires_on(signed_at: datetime) -> datetime:
    """Until when a form is good."""
    return datetime(signed_at.year + _YEARS + 1, 1, 1, tzinfo=signed_at.tzinfo) - timedelta(seconds=1)
