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
    ports = {"PLAUDIT_PORT": "0", "PLAUDIT_GATEWAY_PORT": "0"}
    child = await asyncio.create_subprocess_exec(
        *COMMAND, "serve", cwd=directory, env=environ(**{**ports, **variables}), stdout=PIPE, stderr=PIPE
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


def child_of(serve: Process, module: str) -> psutil.Process:
    return next(each for each in psutil.Process(serve.pid).children() if each.cmdline()[-1] == module)


def alive_in(serve: Process) -> list[psutil.Process]:
    return [each for each in psutil.Process(serve.pid).children() if not is_gone(each)]


@pytest.mark.parametrize("module", ["plaudit.gateway", "plaudit.worker"])
async def test_a_program_that_is_killed_is_started_again_and_serve_says_so(tmp_path: Path, module: str):
    async with serving(tmp_path) as child:
        url = await address_of(child)
        killed = child_of(child, module)

        killed.kill()

        await until(lambda: is_gone(killed))
        await until(lambda: any(each.cmdline()[-1:] == [module] and each != killed for each in alive_in(child)))
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{url}/health")).status_code == 200
        child.terminate()
        _, errors = await asyncio.wait_for(child.communicate(), 60)

    assert child.returncode == 0
    assert f'"program": "{module.removeprefix("plaudit.")}"' in errors.decode()
    assert '"how": "signal 9"' in errors.decode()


async def test_the_gateway_listens_where_it_is_told_to_and_again_after_it_was_killed(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]

    async with serving(tmp_path, PLAUDIT_GATEWAY_PORT=str(port)) as child, httpx.AsyncClient() as client:
        await address_of(child)
        first = await client.get(f"http://127.0.0.1:{port}/health")
        child_of(child, "plaudit.gateway").kill()

        async def answers_again() -> bool:
            try:
                return (await client.get(f"http://127.0.0.1:{port}/health")).status_code == 200
            except httpx.TransportError:
                return False

        await until(lambda: not any(each.cmdline()[-1:] == ["plaudit.gateway"] for each in alive_in(child)))
        await until(answers_again)

    assert first.json() == {"status": "alive"}


def test_serve_on_a_gateway_port_that_is_taken_says_so_and_leaves_nothing_running(tmp_path: Path, database_url: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = run(
            "serve",
            cwd=tmp_path,
            PLAUDIT_PORT="0",
            PLAUDIT_GATEWAY_PORT=str(port),
            PLAUDIT_DATABASE_URL=database_url,
            PLAUDIT_NATS_URL="nats://127.0.0.1:1",
        )

    assert ended.returncode == 1
    assert ended.stderr.startswith(
        f"plaudit: The gateway can't listen on 127.0.0.1 port {port} (Address already in use)"
    )
    assert "PLAUDIT_GATEWAY_PORT" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


async def test_serve_with_servers_of_someone_else_starts_none_of_its_own(database_url: str, tmp_path: Path):
    nats_url = "nats://127.0.0.1:1"

    async with serving(tmp_path, PLAUDIT_DATABASE_URL=database_url, PLAUDIT_NATS_URL=nats_url) as child:
        url = await address_of(child)
        async with httpx.AsyncClient() as client:
            ready = await client.get(f"{url}/ready")

        assert (ready.status_code, ready.json()["code"]) == (503, "not_ready")
        assert "NATS" in ready.json()["detail"]
        assert [each.name for each in (tmp_path / "plaudit-data").iterdir()] == ["secret.key"]


def test_serve_on_a_taken_port_says_so_and_leaves_nothing_running(tmp_path: Path, database_url: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = run(
            "serve",
            cwd=tmp_path,
            PLAUDIT_PORT=str(port),
            PLAUDIT_GATEWAY_PORT="0",
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

        second = await asyncio.to_thread(run, "serve", cwd=tmp_path, PLAUDIT_PORT="0", PLAUDIT_GATEWAY_PORT="0")

    assert second.returncode == 1
    assert "already runs on" in second.stderr
    assert len(second.stderr.splitlines()) == 1
