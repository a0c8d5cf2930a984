"""What can be bought, what was bought, and what a wallet shows: frozen values."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.money import Money
from plaudit.ledger import Account, Balances, Ledger
from plaudit.providers import PaymentProvider


class Till(Struct, frozen=True, kw_only=True):
    """What top-ups are taken with: the database, the ledger, and the payment providers by their names."""

    db: Database
    ledger: Ledger
    providers: Mapping[str, PaymentProvider]


class Buyer(Struct, frozen=True, kw_only=True):
    """Who buys, and where: `channel` is `web` or `app`."""

    person_id: UUID
    region: str
    currency: str
    channel: str = "web"


class Pack(Struct, frozen=True, kw_only=True):
    """Coins that are bought together; the price is in minor units, before tax."""

    id: str
    coins: int
    price_minor: int


class ExactRule(Struct, frozen=True, kw_only=True):
    """How few and how many coins can be bought exactly, and the least that is charged for them, in minor units."""

    minimum_minor: int
    least_coins: int
    most_coins: int


class Tax(Struct, frozen=True, kw_only=True):
    """What a region adds to a price, in basis points of it."""

    name: str
    rate_bps: int


NO_TAX = Tax(name="", rate_bps=0)


class Offer(Struct, frozen=True, kw_only=True):
    """What a buyer can have now: the packs from the smallest up, exact amounts where they are sold, and the tax."""

    currency: str
    packs: tuple[Pack, ...]
    exact: ExactRule | None
    tax: Tax

    @property
    def smallest(self) -> Pack:
        """The pack that every saving is told against, and that exact amounts take their price from."""
        return self.packs[0]


class Quote(Struct, frozen=True, kw_only=True):
    """What so many coins cost now; `pack` is None for an exact amount."""

    pack: str | None
    coins: int
    net: Money
    tax: Money
    tax_rule: Tax

    @property
    def total(self) -> Money:
        """What is charged."""
        return self.net + self.tax


class Wish(Struct, frozen=True, kw_only=True):
    """What somebody asks to buy: a pack, or so many coins. `return_url` is where the checkout leads back to."""

    id: UUID
    provider: str
    pack: str | None = None
    coins: int | None = None
    return_url: str | None = None


class Status(StrEnum):
    """Where a top-up stands. `paid`: the payment is known and the coins are on their way to the wallet."""

    PENDING = "pending"
    PAID = "paid"
    SETTLED = "settled"
    FAILED = "failed"
    EXPIRED = "expired"


class TopUp(Struct, frozen=True, kw_only=True):
    """A purchase of coins, from the wish on. Amounts are in minor units of `currency`."""

    id: UUID
    person_id: UUID
    pack: str | None
    coins: int
    provider: str
    region: str
    currency: str
    net_minor: int
    tax_minor: int
    tax_name: str
    tax_bps: int
    status: Status
    asked_at: datetime
    checkout_id: str | None = None
    checkout_url: str | None = None
    payment_id: str | None = None
    fee_minor: int | None = None
    paid_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def net(self) -> Money:
        """The price before tax."""
        return Money(self.net_minor, get_currency(self.currency))

    @property
    def tax(self) -> Money:
        """The tax on it."""
        return Money(self.tax_minor, get_currency(self.currency))

    @property
    def total(self) -> Money:
        """What is charged."""
        return self.net + self.tax


class LotKind(StrEnum):
    """Whether somebody paid for the coins of a lot."""

    PAID = "paid"
    PROMOTIONAL = "promotional"


class Lot(Struct, frozen=True, kw_only=True):
    """What brought coins, mostly a purchase: `coins` of those its owner ever received, from `first_coin` on.

    `value_micros` is what was paid for it after tax, in internal units of `currency`: nothing for promotional coins.
    """

    id: UUID
    person_id: UUID
    first_coin: int
    coins: int
    value_micros: int
    currency: str
    region: str
    pack: str | None
    provider: str
    opened_at: datetime
    kind: LotKind = LotKind.PAID

    @property
    def lot_id(self) -> UUID:
        """As a stretch that is the whole lot has it."""
        return self.id

    @property
    def lot_offset(self) -> int:
        """As a stretch that is the whole lot has it."""
        return 0

    @property
    def lot_coins(self) -> int:
        """As a stretch that is the whole lot has it."""
        return self.coins


class Stretch(Struct, frozen=True, kw_only=True):
    """Coins that follow each other in the line in which a fan spends them, and in their lot: from `lot_offset` on.

    `first_coin` is their place in the line. The rest is of the lot: how many coins it had, for how much.
    """

    first_coin: int
    coins: int
    lot_id: UUID
    lot_offset: int
    lot_coins: int
    value_micros: int
    currency: str
    region: str
    pack: str | None
    provider: str
    kind: LotKind

    @property
    def end(self) -> int:
        """The first place in the line after it."""
        return self.first_coin + self.coins


class Spender(Struct, frozen=True, kw_only=True):
    """How long a fan's line is, how much of it is spent, and how many coins cuts took out of it."""

    received: int = 0
    spent: int = 0
    taken: int = 0


class Part(Struct, frozen=True, kw_only=True):
    """The part of one lot that some coins are: how many, and what they cost in internal units of the currency."""

    lot_id: UUID
    coins: int
    micros: int
    currency: str
    kind: LotKind = LotKind.PAID


class Wallet(Struct, frozen=True, kw_only=True):
    """How many coins can be spent, and their worth: what was paid for them, after tax."""

    coins: int
    worth: Money


class MovementKind(StrEnum):
    """What happened to coins."""

    TOP_UP = "top_up"
    GIFT = "gift"
    PROMOTION = "promotion"
    HOLD = "hold"
    HOLD_POSTED = "hold_posted"
    HOLD_ENDED = "hold_ended"
    REFUND = "refund"
    """What is left of a purchase is on its way back."""
    REFUNDED = "refunded"
    REFUND_ENDED = "refund_ended"
    """The coins came back instead."""
    DISPUTE = "dispute"
    DISPUTE_LOST = "dispute_lost"
    DISPUTE_ENDED = "dispute_ended"
    OTHER = "other"


class Movement(Struct, frozen=True, kw_only=True):
    """Coins that came (positive) or went (negative), why, and what was paid for them; `number` is the ledger's.

    Of coins that somebody else paid for `worth` is None. A hold moves what can be spent, though the coins are still
    there; its end brings back what wasn't spent. `reference` is the id of what it is about: a top-up, a gift.
    """

    number: int
    at: datetime
    kind: MovementKind
    coins: int
    coins_after: int
    worth: Money | None
    reason: str
    reference: UUID | None


class PackPrice(Struct, frozen=True, kw_only=True):
    """A pack as it is sold from `valid_from` on, until a newer row; `region` is empty for all without their own."""

    region: str
    currency: str
    channel: str
    id: str
    coins: int
    price_minor: int
    is_offered: bool
    valid_from: datetime


class TaxRate(Struct, frozen=True, kw_only=True):
    """What a region adds to prices from `valid_from` on, in basis points."""

    region: str
    name: str
    rate_bps: int
    valid_from: datetime


class ExactAmounts(Struct, frozen=True, kw_only=True):
    """How exact amounts are sold from `valid_from` on; the minimum charge is in minor units."""

    currency: str
    channel: str
    minimum_minor: int
    least_coins: int
    most_coins: int
    valid_from: datetime


class Purse(Struct, frozen=True, kw_only=True):
    """A person's coins: what they can spend, what they ever received as gifts, and the accounts that hold them."""

    spendable_coins: int
    received_coins: int
    wallet_account: UUID
    received_account: UUID


class TopUpFile(TopUp, frozen=True, kw_only=True):
    """A top-up as operators see it, with the handle of who asked for it."""

    handle: str


class Bought(Struct, frozen=True, kw_only=True):
    """What was bought in one currency: how many top-ups, how many coins, and what was paid before tax."""

    currency: str
    top_ups: int
    coins: int
    net_minor: int


class Told(Struct, frozen=True, kw_only=True):
    """What a provider told by webhook, as it came; `note` says why it changed nothing, where that isn't as it should
    be.
    """

    event_id: str
    body: bytes
    received_at: datetime
    applied_at: datetime | None
    note: str | None


class AccountFile(Struct, frozen=True, kw_only=True):
    """An account of the ledger, and the handle of the person whose it is, if it is a person's."""

    account: Account
    balances: Balances
    owner: str | None
