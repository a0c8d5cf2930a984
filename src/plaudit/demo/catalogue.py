"""What there is to buy and to give in the demo. Prices are this project's defaults: before tax, in the US."""

from msgspec import Struct


class Pack(Struct, frozen=True):
    """So many coins for so many cents, before tax."""

    coins: int
    price_cents: int


class Gift(Struct, frozen=True):
    """A gift and what it costs in coins."""

    name: str
    price_coins: int


PACKS = (
    Pack(100, 199),
    Pack(270, 499),
    Pack(600, 999),
    Pack(1_350, 1_999),
    Pack(3_900, 4_999),
    Pack(12_500, 9_999),
)

GIFTS = (
    Gift("Rose", 1),
    Gift("Heart", 1),
    Gift("Thumbs Up", 1),
    Gift("Ice Cream", 1),
    Gift("Finger Heart", 5),
    Gift("Applause", 9),
    Gift("Rosa", 10),
    Gift("Perfume", 20),
    Gift("Doughnut", 30),
    Gift("Butterfly", 88),
    Gift("Paper Crane", 99),
    Gift("Cap", 99),
    Gift("Confetti", 100),
    Gift("Hand Hearts", 100),
    Gift("Sunglasses", 199),
    Gift("Corgi", 299),
    Gift("Coral", 499),
    Gift("Swan", 699),
    Gift("Train", 899),
    Gift("Galaxy", 1_000),
    Gift("Fireworks", 1_088),
    Gift("Diamond Ring", 1_500),
    Gift("Whale", 2_150),
    Gift("Meteor Shower", 3_000),
    Gift("Private Jet", 4_888),
    Gift("Sports Car", 7_000),
    Gift("Interstellar", 10_000),
    Gift("Castle", 20_000),
    Gift("Phoenix", 25_999),
    Gift("Lion", 29_999),
    Gift("Universe", 44_999),
)

TAX_BPS = 825
"""Sales tax on top of a pack's price, in basis points of it, rounded to the cent, half a cent up."""

PROVIDER_FEE_BPS = 290
PROVIDER_FEE_CENTS = 30
"""What a card payment costs: a share of what was charged, rounded up to the cent, and a fixed part."""


def tax_cents(pack: Pack) -> int:
    """The tax line of a pack."""
    return (pack.price_cents * TAX_BPS + 5_000) // 10_000


def provider_fee_cents(pack: Pack) -> int:
    """What the payment provider keeps of the charged amount, tax included."""
    charged = pack.price_cents + tax_cents(pack)
    return (charged * PROVIDER_FEE_BPS + 9_999) // 10_000 + PROVIDER_FEE_CENTS
