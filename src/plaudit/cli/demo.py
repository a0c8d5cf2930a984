"""`plaudit demo`: everything that `plaudit serve` runs, and a world that lives in it."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import msgspec
import typer

from plaudit.cli.doors import start
from plaudit.cli.stopping import until_stopped
from plaudit.foundation.errors import BadSetting
from plaudit.foundation.settings import Settings

if TYPE_CHECKING:
    from plaudit.demo.stage import Stage
    from plaudit.foundation.database import Database
    from plaudit.web import WebServer

_LOOK_SECONDS = 2.0
_PLAIN_LINE_SECONDS = 5.0
_PACE_FILE = "demo-pace.json"


def demo(
    *,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the world of before and start over.")] = False,
    pace: Annotated[
        float | None,
        typer.Option(min=0.1, max=200, help="Gifts a second, on average; an operator may change it.", show_default="3"),
    ] = None,
) -> None:
    """Run a living world: three creators are live, and 200 fans watch, chat, buy coins and send gifts, until Ctrl-C.

    Link and logins are printed, and written to `demo.json` in the data directory. What happened stays there, and the
    next `plaudit demo` goes on from it.
    """
    until_stopped(_demo(start(), fresh=fresh, pace=pace))


async def _demo(settings: Settings, *, fresh: bool, pace: float | None) -> None:
    from plaudit.cli.programs import with_urls  # noqa: PLC0415 - all of these wait: --help must be quick
    from plaudit.demo.seeding import seed  # noqa: PLC0415
    from plaudit.foundation.clock import SystemClock  # noqa: PLC0415
    from plaudit.foundation.database import Database  # noqa: PLC0415
    from plaudit.foundation.embedded import running_servers  # noqa: PLC0415
    from plaudit.foundation.migrations import migrate  # noqa: PLC0415
    from plaudit.people import Hasher  # noqa: PLC0415
    from plaudit.web.demo_pace import store_pace  # noqa: PLC0415

    if fresh and settings.database_url is not None:
        raise BadSetting("--fresh only empties the embedded database: unset PLAUDIT_DATABASE_URL, or empty yours.")
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    pace_file = settings.data_dir.absolute() / _PACE_FILE
    async with running_servers(settings) as servers:
        # One address stands for a crowd here, and everyone reads the letters that nobody sends.
        told = msgspec.structs.replace(
            with_urls(settings, servers), demo_pace_file=pace_file, address_rate=0, show_mailbox="yes"
        )
        if fresh:
            await _empty(servers.database_url)
            pace_file.unlink(missing_ok=True)
        if pace is not None:
            store_pace(pace_file, pace)
        await migrate(servers.database_url)
        async with Database.open(servers.database_url, application_name="plaudit-demo") as db:
            await seed(db, Hasher(), now=SystemClock().now(), tell=typer.echo)
            await _live(told, db)


async def _live(settings: Settings, db: "Database") -> None:
    from plaudit.cli.programs import running_programs  # noqa: PLC0415
    from plaudit.demo.api import Api  # noqa: PLC0415
    from plaudit.demo.cast import CREATORS, make_fans  # noqa: PLC0415
    from plaudit.demo.crowd import make_stage, open_doors, play  # noqa: PLC0415
    from plaudit.demo.figures import write_demo_file  # noqa: PLC0415
    from plaudit.demo.settling import open_sessions  # noqa: PLC0415
    from plaudit.foundation.clock import SystemClock  # noqa: PLC0415
    from plaudit.web.demo_pace import USUAL_PACE, read_pace  # noqa: PLC0415

    fans, pace_file = make_fans(), settings.demo_pace_file
    members = [*fans, *(creator.member for creator in CREATORS)]
    async with running_programs(settings) as web, Api.open(web.url) as api:
        tokens = await open_sessions(db, members, now=SystemClock().now())
        stage = make_stage(api, tokens, fans, lambda: read_pace(pace_file) if pace_file else USUAL_PACE)
        await open_doors(stage)
        write_demo_file(settings.data_dir, web.url)
        async with asyncio.TaskGroup() as going_on:
            going_on.create_task(play(stage))
            going_on.create_task(_show(stage, db, web))
            going_on.create_task(web.until_it_ends())


async def _empty(database_url: str) -> None:
    import psycopg  # noqa: PLC0415

    admin = urlsplit(database_url)._replace(path="/postgres").geturl()
    async with await psycopg.AsyncConnection.connect(admin, autocommit=True) as connection:
        await connection.execute("drop database plaudit with (force)")
        await connection.execute("create database plaudit")


async def _show(stage: "Stage", db: "Database", web: "WebServer") -> None:
    from rich.console import Console  # noqa: PLC0415

    from plaudit.demo.figures import follow_figures, welcome  # noqa: PLC0415
    from plaudit.ledger import PostgresLedger  # noqa: PLC0415

    console = Console(highlight=False)
    typer.echo(welcome(web.url))
    seconds = _LOOK_SECONDS if console.is_terminal else _PLAIN_LINE_SECONDS
    async with PostgresLedger.open(db) as ledger:
        with _line(console) as show:
            async for figures in follow_figures(stage, ledger, every_seconds=seconds):
                show(figures.in_a_line())


@contextmanager
def _line(console: Any) -> Generator[Callable[[str], None]]:
    """In a terminal one line that changes; in a file a line now and then."""
    from rich.live import Live  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    if not console.is_terminal:
        yield typer.echo
        return
    with Live(console=console, auto_refresh=False) as live:
        yield lambda line: live.update(Text(line), refresh=True)
