"""How much the demo's crowd gives: one number in a file, which the crowd reads again and again and an operator sets."""

from pathlib import Path

import msgspec
from msgspec import Struct

from plaudit.foundation.embedded.files import write_atomically

USUAL_PACE = 3.0
"""Gifts a second over all rooms: as many as a person can follow."""

SLOWEST, QUICKEST = 0.1, 200.0


class Pace(Struct, frozen=True, forbid_unknown_fields=True):
    """Gifts a second, on average."""

    pace: float


def read_pace(file: Path) -> float:
    """What was set last; the usual pace when nothing was, or when it can't be read."""
    try:
        pace = msgspec.json.decode(file.read_bytes(), type=Pace).pace
    except (OSError, msgspec.DecodeError):
        return USUAL_PACE
    return min(QUICKEST, max(SLOWEST, pace))


def store_pace(file: Path, pace: float) -> None:
    """From now on this; the crowd knows within a second."""
    write_atomically(file, msgspec.json.encode(Pace(pace)).decode())
