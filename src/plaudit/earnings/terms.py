"""The terms of creators: which share tier and which risk tier each has, from an instant on."""

import re
from datetime import datetime
from uuid import UUID

from msgspec.structs import asdict

from plaudit.earnings import dated_queries as queries
from plaudit.earnings.model import DatedTerms
from plaudit.foundation.database import Database
from plaudit.foundation.errors import Invalid
from plaudit.people.operators import note_act
from plaudit.people.queries import get_id_by_handle
from plaudit.people.rules import take_known_handle

_TIER = re.compile(r"[a-z_]{2,20}")


async def set_terms(
    db: Database, operator_id: UUID, handle: str, tier: str, risk_tier: str, *, now: datetime
) -> DatedTerms:
    """Let gifts from now on be settled by these tiers; those from before aren't touched, folded or not.

    Nothing checks that there is a rate for `tier`: without one the creator's share is nothing. Raises NoSuchPerson, or
    Invalid naming the field.
    """
    take_tier(tier, field="tier")
    take_tier(risk_tier, field="risk_tier")
    async with db.transaction() as tx:
        person_id = await get_id_by_handle(tx, take_known_handle(handle))
        start = await queries.lock_start(tx, now)
        if not await queries.has_risk_tier(tx, risk_tier, at=start):
            raise Invalid("There is no such risk tier.", field="risk_tier")
        # Gifts that aren't folded yet, but came before, still need what held for them.
        await queries.begin_terms(tx, person_id)
        terms = await queries.add_terms(tx, person_id, tier=tier, risk_tier=risk_tier, valid_from=start)
        detail = {"person": person_id, **asdict(terms)}
        await note_act(tx, operator_id, "terms_set", handle.lower(), detail, now=now)
    return terms


async def list_terms(db: Database, operator_id: UUID, handle: str, *, now: datetime) -> list[DatedTerms]:
    """All terms that a creator ever had, the newest first; none before their first gift. Raises NoSuchPerson."""
    async with db.transaction() as tx:
        person_id = await get_id_by_handle(tx, take_known_handle(handle))
        await note_act(tx, operator_id, "terms_seen", handle.lower(), {"person": person_id}, now=now)
        return await queries.list_terms(tx, person_id)


def take_tier(word: str, *, field: str) -> str:
    """The name of a share tier or risk tier; raises Invalid naming the field."""
    if not _TIER.fullmatch(word):
        raise Invalid("A tier is a word of 2 to 20 of the letters a to z and _.", field=field)
    return word
