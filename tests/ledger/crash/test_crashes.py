"""What was acknowledged outlives every crash, and a run that must lose something shows that this can be seen."""

from pathlib import Path

from tests.ledger.crash.story import CrashStory

CRASHES = 20

# Commits are answered before they are written, and the writer of the log sleeps: what it hasn't written dies with it.
CARELESS = {"synchronous_commit": "off", "wal_writer_delay": "10s", "wal_writer_flush_after": "1GB"}
CARELESS_CRASHES_AT_MOST = 10


async def test_nothing_acknowledged_is_lost_or_doubled_by_crashes_of_the_application_and_of_postgresql(
    tmp_path: Path, seed: int
):
    async with CrashStory(tmp_path, seed) as story:
        for _ in range(CRASHES):
            await story.crash("application", "postgres", "both")

            await story.assert_nothing_is_amiss()


async def test_without_synchronous_commit_the_same_crashes_do_lose_what_was_acknowledged(tmp_path: Path, seed: int):
    async with CrashStory(tmp_path, seed, options=CARELESS) as story:
        crashes = 0
        lost = False

        while not lost and crashes < CARELESS_CRASHES_AT_MOST:
            await story.crash("both")
            crashes += 1
            lost = bool(story.find_lost())

        assert lost, f"{crashes} crashes lost nothing: the test of crashes couldn't have seen a loss"
