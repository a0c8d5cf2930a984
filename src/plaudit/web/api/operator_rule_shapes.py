"""What goes over the wire about creators' terms, and about the rules that hold from an instant on."""

from datetime import datetime

from msgspec import Struct

from plaudit.earnings.model import DatedTerms, PromotionalRate, RiskTier
from plaudit.people.operators import take_start
from plaudit.reversals.model import DisputePolicy, RefundPolicy
from plaudit.web.api import fields
from plaudit.web.api.price_shapes import Start


class TermsBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The share tier and the risk tier that a creator is to have from now on."""

    tier: fields.Tier
    risk_tier: fields.Tier


class TermsList(Struct, frozen=True, kw_only=True):
    """All terms that a creator ever had, the newest first; there is never a next page."""

    items: list[DatedTerms]
    next: None = None


class RiskTierBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long money is to stay pending of creators of a risk tier. A `valid_from` of null: from now on."""

    risk_tier: fields.Tier
    hold_seconds: int
    valid_from: Start | None = None

    def wish(self, now: datetime) -> RiskTier:
        """As the earnings package takes it. Raises Invalid when it was to hold in the past."""
        return RiskTier(
            risk_tier=self.risk_tier,
            hold_seconds=self.hold_seconds,
            valid_from=take_start(self.valid_from, now=now),
        )


class RiskTierList(Struct, frozen=True, kw_only=True):
    """Each risk tier: what holds, and what will; there is never a next page."""

    items: list[RiskTier]
    next: None = None


class PromotionalRateBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What creators are to get for a coin that nobody paid for, in ten-thousandths of a minor unit."""

    region: fields.AnyRegion = ""
    currency: fields.Currency
    micros_per_coin: int
    valid_from: Start | None = None

    def wish(self, now: datetime) -> PromotionalRate:
        """As the earnings package takes it. Raises Invalid when it was to hold in the past."""
        return PromotionalRate(
            region=self.region,
            currency=self.currency,
            micros_per_coin=self.micros_per_coin,
            valid_from=take_start(self.valid_from, now=now),
        )


class PromotionalRateList(Struct, frozen=True, kw_only=True):
    """What holds for promotional coins, and what will; without a row they bring nothing. There is never a next page."""

    items: list[PromotionalRate]
    next: None = None


class RefundPolicyBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how many days coins are to be given back, whenever they were bought."""

    days: int
    valid_from: Start | None = None

    def policy(self, now: datetime) -> RefundPolicy:
        """As the reversals package takes it. Raises Invalid when it was to hold in the past."""
        return RefundPolicy(days=self.days, valid_from=take_start(self.valid_from, now=now))


class RefundPolicyList(Struct, frozen=True, kw_only=True):
    """What holds for refunds, and what will; there is never a next page."""

    items: list[RefundPolicy]
    next: None = None


class DisputePolicyBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of their share creators are to bear of a lost dispute, and at most how much, in the currency's minor
    unit; null is no cap. An empty currency is for all without a row.
    """

    currency: fields.AnyCurrency = ""
    creator_bears_bps: int
    cap_minor: int | None = None
    valid_from: Start | None = None

    def policy(self, now: datetime) -> DisputePolicy:
        """As the reversals package takes it. Raises Invalid when it was to hold in the past."""
        return DisputePolicy(
            currency=self.currency,
            creator_bears_bps=self.creator_bears_bps,
            cap_minor=self.cap_minor,
            valid_from=take_start(self.valid_from, now=now),
        )


class DisputePolicyList(Struct, frozen=True, kw_only=True):
    """Who bears lost disputes: what holds, and what will; there is never a next page."""

    items: list[DisputePolicy]
    next: None = None
