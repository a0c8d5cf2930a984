"""What goes over the wire about payouts, for operators."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.ids import new_id
from plaudit.payouts import Rail
from plaudit.payouts.model import ExchangeRate, Fee, Rules, Withholding
from plaudit.payouts.operating import Approval, Seen
from plaudit.payouts.operating_queries import Day, File
from plaudit.people.operators import take_start
from plaudit.web.api import fields
from plaudit.web.api.coin_shapes import Amount, show_amount
from plaudit.web.api.paging import write_place
from plaudit.web.api.payout_shapes import ExchangeRateAnswer, StepAnswer, show_rate
from plaudit.web.api.price_shapes import Start


class ReasonBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why."""

    reason: fields.Reason


class PayoutFileAnswer(Struct, frozen=True, kw_only=True):
    """Anybody's payout. `waits_for` says why it stands where it stands, and is null when nothing is to come.

    first_use, amount and large wait for operators (`approvals` of `operators` said yes); paused until one lets it go
    on; holding for the ledger; batch and rail for the bank. `spread_micros` is in ten-thousandths of the minor unit.
    """

    id: UUID
    handle: str
    legal_name: str | None
    holder_name: str
    rail: str
    shown: str
    state: str
    waits_for: str | None
    operators: int
    approvals: int
    amount: Amount
    fee: Amount
    withheld: Amount
    spread_micros: int
    paid: Amount
    asked_at: datetime
    state_at: datetime
    paid_at: datetime | None
    reference: str | None
    paused_at: datetime | None
    paused_by: str | None
    paused_reason: str | None


class PayoutFileList(Struct, frozen=True, kw_only=True):
    """A page: of one state the oldest first, of all the newest; `next` goes into `after`, null on the last page."""

    items: list[PayoutFileAnswer]
    next: str | None


class SeenAnswer(Struct, frozen=True, kw_only=True):
    """A payout with its steps, who approved it, and the rate that it is exchanged at."""

    payout: PayoutFileAnswer
    steps: list[StepAnswer]
    approvals: list[Approval]
    rate: ExchangeRateAnswer | None


class PayoutDayAnswer(Struct, frozen=True, kw_only=True):
    """What a rail did on a day (UTC) with one pair of currencies."""

    day: date
    rail: str
    asked: int
    asked_amount: Amount
    paid: int
    paid_amount: Amount
    returned: int
    returned_amount: Amount


class DayList(Struct, frozen=True, kw_only=True):
    """The last days, the newest first; there is never a next page."""

    items: list[PayoutDayAnswer]
    next: None = None


class RulesBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to hold for payouts of a currency. A `valid_from` of null: from now on."""

    currency: fields.Currency
    minimum_minor: int
    maximum_day_minor: int
    code_above_minor: int
    automatic_below_minor: int
    two_operators_above_minor: int
    tax_form_above_minor: int
    spread_bps: int
    keeps_fee: bool = True
    valid_from: Start | None = None

    def rules(self, now: datetime) -> Rules:
        """As the package takes it. Raises Invalid when it was to hold in the past."""
        return Rules(
            currency=self.currency,
            minimum_minor=self.minimum_minor,
            maximum_day_minor=self.maximum_day_minor,
            code_above_minor=self.code_above_minor,
            automatic_below_minor=self.automatic_below_minor,
            two_operators_above_minor=self.two_operators_above_minor,
            tax_form_above_minor=self.tax_form_above_minor,
            spread_bps=self.spread_bps,
            keeps_fee=self.keeps_fee,
            valid_from=take_start(self.valid_from, now=now),
        )


class RulesList(Struct, frozen=True, kw_only=True):
    """Each currency's rules and what each rail costs: what holds, and what will; there is never a next page."""

    items: list[Rules]
    fees: list[Fee]
    withholdings: list[Withholding]
    next: None = None


class FeeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a payout by a rail is to cost, in the currency of the earnings."""

    rail: Rail
    currency: fields.Currency
    fee_minor: int
    valid_from: Start | None = None

    def fee(self, now: datetime) -> Fee:
        """As the package takes it. Raises Invalid when it was to hold in the past."""
        return Fee(
            rail=self.rail,
            currency=self.currency,
            fee_minor=self.fee_minor,
            valid_from=take_start(self.valid_from, now=now),
        )


class ExchangeRateBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One unit of `base` is to be numerator / denominator units of `quote`; `source` says who says so."""

    base: fields.Currency
    quote: fields.Currency
    numerator: int
    denominator: int
    source: str
    valid_from: Start | None = None

    def rate(self, now: datetime) -> ExchangeRate:
        """As the package takes it. Raises Invalid when it was to hold in the past."""
        return ExchangeRate(
            id=new_id(),
            base=self.base,
            quote=self.quote,
            numerator=self.numerator,
            denominator=self.denominator,
            source=self.source,
            valid_from=take_start(self.valid_from, now=now),
        )


class ExchangeRateList(Struct, frozen=True, kw_only=True):
    """The rate between each pair of currencies: what holds, and what will; there is never a next page."""

    items: list[ExchangeRateAnswer]
    next: None = None


class WithholdingBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be withheld of who signed a form, in basis points; an empty residence is for all without a row."""

    residence: fields.AnyRegion = ""
    form: Literal["w9", "w8ben", "dac7"]
    has_id: bool
    rate_bps: int
    valid_from: Start | None = None

    def withholding(self, now: datetime) -> Withholding:
        """As the package takes it. Raises Invalid when it was to hold in the past."""
        return Withholding(
            residence=self.residence,
            form=self.form,
            has_id=self.has_id,
            rate_bps=self.rate_bps,
            valid_from=take_start(self.valid_from, now=now),
        )


def show_file(file: File) -> PayoutFileAnswer:
    """A payout for operators."""
    payout, earned = file.payout, file.payout.currency
    return PayoutFileAnswer(
        id=payout.id,
        handle=file.handle,
        legal_name=file.legal_name,
        holder_name=file.holder_name,
        rail=payout.rail.value,
        shown=file.shown,
        state=payout.state.value,
        waits_for=file.waits_for,
        operators=payout.operators,
        approvals=file.approvals,
        amount=show_amount(payout.amount),
        fee=Amount(amount_minor=payout.fee_minor, currency=earned),
        withheld=Amount(amount_minor=payout.withheld_minor, currency=earned),
        spread_micros=payout.spread_micros,
        paid=show_amount(payout.paid),
        asked_at=payout.asked_at,
        state_at=payout.state_at,
        paid_at=payout.paid_at,
        reference=payout.reference,
        paused_at=payout.paused_at,
        paused_by=file.paused_by,
        paused_reason=payout.paused_reason,
    )


def show_files(found: Sequence[File], limit: int) -> PayoutFileList:
    """The page from one more than `limit` that were asked for: that one only tells that there is more."""
    items = [show_file(file) for file in found[:limit]]
    more = len(found) > limit
    return PayoutFileList(items=items, next=write_place(items[-1].asked_at, items[-1].id) if more else None)


def show_seen(seen: Seen) -> SeenAnswer:
    """A payout with everything that an operator decides by."""
    return SeenAnswer(
        payout=show_file(seen.file),
        steps=[
            StepAnswer(state=step.state.value, at=step.at, by=step.actor_kind.value, reason=step.reason)
            for step in seen.steps
        ],
        approvals=seen.approvals,
        rate=show_rate(seen.rate) if seen.rate else None,
    )


def show_days(days: Sequence[Day]) -> DayList:
    """The last days."""
    return DayList(
        items=[
            PayoutDayAnswer(
                day=day.day,
                rail=day.rail,
                asked=day.asked,
                asked_amount=Amount(amount_minor=day.asked_minor, currency=day.currency),
                paid=day.paid,
                paid_amount=Amount(amount_minor=day.paid_minor, currency=day.paid_currency),
                returned=day.returned,
                returned_amount=Amount(amount_minor=day.returned_minor, currency=day.paid_currency),
            )
            for day in days
        ]
    )
