"""`plaudit serve`: everything that this machine runs, until it is told to stop."""

import typer

from plaudit.cli.doors import start
from plaudit.cli.stopping import until_stopped
from plaudit.foundation.settings import Settings


def serve() -> None:
    """Run the web server, and PostgreSQL and NATS when no URL is set for them, until Ctrl-C or SIGTERM."""
    until_stopped(_serve(start()))


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
