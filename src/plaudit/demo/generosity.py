"""Which gift somebody gives, how often they tap, and what they buy for it: chances, and no amounts of anything."""

from collections.abc import Mapping, Sequence
from random import Random

# Of all occasions, how many begin with this gift; what an operator has added is given as its price suggests.
_WEIGHTS = {
    "rose": 30.0, "heart": 12.0, "thumbs_up": 8.0, "ice_cream": 6.0, "finger_heart": 6.0, "applause": 6.0,
    "rosa": 6.0, "perfume": 3.0, "doughnut": 4.0, "butterfly": 2.5, "paper_crane": 2.5, "cap": 1.5, "confetti": 2.0,
    "hand_hearts": 1.5, "sunglasses": 1.2, "corgi": 1.5, "coral": 0.6, "swan": 0.6, "train": 0.5, "galaxy": 2.0,
    "fireworks": 0.8, "diamond_ring": 0.4, "whale": 0.4, "meteor_shower": 0.35, "private_jet": 0.2, "sports_car": 0.25,
    "interstellar": 0.2, "castle": 0.15, "phoenix": 0.2, "lion": 1.6, "universe": 0.05,
}  # fmt: skip
_BY_PRICE = ((10, 6.0), (100, 3.0), (1_000, 1.5), (10_000, 0.5))
_RAREST = 0.1

SMALL_BELOW, LARGE_FROM = 100, 1_000
_MODEST_BELOW = 10
_MOST_TAPS = 40


def choose_gift(random: Random, prices: Mapping[str, int], *, taste: int) -> str:
    """A gift of those with a price; a `taste` of 1 makes what is dear rarer, one of 4 more frequent."""
    gifts = list(prices)
    weights = [weight_of(gift, prices[gift]) * (taste / 3 if prices[gift] >= SMALL_BELOW else 1) for gift in gifts]
    return random.choices(gifts, weights)[0]


def weight_of(gift: str, price_coins: int) -> float:
    """How often it is given, compared to the others."""
    by_price = next((weight for below, weight in _BY_PRICE if price_coins < below), _RAREST)
    return _WEIGHTS.get(gift, by_price)


def count_taps(random: Random, price_coins: int) -> int:
    """How often somebody taps once they have begun: small gifts come in showers, large ones alone."""
    if price_coins >= SMALL_BELOW or random.random() < 0.4:
        return 1
    if price_coins >= _MODEST_BELOW:
        return random.randint(2, 5)
    return min(_MOST_TAPS, 3 + int(random.expovariate(1 / 6)))


def purse_for(price_coins: int) -> int:
    """The least purse of those who give such a gift."""
    if price_coins < SMALL_BELOW:
        return 0
    return 1 if price_coins < LARGE_FROM else 2


def choose_pack(packs: Sequence[tuple[str, int]], *, purse: int, missing_coins: int) -> str | None:
    """The pack that somebody buys who needs so many coins; `packs` from the smallest up, each with its coins.

    None when no pack is enough: then they buy exactly what they need.
    """
    usual = packs[min(len(packs) - 1, 1 + 2 * purse)][1]
    return next((id for id, coins in packs if coins >= max(usual, missing_coins)), None) or next(
        (id for id, coins in packs if coins >= missing_coins), None
    )
