import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from plaudit.foundation.embedded import running_servers
from plaudit.foundation.errors import DataDirectoryInUse, EmbeddedServerFailed
from plaudit.foundation.settings import Settings
from tests.foundation.embedded.conftest import Parent, is_alive, keep, kept, until

DATABASE_URL = "postgresql://plaudit@database.example/plaudit"
NATS_URL = "nats://nats.example:4222"


async def test_both_servers_run_while_the_block_does_and_no_longer(tmp_path: Path):
    directory = tmp_path / "new"

    async with running_servers(Settings(data_dir=directory)) as servers:
        await keep(servers.database_url, "encore")
        pids = [health.pid for health in servers.health if health.is_answering and health.pid]

    assert len(pids) == 2
    assert not any(is_alive(pid) for pid in pids)
    assert directory.stat().st_mode & 0o700 == 0o700


async def test_external_servers_are_passed_through_and_nothing_is_started(tmp_path: Path):
    settings = Settings(data_dir=tmp_path / "new", database_url=DATABASE_URL, nats_url=NATS_URL)

    async with running_servers(settings) as servers:
        assert (servers.database_url, servers.nats_url) == (DATABASE_URL, NATS_URL)
        assert servers.health == ()

    assert not settings.data_dir.exists()


async def test_one_external_server_leaves_the_other_embedded(tmp_path: Path):
    async with running_servers(Settings(data_dir=tmp_path, database_url=DATABASE_URL)) as servers:
        assert servers.database_url == DATABASE_URL
        assert [health.name for health in servers.health] == ["NATS"]


async def test_a_second_start_on_the_same_directory_says_who_has_it(tmp_path: Path, parent_on: Callable[..., Parent]):
    first = parent_on(tmp_path)

    with pytest.raises(DataDirectoryInUse) as refusal:
        async with running_servers(Settings(data_dir=tmp_path)):
            pass

    assert f"pid {first.running.pid} already runs on {tmp_path}" in refusal.value.detail


async def test_when_one_cannot_start_the_other_does_not_stay(tmp_path: Path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "letters.txt").write_text("dear diary")

    for _ in range(2):
        with pytest.raises(EmbeddedServerFailed, match="no PostgreSQL cluster"):
            async with running_servers(Settings(data_dir=tmp_path)):
                pass


async def test_a_start_that_is_cancelled_leaves_nothing_behind(tmp_path: Path):
    async def start() -> None:
        async with running_servers(Settings(data_dir=tmp_path)):
            raise AssertionError("it was to be cancelled before")

    starting = asyncio.create_task(start())
    await until(lambda: any(tmp_path.glob("postgres.new-*")))
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting

    assert not any(tmp_path.glob("postgres*/"))
    async with running_servers(Settings(data_dir=tmp_path)) as servers:
        await keep(servers.database_url, "encore")


async def test_a_parent_that_is_interrupted_stops_its_servers_first(tmp_path: Path, parent_on: Callable[..., Parent]):
    parent = parent_on(tmp_path)

    parent.end(signal.SIGINT)

    assert parent.running.returncode == 0
    assert not any(is_alive(pid) for pid in parent.pids)
    assert "database system is shut down" in (tmp_path / "postgres.log").read_text()


async def test_a_killed_parent_leaves_no_server_behind(tmp_path: Path, parent_on: Callable[..., Parent]):
    parent = parent_on(tmp_path)
    await keep(parent.database_url, "encore")

    parent.end(signal.SIGKILL)

    await until(lambda: not any(is_alive(pid) for pid in parent.pids))
    async with running_servers(Settings(data_dir=tmp_path)) as servers:
        assert await kept(servers.database_url) == ["encore"]


async def test_servers_that_outlived_a_killed_parent_are_stopped_before_the_next_start(
    tmp_path: Path, parent_on: Callable[..., Parent]
):
    parent = parent_on(tmp_path)
    await keep(parent.database_url, "encore")
    for pid in parent.pids:  # asleep, they don't hear that their parent died
        os.kill(pid, signal.SIGSTOP)
    parent.end(signal.SIGKILL)

    async def wake_up() -> None:
        await asyncio.sleep(0.5)
        assert all(is_alive(pid) for pid in parent.pids)
        for pid in parent.pids:
            os.kill(pid, signal.SIGCONT)

    waking = asyncio.create_task(wake_up())
    async with running_servers(Settings(data_dir=tmp_path)) as servers:
        assert not any(is_alive(pid) for pid in parent.pids)
        assert await kept(servers.database_url) == ["encore"]
    await waking
