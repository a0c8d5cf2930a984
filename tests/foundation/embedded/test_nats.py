import asyncio
import os
import signal
import socket
from pathlib import Path

import nats.errors
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from plaudit.foundation.embedded import EmbeddedNats
from plaudit.foundation.errors import DataDirectoryInUse, EmbeddedServerFailed
from tests.foundation.embedded.conftest import until


async def client_of(url: str) -> Client:
    async def quiet(_: Exception) -> None:
        """Being cut off is part of these tests."""

    client = Client()
    await client.connect(url, reconnect_time_wait=0, max_reconnect_attempts=-1, error_cb=quiet)
    return client


async def test_a_message_reaches_its_subscriber(tmp_path: Path):
    async with EmbeddedNats(tmp_path) as server:
        client = await client_of(server.url)
        heard: asyncio.Queue[Msg] = asyncio.Queue()
        await client.subscribe("room.1", cb=heard.put)  # pyright: ignore[reportUnknownMemberType] its future is untyped

        await client.publish("room.1", b"applause")

        assert (await asyncio.wait_for(heard.get(), 10)).data == b"applause"
        await client.close()


async def test_only_who_has_the_token_is_let_in_and_only_we_can_read_it(tmp_path: Path):
    async with EmbeddedNats(tmp_path) as server:
        stranger, guessed_url = Client(), "nats://guess@" + server.url.partition("@")[2]

        with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
            await stranger.connect(guessed_url, allow_reconnect=False, error_cb=_ignore)
        await stranger.close()

    assert (tmp_path / "nats.conf").stat().st_mode & 0o777 == 0o600


async def _ignore(_: Exception) -> None:
    """The refusal is what the test is about."""


async def test_a_killed_server_comes_back_and_its_clients_with_it(tmp_path: Path):
    async with EmbeddedNats(tmp_path) as server:
        url, client = server.url, await client_of(server.url)

        os.kill(server.pid, signal.SIGKILL)
        await until(lambda: server.health.restarts > 0 and server.health.is_answering)
        await until(lambda: client.is_connected and client.stats["reconnects"] > 0)

        await client.flush(10)
        assert server.url == url
        await client.close()


async def test_port_and_token_are_the_same_after_a_restart(tmp_path: Path):
    async with EmbeddedNats(tmp_path) as before:
        pass

    async with EmbeddedNats(tmp_path) as after:
        assert after.url == before.url


async def test_a_remembered_port_that_is_taken_by_now_is_changed(tmp_path: Path):
    async with EmbeddedNats(tmp_path) as before:
        port = int(before.url.rpartition(":")[2])

    with socket.create_server(("127.0.0.1", port)):
        async with EmbeddedNats(tmp_path) as after:
            assert after.url != before.url


async def test_a_given_port_that_is_taken_is_named(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(EmbeddedServerFailed, match=f"port {port} on 127.0.0.1 is taken by another program"):
            await EmbeddedNats(tmp_path, port=port).start()


@pytest.mark.parametrize("kept_bytes", [0, 1, 60, 120])
async def test_a_half_written_configuration_is_replaced(tmp_path: Path, kept_bytes: int):
    async with EmbeddedNats(tmp_path):
        whole = (tmp_path / "nats.conf").read_bytes()
    (tmp_path / "nats.conf").write_bytes(whole[:kept_bytes])
    (tmp_path / "nats.conf.new").write_bytes(whole[:kept_bytes])
    (tmp_path / "nats.pid").write_text("")

    async with EmbeddedNats(tmp_path) as healed:
        assert healed.health.is_answering


async def test_a_second_start_on_the_same_directory_says_so(tmp_path: Path):
    async with EmbeddedNats(tmp_path):
        with pytest.raises(DataDirectoryInUse, match=f"pid {os.getpid()} already runs on"):
            await EmbeddedNats(tmp_path).start()
