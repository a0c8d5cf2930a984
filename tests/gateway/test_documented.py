"""What docs/watching.md says a program can do, done as it stands there."""

import asyncio
import re
import socket
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import msgspec

from plaudit.foundation.clock import SystemClock
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.gateway import running_gateway
from plaudit.rooms import wire
from plaudit.rooms.model import Face, GiftShown
from plaudit.web import running_web_server
from tests.gateway.conftest import Stage

PAGE = (Path(__file__).parents[2] / "docs" / "watching.md").read_text(encoding="utf-8")


async def test_the_python_example_watches_through_a_restart_of_the_gateway(
    settings: Settings, stage: Stage, tmp_path: Path
):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    told = msgspec.structs.replace(settings, port=0, gateway_port=port)
    async with running_web_server(told) as web:
        code = example().replace("http://127.0.0.1:8000", web.url).replace("01a2...", str(stage.live_id))
        (tmp_path / "watch.py").write_text(code)
        command = [sys.executable, "-u", str(tmp_path / "watch.py")]
        async with running_gateway(told):
            program = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
            assert program.stdout is not None
            await give(stage, "Rose")
            # It may join before or after this one: what counts is that it goes on from wherever it was.
            first = asyncio.create_task(program.stdout.readline())
            while not first.done():
                await give(stage, "Heart")
                await asyncio.sleep(0.1)
        await give(stage, "Swan")
        async with running_gateway(told), asyncio.timeout(60):
            while "Swan" not in (line := (await program.stdout.readline()).decode()):
                assert "Heart" in line or "away" in line or "Rose" in line, line
        program.kill()
        await program.wait()

    assert line == "Ada sends 1 × Swan\n"


def example() -> str:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


async def give(stage: Stage, name: str) -> None:
    gift = GiftShown(id=name.lower(), name=name, tier="small", art=name.lower())
    face = Face(handle="ada", name="Ada", picture_url=None)
    now = SystemClock().now()
    sent = wire.GiftSent(at=now, id=new_id(), gift=gift, quantity=1, coins=1, sender=face, message=None, combo=None)
    await stage.log.record(stage.live_id, sent)
