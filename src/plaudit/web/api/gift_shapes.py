"""What goes over the wire about gifts: bodies that are read and objects that are answered."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct, field

from plaudit.earnings import Estimate
from plaudit.foundation.errors import Invalid
from plaudit.foundation.money import Money
from plaudit.gifts import Entry, Gift, Sent, Tier, Wish, rules
from plaudit.gifts.art import Picture, take_picture
from plaudit.gifts.operating import NewGift
from plaudit.rooms.model import Face
from plaudit.web.api import fields
from plaudit.web.api.coin_shapes import Amount, show_amount
from plaudit.web.api.price_shapes import Start
from plaudit.web.problems import Problem

Visibility = Literal["public", "anonymous"]


class GiftBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish to give, in a live (`live_id`) or in a message to a person (`to`, their handle): one of the two.

    The id is the caller's: the same again is the same gift. Taps that belong together have one `combo_id`.
    """

    id: UUID
    gift: str
    live_id: UUID | None = None
    to: str | None = None
    quantity: fields.Quantity = 1
    combo_id: UUID | None = None
    message: fields.GiftMessage | None = None
    visibility: Visibility = "public"

    def wish(self) -> Wish:
        """As the gifts package takes it."""
        return Wish(
            id=self.id,
            gift=self.gift,
            quantity=self.quantity,
            combo_id=self.combo_id,
            message=self.message,
            is_anonymous=self.visibility == "anonymous",
        )


class TopUpThatHelps(Struct, frozen=True, kw_only=True):
    """The cheapest single purchase that is enough: a pack, or so many coins exactly when `pack` is null."""

    pack: str | None
    coins: int
    price: Amount
    tax: Amount
    total: Amount


class CannotAffordProblem(Problem, kw_only=True):
    """`cannot_afford`: how many coins are missing, and what would help; null when no single purchase would."""

    missing_coins: int
    top_up: TopUpThatHelps | None


class ShareAnswer(Struct, frozen=True, kw_only=True):
    """What the creator will get, as far as it can be known before it is settled.

    `others` are parts in further currencies, where the coins were paid for in several.
    """

    amount_minor: int
    currency: str
    estimate: bool = True
    others: list[Amount]


class CoinsAnswer(Struct, frozen=True, kw_only=True):
    """Coins that can be spent."""

    coins: int


class GiftAnswer(Struct, frozen=True, kw_only=True):
    """A gift that was sent. `wallet` is the sender's just after it, and only theirs to see.

    `from` is null for everyone but the sender when the gift is anonymous. `creator_share` is null when it can't be
    estimated for the moment.
    """

    id: UUID
    gift: str
    name: str
    art: str
    quantity: int
    coins: int
    wallet: CoinsAnswer | None
    creator_share: ShareAnswer | None
    sender: Face | None = field(name="from")
    to: Face
    live_id: UUID | None
    combo_id: UUID | None
    message: str | None
    visibility: Visibility
    at: datetime


class OfferedGift(Struct, frozen=True, kw_only=True):
    """A gift that may be sent now. `worth` is what one costs in money: what was paid for the coins that would be spent
    next, before tax, and today's price for those not bought yet. `creator_share` is the creator's part of one.
    """

    id: str
    name: str
    tier: Tier
    art: str
    price_coins: int
    worth: Amount
    most_at_once: int
    creator_share: ShareAnswer


class CatalogueAnswer(Struct, frozen=True, kw_only=True):
    """What this fan may send, at their level; there is never a next page."""

    items: list[OfferedGift]
    level: int
    next: None = None


class NewGiftBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gift to be added; without `regions` it is for all of them.

    Its picture is `svg`, or a known one by the name `art`; without both it is the one that is named like the gift.
    """

    id: fields.Slug
    name: str
    tier: Tier
    price_coins: fields.GiftPrice
    art: fields.Slug | None = None
    svg: fields.Svg | None = None
    regions: list[fields.Region] | None = None
    least_level: int = 1
    offered_from: Start | None = None
    offered_until: Start | None = None

    def wish(self) -> NewGift:
        """As the gifts package takes it."""
        return NewGift(
            id=self.id,
            name=self.name,
            tier=self.tier,
            price_coins=self.price_coins,
            art=self.art,
            regions=None if self.regions is None else tuple(self.regions),
            least_level=self.least_level,
            offered_from=self.offered_from,
            offered_until=self.offered_until,
        )

    def picture(self) -> Picture | None:
        """What came along as `svg`, as it is kept. Raises Invalid naming the field."""
        if self.svg is None:
            return None
        if self.art is not None:
            raise Invalid("A gift has one picture: `art` or `svg`.", field="svg")
        try:
            return take_picture(self.svg.encode("utf-8", "surrogatepass"))
        except Invalid as problem:
            raise Invalid(problem.detail, field="svg") from None


class GiftPriceBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a gift costs from an instant on."""

    price_coins: fields.GiftPrice
    valid_from: Start | None = None


class GiftPriceAnswer(Struct, frozen=True, kw_only=True):
    """What a gift costs from an instant on, until the next one."""

    price_coins: int
    valid_from: datetime


class EntryAnswer(Struct, frozen=True, kw_only=True):
    """A gift of the catalogue with all its prices, the newest first. `regions` is null where it is for all of them."""

    id: str
    name: str
    tier: Tier
    art: str
    regions: list[str] | None
    least_level: int
    offered_from: datetime
    offered_until: datetime | None
    prices: list[GiftPriceAnswer]


class EntryList(Struct, frozen=True, kw_only=True):
    """The whole catalogue, retired gifts included; there is never a next page."""

    items: list[EntryAnswer]
    next: None = None


def show_share(estimate: Estimate) -> ShareAnswer:
    """An estimate on the wire."""
    share = estimate.share
    others = [show_amount(other) for other in estimate.others]
    return ShareAnswer(amount_minor=share.minor, currency=share.currency.code, others=others)


def show_sent(sent: Sent, share: Estimate | None, *, sender: Face | None, to: Face, with_wallet: bool) -> GiftAnswer:
    """A gift for its sender or receiver; `sender` is None where it isn't shown."""
    sending = sent.sending
    return GiftAnswer(
        id=sending.id,
        gift=sending.gift,
        name=sent.gift.name,
        art=sent.gift.art,
        quantity=sending.quantity,
        coins=sending.coins,
        wallet=CoinsAnswer(coins=sent.wallet_coins) if with_wallet else None,
        creator_share=show_share(share) if share else None,
        sender=sender,
        to=to,
        live_id=sending.live_id,
        combo_id=sending.combo_id,
        message=sending.message,
        visibility="anonymous" if sending.is_anonymous else "public",
        at=sent.at,
    )


def show_catalogue(
    gifts: Sequence[Gift], costs: Mapping[int, Money], shares: Mapping[int, Estimate], *, level: int
) -> CatalogueAnswer:
    """What may be sent; costs and shares by the price in coins."""
    return CatalogueAnswer(
        items=[
            OfferedGift(
                id=gift.id,
                name=gift.name,
                tier=gift.tier,
                art=gift.art,
                price_coins=gift.price_coins,
                worth=show_amount(costs[gift.price_coins]),
                most_at_once=rules.most_at_once(gift),
                creator_share=show_share(shares[gift.price_coins]),
            )
            for gift in gifts
        ],
        level=level,
    )


def show_entries(entries: Iterable[Entry]) -> EntryList:
    """The catalogue for operators."""
    return EntryList(items=[show_entry(entry) for entry in entries])


def show_entry(entry: Entry) -> EntryAnswer:
    """One gift for operators."""
    gift = entry.newest
    prices = [GiftPriceAnswer(price_coins=at.price_coins, valid_from=valid_from) for valid_from, at in entry.versions]
    return EntryAnswer(
        id=gift.id,
        name=gift.name,
        tier=gift.tier,
        art=gift.art,
        regions=None if gift.regions is None else sorted(gift.regions),
        least_level=gift.least_level,
        offered_from=gift.offered_from,
        offered_until=gift.offered_until,
        prices=prices,
    )
