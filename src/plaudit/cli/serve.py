"""`plaudit serve`: everything that this machine runs, until it is told to stop."""

import asyncio
import signal

import typer

from plaudit.cli.doors import start
from plaudit.foundation.settings import Settings

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def serve() -> None:
    """Run the web server, and PostgreSQL and NATS when no URL is set for them, until Ctrl-C or SIGTERM."""
    asyncio.run(_until_stopped(start()))


async def _until_stopped(settings: Settings) -> None:
    """Serve until a signal asks to stop. A second signal changes nothing: what runs is already being stopped."""
    serving = asyncio.ensure_future(_serve(settings))
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not serving.done():
        typer.echo("Stopping ...", err=True)
        serving.cancel()
    try:
        await serving
    except asyncio.CancelledError:
        typer.echo("Stopped.", err=True)


async def _serve(settings: Settings) -> None:
    import msgspec  # noqa: PLC0415 - all of these wait until it is known that the server is wanted: --help must be quick

    from plaudit.foundation.embedded import running_servers  # noqa: PLC0415
    from plaudit.foundation.migrations import migrate  # noqa: PLC0415
    from plaudit.web import running_web_server  # noqa: PLC0415

    async with running_servers(settings) as servers:
        await migrate(servers.database_url)
        urls = {"database_url": servers.database_url, "nats_url": servers.nats_url}
        async with running_web_server(msgspec.structs.replace(settings, **urls)) as web:
            typer.echo(f"Plaudit runs at {web.url}", err=False)
            await web.until_it_ends()
