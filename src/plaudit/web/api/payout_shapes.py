"""What goes over the wire about payouts and their methods."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from plaudit.foundation.errors import Invalid
from plaudit.payouts import (
    AchDetails,
    Asked,
    Details,
    Method,
    MethodWish,
    PayoutWish,
    Quote,
    SepaDetails,
    WalletDetails,
)
from plaudit.payouts.details import Checked
from plaudit.payouts.model import ExchangeRate, Payout, Step
from plaudit.payouts.requests import Told
from plaudit.payouts.tax_model import TaxDetails, TaxFacts, TaxStanding
from plaudit.web.api import fields
from plaudit.web.api.coin_shapes import Amount, show_amount
from plaudit.web.api.paging import write_place

MOST_MINOR = 10**14
"""The most that can be asked for: whatever the currency, its internal units fit the ledger."""


class SepaBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="sepa"):
    """A bank account in the Single Euro Payments Area; it receives euros. Without a BIC the bank's known one counts."""

    holder_name: fields.LegalName
    iban: fields.Iban
    bic: fields.Bic = None

    def details(self) -> Details:
        """As the package takes it."""
        return SepaDetails(holder_name=self.holder_name, iban=self.iban, bic=self.bic)


class AchBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="ach"):
    """A bank account in the United States; it receives dollars."""

    holder_name: fields.LegalName
    routing: fields.Routing
    account: fields.AccountNumber
    is_savings: bool = False

    def details(self) -> Details:
        """As the package takes it."""
        return AchDetails(
            holder_name=self.holder_name, routing=self.routing, account=self.account, is_savings=self.is_savings
        )


class WalletBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="wallet"):
    """A digital wallet, as PayPal's; it receives the currency of the method."""

    holder_name: fields.LegalName
    email: fields.Email

    def details(self) -> Details:
        """As the package takes it."""
        return WalletDetails(holder_name=self.holder_name, email=self.email)


class MethodBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish to add a method. `currency` is for wallets; null takes one's own. `code` is of the second factor."""

    id: UUID
    details: SepaBody | AchBody | WalletBody
    currency: fields.Currency | None = None
    code: str | None = None

    def wish(self, person_id: UUID, currency: str) -> MethodWish:
        """As the package takes it."""
        return MethodWish(
            id=self.id,
            person_id=person_id,
            details=self.details.details(),
            currency=(self.currency or currency).upper(),
            code=self.code,
        )


class CheckBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Details to be looked at before they are sent as a method."""

    details: SepaBody | AchBody | WalletBody


class CheckAnswer(Struct, frozen=True, kw_only=True):
    """They can be right: how they are shown, what they receive, and the bank's name where it is known."""

    shown: str
    currency: str | None
    bank: str | None


class MethodCodeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The six digits of the letter."""

    code: str


class MethodAnswer(Struct, frozen=True, kw_only=True):
    """Where one's money can go, shown in part. It is used once it is verified and `usable_from` has come."""

    id: UUID
    kind: str
    currency: str
    holder_name: str
    shown: str
    created_at: datetime
    verified_at: datetime | None
    usable_from: datetime


class MethodList(Struct, frozen=True, kw_only=True):
    """One's methods, the oldest first; there is never a next page."""

    items: list[MethodAnswer]
    next: None = None


class MoneyBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So much of one's earnings in a currency, in whole minor units."""

    amount_minor: fields.MinorUnits
    currency: fields.Currency


class PayoutBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish to be paid: so much, or "all" of `currency` (null: one's own).

    `shown_minor` is what the quote said would arrive: something else is refused as `quote_changed`. `code` is of the
    second factor, for amounts that need one.
    """

    id: UUID
    method: UUID
    amount: MoneyBody | Literal["all"]
    currency: fields.Currency | None = None
    shown_minor: Annotated[int, Meta(ge=0, le=10**17)] | None = None
    code: str | None = None

    def wish(self, person_id: UUID, currency: str) -> PayoutWish:
        """As the package takes it."""
        if isinstance(self.amount, MoneyBody):
            asked = ask_for(self.amount.amount_minor, self.amount.currency)
        else:
            asked = ask_for(None, self.currency or currency)
        return PayoutWish(
            id=self.id,
            person_id=person_id,
            method_id=self.method,
            asked=asked,
            shown_minor=self.shown_minor,
            code=self.code,
        )


def ask_for(minor: int | None, currency: str) -> Asked:
    """An amount that the ledger can hold. Raises Invalid."""
    if minor is not None and not 0 < minor <= MOST_MINOR:
        raise Invalid("An amount is above nothing, in whole minor units.", field="amount")
    return Asked(currency=currency.upper(), amount_minor=minor)


class ExchangeRateAnswer(Struct, frozen=True, kw_only=True):
    """One unit of `base` is numerator / denominator units of `quote`."""

    base: str
    quote: str
    numerator: int
    denominator: int
    source: str
    valid_from: datetime


class QuoteAnswer(Struct, frozen=True, kw_only=True):
    """What would become of an amount: amount - fee - withheld - spread, exchanged at `rate`, is what arrives.

    `spread_micros` is in ten-thousandths of the minor unit of what is earned. Once it was sent, it is there by
    `arrives_on`. `operators` is how many look at it before, `why` the reason.
    """

    available_micros: int
    amount: Amount
    fee: Amount
    withheld: Amount
    withheld_bps: int
    spread_micros: int
    spread_bps: int
    rate: ExchangeRateAnswer | None
    paid: Amount
    arrives_on: date
    needs_code: bool
    operators: int
    why: str


class StepAnswer(Struct, frozen=True, kw_only=True):
    """One step. `by` is creator, operator, house (a rule) or rail (a bank or wallet); `reason` a word or a sentence."""

    state: str
    at: datetime
    by: str
    reason: str


class PayoutAnswer(Struct, frozen=True, kw_only=True):
    """A payout. `state` is requested, approved, submitted, paid, returned, failed or cancelled.

    `is_paused`: an operator lets it wait.
    """

    id: UUID
    state: str
    method: MethodAnswer
    amount: Amount
    fee: Amount
    withheld: Amount
    spread_micros: int
    paid: Amount
    keeps_fee: bool
    asked_at: datetime
    state_at: datetime
    paid_at: datetime | None
    is_paused: bool
    reference: str | None
    steps: list[StepAnswer]


class PayoutList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[PayoutAnswer]
    next: str | None


class TaxFormBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One's tax details, signed by sending them. A `tax_id` of null: one has none."""

    id: UUID
    name: fields.LegalName
    residence: fields.Region
    address: fields.Address
    tax_id: str | None = None
    birth_on: date | None = None

    def details(self) -> TaxDetails:
        """As the package takes it."""
        return TaxDetails(
            name=self.name,
            residence=self.residence,
            address=self.address,
            tax_id=self.tax_id,
            birth_on=self.birth_on,
        )


class SignedAnswer(Struct, frozen=True, kw_only=True):
    """A signed form; of the tax id only what may be seen, empty where there is none."""

    form: str
    residence: str
    tax_id: str
    signed_at: datetime


class TaxAnswer(Struct, frozen=True, kw_only=True):
    """The form that is needed where one lives (w9, w8ben, dac7), the one that was signed and until when it is good."""

    needed: str
    region: str
    signed: SignedAnswer | None
    valid_until: datetime | None
    withheld_bps: int


def show_method(method: Method) -> MethodAnswer:
    """A method for its owner."""
    return MethodAnswer(
        id=method.id,
        kind=method.kind.value,
        currency=method.currency,
        holder_name=method.holder_name,
        shown=method.shown,
        created_at=method.created_at,
        verified_at=method.verified_at,
        usable_from=method.usable_from,
    )


def show_check(checked: Checked) -> CheckAnswer:
    """What can be said of details before they are sent."""
    is_wallet = checked.rail == "wallet"
    return CheckAnswer(shown=checked.shown, currency=None if is_wallet else checked.currency, bank=checked.bank)


def show_quote(quote: Quote, available_micros: int) -> QuoteAnswer:
    """What would become of an amount."""
    earned = quote.currency
    return QuoteAnswer(
        available_micros=available_micros,
        amount=Amount(amount_minor=quote.amount_minor, currency=earned),
        fee=Amount(amount_minor=quote.fee_minor, currency=earned),
        withheld=Amount(amount_minor=quote.withheld_minor, currency=earned),
        withheld_bps=quote.withheld_bps,
        spread_micros=quote.spread_micros,
        spread_bps=quote.spread_bps,
        rate=show_rate(quote.rate) if quote.rate else None,
        paid=Amount(amount_minor=quote.paid_minor, currency=quote.paid_currency),
        arrives_on=quote.arrives_on,
        needs_code=quote.needs_code,
        operators=quote.operators,
        why=quote.why,
    )


def show_rate(rate: ExchangeRate) -> ExchangeRateAnswer:
    """An exchange rate."""
    return ExchangeRateAnswer(
        base=rate.base,
        quote=rate.quote,
        numerator=rate.numerator,
        denominator=rate.denominator,
        source=rate.source,
        valid_from=rate.valid_from,
    )


def show_step(step: Step) -> StepAnswer:
    """A step; who of the operators took it is theirs to know."""
    # A batch's id tells a creator nothing.
    reason = "sent" if step.state == "submitted" else step.reason
    return StepAnswer(state=step.state.value, at=step.at, by=step.actor_kind.value, reason=reason)


def show_payout(told: Told) -> PayoutAnswer:
    """A payout for its creator."""
    payout = told.payout
    return PayoutAnswer(
        id=payout.id,
        state=payout.state.value,
        method=show_method(told.method),
        amount=show_amount(payout.amount),
        fee=_in_earned(payout, payout.fee_minor),
        withheld=_in_earned(payout, payout.withheld_minor),
        spread_micros=payout.spread_micros,
        paid=show_amount(payout.paid),
        keeps_fee=payout.keeps_fee,
        asked_at=payout.asked_at,
        state_at=payout.state_at,
        paid_at=payout.paid_at,
        is_paused=payout.paused_at is not None,
        reference=payout.reference,
        steps=[show_step(step) for step in told.steps],
    )


def _in_earned(payout: Payout, minor: int) -> Amount:
    return Amount(amount_minor=minor, currency=payout.currency)


def show_payouts(found: Sequence[Told], limit: int) -> PayoutList:
    """The page from one more than `limit` that were asked for: that one only tells that there is more."""
    items = [show_payout(told) for told in found[:limit]]
    more = len(found) > limit
    return PayoutList(items=items, next=write_place(items[-1].asked_at, items[-1].id) if more else None)


def show_standing(standing: TaxStanding) -> TaxAnswer:
    """How one stands with the tax office."""
    return TaxAnswer(
        needed=standing.needed.value,
        region=standing.region,
        signed=show_signed(standing.facts) if standing.facts else None,
        valid_until=standing.valid_until,
        withheld_bps=standing.withheld_bps,
    )


def show_signed(facts: TaxFacts) -> SignedAnswer:
    """A signed form."""
    return SignedAnswer(form=facts.form.value, residence=facts.residence, tax_id=facts.shown, signed_at=facts.signed_at)
