import asyncio
import json
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.cli.running import COMMAND, environ, run
from tests.waiting import until

# The world's past is written first; that takes half a minute on a slow machine, and this is for a very slow one.
_SECONDS = 240
_PORTS = {"PLAUDIT_PORT": "0", "PLAUDIT_GATEWAY_PORT": "0"}


class Demo:
    """A running demo: what it says, and what it can be asked."""

    def __init__(self, child: Process, directory: Path) -> None:
        self.lines: list[str] = []
        self._child = child
        self._file = directory / "plaudit-data" / "demo.json"

    async def until_it_says(self, words: str) -> str:
        assert self._child.stdout is not None
        async with asyncio.timeout(_SECONDS):
            while not self.lines or words not in self.lines[-1]:
                line = (await self._child.stdout.readline()).decode()
                assert line, (await self._child.communicate())[1].decode()
                self.lines.append(line)
        return self.lines[-1]

    async def stop(self) -> None:
        self._child.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            _, said = await self._child.communicate()
        assert self._child.returncode == 0, said.decode()
        assert "Traceback" not in said.decode()

    @property
    def found(self) -> dict[str, Any]:
        return json.loads(self._file.read_text())


@asynccontextmanager
async def running_demo(directory: Path, *words: str) -> AsyncGenerator[Demo]:
    child = await asyncio.create_subprocess_exec(
        *COMMAND, "demo", *words, cwd=directory, env=environ(**_PORTS), stdout=PIPE, stderr=PIPE
    )
    try:
        yield Demo(child, directory)
    finally:
        if child.returncode is None:
            child.kill()
            await child.communicate()


async def sign_in(client: httpx.AsyncClient, login: dict[str, str]) -> dict[str, str]:
    answer = await client.post("/v1/sign-in", json=login)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


async def assert_the_world_lives(found: dict[str, Any]) -> None:
    """The logins are good, three lives are on, people watch, and gifts come."""
    async with httpx.AsyncClient(base_url=found["url"], timeout=30) as client:
        fan, creator, operator = [await sign_in(client, found[word]) for word in ("fan", "creator", "operator")]
        assert (await client.get("/v1/wallet", headers=fan)).json()["coins"] > 0
        assert (await client.get("/v1/eligibility", headers=creator)).json()["may_receive"]
        pace = await client.put("/v1/operator/demo", headers=operator, json={"pace": 20})
        assert pace.json() == {"pace": 20}
        lives = (await client.get("/v1/lives")).json()["items"]
        assert len(lives) == 3

        async def gifts_come() -> bool:
            kinds: set[str] = set()
            for live in lives:
                told = (await client.get(f"/v1/lives/{live['id']}/events?after={live['seq']}")).json()["events"]
                kinds |= {event["type"] for event in told}
            return "gift_sent" in kinds

        async def people_watch_and_talk() -> bool:
            now = [(await client.get(f"/v1/lives/{live['id']}")).json()["viewers"] for live in lives]
            said = [(await client.get(f"/v1/lives/{live['id']}/chat")).json()["items"] for live in lives]
            return sum(now) > 10 and any(said)

        await until(gifts_come, seconds=60)
        await until(people_watch_and_talk, seconds=60)


def moved(line: str) -> int:
    return int(line.partition(" coins moved")[0].rpartition(" ")[2].replace(",", ""))


async def test_the_demo_lives_goes_on_after_a_restart_and_starts_over_when_asked(tmp_path: Path):
    async with running_demo(tmp_path) as first:
        await first.until_it_says("runs at")
        found = first.found
        await assert_the_world_lives(found)
        last = await first.until_it_says("debits = credits")
        await first.stop()
    assert list(found) == ["url", "fan", "creator", "operator"]
    assert all(list(found[word]) == ["email", "password"] for word in ("fan", "creator", "operator"))

    async with running_demo(tmp_path) as again:
        said = await again.until_it_says("runs at")
        assert again.found["url"] in said
        assert again.found["fan"] == found["fan"]
        assert moved(await again.until_it_says("debits = credits")) >= moved(last) > 0
        assert not any("Inventing" in line for line in again.lines)
        await again.stop()

    assert run("check", "--all", cwd=tmp_path).returncode == 0

    async with running_demo(tmp_path, "--fresh") as fresh:
        await fresh.until_it_says("1 of")
        assert any("Inventing" in line for line in fresh.lines)
        await fresh.stop()


def test_fresh_never_empties_a_database_that_is_somebody_elses(tmp_path: Path):
    ended = run("demo", "--fresh", cwd=tmp_path, PLAUDIT_DATABASE_URL="postgresql://localhost/mine")

    assert ended.returncode == 1
    assert "--fresh only empties the embedded database" in ended.stderr
