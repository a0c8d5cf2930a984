"""What a frame holds. A gateway sends the same bytes to many viewers, so each frame is read once and then known."""

from datetime import datetime

import msgspec
from msgspec import Struct

_STATE = "state"


class _Event(Struct, frozen=True):
    type: str
    seq: int | None = None
    id: str | None = None
    at: datetime | None = None


class Gift(Struct, frozen=True):
    """A gift as a viewer sees it; `at_ns` is when it was posted, in Unix nanoseconds."""

    seq: int
    id: str
    at_ns: int


class Frame:
    """One frame's numbered events, and how many viewers had it by when (monotonic nanoseconds).

    `begins` is the number that a state stands for, and `ranges` what follows: mostly one range of numbers.
    """

    __slots__ = ("begins", "gifts", "last_ns", "ranges", "viewers")

    def __init__(self, begins: int | None, ranges: list[tuple[int, int]], gifts: list[Gift]) -> None:
        self.begins = begins
        self.ranges = ranges
        self.gifts = gifts
        self.viewers = 0
        self.last_ns = 0


_decoder = msgspec.json.Decoder(list[_Event])


def read_frame(payload: bytes) -> Frame:
    """What these bytes say; raises msgspec.DecodeError for what is no array of events."""
    begins: int | None = None
    ranges: list[tuple[int, int]] = []
    gifts: list[Gift] = []
    for event in _decoder.decode(payload):
        if event.type == _STATE:
            begins = event.seq
        elif event.seq is not None and event.type != "reset":
            _extend(ranges, event.seq)
            if event.type == "gift_sent" and event.at is not None:
                gifts.append(Gift(event.seq, event.id or "", _unix_ns(event.at)))
    return Frame(begins, ranges, gifts)


def _extend(ranges: list[tuple[int, int]], seq: int) -> None:
    if ranges and ranges[-1][1] + 1 == seq:
        ranges[-1] = (ranges[-1][0], seq)
    else:
        ranges.append((seq, seq))


def _unix_ns(at: datetime) -> int:
    return round(at.timestamp() * 1e6) * 1000
