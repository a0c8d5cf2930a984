"""How many watch a live: the sum of what every program with viewers tells each second, kept in memory."""

from collections.abc import Callable, Mapping
from time import monotonic
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.ids import new_id
from plaudit.foundation.logs import get_logger
from plaudit.providers import Line
from plaudit.rooms.wire import PRESENCE

FORGOTTEN_AFTER_SECONDS = 5.0

log = get_logger(__name__)


class Told(Struct, frozen=True, kw_only=True):
    """What one program tells: its viewers of each live. The name is of its own making."""

    teller: str = msgspec.field(name="from")
    viewers: dict[UUID, int]


class Presence:
    """What was told last. Whoever is silent for five seconds is gone, and their viewers with them."""

    def __init__(self, line: Line, count: Callable[[], Mapping[UUID, int]] = dict) -> None:
        """`count` counts the viewers that this program has itself; `hear` is to be subscribed by whoever makes it."""
        self._line = line
        self._count = count
        self._name = str(new_id())
        self._told: dict[str, tuple[float, dict[UUID, int]]] = {}
        self._decoder = msgspec.json.Decoder(Told)

    def tell(self) -> None:
        """Tell all others how many watch here."""
        self._publish(dict(self._count()))

    def take_leave(self) -> None:
        """Tell all others that nobody watches here any more."""
        self._publish({})

    def hear(self, subject: str, payload: bytes) -> None:
        """A message as it came."""
        try:
            told = self._decoder.decode(payload)
        except msgspec.DecodeError as problem:
            log.warning("a message can't be read", subject=subject, error=str(problem))
            return
        if told.teller != self._name:
            self._drop_silent()
            self._told[told.teller] = (monotonic(), told.viewers)

    def viewers_of(self, live_id: UUID) -> int:
        """How many watch this live now, everywhere."""
        oldest = monotonic() - FORGOTTEN_AFTER_SECONDS
        elsewhere = sum(viewers.get(live_id, 0) for at, viewers in self._told.values() if at > oldest)
        return elsewhere + self._count().get(live_id, 0)

    def count_all(self) -> tuple[int, int]:
        """How many programs told lately that somebody watches there, and how many watch, whatever live it is."""
        oldest = monotonic() - FORGOTTEN_AFTER_SECONDS
        told = [viewers for at, viewers in self._told.values() if at > oldest]
        return len(told), sum(sum(viewers.values()) for viewers in told)

    def _drop_silent(self) -> None:
        oldest = monotonic() - FORGOTTEN_AFTER_SECONDS
        self._told = {teller: each for teller, each in self._told.items() if each[0] > oldest}

    def _publish(self, viewers: dict[UUID, int]) -> None:
        self._line.publish(PRESENCE, msgspec.json.encode(Told(teller=self._name, viewers=viewers)))
