"""What goes over the wire about refunds and disputes: bodies that are read and objects that are answered."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct, convert
from msgspec.structs import asdict

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.money import Money
from plaudit.ledger import Record
from plaudit.reversals import DisputeFile, Refund, Refundable, RefundFile, RefundState
from plaudit.reversals.model import Hold
from plaudit.reversals.operating import DisputeSeen, RefundSeen
from plaudit.web.api.coin_shapes import Amount, RefundedLine, show_amount
from plaudit.web.api.paging import write_place


class RefundBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish to give back what is left of a top-up. The id is the caller's: the same again is the same refund."""

    id: UUID
    top_up_id: UUID


class RefundAnswer(Struct, frozen=True, kw_only=True):
    """A refund. `state` is asked, held, sent, refunded or failed; `amount` is what goes back, `tax` of it tax.

    Coins and amounts are null until what is left was set apart. `reason` is why it failed.
    """

    id: UUID
    top_up_id: UUID
    state: str
    coins: int | None
    amount: Amount | None
    tax: Amount | None
    reason: str | None
    asked_at: datetime
    held_at: datetime | None
    sent_at: datetime | None
    ended_at: datetime | None


class RefundList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[RefundAnswer]
    next: str | None


class RefundableAnswer(Struct, frozen=True, kw_only=True):
    """What could be given back now of a top-up, and until when: so many coins, for so much with its tax."""

    top_up_id: UUID
    bought_coins: int
    coins: int
    amount: Amount
    tax: Amount
    until: datetime


class RefundableList(Struct, frozen=True, kw_only=True):
    """The newest purchase first; there is never a next page."""

    items: list[RefundableAnswer]
    next: None = None


class HoldAnswer(Struct, frozen=True, kw_only=True):
    """A hold on coins that a refund or a dispute asked for; one that wasn't right was dropped."""

    id: UUID
    attempt: int
    made_at: datetime
    dropped_at: datetime | None


class LegAnswer(Struct, frozen=True, kw_only=True):
    """A transfer that belongs to it: `amount` is in coins, or in ten-thousandths of the currency's minor unit."""

    number: int
    at: datetime
    id: UUID
    debit_account: UUID
    credit_account: UUID
    amount: int
    code: int
    kind: str


class RefundFileAnswer(RefundAnswer, frozen=True, kw_only=True):
    """Anybody's refund. `value_micros` of the coins is in ten-thousandths of a minor unit; `note` needs a look."""

    handle: str
    value_micros: int | None
    note: str | None


class RefundFileList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[RefundFileAnswer]
    next: str | None


class RefundSeenAnswer(RefundFileAnswer, frozen=True, kw_only=True):
    """A refund with its holds, and its legs in the order of the ledger."""

    holds: list[HoldAnswer]
    legs: list[LegAnswer]


class DisputeFileAnswer(Struct, frozen=True, kw_only=True):
    """A dispute. `state` is opened, won or lost; `coins` of the purchase are on hold for it, or were taken by it.

    Without a top-up its payment isn't known. Once it is lost, `covered_micros` (ten-thousandths of a minor unit) of the
    amount were paid back by tax, coins and gifts, and `loss_micros` by the house. `note` needs a look.
    """

    id: UUID
    provider: str
    dispute: str
    payment: str
    top_up_id: UUID | None
    handle: str | None
    state: str
    reason: str
    amount: Amount
    fee: Amount
    coins: int
    covered_micros: int | None
    tax: Amount | None
    rest_micros: int | None
    loss_micros: int | None
    note: str | None
    opened_at: datetime
    heard_at: datetime
    booked_at: datetime | None
    held_at: datetime | None
    decided_at: datetime | None
    planned_at: datetime | None
    closed_at: datetime | None


class DisputeFileList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[DisputeFileAnswer]
    next: str | None


class UnwindingAnswer(Struct, frozen=True, kw_only=True):
    """What a lost dispute took from one creator's gifts, in ten-thousandths of a minor unit, and from where."""

    creator_id: UUID
    attempt: int
    gifts: int
    value_micros: int
    share_micros: int
    platform_micros: int
    absorbed_micros: int
    promotion_micros: int
    pending_micros: int
    available_micros: int
    reserve_micros: int
    owed_micros: int
    posted_at: datetime | None


class DisputeSeenAnswer(DisputeFileAnswer, frozen=True, kw_only=True):
    """A dispute with what it took from whom, its holds, and its legs in the order of the ledger."""

    parts: list[UnwindingAnswer]
    holds: list[HoldAnswer]
    legs: list[LegAnswer]


def show_refund(refund: Refund) -> RefundAnswer:
    """A refund for its owner."""
    return RefundAnswer(
        id=refund.id,
        top_up_id=refund.top_up_id,
        state=refund.state,
        coins=refund.coins,
        amount=show_amount(refund.amount) if refund.amount else None,
        tax=_minor(refund.tax_minor, refund.currency),
        reason=refund.reason,
        asked_at=refund.asked_at,
        held_at=refund.held_at,
        sent_at=refund.sent_at,
        ended_at=refund.ended_at,
    )


def show_refunds(found: Sequence[Refund], limit: int) -> RefundList:
    """The page from one more than `limit` that were asked for: that one only tells that there is more."""
    last = found[limit - 1] if len(found) > limit else None
    items = [show_refund(refund) for refund in found[:limit]]
    return RefundList(items=items, next=write_place(last.asked_at, last.id) if last else None)


def show_refunded(found: Sequence[Refund]) -> list[RefundedLine]:
    """Those that went back, as a receipt tells them."""
    return [
        RefundedLine(
            id=refund.id,
            coins=refund.coins or 0,
            amount=show_amount(refund.amount),
            tax=show_amount(Money(refund.tax_minor or 0, refund.amount.currency)),
            refunded_at=refund.ended_at,
        )
        for refund in found
        if refund.state is RefundState.REFUNDED and refund.amount is not None and refund.ended_at is not None
    ]


def show_refundable(found: Sequence[Refundable]) -> RefundableList:
    """What could be given back."""
    return RefundableList(
        items=[
            RefundableAnswer(
                top_up_id=each.top_up.id,
                bought_coins=each.top_up.coins,
                coins=each.sums.coins,
                amount=show_amount(each.amount),
                tax=show_amount(Money(each.sums.tax_minor, each.amount.currency)),
                until=each.until,
            )
            for each in found
        ]
    )


def show_refund_file(refund: RefundFile) -> RefundFileAnswer:
    """Anybody's refund, for operators."""
    return convert({**asdict(show_refund(refund)), **_more(refund)}, RefundFileAnswer)


def _more(refund: RefundFile) -> dict[str, object]:
    return {"handle": refund.handle, "value_micros": refund.value_micros, "note": refund.note}


def show_refund_files(found: Sequence[RefundFile], limit: int) -> RefundFileList:
    """The page from one more than `limit` that were asked for."""
    last = found[limit - 1] if len(found) > limit else None
    items = [show_refund_file(refund) for refund in found[:limit]]
    return RefundFileList(items=items, next=write_place(last.asked_at, last.id) if last else None)


def show_refund_seen(seen: RefundSeen) -> RefundSeenAnswer:
    """A refund with all that belongs to it."""
    more = {"holds": _show_holds(seen.holds), "legs": _show_legs(seen.legs)}
    return convert({**asdict(show_refund_file(seen.refund)), **more}, RefundSeenAnswer)


def show_dispute_file(dispute: DisputeFile) -> DisputeFileAnswer:
    """A dispute, for operators."""
    return DisputeFileAnswer(
        id=dispute.id,
        provider=dispute.provider,
        dispute=dispute.dispute_id,
        payment=dispute.payment_id,
        top_up_id=dispute.top_up_id,
        handle=dispute.handle,
        state=dispute.state,
        reason=dispute.reason,
        amount=show_amount(dispute.amount),
        fee=show_amount(dispute.fee),
        coins=dispute.coins,
        covered_micros=dispute.covered_micros,
        tax=_minor(dispute.tax_minor, dispute.currency),
        rest_micros=dispute.rest_micros,
        loss_micros=dispute.loss_micros,
        note=dispute.note,
        opened_at=dispute.opened_at,
        heard_at=dispute.heard_at,
        booked_at=dispute.booked_at,
        held_at=dispute.held_at,
        decided_at=dispute.decided_at,
        planned_at=dispute.planned_at,
        closed_at=dispute.closed_at,
    )


def show_dispute_files(found: Sequence[DisputeFile], limit: int) -> DisputeFileList:
    """The page from one more than `limit` that were asked for."""
    last = found[limit - 1] if len(found) > limit else None
    items = [show_dispute_file(dispute) for dispute in found[:limit]]
    return DisputeFileList(items=items, next=write_place(last.opened_at, last.id) if last else None)


def show_dispute_seen(seen: DisputeSeen) -> DisputeSeenAnswer:
    """A dispute with all that belongs to it."""
    more = {
        "parts": [convert(asdict(part), UnwindingAnswer) for part in seen.parts],
        "holds": _show_holds(seen.holds),
        "legs": _show_legs(seen.legs),
    }
    return convert({**asdict(show_dispute_file(seen.dispute)), **more}, DisputeSeenAnswer)


def _show_holds(holds: Sequence[Hold]) -> list[HoldAnswer]:
    return [convert(asdict(hold), HoldAnswer) for hold in holds]


def _show_legs(legs: Sequence[Record]) -> list[LegAnswer]:
    return [
        LegAnswer(
            number=record.timestamp,
            at=record.at,
            id=record.transfer.id,
            debit_account=record.transfer.debit_account,
            credit_account=record.transfer.credit_account,
            amount=record.transfer.amount,
            code=record.transfer.code,
            kind=record.transfer.kind.name.lower(),
        )
        for record in legs
    ]


def _minor(minor: int | None, currency: str) -> Amount | None:
    return None if minor is None else show_amount(Money(minor, get_currency(currency)))
