"""What can be given, what somebody gives, and what came of it: frozen values."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class Tier(StrEnum):
    """How much of the screen a gift takes: small ones repeat, large ones fill it."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Gift(Struct, frozen=True, kw_only=True):
    """A gift at one price. `art` names its picture; `regions` is None where it is for all of them."""

    id: str
    name: str
    tier: Tier
    art: str
    price_coins: int
    regions: frozenset[str] | None
    least_level: int
    offered_from: datetime
    offered_until: datetime | None


class Price(Struct, frozen=True, kw_only=True):
    """What a gift costs from an instant on."""

    price_coins: int
    valid_from: datetime


class Entry(Struct, frozen=True):
    """A gift with all its prices, past and to come: each as the gift at that price, the newest first."""

    versions: tuple[tuple[datetime, Gift], ...]

    @property
    def newest(self) -> Gift:
        """The gift at the price that was set for the latest instant."""
        return self.versions[0][1]


class Level(Struct, frozen=True):
    """A fan is at this level from so many coins ever spent."""

    level: int
    coins_spent: int


class Shelf(Struct, frozen=True):
    """The whole catalogue as it stands in the database: every gift by its id in the order of the catalogue, and the
    levels from the first up.
    """

    entries: Mapping[str, Entry]
    levels: tuple[Level, ...]


class Wish(Struct, frozen=True, kw_only=True):
    """What somebody asks to give. The id is theirs: the same again is the same gift."""

    id: UUID
    gift: str
    quantity: int = 1
    combo_id: UUID | None = None
    message: str | None = None
    is_anonymous: bool = False


class Sender(Struct, frozen=True, kw_only=True):
    """Who gives."""

    person_id: UUID
    handle: str
    name: str
    picture_url: str | None
    region: str
    currency: str


class Sending(Struct, frozen=True, kw_only=True, gc=False):
    """The intent to give, as it is stored: `coins` is the price then, as often as the quantity says.

    It says nothing about whether the gift was sent: that is for the ledger to say.
    """

    id: UUID
    sender_id: UUID
    creator_id: UUID
    live_id: UUID | None
    gift: str
    price_coins: int
    quantity: int
    coins: int
    combo_id: UUID | None
    message: str | None
    is_anonymous: bool
    asked_at: datetime


class Sent(Struct, frozen=True, kw_only=True):
    """A gift that was sent: `timestamp` and `at` are the ledger's.

    `wallet_coins` is what the sender could spend just after it, and `spent_before` what had ever left their account, or
    was on hold, before it.
    """

    sending: Sending
    gift: Gift
    timestamp: int
    at: datetime
    wallet_coins: int
    spent_before: int
