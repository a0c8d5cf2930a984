"""The application that is killed: callers who post without end and write down each answer before they go on.

`python -m tests.ledger.crash.worker URL ANSWERS SEED LIFE`: SEED says what is posted, LIFE how this life of the program
differs from the ones before.
"""

import asyncio
import os
import sys
from itertools import count
from pathlib import Path
from random import Random

from plaudit.foundation.database import Database
from plaudit.foundation.errors import OutcomeUnknown, Unavailable
from plaudit.ledger import Posted, PostgresLedger
from tests.ledger.crash.answers import Answer, Verdict, last_numbers, read_answers
from tests.ledger.crash.lanes import accounts, chain_of

LANES = 32
_LONGEST_PAUSE_SECONDS = 0.02
_DEADLINE_SECONDS = 1.0


async def main(url: str, answers: Path, seed: int, life: int) -> None:
    last = last_numbers(read_answers(answers))
    chance = Random(f"{seed}/{life}")
    # What was written to a file that is only appended to outlives the death of this program, if not of the machine.
    file = os.open(answers, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    async with Database.open(url) as db, PostgresLedger.open(db, deadline_seconds=_DEADLINE_SECONDS) as ledger:
        await ledger.open_accounts(accounts())
        async with asyncio.TaskGroup() as callers:
            for lane in range(LANES):
                # The first chain without an answer may be in the ledger or not: some ask again, some never do.
                first = last[lane] + 1 + chance.randrange(2)
                caller = Caller(ledger, file, seed, lane, Random(f"{seed}/{life}/{lane}"))
                callers.create_task(caller.post_from(first))


class Caller:
    """Posts the chains of one lane, one after the other."""

    def __init__(self, ledger: PostgresLedger, file: int, seed: int, lane: int, chance: Random) -> None:
        self._ledger = ledger
        self._file = file
        self._seed = seed
        self._lane = lane
        self._chance = chance

    async def post_from(self, first: int) -> None:
        for number in count(first):
            answer = await self._insist(number)
            os.write(self._file, answer.line)
            await asyncio.sleep(self._chance.random() * _LONGEST_PAUSE_SECONDS)

    async def _insist(self, number: int) -> Answer:
        """Ask until there is an answer, or patience is over."""
        verdict = Verdict.NOTHING
        while True:
            try:
                outcome = await self._ledger.post(chain_of(self._seed, self._lane, number))
            except Unavailable:
                pass
            except OutcomeUnknown:
                verdict = Verdict.UNKNOWN
            else:
                posted = isinstance(outcome, Posted)
                timestamp = outcome.records[0].timestamp if posted else 0
                return Answer(self._lane, number, Verdict.POSTED if posted else Verdict.NOTHING, timestamp)
            if self._chance.random() < 0.3:
                return Answer(self._lane, number, verdict, 0)
            await asyncio.sleep(self._chance.random() * 0.1)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
