"""Who lives in the demo. Everyone's id is derived from their name, so that a second run finds the same people."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.ids import derive_id
from plaudit.web.demo_world import Login

NAME_SPACE = UUID("0d5f3c6e-7a4b-5e19-8c55-2b9a1f0e6d01")

FANS = 200

_ADULTS_BORN, _BORN_WITHIN_DAYS = date(1968, 1, 1), 365 * 36
# Of a hundred fans so many live there, and these are their names.
_REGIONS: dict[str, tuple[int, str]] = {
    "US": (32, "Ada Beau Cleo Dash Ellis Faye Gus Harper Ivy June Kit Lou Maya Nico Opal Quinn"),
    "GB": (18, "Alfie Bea Cora Digby Elsie Fern Hattie Jonty Maud Ned Poppy Rowan"),
    "DE": (17, "Anke Bruno Emil Frieda Hanno Ilse Jonas Lotte Mathis Oskar Paula Theo"),
    "FR": (15, "Agathe Basile Colette Elio Inès Jules Manon Noé Odile Remy Solène Victor"),
    "JP": (12, "Aiko Daichi Emi Haruto Kenji Mio Nao Ren Sora Yuki"),
    "BR": (6, "Bia Caio Duda Enzo Lia Rafa"),
}
_SECOND_NAMES = """
    Plum Otter Moss Finch Maple Pebble Comet Biscuit Juniper Lantern Mango Nimbus Olive Puffin Quill Ripple Sparrow
    Teapot Velvet Walnut Yarrow Zephyr Acorn Bramble Cricket Dumpling Ember Fennel
""".split()
_PLAIN = str.maketrans("èéê", "eee")


class Member(Struct, frozen=True, kw_only=True):
    """Somebody of the demo. `purse` is 0 for who buys small packs, 1 for larger ones, 2 for the largest."""

    handle: str
    name: str
    region: str
    born_on: date
    purse: int = 0

    @property
    def id(self) -> UUID:
        """Their id as a person."""
        return derive_id(NAME_SPACE, "person", self.handle)

    @property
    def email(self) -> str:
        """Where nobody reads letters."""
        return f"{self.handle}@plaudit.example"


class Creator(Struct, frozen=True, kw_only=True):
    """Somebody who goes live. `draw` is how much of the crowd is theirs; `taste` how dear the gifts are that they get.

    `called` is what the room calls them; `titles` are those of their lives.
    """

    member: Member
    called: str
    about: str
    titles: tuple[str, ...]
    draw: int
    taste: int


AURORA = Creator(
    member=Member(handle="aurora", name="Aurora Vale", region="US", born_on=date(1994, 11, 3)),
    called="Aurora",
    about="Songs by candlelight. Requests welcome, whispers preferred. The cat is called Encore.",
    titles=(
        "Candlelight songs, requests open",
        "Slow songs for a long day",
        "New song tonight (be gentle)",
        "Encore the cat picks the setlist",
    ),
    draw=5,
    taste=3,
)
TUESDAY = Creator(
    member=Member(handle="big_tuesday", name="Big Tuesday", region="GB", born_on=date(1989, 2, 21)),
    called="Tuesday",
    about="I lose at chess, loudly. 1,412 games, 9 wins, no regrets. It is never actually Tuesday.",
    titles=(
        "Losing at chess until I win one",
        "Today I will not hang my queen",
        "Blitz with a blindfold (what could go wrong)",
        "You vote, I blunder",
    ),
    draw=3,
    taste=1,
)
MIKA = Creator(
    member=Member(handle="mika_kintsugi", name="Mika Arai", region="JP", born_on=date(1986, 7, 9)),
    called="Mika",
    about="I mend broken bowls with gold. Quiet hands, slow evenings. Send me a photograph of what you broke.",
    titles=(
        "Bowl no. 41: gold for the cracks",
        "A teapot that fell down the stairs",
        "Lacquer dries, we talk",
        "Somebody's grandmother's plate",
    ),
    draw=2,
    taste=4,
)
CREATORS = (AURORA, TUESDAY, MIKA)

FAN = Member(handle="robin", name="Robin Reed", region="US", born_on=date(1996, 5, 14), purse=1)
OPERATOR = Member(handle="head_office", name="Head Office", region="US", born_on=date(1980, 1, 1))
# The three that a visitor plays, by the word that demo.json has for them.
PLAYED: dict[str, Member] = {"fan": FAN, "creator": AURORA.member, "operator": OPERATOR}
# Not secret: they are printed, and the demo listens on this machine only.
LOGINS: dict[str, Login] = {
    "fan": Login(email="fan@plaudit.example", password="a rose for everyone"),  # noqa: S106
    "creator": Login(email="creator@plaudit.example", password="the stage is yours"),  # noqa: S106
    "operator": Login(email="operator@plaudit.example", password="all levers in reach"),  # noqa: S106
}


def make_fans(count: int = FANS) -> list[Member]:
    """The first so many fans; the same ones every time."""
    random = Random(20)
    fans: list[Member] = []
    names = _names(random)
    for number in range(count):
        region, name = next(names)
        handle = name.lower().translate(_PLAIN).replace(" ", "_")
        born_on = _ADULTS_BORN + timedelta(days=random.randrange(_BORN_WITHIN_DAYS))
        fans.append(Member(handle=handle, name=name, region=region, born_on=born_on, purse=_purse_of(number)))
    return fans


def _purse_of(number: int) -> int:
    """One in sixteen gives as if there were no tomorrow, one in four more than most."""
    if number % 16 == 3:
        return 2
    return 1 if number % 4 == 1 else 0


def _names(random: Random) -> Iterator[tuple[str, str]]:
    """Regions with names that nobody else has, without an end."""
    regions = list(_REGIONS)
    weights = [share for share, _ in _REGIONS.values()]
    taken: set[str] = set()
    while True:
        region = random.choices(regions, weights)[0]
        name = f"{random.choice(_REGIONS[region][1].split())} {random.choice(_SECOND_NAMES)}"
        if name not in taken:
            taken.add(name)
            yield region, name
