"""One of several programs that post to the same accounts at once, some of it twice, and write down every answer.

`python -m tests.ledger.crash.racer URL ANSWERS SEED RACER`: this one has every third lane, beginning with RACER.
"""

import asyncio
import sys
import time
from pathlib import Path
from random import Random
from typing import TextIO
from zlib import crc32

import msgspec

from plaudit.foundation.database import Database
from plaudit.ledger import Posted, PostgresLedger
from tests.ledger.crash.lanes import chain_of

RACERS = 3
LANES = 64
CHAINS_A_LANE = 1563
"""So that there are 100,000 in all."""
_LATER = 40


class Reply(msgspec.Struct, array_like=True):
    """What was answered to the chain `number` of `lane`, and when it was asked and answered, by the machine's clock."""

    lane: int
    number: int
    is_posted: bool
    fingerprint: int
    timestamp: int
    asked_ns: int
    answered_ns: int


def is_sent_twice(seed: int, lane: int, number: int) -> bool:
    """One in five is."""
    return Random(f"twice/{seed}/{lane}/{number}").random() < 0.2


async def main(url: str, answers: Path, seed: int, racer: int) -> None:
    with answers.open("w") as file:
        async with Database.open(url) as db, PostgresLedger.open(db, deadline_seconds=60) as ledger:
            runner = Runner(ledger, file, seed)
            await asyncio.gather(*(runner.run(lane) for lane in range(racer, LANES, RACERS)))


class Runner:
    """What each of the tasks of this program works with."""

    def __init__(self, ledger: PostgresLedger, file: TextIO, seed: int) -> None:
        self._ledger = ledger
        self._file = file
        self._seed = seed

    async def run(self, lane: int) -> None:
        """Post a lane. What its neighbour, in another program, sends twice is sent here as well: at once or later."""
        neighbour = (lane + 1) % LANES
        for number in range(CHAINS_A_LANE):
            asked = [self._post(lane, number)]
            twice = number if number % 2 else number - _LATER
            if twice >= 0 and is_sent_twice(self._seed, neighbour, twice):
                asked.append(self._post(neighbour, twice))
            await asyncio.gather(*asked)

    async def _post(self, lane: int, number: int) -> None:
        asked_ns = time.monotonic_ns()
        outcome = await self._ledger.post(chain_of(self._seed, lane, number))
        answered_ns = time.monotonic_ns()
        posted = isinstance(outcome, Posted)
        fingerprint = crc32(msgspec.json.encode(outcome)) if posted else 0
        timestamp = outcome.records[0].timestamp if posted else 0
        reply = Reply(lane, number, posted, fingerprint, timestamp, asked_ns, answered_ns)
        self._file.write(msgspec.json.encode(reply).decode() + "\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
