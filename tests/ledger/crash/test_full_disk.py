"""A disk that is truly full: a small one of the test's own, in memory."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.ledger.crash.victims import ROOT

# The first is for anyone whom the kernel grants a user namespace, the second for a root to whom it doesn't.
WAYS = (["unshare", "--user", "--map-root-user", "--mount"], ["unshare", "--mount"])
MOUNT_AND_RUN = 'mount -t tmpfs -o size=160m none "$1" && shift && exec "$@"'


@pytest.mark.skipif(sys.platform != "linux", reason="a small disk is made with a Linux mount namespace")
def test_when_the_disk_is_full_nothing_is_lost_and_when_there_is_space_it_works_again(
    tmp_path: Path, prepared_cluster: Path
):
    program = [sys.executable, "-m", "tests.ledger.crash.full_disk", str(tmp_path), str(prepared_cluster)]

    line = [*way_to_mount(tmp_path), "sh", "-c", MOUNT_AND_RUN, "sh", str(tmp_path), *program]
    ended = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)

    print(ended.stdout)
    assert ended.returncode == 0, ended.stderr[-6000:]


def way_to_mount(directory: Path) -> Sequence[str]:
    """How a small disk can be mounted here, for one program only."""
    refusals: list[str] = []
    for way in WAYS:
        trial = [*way, "sh", "-c", MOUNT_AND_RUN, "sh", str(directory), "true"]
        tried = subprocess.run(trial, capture_output=True, text=True, timeout=20, check=False)
        if tried.returncode == 0:
            return way
        refusals.append(tried.stderr.strip())
    pytest.fail(f"This test mounts a small disk: run it as root, or where user namespaces are allowed. {refusals}")
