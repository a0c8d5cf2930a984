"""What the crowd knows of the world while it plays: who is on, what there is to give, and what has happened."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

from msgspec import Struct, field

from plaudit.demo.api import Api, Away, Refused
from plaudit.demo.cast import CREATORS, Creator, Member
from plaudit.demo.words import VOICES, Shuffled
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.logs import get_logger

log = get_logger(__name__)


class Room(Struct, kw_only=True):
    """A creator's room: its live while one is on, who watches, and what was said of late."""

    creator: Creator
    idle: Shuffled
    pleased: Shuffled
    live_id: str | None = None
    viewers: int = 0
    excited_at: float = 0.0


class Seen(Struct, frozen=True, kw_only=True):
    """A gift as the rooms were told of it; without a name it was anonymous."""

    room: str
    gift: str
    coins: int
    sender: str | None


class Stage(Struct, kw_only=True):
    """Shared by all who play. `gifts` counts what the rooms were told since the demo began, whoever gave it."""

    api: Api
    tokens: dict[str, str]
    fans: Sequence[Member]
    random: Random
    rooms: dict[str, Room]
    small_talk: Shuffled
    pace: Callable[[], float]
    prices: dict[str, int] = field(default_factory=dict[str, int])
    names: dict[str, str] = field(default_factory=dict[str, str])
    wallets: dict[str, int] = field(default_factory=dict[str, int])
    packs: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    gifts: int = 0
    latest: deque[Seen] = field(default_factory=lambda: deque[Seen](maxlen=5))

    @property
    def viewers(self) -> int:
        """In all three rooms."""
        return sum(room.viewers for room in self.rooms.values())

    def choose_room(self) -> Room | None:
        """One that is on, the ones that draw more often more; None while all are dark."""
        on = [room for room in self.rooms.values() if room.live_id is not None]
        return self.random.choices(on, [room.creator.draw for room in on])[0] if on else None

    def choose_fan(self, *, purse: int = 0) -> Member:
        """Somebody who can spend like this."""
        return self.random.choice([fan for fan in self.fans if fan.purse >= purse])

    async def ask(self, member: Member, line: str, body: object = None) -> Any:
        """What this member asks the product. Raises Refused or Away."""
        return await self.api.ask(line, body, token=self.tokens[member.handle])


def make_rooms(random: Random) -> dict[str, Room]:
    """The rooms of all creators, dark yet."""
    return {
        creator.member.handle: Room(
            creator=creator,
            idle=Shuffled(VOICES[creator.member.handle].idle, random),
            pleased=Shuffled(VOICES[creator.member.handle].pleased, random),
        )
        for creator in CREATORS
    }


async def unharmed(act: Awaitable[None]) -> None:
    """Let somebody act; what goes wrong stays with them, and the world goes on."""
    try:
        await act
    except Away:
        # Everyone knows by now, and waits.
        pass
    except Refused as refusal:
        log.debug("refused", code=refusal.code)
    except (PlauditError, OSError) as problem:
        log.debug("trouble", problem=str(problem))
    except Exception:
        # The outermost door of whoever acts.
        log.exception("accident")
