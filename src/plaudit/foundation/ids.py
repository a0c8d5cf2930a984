"""128-bit ids: made by whoever asks, in the order of time, or derived from an id that is already known."""

import os
import time
from uuid import UUID, uuid5

_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)
_RANDOM_BITS = ~((0xF << 76) | (0b11 << 62)) & ((1 << 80) - 1)
_BYTES_OF_AN_ID = 10
_pool = bytearray()


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then random, so that ids made later sort later."""
    if not _pool:
        # The kernel gives 400 ids' worth of randomness in about the time that it takes to ask.
        _pool.extend(os.urandom(400 * _BYTES_OF_AN_ID))
    random = int.from_bytes(_pool[-_BYTES_OF_AN_ID:], "big")
    del _pool[-_BYTES_OF_AN_ID:]
    milliseconds = time.time_ns() // 1_000_000
    return UUID(int=(milliseconds << 80) | (random & _RANDOM_BITS) | _VERSION_AND_VARIANT)


# A forked process must not go on with the randomness of its parent.
os.register_at_fork(after_in_child=_pool.clear)


def derive_id(base: UUID, *parts: str) -> UUID:
    """The id that `base` always gives for `parts`, the same in every attempt (UUIDv5 of `base` as the name space).

    Parts are joined with a character that no name contains, so that ("a", "b") and ("a/b",) are two ids.
    """
    return uuid5(base, "\x1f".join(parts))
