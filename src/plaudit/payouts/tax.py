"""What tax offices want to know of creators: signed by them, kept sealed, and opened only for the reports."""

from datetime import datetime
from uuid import UUID

import msgspec

from plaudit.foundation.database import Transaction
from plaudit.foundation.envelopes import Vault
from plaudit.foundation.errors import IdReused, Invalid
from plaudit.payouts import queries, tax_queries
from plaudit.payouts.errors import NotVerifiedToBePaid
from plaudit.payouts.model import PayDesk, Payee
from plaudit.payouts.rules import form_for
from plaudit.payouts.tax_ids import mask_tax_id, take_tax_id
from plaudit.payouts.tax_model import Form, TaxDetails, TaxFacts, TaxStanding
from plaudit.people.rules import is_storable, take_region

_LONGEST_NAME = 70
_LONGEST_ADDRESS = 300


async def sign_facts(desk: PayDesk, facts_id: UUID, person_id: UUID, details: TaxDetails, *, now: datetime) -> TaxFacts:
    """Sign the form of the country that one lives in; the newest counts. The same again gives the same answer.

    Raises NotVerifiedToBePaid, Invalid naming the field, or IdReused.
    """
    details = take_details(details)
    facts = TaxFacts(
        id=facts_id,
        person_id=person_id,
        residence=details.residence,
        form=Form(form_for(details.residence)),
        has_id=details.tax_id is not None,
        shown=mask_tax_id(details.tax_id),
        sealed=await desk.vault.close(msgspec.json.encode(details).decode(), of=facts_id.bytes),
        signed_at=now,
    )
    async with desk.db.transaction() as tx:
        await _get_payee(tx, person_id)
        await tax_queries.add_facts(tx, facts)
        stored = await tax_queries.find_facts(tx, facts_id)
    if stored is None or stored.person_id != person_id or await open_facts(desk.vault, stored) != details:
        raise IdReused
    return stored


def take_details(details: TaxDetails) -> TaxDetails:
    """Everything in one form. Raises Invalid naming the field."""
    residence = take_region(details.residence)
    form = form_for(residence)
    tax_id = take_tax_id(details.tax_id, residence)
    if form == "dac7" and (tax_id is None or details.birth_on is None):
        field = "tax_id" if tax_id is None else "birth_on"
        raise Invalid("Tax offices in the European Union ask for a tax number and a birth date.", field=field)
    return TaxDetails(
        name=_take_line(details.name, "name", _LONGEST_NAME),
        residence=residence,
        address=_take_line(details.address, "address", _LONGEST_ADDRESS),
        tax_id=tax_id,
        birth_on=details.birth_on,
    )


def _take_line(text: str, field: str, longest: int) -> str:
    plain = " ".join(text.split())
    if not 2 <= len(plain) <= longest or not plain.isprintable() or not is_storable(plain):
        raise Invalid(f"This has 2 to {longest} characters.", field=field)
    return plain


async def get_standing(desk: PayDesk, person_id: UUID, *, now: datetime) -> TaxStanding:
    """Which form somebody needs, what they signed, and what is withheld. Raises NotVerifiedToBePaid."""
    async with desk.db.transaction() as tx:
        payee = await _get_payee(tx, person_id)
        facts = await tax_queries.find_valid_facts(tx, person_id, now=now)
        withheld_bps = await tax_queries.get_withheld_bps(tx, facts, now=now)
    return TaxStanding(
        needed=Form(form_for(payee.region)),
        region=payee.region,
        facts=facts,
        valid_until=tax_queries.expires_on(facts.signed_at) if facts else None,
        withheld_bps=withheld_bps,
    )


async def _get_payee(tx: Transaction, person_id: UUID) -> Payee:
    payee = await queries.find_payee(tx, person_id)
    if payee is None:
        raise NotVerifiedToBePaid
    return payee


async def open_facts(vault: Vault, facts: TaxFacts) -> TaxDetails:
    """What was signed, for reports only: never log it, never show it. Raises CannotUnseal."""
    return msgspec.json.decode(await vault.open(facts.sealed, of=facts.id.bytes), type=TaxDetails)
