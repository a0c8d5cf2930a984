"""What coins cost, where a top-up goes next, and what coins are worth: pure functions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from plaudit.coins.errors import PackNotOffered, PaidTwice, WrongAmountPaid
from plaudit.coins.line import value_between
from plaudit.coins.model import Buyer, Lot, LotKind, Offer, Pack, Part, Quote, Status, Stretch, TopUp, Wish
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import IdReused, Invalid
from plaudit.foundation.money import MICROS_PER_MINOR, Micros, Money, floor_to_minor, to_internal
from plaudit.providers import Checkout, Payment, PaymentState

_WHOLE_BPS = 10_000
_AFTER = {
    PaymentState.PAID: Status.PAID,
    PaymentState.FAILED: Status.FAILED,
    PaymentState.EXPIRED: Status.EXPIRED,
}


def cost_of_next(offer: Offer, lots: Iterable[Lot | Stretch], coins: int, *, spent: int, received: int) -> Money:
    """What the next so many coins cost a fan who has spent `spent` of those ever `received`, in the offer's currency.

    What was paid for those in `lots`; what isn't bought yet, or was bought in another currency, at the rate at which
    exact amounts of so many are sold. Rounded up to the minor unit: nobody is told less than it costs.
    """
    end = spent + coins
    parts = parts_of(lots, spent, min(end, received))
    return cost_of(offer, parts, to_buy=end - min(end, max(spent, received)))


def cost_of(offer: Offer, parts: Sequence[Part], *, to_buy: int = 0) -> Money:
    """What these coins cost, and so many that aren't bought yet: as `cost_of_next`."""
    own = sum(part.micros for part in parts if part.currency == offer.currency)
    others = sum(part.coins for part in parts if _is_foreign(part, offer)) + to_buy
    pack = pack_within(offer, others)
    micros = own + -(-others * pack.price_minor * MICROS_PER_MINOR // pack.coins)
    return Money(-(-micros // MICROS_PER_MINOR), get_currency(offer.currency))


def count_coins(coins: int) -> str:
    """So many coins in words: "1 coin", "12,500 coins"."""
    return "1 coin" if coins == 1 else f"{coins:,} coins"


def describe(top_up: TopUp) -> str:
    """What is bought, for whoever pays: with the name of the tax where there is one in the price."""
    coins = count_coins(top_up.coins)
    return f"{coins}, {top_up.tax_name} included" if top_up.tax_minor else coins


def round_half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number to a fraction that isn't negative; a half goes up, to the tax office."""
    return (2 * numerator + denominator) // (2 * denominator)


def tax_on(net: Money, rate_bps: int) -> Money:
    """The tax on a price, rounded half up to the minor unit."""
    return Money(round_half_up(net.minor * rate_bps, _WHOLE_BPS), net.currency)


def pack_within(offer: Offer, coins: int) -> Pack:
    """The pack at whose rate so many coins are sold as an exact amount: the largest within them, or the smallest.

    Whoever buys as many as a large pack holds must not pay the small pack's price for each of them.
    """
    within = (pack for pack in offer.packs if pack.coins <= coins)
    return max(within, key=lambda pack: pack.coins, default=offer.smallest)


def price_of_exact(offer: Offer, coins: int) -> Money | None:
    """What exactly so many coins cost: at the rate of the largest pack that is within them, or of the smallest pack.

    Rounded up to the minor unit in the house's favour. None when exact amounts aren't sold here, or not this many;
    never below the minimum charge.
    """
    rule = offer.exact
    if rule is None or not rule.least_coins <= coins <= rule.most_coins:
        return None
    within = pack_within(offer, coins)
    minor = -(-coins * within.price_minor // within.coins)
    return Money(max(minor, rule.minimum_minor), get_currency(offer.currency))


def micros_per_coin(pack: Pack) -> Micros:
    """What one coin of the pack costs, in internal units, rounded down: to show, never to compute with."""
    return Micros(pack.price_minor * MICROS_PER_MINOR // pack.coins)


def saving_bps(pack: Pack, smallest: Pack) -> int:
    """How much less a coin costs than in the smallest pack, in basis points rounded down; 0 when it costs no less."""
    share = -(-pack.price_minor * smallest.coins * _WHOLE_BPS // (pack.coins * smallest.price_minor))
    return max(0, _WHOLE_BPS - share)


def quote_pack(offer: Offer, pack: Pack) -> Quote:
    """What a pack costs, with its tax."""
    return _quote(offer, pack.id, pack.coins, Money(pack.price_minor, get_currency(offer.currency)))


def quote(offer: Offer, wish: Wish) -> Quote:
    """What somebody's wish costs now. Raises Invalid naming the field, or PackNotOffered."""
    if wish.pack is not None:
        pack = next((pack for pack in offer.packs if pack.id == wish.pack), None)
        if pack is None:
            raise PackNotOffered(field="pack")
        return quote_pack(offer, pack)
    net = price_of_exact(offer, wish.coins or 0)
    if net is None:
        raise Invalid("So many coins can't be bought as an exact amount.", field="coins")
    return _quote(offer, None, wish.coins or 0, net)


def find_cheapest(offer: Offer, coins: int) -> Quote | None:
    """The one purchase that costs least and brings at least so many coins: a pack, or the exact amount.

    A pack goes before an exact amount at the same price. None when no single purchase brings so many.
    """
    found = [quote_pack(offer, pack) for pack in offer.packs if pack.coins >= coins]
    exact = price_of_exact(offer, coins)
    if exact is not None:
        found.append(_quote(offer, None, coins, exact))
    return min(found, key=lambda quote: quote.net.minor, default=None)


def _quote(offer: Offer, pack: str | None, coins: int, net: Money) -> Quote:
    tax = tax_on(net, offer.tax.rate_bps)
    return Quote(pack=pack, coins=coins, net=net, tax=tax, tax_rule=offer.tax)


def take_wish(wish: Wish) -> None:
    """Raises Invalid unless exactly one of pack and coins is asked for."""
    if (wish.pack is None) == (wish.coins is None):
        raise Invalid("Ask for a pack, or for a number of coins: one of the two.", field="pack")


def make_top_up(wish: Wish, quote: Quote, buyer: Buyer, *, now: datetime) -> TopUp:
    """The intent."""
    return TopUp(
        id=wish.id,
        person_id=buyer.person_id,
        pack=quote.pack,
        coins=quote.coins,
        provider=wish.provider,
        region=buyer.region,
        currency=quote.net.currency.code,
        net_minor=quote.net.minor,
        tax_minor=quote.tax.minor,
        tax_name=quote.tax_rule.name,
        tax_bps=quote.tax_rule.rate_bps,
        status=Status.PENDING,
        asked_at=now,
    )


def require_same(top_up: TopUp, wish: Wish, person_id: UUID) -> None:
    """Raises IdReused when the id was used by somebody else or for something else."""
    asked = (wish.pack, top_up.coins if wish.coins is None else wish.coins, wish.provider, person_id)
    if asked != (top_up.pack, top_up.coins, top_up.provider, top_up.person_id):
        raise IdReused


def with_checkout(top_up: TopUp, checkout: Checkout) -> TopUp:
    """The top-up, with where it is paid."""
    return msgspec.structs.replace(top_up, checkout_id=checkout.id, checkout_url=checkout.url)


def take_payment(top_up: TopUp, payment: Payment) -> TopUp:
    """The top-up after what its provider told; itself when that changes nothing.

    That it was paid beats everything told before: the money was taken. Failing and expiring end only what is pending.
    Raises WrongAmountPaid and PaidTwice.
    """
    status = _AFTER.get(payment.state)
    if top_up.status in (Status.PAID, Status.SETTLED):
        if status is Status.PAID and payment.id != top_up.payment_id:
            raise PaidTwice
        return top_up
    if status is None or (status is not Status.PAID and top_up.status is not Status.PENDING):
        return top_up
    if status is not Status.PAID:
        return msgspec.structs.replace(top_up, status=status)
    if payment.charged != top_up.total or payment.fee.currency != payment.charged.currency:
        raise WrongAmountPaid
    return msgspec.structs.replace(
        top_up, status=status, payment_id=payment.id, fee_minor=payment.fee.minor, paid_at=payment.at
    )


def make_lot(top_up: TopUp, *, received_before: int, at: datetime) -> Lot:
    """The lot of a settled top-up; `received_before` is how many coins its owner had ever received before it."""
    return Lot(
        id=top_up.id,
        person_id=top_up.person_id,
        first_coin=received_before,
        coins=top_up.coins,
        value_micros=to_internal(top_up.net),
        currency=top_up.currency,
        region=top_up.region,
        pack=top_up.pack,
        provider=top_up.provider,
        opened_at=at,
    )


def _is_foreign(part: Part, offer: Offer) -> bool:
    """Paid for in another currency; what nobody paid for costs nothing in any."""
    return part.currency != offer.currency and part.kind is LotKind.PAID


def parts_of(lots: Iterable[Lot | Stretch], first: int, end: int) -> list[Part]:
    """What the coins from `first` up to `end` are parts of; coins without a lot are left out.

    However a lot is divided, the values of its parts sum to its value.
    """
    parts: list[Part] = []
    for lot in lots:
        begins, ends = max(first, lot.first_coin), min(end, lot.first_coin + lot.coins)
        if begins < ends:
            offset, coins = lot.lot_offset + begins - lot.first_coin, ends - begins
            micros = value_between(lot.value_micros, lot.lot_coins, first=offset, end=offset + coins)
            parts.append(Part(lot_id=lot.lot_id, coins=coins, micros=micros, currency=lot.currency, kind=lot.kind))
    return parts


def worth_of(parts: Sequence[Part], offer: Offer) -> Money:
    """What was paid for these parts, in the offer's currency, rounded down to the minor unit.

    Coins that were paid for in another currency count at the smallest pack's rate of today.
    """
    own = sum(part.micros for part in parts if part.currency == offer.currency)
    foreign = sum(part.coins for part in parts if _is_foreign(part, offer))
    today = foreign * offer.smallest.price_minor * MICROS_PER_MINOR // offer.smallest.coins
    return floor_to_minor(Micros(own + today), get_currency(offer.currency), rest_to="house").whole
