"""Bodies and answers of grants and reserves."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.coins.promotion_queries import Grant
from plaudit.coins.promotions import GrantWish
from plaudit.earnings.reserve_queries import Reserve
from plaudit.earnings.reserves import ReserveWish
from plaudit.foundation.money import MICROS_PER_MINOR
from plaudit.web.api import fields


class GrantBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Coins for nothing; the id is one's own."""

    id: UUID
    coins: fields.Coins
    reason: fields.ShortReason

    def wish(self, handle: str) -> GrantWish:
        """As the coins package takes it."""
        return GrantWish(id=self.id, handle=handle, coins=self.coins, reason=self.reason)


class GrantAnswer(Struct, frozen=True, kw_only=True):
    """A grant; `posted_at` is when its coins were in the wallet."""

    id: UUID
    coins: int
    reason: str
    made_at: datetime
    posted_at: datetime | None


class GrantList(Struct, frozen=True, kw_only=True):
    """What somebody was ever given, the newest first; there is never a next page."""

    items: list[GrantAnswer]
    next: None = None


class ReserveBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is kept back, in minor units of the currency, why, and until when; the id is one's own."""

    id: UUID
    amount_minor: fields.AmountMinor
    currency: fields.Currency
    reason: fields.ShortReason
    until: datetime

    def wish(self, creator_id: UUID) -> ReserveWish:
        """As the earnings package takes it."""
        return ReserveWish(
            id=self.id,
            creator_id=creator_id,
            currency=self.currency.upper(),
            micros=self.amount_minor * MICROS_PER_MINOR,
            reason=self.reason,
            until=self.until,
        )


class ReserveAnswer(Struct, frozen=True, kw_only=True):
    """A reserve; `left_minor` is what is still kept back, and `freed_at` when the rest was given back."""

    id: UUID
    amount_minor: int
    left_minor: int
    currency: str
    reason: str
    made_at: datetime
    until: datetime
    freed_at: datetime | None


class ReserveList(Struct, frozen=True, kw_only=True):
    """Everything that was ever kept back, the newest first; there is never a next page."""

    items: list[ReserveAnswer]
    next: None = None


def show_grant(grant: Grant) -> GrantAnswer:
    """A grant for operators."""
    return GrantAnswer(
        id=grant.id, coins=grant.coins, reason=grant.reason, made_at=grant.made_at, posted_at=grant.posted_at
    )


def show_reserve(reserve: Reserve) -> ReserveAnswer:
    """A reserve for operators."""
    return ReserveAnswer(
        id=reserve.id,
        amount_minor=reserve.micros // MICROS_PER_MINOR,
        left_minor=reserve.left_micros // MICROS_PER_MINOR,
        currency=reserve.currency,
        reason=reserve.reason,
        made_at=reserve.made_at,
        until=reserve.until,
        freed_at=reserve.freed_at,
    )
