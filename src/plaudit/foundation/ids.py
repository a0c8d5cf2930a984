"""128-bit ids: made by whoever asks, in the order of time, or derived from an id that is already known."""

import os
import time
from uuid import UUID, uuid5

_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)
_RANDOM_BITS = ~((0xF << 76) | (0b11 << 62)) & ((1 << 80) - 1)


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then random, so that ids made later sort later."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big") & _RANDOM_BITS
    return UUID(int=(milliseconds << 80) | random | _VERSION_AND_VARIANT)


def derive_id(base: UUID, *parts: str) -> UUID:
    """The id that `base` always gives for `parts`, the same in every attempt (UUIDv5 of `base` as the name space)."""
    return uuid5(base, "/".join(parts))
