import asyncio
import os
import signal
import socket
from contextlib import closing
from pathlib import Path

import httpx
import msgspec
import psutil
import pytest

from plaudit.foundation.errors import AddressTaken, WebServerStopped
from plaudit.foundation.settings import Settings
from plaudit.web import running_web_server
from tests.waiting import is_gone, until


def is_listening(url: str) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", httpx.URL(url).port or 0)) == 0


def worker_of(pid: int) -> psutil.Process:
    """The one below granian that isn't multiprocessing's tracker of shared resources."""
    return next(
        child for child in psutil.Process(pid).children() if "resource_tracker" not in " ".join(child.cmdline())
    )


async def test_the_web_server_answers_when_it_is_given_and_is_gone_after_the_block(settings: Settings):
    async with running_web_server(settings) as web:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{web.url}/ready")
        family = [psutil.Process(web.pid), *psutil.Process(web.pid).children(recursive=True)]

    assert answer.status_code == 200
    assert not is_listening(web.url)
    await until(lambda: all(is_gone(each) for each in family))


async def test_it_listens_where_it_is_told_to(settings: Settings):
    on_six = msgspec.structs.replace(settings, host="::1")

    async with running_web_server(on_six) as web, httpx.AsyncClient() as client:
        answer = await client.get(f"{web.url}/health")

    assert web.url.startswith("http://[::1]:")
    assert answer.status_code == 200


async def test_a_taken_port_is_refused_even_by_a_second_plaudit(settings: Settings):
    async with running_web_server(settings) as web:
        port = httpx.URL(web.url).port or 0

        with pytest.raises(AddressTaken, match=rf"127\.0\.0\.1 port {port} .*PLAUDIT_PORT"):
            async with running_web_server(msgspec.structs.replace(settings, port=port)):
                pass


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
async def test_an_address_that_is_not_this_machines_is_refused(settings: Settings, host: str):
    with pytest.raises(AddressTaken, match=host):
        async with running_web_server(msgspec.structs.replace(settings, host=host)):
            pass


async def test_settings_go_to_it_whole_whatever_lies_in_the_directory(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    Path("plaudit.toml").write_text("nonsense = 1\n")
    Path("granian.py").write_text("raise SystemExit('the wrong granian')\n")
    monkeypatch.setenv("PLAUDIT_NONSENSE", "1")

    async with running_web_server(settings) as web, httpx.AsyncClient() as client:
        assert (await client.get(f"{web.url}/ready")).status_code == 200


async def test_a_request_in_flight_gets_its_answer_before_the_web_server_stops(settings: Settings):
    slow = msgspec.structs.replace(settings, database_url="postgresql://127.0.0.1:1/plaudit", ready_deadline_ms=1_500)

    async with httpx.AsyncClient(timeout=30) as client:
        async with running_web_server(slow) as web:
            in_flight = asyncio.create_task(client.get(f"{web.url}/ready"))
            # Long enough for the request to have arrived, and well within the deadline that makes it slow.
            await asyncio.sleep(0.5)
        answer = await in_flight

    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")


async def test_a_worker_that_crashes_is_started_again(settings: Settings):
    async with running_web_server(settings) as web, httpx.AsyncClient() as client:
        first = worker_of(web.pid)
        first.kill()

        async def answers_again() -> bool:
            try:
                return (await client.get(f"{web.url}/health")).status_code == 200
            except httpx.TransportError:
                return False

        await until(lambda: is_gone(first))
        await until(answers_again)
        assert worker_of(web.pid).pid != first.pid


async def test_when_the_web_server_ends_by_itself_whoever_waits_for_it_is_told_and_nothing_is_left(settings: Settings):
    async with running_web_server(settings) as web:
        worker = worker_of(web.pid)
        os.kill(web.pid, signal.SIGKILL)

        with pytest.raises(WebServerStopped, match="signal 9"):
            await web.until_it_ends()

        await until(lambda: is_gone(worker))
        assert not is_listening(web.url)
