"""Three programs race for the same wallets with the same ids: each chain happens once, and everyone hears the same."""

import asyncio
import os
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from plaudit.foundation.database import Database
from plaudit.ledger import PostgresLedger
from tests.ledger.closing import assert_books_close, every_account
from tests.ledger.crash.answers import Answer, Verdict, find_lost, find_torn, find_uninvited, read_feed
from tests.ledger.crash.lanes import WALLETS, accounts
from tests.ledger.crash.racer import CHAINS_A_LANE, LANES, RACERS, Reply
from tests.ledger.crash.victims import ROOT

Place = tuple[int, int]


async def test_three_programs_with_64_tasks_post_each_of_100_000_chains_once(
    database_url: str, tmp_path: Path, seed: int
):
    async with Database.open(database_url) as db, PostgresLedger.open(db) as ledger:
        await ledger.open_accounts(accounts())

        began = time.monotonic()
        files = [tmp_path / str(racer) for racer in range(RACERS)]
        codes = await asyncio.gather(*(race(database_url, file, seed, number) for number, file in enumerate(files)))
        replies = replies_in(files)
        posts = sum(map(len, replies.values()))
        print(f"{posts / (time.monotonic() - began):.0f} posts a second, the start of the programs included")

        assert codes == [0] * RACERS
        assert len(replies) == LANES * CHAINS_A_LANE
        assert_twice_is_once(replies)
        assert_answers_are_true(database_url, seed, replies)
        everyone = await every_account(ledger)
        assert all(everyone[wallet][1].spendable >= 0 for wallet in WALLETS)
        await assert_books_close(ledger)


async def race(url: str, answers: Path, seed: int, number: int) -> int:
    """Run one of the programs to its end; its exit code."""
    line = ["-m", "tests.ledger.crash.racer", url, str(answers), str(seed), str(number)]
    # Not measured by coverage, under which the race would take three times as long.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    racer = await asyncio.create_subprocess_exec(sys.executable, *line, cwd=ROOT, env=environment)
    try:
        async with asyncio.timeout(300):
            return await racer.wait()
    finally:
        if racer.returncode is None:
            racer.kill()
            await racer.wait()


def replies_in(files: Sequence[Path]) -> Mapping[Place, list[Reply]]:
    """Every reply, by lane and number of its chain."""
    replies: defaultdict[Place, list[Reply]] = defaultdict(list)
    decoder = msgspec.json.Decoder(Reply)
    for file in files:
        for reply in decoder.decode_lines(file.read_bytes()):
            replies[reply.lane, reply.number].append(reply)
    return replies


def assert_twice_is_once(replies: Mapping[Place, list[Reply]]) -> None:
    """Who asked twice heard the same, with the same timestamps and balances.

    A refusal isn't kept: a wallet that was empty may be full when the same is asked again. Once posted, though, nobody
    who asks later is refused.
    """
    twice = [pair for pair in replies.values() if len(pair) == 2]
    at_once = 0
    for one, other in twice:
        at_once += one.asked_ns < other.answered_ns and other.asked_ns < one.answered_ns
        if one.is_posted and other.is_posted:
            assert one.fingerprint == other.fingerprint
        for posted, refused in ((one, other), (other, one)):
            if posted.is_posted and not refused.is_posted:
                assert refused.asked_ns < posted.answered_ns
    print(f"{len(replies)} chains, {len(twice)} of them sent twice, {at_once} of these at the same time")
    assert len(twice) > len(replies) / 6
    assert at_once > 0


def assert_answers_are_true(url: str, seed: int, replies: Mapping[Place, list[Reply]]) -> None:
    """What was posted is there, whole and once; what was refused each time isn't."""
    answers: list[Answer] = []
    for (lane, number), heard in replies.items():
        best = max(heard, key=lambda reply: reply.is_posted)
        verdict = Verdict.POSTED if best.is_posted else Verdict.NOTHING
        answers.append(Answer(lane, number, verdict, best.timestamp))
    feed = read_feed(url)
    assert find_lost(seed, answers, feed) == []
    assert find_uninvited(seed, answers, feed) == []
    assert find_torn(seed, answers, feed, lanes=LANES) == []
    posted = sum(answer.verdict is Verdict.POSTED for answer in answers)
    print(f"{posted} posted, {len(answers) - posted} refused")
    assert 0 < posted < len(answers)
