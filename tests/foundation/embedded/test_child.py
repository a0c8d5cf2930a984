import os
import signal
from pathlib import Path

import pytest

from plaudit.foundation.embedded.child import ChildPlan, SupervisedChild
from plaudit.foundation.embedded.command import Command
from plaudit.foundation.errors import EmbeddedServerFailed
from tests.foundation.embedded.conftest import until


def child_that(script: str, directory: Path, *, start_seconds: float = 20.0) -> SupervisedChild:
    """A shell script in `directory`; it answers once there is a file `ready`."""
    ready = directory / "ready"

    async def answers() -> bool:
        return ready.exists()

    return SupervisedChild(
        ChildPlan(
            name="The script",
            command=Command(argv=("/bin/sh", "-c", f"cd {directory}; {script}")),
            log=directory / "log",
            answers=answers,
            before_start=lambda: ready.unlink(missing_ok=True),
            farewells=((signal.SIGTERM, 0.3),),
            start_seconds=start_seconds,
        )
    )


async def test_its_last_words_are_told_when_it_does_not_start(tmp_path: Path):
    child = child_that("echo first; echo the stage is dark; exit 3", tmp_path)

    with pytest.raises(EmbeddedServerFailed) as failure:
        await child.start()

    assert "The script ended with exit code 3 while starting." in failure.value.detail
    assert "the stage is dark" in failure.value.detail


async def test_one_that_never_answers_is_given_up(tmp_path: Path):
    child = child_that("exec sleep 60", tmp_path, start_seconds=0.3)

    with pytest.raises(EmbeddedServerFailed, match=r"doesn't answer after 0\.3 seconds"):
        await child.start()

    assert child.health.pid is None


async def test_it_is_tried_again_and_again_until_it_works(tmp_path: Path):
    (tmp_path / "open").touch()
    child = child_that("test -e open || exit 7; touch ready; exec sleep 60", tmp_path)
    await child.start()
    (tmp_path / "open").unlink()

    assert child.health.pid is not None
    os.kill(child.health.pid, signal.SIGKILL)
    await until(lambda: child.health.restarts >= 3 and child.health.last_ending == "exit code 7")
    (tmp_path / "open").touch()
    await until(lambda: child.health.is_answering)

    await child.stop()


async def test_one_that_does_not_listen_is_killed(tmp_path: Path):
    child = child_that("trap '' TERM; touch ready; while :; do sleep 1; done", tmp_path)
    await child.start()

    await child.stop()

    assert child.health.pid is None
