import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.foundation.errors import BadSetting, DataDirectoryInUse, EmbeddedServerFailed
from tests.foundation.embedded.conftest import PARENT, keep, kept, until


async def shown(url: str, *names: str) -> list[str]:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        rows = [await (await connection.execute(f"show {name}".encode())).fetchone() for name in names]
    return [row[0] for row in rows if row]


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path):
    async with EmbeddedPostgres(tmp_path) as before:
        await keep(before.url, "encore")

    async with EmbeddedPostgres(tmp_path) as after:
        assert await kept(after.url) == ["encore"]
        assert after.url == before.url


async def test_durability_is_on_and_nobody_is_let_in_from_the_network(tmp_path: Path):
    async with EmbeddedPostgres(tmp_path) as server:
        durable = await shown(server.url, "fsync", "synchronous_commit", "full_page_writes", "data_checksums")
        others = await shown(server.url, "listen_addresses", "server_encoding", "jit", "max_wal_size")

    assert durable == ["on"] * 4
    assert others == ["", "UTF8", "off", "4GB"]
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "postgres").stat().st_mode & 0o777 == 0o700


async def test_the_caller_may_override_a_setting_but_not_the_socket(tmp_path: Path):
    async with EmbeddedPostgres(tmp_path, memory_mb=64, options={"jit": "on"}) as server:
        assert await shown(server.url, "jit", "shared_buffers") == ["on", "64MB"]

    with pytest.raises(BadSetting, match="port"):
        await EmbeddedPostgres(tmp_path, options={"port": "1"}).start()


async def test_a_second_start_on_the_same_directory_says_so(tmp_path: Path):
    async with EmbeddedPostgres(tmp_path) as first:
        with pytest.raises(DataDirectoryInUse) as refusal:
            await EmbeddedPostgres(tmp_path).start()

        assert f"pid {os.getpid()} already runs on {tmp_path}" in refusal.value.detail
        assert first.health.is_answering


async def test_a_killed_server_comes_back_under_the_same_url_with_all_that_was_committed(tmp_path: Path):
    async with EmbeddedPostgres(tmp_path) as server:
        await keep(server.url, "encore")
        killed = server.pid

        os.kill(killed, signal.SIGKILL)
        await until(lambda: server.health.restarts > 0 and server.health.is_answering)

        assert await kept(server.url) == ["encore"]
        assert server.pid != killed
        assert server.health.last_ending == "SIGKILL"


async def test_a_half_made_cluster_is_thrown_away_and_made_again(tmp_path: Path):
    unfinished = tmp_path / "postgres.new-cut"
    unfinished.mkdir(mode=0o700)
    (unfinished / "PG_VERSION").write_text("18\n")
    (tmp_path / "postgres").mkdir()

    async with EmbeddedPostgres(tmp_path) as server:
        await keep(server.url, "encore")

    assert not unfinished.exists()


@pytest.mark.parametrize("torn", ["", "\n", "no number\n", "-7\n", "999999999\n", "somebody"])
async def test_a_stale_lock_file_does_not_keep_the_server_from_starting(tmp_path: Path, torn: str):
    async with EmbeddedPostgres(tmp_path) as before:
        await keep(before.url, "encore")
        written = (tmp_path / "postgres" / "postmaster.pid").read_text()
    somebody = subprocess.Popen(["sleep", "60"])
    rest = written.partition("\n")[2]
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{somebody.pid}\n{rest}" if torn == "somebody" else torn)
    (tmp_path / "run" / ".s.PGSQL.5432.lock").write_text(f"{somebody.pid}\n")

    try:
        async with EmbeddedPostgres(tmp_path) as after:
            assert await kept(after.url) == ["encore"]

        assert somebody.poll() is None
    finally:
        somebody.kill()
        somebody.wait()


async def test_a_directory_whose_path_is_too_long_for_a_socket_works_too(tmp_path: Path):
    deep = tmp_path / ("d" * 100) / ("e" * 100)

    async with EmbeddedPostgres(deep) as server:
        await keep(server.url, "encore")
        assert await kept(server.url) == ["encore"]
        socket_directory = Path(str(conninfo_to_dict(server.url)["host"]))
        assert socket_directory.stat().st_mode & 0o777 == 0o700

    assert not socket_directory.exists()


async def test_a_socket_directory_of_someone_else_is_not_trusted(tmp_path: Path):
    (tmp_path / "run").symlink_to(tmp_path)

    with pytest.raises(EmbeddedServerFailed, match="belongs to someone else"):
        await EmbeddedPostgres(tmp_path).start()


async def test_a_cluster_of_another_major_version_is_left_alone(tmp_path: Path):
    async with EmbeddedPostgres(tmp_path):
        pass
    (tmp_path / "postgres" / "PG_VERSION").write_text("17\n")

    with pytest.raises(EmbeddedServerFailed, match="made by PostgreSQL 17, and this is PostgreSQL 18"):
        await EmbeddedPostgres(tmp_path).start()


async def test_a_directory_that_holds_something_else_is_left_alone(tmp_path: Path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "letters.txt").write_text("dear diary")

    with pytest.raises(EmbeddedServerFailed, match="no PostgreSQL cluster either"):
        await EmbeddedPostgres(tmp_path).start()

    assert (tmp_path / "postgres" / "letters.txt").exists()


async def test_a_server_that_does_not_start_is_quoted(tmp_path: Path):
    server = EmbeddedPostgres(tmp_path, options={"max_wal_size": "much"})

    with pytest.raises(EmbeddedServerFailed) as failure:
        await server.start()

    assert "PostgreSQL ended with exit code 1 while starting." in failure.value.detail
    assert 'invalid value for parameter "max_wal_size": "much"' in failure.value.detail


@pytest.mark.skipif(sys.platform != "linux", reason="a small disk is made with a Linux mount namespace")
def test_a_full_disk_is_called_a_full_disk(tmp_path: Path):
    mount_and_run = 'mount -t tmpfs -o size=8m none "$1" && exec "$2" "$3" "$1"'
    namespace = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount_and_run]

    line = [*namespace, "sh", str(tmp_path), sys.executable, str(PARENT)]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 1
    assert "The disk is full: make room and start again." in ended.stderr
