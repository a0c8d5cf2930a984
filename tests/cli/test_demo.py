import asyncio
import json
import signal
from asyncio.subprocess import PIPE
from pathlib import Path

import httpx

from tests.cli.running import COMMAND, environ, run


async def live_in(directory: Path, *words: str) -> list[str]:
    """Run the demo until it has shown its world once, look whether it answers, end it, and return what it said."""
    child = await asyncio.create_subprocess_exec(
        *COMMAND, "demo", "--pace", "50", "--seed", "1", *words,
        cwd=directory, env=environ(PLAUDIT_PORT="0"), stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        lines: list[str] = []
        async with asyncio.timeout(60):
            while not lines or "debits and credits" not in lines[-1]:
                line = (await child.stdout.readline()).decode()
                assert line, (await child.communicate())[1].decode()
                lines.append(line)
        url = json.loads((directory / "plaudit-data" / "demo.json").read_text())["url"]
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{url}/ready")).json() == {"status": "ready"}
        child.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            assert await child.wait() == 0
        return lines
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


def moved(lines: list[str]) -> int:
    words = " ".join(lines).split()
    return int(words[words.index("all:") + 1].rstrip(";").replace(",", ""))


async def test_the_demo_lives_goes_on_after_a_restart_and_starts_over_when_asked(tmp_path: Path):
    first = await live_in(tmp_path)
    again = await live_in(tmp_path)
    fresh = await live_in(tmp_path, "--fresh")

    assert "debits and credits equal" in " ".join(" ".join(first).split())
    assert moved(again) > moved(first) > 0
    assert moved(fresh) < moved(again)
    assert run("check", "--all", cwd=tmp_path).returncode == 0


def test_fresh_never_empties_a_database_that_is_somebody_elses(tmp_path: Path):
    ended = run("demo", "--fresh", cwd=tmp_path, PLAUDIT_DATABASE_URL="postgresql://localhost/mine")

    assert ended.returncode == 1
    assert "--fresh only empties the embedded database" in ended.stderr
