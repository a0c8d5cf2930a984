"""What callers were told, written down line by line, and whether the ledger keeps its word."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

import psycopg

from plaudit.ledger import WHOLE, Kind
from tests.ledger.crash.lanes import chain_of


class Verdict(StrEnum):
    """What a caller was told in the end."""

    POSTED = "posted"
    NOTHING = "nothing"
    """Refused, or unavailable every time that it asked: either says that nothing happened."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """One caller's answer for the chain `number` of its lane, with the timestamp of the first transfer if posted."""

    lane: int
    number: int
    verdict: Verdict
    timestamp: int

    @property
    def line(self) -> bytes:
        return f"{self.lane} {self.number} {self.verdict} {self.timestamp}\n".encode()


@dataclass(frozen=True, slots=True)
class Stored:
    """A transfer as the database shows it."""

    timestamp: int
    amount: int
    kind: Kind


def read_answers(path: Path) -> list[Answer]:
    """All answers so far; none when nobody has written yet."""
    if not path.exists():
        return []
    lines = (line.split() for line in path.read_text().splitlines())
    return [Answer(int(lane), int(number), Verdict(verdict), int(at)) for lane, number, verdict, at in lines]


def last_numbers(answers: Iterable[Answer]) -> Mapping[int, int]:
    """The number of the last chain that has an answer, by lane; -1 for a lane without."""
    last: defaultdict[int, int] = defaultdict(lambda: -1)
    for answer in answers:
        last[answer.lane] = max(last[answer.lane], answer.number)
    return last


def read_feed(url: str) -> dict[UUID, Stored]:
    """Every transfer that is in the database, straight from its table. Fails when an id is there twice."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("select id, timestamp, amount, kind from ledger.transfers").fetchall()
    feed = {id: Stored(timestamp, amount, Kind(kind)) for id, timestamp, amount, kind in rows}
    assert len(feed) == len(rows), "an id is in the ledger twice"
    return feed


def find_lost(seed: int, answers: Iterable[Answer], feed: Mapping[UUID, Stored]) -> list[Answer]:
    """Those who were told that their chain was posted, and it isn't there as they were told."""
    return [answer for answer in answers if answer.verdict is Verdict.POSTED and not _is_there(seed, answer, feed)]


def _is_there(seed: int, answer: Answer, feed: Mapping[UUID, Stored]) -> bool:
    for place, transfer in enumerate(chain_of(seed, answer.lane, answer.number)):
        stored = feed.get(transfer.id)
        if stored is None or (stored.timestamp, stored.kind) != (answer.timestamp + place, transfer.kind):
            return False
        if transfer.amount not in (stored.amount, WHOLE):
            return False
    return True


def find_uninvited(seed: int, answers: Iterable[Answer], feed: Mapping[UUID, Stored]) -> list[Answer]:
    """Those who were told that nothing happened, and yet something did."""
    return [
        answer
        for answer in answers
        if answer.verdict is Verdict.NOTHING
        and any(transfer.id in feed for transfer in chain_of(seed, answer.lane, answer.number))
    ]


def find_torn(
    seed: int, answers: Sequence[Answer], feed: Mapping[UUID, Stored], *, lanes: int
) -> list[tuple[int, int]]:
    """Chains (lane, number) of which only a part is there, those without an answer included.

    Fails when the ledger holds a transfer that nobody asked for.
    """
    torn: list[tuple[int, int]] = []
    asked_for = 0
    last = last_numbers(answers)
    for lane in range(lanes):
        # Beyond the last answer there may be one chain that nobody heard of, and another one after a gap.
        for number in range(last[lane] + 3):
            found = [transfer.id in feed for transfer in chain_of(seed, lane, number)]
            asked_for += sum(found)
            if any(found) and not all(found):
                torn.append((lane, number))
    by_itself = sum(stored.kind is Kind.EXPIRE for stored in feed.values())
    assert asked_for + by_itself == len(feed), "the ledger holds a transfer that nobody asked for"
    return torn
