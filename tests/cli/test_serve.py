import asyncio
import os
import signal
import socket
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.cli.running import COMMAND, environ, run
from tests.waiting import is_gone, until


@asynccontextmanager
async def serving(directory: Path, **variables: str) -> AsyncGenerator[Process]:
    """`plaudit serve` in a directory of its own, gone when the block ends."""
    child = await asyncio.create_subprocess_exec(
        *COMMAND, "serve", cwd=directory, env=environ(PLAUDIT_PORT="0", **variables), stdout=PIPE, stderr=PIPE
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def address_of(child: Process) -> str:
    assert child.stdout is not None
    async with asyncio.timeout(60):
        line = (await child.stdout.readline()).decode()
    assert line.startswith("Plaudit runs at http://127.0.0.1:"), line
    return line.split()[-1]


def family_of(child: Process) -> list[psutil.Process]:
    return psutil.Process(child.pid).children(recursive=True)


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
async def test_serve_runs_everything_with_no_setting_and_stops_everything_when_asked(
    tmp_path: Path, asked: signal.Signals
):
    async with serving(tmp_path) as child:
        url = await address_of(child)
        async with httpx.AsyncClient() as client:
            ready = await client.get(f"{url}/ready")
        family = family_of(child)

        child.send_signal(asked)
        _, errors = await asyncio.wait_for(child.communicate(), 60)

        assert ready.status_code == 200
        assert len(family) >= 4
        assert child.returncode == 0
        assert errors.decode().splitlines() == ["Stopping ...", "Stopped."]
        assert [each for each in family if not is_gone(each)] == []


async def test_serve_that_is_asked_to_stop_twice_still_stops_in_order(tmp_path: Path):
    async with serving(tmp_path) as child:
        await address_of(child)

        child.send_signal(signal.SIGINT)
        child.send_signal(signal.SIGINT)
        child.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(child.communicate(), 60)

        assert child.returncode == 0
        assert errors.decode().splitlines() == ["Stopping ...", "Stopped."]


async def test_serve_that_is_asked_to_stop_while_it_starts_stops_as_well(tmp_path: Path):
    async with serving(tmp_path) as child:
        await until((tmp_path / "plaudit-data" / "lock").exists)
        child.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(child.communicate(), 60)

        assert child.returncode == 0
        assert errors.decode().splitlines()[-1] == "Stopped."


async def test_nothing_outlives_a_serve_that_was_killed(tmp_path: Path):
    async with serving(tmp_path) as child:
        await address_of(child)
        family = family_of(child)

        os.kill(child.pid, signal.SIGKILL)

        await until(lambda: all(is_gone(each) for each in family))


async def test_serve_ends_when_the_web_server_ends_by_itself_and_says_so(tmp_path: Path):
    async with serving(tmp_path) as child:
        await address_of(child)
        granian = next(each for each in psutil.Process(child.pid).children() if "plaudit.web" in each.cmdline())

        granian.kill()
        _, errors = await asyncio.wait_for(child.communicate(), 60)

        assert child.returncode == 1
        assert "The web server stopped by itself (signal 9)" in errors.decode().splitlines()[-1]


async def test_serve_with_servers_of_someone_else_starts_none_of_its_own(database_url: str, tmp_path: Path):
    nats_url = "nats://127.0.0.1:1"

    async with serving(tmp_path, PLAUDIT_DATABASE_URL=database_url, PLAUDIT_NATS_URL=nats_url) as child:
        url = await address_of(child)
        async with httpx.AsyncClient() as client:
            ready = await client.get(f"{url}/ready")

        assert (ready.status_code, ready.json()["code"]) == (503, "not_ready")
        assert "NATS" in ready.json()["detail"]
        assert not (tmp_path / "plaudit-data").exists()


def test_serve_on_a_taken_port_says_so_and_leaves_nothing_running(tmp_path: Path, database_url: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = run(
            "serve",
            cwd=tmp_path,
            PLAUDIT_PORT=str(port),
            PLAUDIT_DATABASE_URL=database_url,
            PLAUDIT_NATS_URL="nats://127.0.0.1:1",
        )

    assert ended.returncode == 1
    assert ended.stderr.startswith(
        f"plaudit: The web server can't listen on 127.0.0.1 port {port} (Address already in use)"
    )
    assert len(ended.stderr.splitlines()) == 1


async def test_a_second_serve_on_the_same_directory_says_so(tmp_path: Path):
    async with serving(tmp_path) as child:
        await address_of(child)

        second = await asyncio.to_thread(run, "serve", cwd=tmp_path, PLAUDIT_PORT="0")

    assert second.returncode == 1
    assert "already runs on" in second.stderr
    assert len(second.stderr.splitlines()) == 1
