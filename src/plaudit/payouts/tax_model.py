"""What tax offices want to know of who is paid: frozen values."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class Form(StrEnum):
    """Which form somebody signs: by where they live."""

    W9 = "w9"
    """Who is taxed in the United States."""
    W8BEN = "w8ben"
    """Who is taxed neither there nor in the European Union."""
    DAC7 = "dac7"
    """Self-certification of who lives in the European Union (directive 2021/514)."""


class TaxDetails(Struct, frozen=True, kw_only=True):
    """What somebody tells; sealed, and opened only for the reports. `tax_id` of None: they have none."""

    name: str
    residence: str
    address: str
    tax_id: str | None
    birth_on: date | None


class TaxFacts(Struct, frozen=True, kw_only=True):
    """A signed form. `shown` is what may be seen of the tax id; the details are `sealed`."""

    id: UUID
    person_id: UUID
    residence: str
    form: Form
    has_id: bool
    shown: str
    sealed: bytes
    signed_at: datetime


class TaxStanding(Struct, frozen=True, kw_only=True):
    """Which form somebody needs where they live, the one that they signed and until when it is good."""

    needed: Form
    region: str
    facts: TaxFacts | None
    valid_until: datetime | None
    withheld_bps: int
