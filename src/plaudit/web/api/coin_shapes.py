"""What goes over the wire about coins: bodies that are read and objects that are answered."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.coins import Movement, MovementKind, Offer, Pack, Status, TopUp, Wallet, Wish, rules
from plaudit.coins.receipts import Receipt
from plaudit.foundation.money import Money
from plaudit.web.api import fields


class Amount(Struct, frozen=True, kw_only=True):
    """Money in whole minor units: 1250 USD is 12 dollars and 50 cents."""

    amount_minor: int
    currency: str


class TaxLine(Struct, frozen=True, kw_only=True):
    """The tax on a price; `rate_bps` is in basis points of it. A region without tax has an empty name."""

    name: str
    rate_bps: int
    amount_minor: int
    currency: str


class PackAnswer(Struct, frozen=True, kw_only=True):
    """A pack. `per_coin_micros` is in ten-thousandths of a minor unit; `saving_bps` against the smallest pack."""

    id: str
    coins: int
    price: Amount
    tax: TaxLine
    total: Amount
    per_coin_micros: int
    saving_bps: int


class ExactAnswer(Struct, frozen=True, kw_only=True):
    """How exact amounts are sold: so few to so many coins, at the smallest pack's rate, for `minimum` at least.

    `quote` is the price of the number of coins that was asked about.
    """

    least_coins: int
    most_coins: int
    minimum: Amount
    quote: PackAnswer | None


class PackList(Struct, frozen=True, kw_only=True):
    """What is offered, the smallest pack first; there is never a next page."""

    items: list[PackAnswer]
    exact: ExactAnswer | None
    next: None = None


class TopUpBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish to buy a pack, or exactly so many coins. The id is the caller's: the same again is the same top-up."""

    id: UUID
    provider: str
    pack: str | None = None
    coins: fields.Coins | None = None

    def wish(self) -> Wish:
        """As the coins package takes it."""
        return Wish(id=self.id, provider=self.provider, pack=self.pack, coins=self.coins)


class TopUpAnswer(Struct, frozen=True, kw_only=True):
    """A top-up, and its receipt once it is settled. `status` is pending, settled, failed or expired."""

    id: UUID
    status: str
    checkout_url: str | None
    pack: str | None
    coins: int
    price: Amount
    tax: TaxLine
    total: Amount
    provider: str
    asked_at: datetime
    settled_at: datetime | None


class ReceiptLine(Struct, frozen=True, kw_only=True):
    """What was bought, before tax."""

    description: str
    coins: int
    price: Amount


class RefundedLine(Struct, frozen=True, kw_only=True):
    """What was given back of a purchase; `tax` is a part of the amount."""

    id: UUID
    coins: int
    amount: Amount
    tax: Amount
    refunded_at: datetime


class ReceiptAnswer(Struct, frozen=True, kw_only=True):
    """A receipt to print. `number` is the house's: it grows from one to the next, and no two have the same.

    `refunds` is what was given back since.
    """

    number: int
    seller: str
    id: UUID
    asked_at: datetime
    paid_at: datetime
    settled_at: datetime | None
    lines: list[ReceiptLine]
    price: Amount
    tax: TaxLine
    total: Amount
    provider: str
    payment: str | None
    refunds: list[RefundedLine]


class WalletAnswer(Struct, frozen=True, kw_only=True):
    """Coins that can be spent, and what was paid for them, before tax."""

    coins: int
    worth: Amount


class MovementAnswer(Struct, frozen=True, kw_only=True):
    """Coins that came or, below zero, went; `reference` is the id of what they were for.

    `coins_after` is what could be spent then; coins on hold can't be. `worth` is what was paid for them, and null for
    coins that somebody else paid for.
    """

    id: int
    at: datetime
    kind: MovementKind
    coins: int
    coins_after: int
    worth: Amount | None
    reason: str
    reference: UUID | None


class MovementList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[MovementAnswer]
    next: str | None


def show_amount(money: Money) -> Amount:
    """Money on the wire."""
    return Amount(amount_minor=money.minor, currency=money.currency.code)


def show_offer(offer: Offer, coins: int | None) -> PackList:
    """What is offered, and the price of exactly so many coins where that is asked for and sold."""
    items = [_show_pack(offer, pack) for pack in offer.packs]
    return PackList(items=items, exact=_show_exact(offer, coins))


def _show_exact(offer: Offer, coins: int | None) -> ExactAnswer | None:
    if offer.exact is None:
        return None
    price = None if coins is None else rules.price_of_exact(offer, coins)
    exact = None if price is None or coins is None else Pack(id="exact", coins=coins, price_minor=price.minor)
    return ExactAnswer(
        least_coins=offer.exact.least_coins,
        most_coins=offer.exact.most_coins,
        minimum=Amount(amount_minor=offer.exact.minimum_minor, currency=offer.currency),
        quote=None if exact is None else _show_pack(offer, exact),
    )


def _show_pack(offer: Offer, pack: Pack) -> PackAnswer:
    quote = rules.quote_pack(offer, pack)
    return PackAnswer(
        id=pack.id,
        coins=pack.coins,
        price=show_amount(quote.net),
        tax=_show_tax(quote.tax_rule.name, quote.tax_rule.rate_bps, quote.tax),
        total=show_amount(quote.total),
        per_coin_micros=rules.micros_per_coin(pack),
        saving_bps=rules.saving_bps(pack, offer.smallest),
    )


def _show_tax(name: str, rate_bps: int, tax: Money) -> TaxLine:
    return TaxLine(name=name, rate_bps=rate_bps, amount_minor=tax.minor, currency=tax.currency.code)


def show_top_up(top_up: TopUp, *, base_url: str) -> TopUpAnswer:
    """A top-up for its owner; `base_url` is where this server was asked, for checkouts on it."""
    url = top_up.checkout_url
    return TopUpAnswer(
        id=top_up.id,
        # Between the payment and the coins there is a moment that nobody else needs a word for.
        status=Status.PENDING if top_up.status is Status.PAID else top_up.status,
        checkout_url=base_url.rstrip("/") + url if url and url.startswith("/") else url,
        pack=top_up.pack,
        coins=top_up.coins,
        price=show_amount(top_up.net),
        tax=_show_tax(top_up.tax_name, top_up.tax_bps, top_up.tax),
        total=show_amount(top_up.total),
        provider=top_up.provider,
        asked_at=top_up.asked_at,
        settled_at=top_up.settled_at,
    )


def show_receipt(receipt: Receipt, *, seller: str, refunds: Sequence[RefundedLine] = ()) -> ReceiptAnswer:
    """A receipt for whoever paid; `seller` is the house's name."""
    top_up = receipt.top_up
    line = ReceiptLine(description=rules.count_coins(top_up.coins), coins=top_up.coins, price=show_amount(top_up.net))
    return ReceiptAnswer(
        number=receipt.number,
        seller=seller,
        id=top_up.id,
        asked_at=top_up.asked_at,
        paid_at=receipt.paid_at,
        settled_at=top_up.settled_at,
        lines=[line],
        price=show_amount(top_up.net),
        tax=_show_tax(top_up.tax_name, top_up.tax_bps, top_up.tax),
        total=show_amount(top_up.total),
        provider=top_up.provider,
        payment=top_up.payment_id,
        refunds=list(refunds),
    )


def show_wallet(wallet: Wallet) -> WalletAnswer:
    """A wallet for its owner."""
    return WalletAnswer(coins=wallet.coins, worth=show_amount(wallet.worth))


def show_movements(found: Sequence[Movement], limit: int) -> MovementList:
    """The page from one more than `limit` that were asked for: that one only tells that there is more."""
    items = [
        MovementAnswer(
            id=movement.number,
            at=movement.at,
            kind=movement.kind,
            coins=movement.coins,
            coins_after=movement.coins_after,
            worth=None if movement.worth is None else show_amount(movement.worth),
            reason=movement.reason,
            reference=movement.reference,
        )
        for movement in found[:limit]
    ]
    return MovementList(items=items, next=str(items[-1].id) if len(found) > limit else None)
