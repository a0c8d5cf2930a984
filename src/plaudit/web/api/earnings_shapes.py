"""What goes over the wire about a creator's money. Amounts are told twice: exactly, in ten-thousandths of the minor
unit (`micros`), and as money, rounded down to the whole minor unit.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import Struct, field

from plaudit.earnings import Rate
from plaudit.earnings.balances import Balance, Earnings, Unsettled
from plaudit.earnings.calculator import RateLine
from plaudit.earnings.waterfall import Bought, Flow, Part
from plaudit.earnings.waterfalls import Earned
from plaudit.foundation.money import MICROS_PER_MINOR
from plaudit.rooms.model import Face
from plaudit.web.api.price_shapes import RateAnswer, show_rate


class Exact(Struct, frozen=True, kw_only=True):
    """An amount: `micros` are ten-thousandths of the minor unit, `amount_minor` is the same rounded down."""

    micros: int
    amount_minor: int
    currency: str


class ComingAnswer(Struct, frozen=True, kw_only=True):
    """Pending money, and the first instant of a day at which some of it becomes available."""

    at: datetime
    amount: Exact


class HeldAnswer(Struct, frozen=True, kw_only=True):
    """Money that is kept back: why, since when and until when."""

    amount: Exact
    reason: str
    since: datetime
    until: datetime


class BalanceAnswer(Struct, frozen=True, kw_only=True):
    """A creator's money in one currency. `available` can be withdrawn now; `on_its_way` is held by payouts.

    What is pending comes on the days in `coming`; `held` is the sum of `reserves`; `owed` is what was taken back and
    couldn't be paid.
    """

    currency: str
    available: Exact
    pending: Exact
    on_its_way: Exact
    held: Exact
    owed: Exact
    coming: list[ComingAnswer]
    reserves: list[HeldAnswer]


class UnsettledAnswer(Struct, frozen=True, kw_only=True):
    """Gifts that aren't settled yet, and about what they will bring. `is_whole` is false when it is at least this."""

    gifts: int
    coins: int
    shares: list[Exact]
    is_whole: bool
    estimate: bool = True


class RateLineAnswer(Struct, frozen=True, kw_only=True):
    """What one gets of what was paid in a currency: now (null: nothing), and what is set for later."""

    currency: str
    now: RateAnswer | None
    coming: list[RateAnswer]


class EarningsAnswer(Struct, frozen=True, kw_only=True):
    """All that a creator has. Coins were received for ever; of them so many have become money."""

    coins_received: int
    coins_settled: int
    balances: list[BalanceAnswer]
    unsettled: UnsettledAnswer
    rates: list[RateLineAnswer]


class FlowAnswer(Struct, frozen=True, kw_only=True):
    """Where the money went: `paid = tax + provider_fee + platform + share`, to the last of the micros.

    The provider's fee is what the payment cost; `platform` is what is left to the house, below zero where it added.
    """

    paid: Exact
    tax: Exact
    provider_fee: Exact
    platform: Exact
    share: Exact


class PartAnswer(Struct, frozen=True, kw_only=True):
    """One part of a gift: coins of one purchase. `region` and `pack` are of that purchase.

    `rate` is a share of what was paid before tax, or a price per coin. `available_at` is when the share is, or was,
    yours to withdraw; null while that isn't settled.
    """

    coins: int
    bought_as: Bought
    pack: str | None
    region: str
    provider: str
    tier: str
    share_bps: int | None
    micros_per_coin: int | None
    money: FlowAnswer
    available_at: datetime | None


class EarnedGift(Struct, frozen=True, kw_only=True):
    """A gift that came, with its waterfall. While `estimate` is true it isn't settled and may still change a little.

    `from` is null for who gave anonymously; `money` is the sum of `parts` by currency.
    """

    id: UUID
    gift: str
    name: str
    art: str
    quantity: int
    coins: int
    sender: Face | None = field(name="from")
    live_id: UUID | None
    combo_id: UUID | None
    message: str | None
    at: datetime
    estimate: bool
    money: list[FlowAnswer]
    parts: list[PartAnswer]


class EarnedGiftList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[EarnedGift]
    next: str | None


def exact(micros: int, currency: str) -> Exact:
    """An amount on the wire; a debt is rounded to the larger debt."""
    return Exact(micros=micros, amount_minor=micros // MICROS_PER_MINOR, currency=currency)


def show_earnings(earnings: Earnings, card: Iterable[RateLine]) -> EarningsAnswer:
    """All that a creator has, with what they get."""
    return EarningsAnswer(
        coins_received=earnings.coins_received,
        coins_settled=earnings.coins_settled,
        balances=[_show_balance(each) for each in earnings.balances],
        unsettled=_show_unsettled(earnings.unsettled),
        rates=[show_rate_line(line) for line in card],
    )


def _show_balance(balance: Balance) -> BalanceAnswer:
    code = balance.currency
    return BalanceAnswer(
        currency=code,
        available=exact(balance.available, code),
        pending=exact(balance.pending, code),
        on_its_way=exact(balance.on_its_way, code),
        held=exact(balance.held, code),
        owed=exact(balance.owed, code),
        coming=[ComingAnswer(at=each.at, amount=exact(each.micros, code)) for each in balance.coming],
        reserves=[
            HeldAnswer(amount=exact(each.micros, code), reason=each.reason, since=each.since, until=each.until)
            for each in balance.reserves
        ],
    )


def _show_unsettled(unsettled: Unsettled) -> UnsettledAnswer:
    return UnsettledAnswer(
        gifts=unsettled.gifts,
        coins=unsettled.coins,
        shares=[exact(micros, code) for code, micros in unsettled.micros.items()],
        is_whole=unsettled.is_whole,
    )


def show_rate_line(line: RateLine) -> RateLineAnswer:
    """What holds and what will."""
    return RateLineAnswer(currency=line.currency, now=_rate(line.now), coming=[show_rate(each) for each in line.coming])


def _rate(rate: Rate | None) -> RateAnswer | None:
    return None if rate is None else show_rate(rate)


def show_earned(earned: Earned, sender: Face | None) -> EarnedGift:
    """A gift for the creator who received it; `sender` is None where it isn't shown."""
    sending = earned.sent.sending
    return EarnedGift(
        id=sending.id,
        gift=sending.gift,
        name=earned.sent.gift.name,
        art=earned.sent.gift.art,
        quantity=sending.quantity,
        coins=sending.coins,
        sender=sender,
        live_id=sending.live_id,
        combo_id=sending.combo_id,
        message=sending.message,
        at=earned.sent.at,
        estimate=not earned.is_settled,
        money=[_show_flow(flow, code) for code, flow in earned.flows.items()],
        parts=[_show_part(part) for part in earned.parts],
    )


def _show_part(part: Part) -> PartAnswer:
    return PartAnswer(
        coins=part.coins,
        bought_as=part.kind,
        pack=part.pack,
        region=part.region,
        provider=part.provider,
        tier=part.tier,
        share_bps=part.share_bps,
        micros_per_coin=part.micros_per_coin,
        money=_show_flow(part.flow, part.currency),
        available_at=part.available_at,
    )


def _show_flow(flow: Flow, code: str) -> FlowAnswer:
    return FlowAnswer(
        paid=exact(flow.paid, code),
        tax=exact(flow.tax, code),
        provider_fee=exact(flow.fee, code),
        platform=exact(flow.platform, code),
        share=exact(flow.share, code),
    )
