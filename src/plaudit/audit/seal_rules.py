"""What a seal is made of, and what differs from it: pure functions over digests.

A transfer's digest is the SHA-256 of all its columns but the timestamp, which is its place in the seal. A seal's hash
is the SHA-256 of the seal before, its own number, place and instant, and the digests of its transfers in their order.
So nobody can change, drop, add or swap a transfer without changing every seal from there on. The first 8 bytes of each
digest are kept with the seal as its marks: they say which transfer it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from plaudit.audit.findings import Code, Finding

MARK_BYTES = 8
NO_DIGEST = bytes(32)
"""The digest of a timestamp that has no transfer. There should be none: `plaudit check` finds it by itself."""
_NO_MARK = NO_DIGEST[:MARK_BYTES]
BEFORE_THE_FIRST = bytes(32)
"""What the first seal follows from."""
_PREFIX = b"plaudit seal 1\0"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Found = Sequence[tuple[int, bytes]]
"""Transfers as they stand: timestamp and digest, in that order."""


class Seal(Struct, frozen=True, kw_only=True):
    """One link of the chain, over the transfers from `first_timestamp` to `last_timestamp`."""

    number: int
    first_timestamp: int
    last_timestamp: int
    made_at: datetime
    previous: bytes
    hash: bytes
    marks: bytes

    @property
    def text(self) -> str:
        """As it is kept elsewhere: "NUMBER:HASH" with the hash as hexadecimal digits."""
        return f"{self.number}:{self.hash.hex()}"

    def list_marks(self) -> Iterator[tuple[int, bytes]]:
        """Each timestamp with its mark."""
        for place in range(self.last_timestamp - self.first_timestamp + 1):
            yield self.first_timestamp + place, self.marks[place * MARK_BYTES : (place + 1) * MARK_BYTES]


class Anchor(Struct, frozen=True):
    """A seal that was kept elsewhere."""

    number: int
    hash: bytes


def make_seal(last: Seal | None, end: int, found: Found, *, made_at: datetime) -> Seal:
    """The seal after `last` over everything up to the timestamp `end`."""
    first = last.last_timestamp + 1 if last else 1
    by_timestamp = dict(found)
    digests = b"".join(by_timestamp.get(timestamp, NO_DIGEST) for timestamp in range(first, end + 1))
    number, previous = (last.number + 1, last.hash) if last else (1, BEFORE_THE_FIRST)
    seal = Seal(
        number=number,
        first_timestamp=first,
        last_timestamp=end,
        made_at=made_at,
        previous=previous,
        hash=b"",
        marks=marks_of(digests),
    )
    return replace(seal, hash=hash_of(seal, digests))


def marks_of(digests: bytes) -> bytes:
    """The first 8 bytes of each of these digests."""
    return b"".join(digests[place : place + MARK_BYTES] for place in range(0, len(digests), len(NO_DIGEST)))


def is_kept(seal: Seal, digests: bytes) -> bool:
    """Whether a seal follows from the digests of its transfers."""
    return hash_of(seal, digests) == seal.hash and marks_of(digests) == seal.marks


def hash_of(seal: Seal, digests: bytes) -> bytes:
    """The hash that a seal should have over these digests, each 32 bytes."""
    microseconds = (seal.made_at - _EPOCH) // timedelta(microseconds=1)
    numbers = (seal.number, seal.first_timestamp, seal.last_timestamp, microseconds)
    head = b"".join(number.to_bytes(8, "big", signed=True) for number in numbers)
    return sha256(_PREFIX + seal.previous + head + digests).digest()


def judge_link(before: Seal | None, seal: Seal) -> Iterator[Finding]:
    """Whether a seal follows from the one before it, which is None for the first."""
    number, last = (before.number, before.last_timestamp) if before else (0, 0)
    previous = before.hash if before else BEFORE_THE_FIRST
    where = {"seal": seal.number}
    if seal.number != number + 1:
        missing = f"{number + 1}" if seal.number == number + 2 else f"{number + 1} to {seal.number - 1}"
        yield Finding(code=Code.SEAL_MISSING, sentence=f"Seal {missing} isn't there any more.", where=where)
    elif seal.first_timestamp != last + 1:
        sentence = f"Seal {seal.number} begins at transfer {seal.first_timestamp}; seal {number} ends at {last}."
        yield Finding(code=Code.SEAL_CHANGED, sentence=sentence, where=where)
    elif seal.previous != previous:
        yield Finding(
            code=Code.SEAL_CHANGED,
            sentence=f"Seal {seal.number} doesn't follow from seal {number}: one of the two was changed.",
            where=where,
            expected={"previous": previous.hex()},
            found={"previous": seal.previous.hex()},
        )


def judge_marks(seal: Seal, sealed: Mapping[bytes, int], found: Found) -> list[Finding]:
    """What differs from a seal that doesn't follow from its transfers; nothing when only never given timestamps did.

    `sealed` has the marks of this seal and of those around it, each with its timestamp; `found` the transfers as they
    stand now, of the same places. A transfer that is found elsewhere was moved, neither lost nor added.
    """
    stands = {digest[:MARK_BYTES]: timestamp for timestamp, digest in found}
    here: dict[int, list[bytes]] = {}
    for timestamp, digest in found:
        here.setdefault(timestamp, []).append(digest[:MARK_BYTES])
    by_timestamp = dict(found)
    places = range(seal.first_timestamp, seal.last_timestamp + 1)
    digests = b"".join(by_timestamp.get(timestamp, NO_DIGEST) for timestamp in places)
    if all(len(here.get(place, ())) <= 1 for place in places) and hash_of(seal, digests) == seal.hash:
        return [] if marks_of(digests) == seal.marks else [_seal_changed(seal)]
    findings: list[Finding] = []
    for timestamp, mark in seal.list_marks():
        marks = here.get(timestamp, [])
        if marks != [mark] and (marks or mark != _NO_MARK):
            findings += _judge_place(timestamp, mark, marks, sealed, was_lost=mark not in stands)
    return findings or [_seal_changed(seal)]


def _judge_place(
    timestamp: int, mark: bytes, marks: list[bytes], sealed: Mapping[bytes, int], *, was_lost: bool
) -> Iterator[Finding]:
    strangers = [each for each in marks if each != mark and each not in sealed]
    if was_lost and mark != _NO_MARK:
        if strangers:
            yield _about(Code.SEALED_TRANSFER_CHANGED, timestamp, "isn't what it was when it was sealed")
            strangers.pop()
        else:
            yield _about(Code.SEALED_TRANSFER_MISSING, timestamp, "was sealed and isn't there any more")
    for _ in strangers:
        yield _about(Code.SEALED_TRANSFER_INSERTED, timestamp, "wasn't there when the ones around it were sealed")
    for each in marks:
        if each != mark and each in sealed:
            was = sealed[each]
            yield _about(Code.SEALED_TRANSFER_MOVED, timestamp, f"was sealed as transfer {was}", sealed_as=was)


def _about(code: Code, timestamp: int, what: str, **found: int) -> Finding:
    return Finding(
        code=code, sentence=f"Transfer {timestamp} {what}.", where={"timestamp": timestamp}, found=dict(found)
    )


def _seal_changed(seal: Seal) -> Finding:
    return Finding(
        code=Code.SEAL_CHANGED,
        sentence=f"Seal {seal.number} doesn't follow from its transfers, though they are what they were.",
        where={"seal": seal.number},
    )


def judge_anchor(anchor: Anchor, seal: Seal | None) -> Iterator[Finding]:
    """A seal that was kept elsewhere against the one that is there."""
    if seal is None or seal.hash != anchor.hash:
        sentence = (
            f"Seal {anchor.number} isn't the one that was kept elsewhere: something up to transfer "
            f"{seal.last_timestamp} was rewritten together with its seals."
            if seal
            else f"Seal {anchor.number} is gone, though it was kept elsewhere: seals were taken away."
        )
        yield Finding(
            code=Code.ANCHOR_DIFFERS,
            sentence=sentence,
            where={"seal": anchor.number},
            expected={"hash": anchor.hash.hex()},
            found={"hash": seal.hash.hex()} if seal else {},
        )
