"""`plaudit demo`: everything set up, seeded and running, with something to look at."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import msgspec
import typer

from plaudit.cli.doors import start
from plaudit.cli.stopping import until_stopped
from plaudit.foundation.errors import BadSetting
from plaudit.foundation.settings import Settings

if TYPE_CHECKING:
    from plaudit.demo.living import Living

_LOOK_SECONDS = 0.5
_PLAIN_LINE_SECONDS = 5.0


def demo(
    *,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the world of before and start over.")] = False,
    pace: Annotated[float, typer.Option(min=0.1, max=10_000, help="Gifts a second, on average.")] = 10.0,
    seed: Annotated[int | None, typer.Option(help="Repeat the choices of an earlier run.")] = None,
) -> None:
    """Run a living world: 200 fans buy coins and send gifts to three creators, until Ctrl-C.

    What happened stays in the data directory, and the next `plaudit demo` goes on from there.
    """
    until_stopped(_demo(start(), fresh=fresh, pace=pace, seed=seed))


async def _demo(settings: Settings, *, fresh: bool, pace: float, seed: int | None) -> None:
    from plaudit.demo.living import Living  # noqa: PLC0415 - --help must be quick
    from plaudit.demo.world import settle_in  # noqa: PLC0415
    from plaudit.foundation.database import Database  # noqa: PLC0415
    from plaudit.foundation.embedded import running_servers  # noqa: PLC0415
    from plaudit.foundation.migrations import migrate  # noqa: PLC0415
    from plaudit.ledger import PostgresLedger  # noqa: PLC0415
    from plaudit.web import running_web_server  # noqa: PLC0415

    if fresh and settings.database_url is not None:
        raise BadSetting("--fresh only empties the embedded database: unset PLAUDIT_DATABASE_URL, or empty yours.")
    async with running_servers(settings) as servers:
        if fresh:
            await _empty(servers.database_url)
        await migrate(servers.database_url)
        urls = {"database_url": servers.database_url, "nats_url": servers.nats_url}
        async with (
            running_web_server(msgspec.structs.replace(settings, **urls)) as web,
            Database.open(
                servers.database_url,
                application_name="plaudit-demo",
                pool_size=settings.database_pool_size,
                statement_timeout_ms=settings.statement_timeout_ms,
                lock_timeout_ms=settings.lock_timeout_ms,
            ) as db,
            PostgresLedger.open(
                db, deadline_seconds=settings.ledger_deadline_ms / 1000, batch_limit=settings.ledger_batch_limit
            ) as ledger,
        ):
            await settle_in(ledger)
            (settings.data_dir / "demo.json").write_bytes(msgspec.json.encode({"url": web.url}))
            living = Living(ledger, pace=pace, seed=seed)
            async with asyncio.TaskGroup() as going_on:
                going_on.create_task(living.go_on())
                going_on.create_task(_show(living, web.url))
                going_on.create_task(web.until_it_ends())


async def _empty(database_url: str) -> None:
    import psycopg  # noqa: PLC0415

    admin = urlsplit(database_url)._replace(path="/postgres").geturl()
    async with await psycopg.AsyncConnection.connect(admin, autocommit=True) as connection:
        await connection.execute("drop database plaudit with (force)")
        await connection.execute("create database plaudit")


async def _show(living: "Living", url: str) -> None:
    from rich.console import Console  # noqa: PLC0415

    console = Console()
    console.print(f"Plaudit's demo runs. Its health: {url}/ready   Its figures: {url}/metrics   Ctrl-C stops it.")
    async with _screen(console) as show:
        while True:
            before = living.gifts
            seconds = _LOOK_SECONDS if console.is_terminal else _PLAIN_LINE_SECONDS
            await asyncio.sleep(seconds)
            show(await _draw(living, (living.gifts - before) / seconds, plain=not console.is_terminal))


@asynccontextmanager
async def _screen(console: Any) -> AsyncGenerator[Callable[[Any], None]]:
    """In a terminal a picture that is drawn again and again; in a file a line now and then."""
    from rich.live import Live  # noqa: PLC0415

    if not console.is_terminal:
        yield console.print
        return
    with Live(console=console, auto_refresh=False) as live:
        yield lambda picture: live.update(picture, refresh=True)


async def _draw(living: "Living", gifts_a_second: float, *, plain: bool) -> Any:
    from rich.console import Group  # noqa: PLC0415

    from plaudit.foundation.errors import PlauditError  # noqa: PLC0415

    try:
        sums, creators = await living.sums_of_coins(), await living.coins_of_creators()
    except PlauditError as error:
        return f"Waiting for the database: {error.detail}"
    even = "equal" if sums.debits_posted == sums.credits_posted else "DIFFER: run `plaudit check`"
    line = (
        f"{gifts_a_second:,.1f} gifts/s, {living.gifts:,} since the start; coins moved in all: {sums.debits_posted:,}; "
        f"debits and credits {even}."
    )
    if plain:
        return line
    return Group(_creators_table(creators), _latest_table(living), line, living.trouble or "")


def _creators_table(creators: Any) -> Any:
    from rich.table import Table  # noqa: PLC0415

    table = Table(title="Live now", title_justify="left", expand=True)
    for name, justify in (("creator", "left"), ("", "left"), ("coins received", "right")):
        table.add_column(name, justify=justify)  # pyright: ignore[reportArgumentType] - rich spells the literals out
    for name, about, coins in creators:
        table.add_row(f"[bold]{name}[/bold]", about, f"{coins:,}")
    return table


def _latest_table(living: "Living") -> Any:
    from rich.table import Table  # noqa: PLC0415

    table = Table(title="Gifts", title_justify="left", expand=True, show_header=False)
    for given in living.latest:
        style = "bold magenta" if given.gift.price_coins >= 1_000 else ""
        table.add_row(given.fan, given.gift.name, f"{given.gift.price_coins:,}", f"→ {given.creator.name}", style=style)
    return table
