"""What happened before the demo began: written from a seed, so that it is the same every time. No I/O.

A chapter is one live of the past and what was bought for it. It is over when its live has ended, which is what a second
run goes by.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import cycle
from random import Random
from uuid import UUID

from msgspec import Struct

from plaudit.demo import words
from plaudit.demo.cast import CREATORS, FAN, NAME_SPACE, Creator, Member, make_fans
from plaudit.demo.generosity import LARGE_FROM, choose_gift, choose_pack, count_taps, purse_for
from plaudit.foundation.ids import derive_id

PAST = timedelta(days=30)
"""How long before the first start the world began."""

_SEED = 1789
_FIRST_AFTER, _LAST_BEFORE = timedelta(days=2), timedelta(hours=9)
_BETWEEN_MOMENTS = timedelta(minutes=4)
_SERIES_IN_A_MOMENT = range(3, 6)
_LINES_IN_A_MOMENT = 2


class Purchase(Struct, frozen=True, kw_only=True):
    """A top-up: a pack, or so many coins exactly."""

    id: UUID
    fan: Member
    pack: str | None
    coins: int


class Tap(Struct, frozen=True, kw_only=True):
    """One gift."""

    id: UUID
    fan: Member
    gift: str
    price_coins: int
    combo_id: UUID | None
    message: str | None
    is_anonymous: bool


class Line(Struct, frozen=True, kw_only=True):
    """One line of chat."""

    id: UUID
    fan: Member
    text: str


class Moment(Struct, frozen=True, kw_only=True):
    """What happens at once, `at` after the beginning of the world; the taps of one series stand one after the other."""

    at: timedelta
    purchases: Sequence[Purchase]
    series: Sequence[Sequence[Tap]]
    lines: Sequence[Line]


class Chapter(Struct, frozen=True, kw_only=True):
    """One live of the past; `likers` tapped the heart."""

    live_id: UUID
    creator: Creator
    title: str
    begins: timedelta
    ends: timedelta
    moments: Sequence[Moment]
    likers: Sequence[Member]


class Shop(Struct, frozen=True, kw_only=True):
    """What there was to buy and to give when the world began: coins by pack from the smallest up, prices by gift."""

    packs: Sequence[tuple[str, int]]
    prices: Mapping[str, int]


class Size(Struct, frozen=True, kw_only=True):
    """How much is written."""

    fans: int = 200
    chapters: int = 9
    moments: int = 14


def write_script(shop: Shop, size: Size) -> list[Chapter]:
    """The chapters in their order; none begins before the one before has ended."""
    return list(_Writer(shop, size).write())


def live_id_of(creator: Creator, name: str) -> UUID:
    """The id of a live of the past."""
    return derive_id(NAME_SPACE, "live", creator.member.handle, name)


class _Writer:
    def __init__(self, shop: Shop, size: Size) -> None:
        self._shop = shop
        self._size = size
        self._random = Random(_SEED)
        self._wallets: dict[str, int] = {}
        self._fans = [FAN, *make_fans(size.fans)]
        self._turns: dict[int, Iterator[Member]] = {}
        for purse in range(3):
            those = [fan for fan in self._fans if fan.purse >= purse]
            self._turns[purse] = cycle(self._random.sample(those, len(those)))
        self._speakers = cycle(self._random.sample(self._fans, len(self._fans)))
        self._lines = {handle: words.Shuffled(voices.idle, self._random) for handle, voices in words.VOICES.items()}

    def write(self) -> Iterator[Chapter]:
        whole = PAST - _FIRST_AFTER - _LAST_BEFORE
        for number in range(self._size.chapters):
            begins = _FIRST_AFTER + whole * number / self._size.chapters
            yield self._chapter(number, begins)

    def _chapter(self, number: int, begins: timedelta) -> Chapter:
        creator = CREATORS[number % len(CREATORS)]
        live_id = live_id_of(creator, f"past {number}")
        moments = [
            self._moment(creator, live_id, begins + _BETWEEN_MOMENTS * (place + 1), place)
            for place in range(self._size.moments)
        ]
        return Chapter(
            live_id=live_id,
            creator=creator,
            title=creator.titles[(number // len(CREATORS) + 1) % len(creator.titles)],
            begins=begins,
            ends=begins + _BETWEEN_MOMENTS * (self._size.moments + 2),
            moments=moments,
            likers=self._random.sample(self._fans, min(len(self._fans), 4 * creator.draw)),
        )

    def _moment(self, creator: Creator, live_id: UUID, at: timedelta, place: int) -> Moment:
        scene = derive_id(live_id, f"moment {place}")
        series = [
            self._series(creator, derive_id(scene, f"series {which}"))
            for which in range(self._random.choice(_SERIES_IN_A_MOMENT))
        ]
        purchases = [bought for taps in series if (bought := self._purchase(taps)) is not None]
        lines = [self._line(creator, derive_id(scene, f"line {which}")) for which in range(_LINES_IN_A_MOMENT)]
        return Moment(at=at, purchases=purchases, series=series, lines=lines)

    def _series(self, creator: Creator, base: UUID) -> list[Tap]:
        gift = choose_gift(self._random, self._shop.prices, taste=creator.taste)
        price = self._shop.prices[gift]
        fan = next(self._turns[purse_for(price)])
        taps = min(8, count_taps(self._random, price))
        message = (
            self._random.choice(words.WITH_A_GIFT) if price >= LARGE_FROM and self._random.random() < 0.6 else None
        )
        is_anonymous = self._random.random() < 0.04
        return [
            Tap(
                id=derive_id(base, f"tap {tap}"),
                fan=fan,
                gift=gift,
                price_coins=price,
                combo_id=derive_id(base, "combo") if taps > 1 else None,
                message=message,
                is_anonymous=is_anonymous,
            )
            for tap in range(taps)
        ]

    def _purchase(self, taps: Sequence[Tap]) -> Purchase | None:
        """What the fan has to buy before; then they spend it."""
        fan, cost = taps[0].fan, sum(tap.price_coins for tap in taps)
        missing = cost - self._wallets.get(fan.handle, 0)
        bought = None
        if missing > 0:
            pack = choose_pack(self._shop.packs, purse=fan.purse, missing_coins=missing)
            coins = dict(self._shop.packs)[pack] if pack else missing
            bought = Purchase(id=derive_id(taps[0].id, "purchase"), fan=fan, pack=pack, coins=coins)
            missing -= coins
        self._wallets[fan.handle] = -missing
        return bought

    def _line(self, creator: Creator, id: UUID) -> Line:
        return Line(id=id, fan=next(self._speakers), text=self._lines[creator.member.handle].take())
