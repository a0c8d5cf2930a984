"""PostgreSQL refuses root. These tests start it as root, each way that there is, and as an ordinary user."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plaudit.foundation.embedded import EmbeddedPostgres, Way, launch
from plaudit.foundation.errors import EmbeddedServerFailed
from tests.foundation.embedded.conftest import PARENT, Parent, keep, kept, needs_root


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """Everyone can pass to it, as they can't to pytest's own."""
    directory = Path(tempfile.mkdtemp(prefix="plaudit-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def uid_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


@needs_root
async def test_in_a_user_namespace_every_file_stays_root_s(tmp_path: Path):
    async with EmbeddedPostgres(tmp_path, root_ways=[Way.NAMESPACE]) as server:
        await keep(server.url, "encore")
        namespace = Path(f"/proc/{server.pid}/ns/user").readlink()

    assert namespace != Path("/proc/self/ns/user").readlink()
    assert (tmp_path / "postgres").stat().st_uid == 0


@needs_root
async def test_as_another_user_the_cluster_is_that_user_s(open_directory: Path):
    async with EmbeddedPostgres(open_directory / "data", root_ways=[Way.USER]) as server:
        await keep(server.url, "encore")
        uid = uid_of(server.pid)

    assert uid != 0
    assert (open_directory / "data" / "postgres").stat().st_uid == uid


@needs_root
async def test_a_cluster_changes_hands_when_the_way_does(open_directory: Path):
    for way in (Way.NAMESPACE, Way.USER, Way.NAMESPACE):
        async with EmbeddedPostgres(open_directory, root_ways=[way]) as server:
            await keep(server.url, way)

    async with EmbeddedPostgres(open_directory) as server:
        assert await kept(server.url) == ["namespace", "user", "namespace"]


@needs_root
async def test_a_stale_lock_file_stays_the_other_user_s(open_directory: Path):
    async with EmbeddedPostgres(open_directory, root_ways=[Way.USER]):
        written = (open_directory / "postgres" / "postmaster.pid").read_text()
    lock = open_directory / "postgres" / "postmaster.pid"
    lock.write_text(f"{os.getppid()}\n{written.partition(chr(10))[2]}")

    async with EmbeddedPostgres(open_directory, root_ways=[Way.USER]) as server:
        assert server.health.is_answering


@needs_root
async def test_a_directory_that_the_other_user_cannot_pass_is_named(open_directory: Path):
    closed = open_directory / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(EmbeddedServerFailed) as failure:
        await EmbeddedPostgres(closed / "data", root_ways=[Way.USER]).start()

    assert f"can't pass through {closed} to the data directory" in failure.value.detail
    assert "PLAUDIT_DATA_DIR" in failure.value.detail


@pytest.mark.skipif(sys.platform != "linux", reason="a root without rights is made with a Linux user namespace")
def test_a_root_that_may_neither_way_is_told_what_to_do(tmp_path: Path):
    forbid_and_run = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    powerless_root = ["unshare", "--user", "--map-root-user", "sh", "-c", forbid_and_run, "sh"]

    line = [*powerless_root, sys.executable, str(PARENT), str(tmp_path)]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 1
    assert "grants no user namespace" in ended.stderr
    assert "This root may not become another user" in ended.stderr
    assert "Or start Plaudit as an ordinary user" in ended.stderr


async def test_an_ordinary_user_needs_none_of_this(tmp_path: Path, parent_on: Callable[..., Parent]):
    # Root in the test becomes ordinary by the launcher, so that the interpreter stays within reach.
    identity = "namespace:65534:65534" if os.geteuid() == 0 else "keep"
    before = [sys.executable, launch.__file__, str(os.getpid()), "9", identity, "--"]

    parent = parent_on(tmp_path, before=before)

    await keep(parent.database_url, "encore")
    assert await kept(parent.database_url) == ["encore"]
