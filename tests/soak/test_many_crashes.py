"""Hundreds of crashes: the story of tests/ledger/crash/test_crashes.py, told again and again on a fresh server."""

from pathlib import Path

import pytest

from tests.ledger.crash.story import CrashStory

STORIES = 25
CRASHES_A_STORY = 20


@pytest.mark.soak
@pytest.mark.parametrize("number", range(STORIES))
async def test_nothing_acknowledged_is_lost_or_doubled_by_500_crashes(tmp_path: Path, seed: int, number: int):
    async with CrashStory(tmp_path, seed + number) as story:
        for _ in range(CRASHES_A_STORY):
            await story.crash("application", "postgres", "both")

            await story.assert_nothing_is_amiss()
