"""`plaudit serve`: everything that this machine runs, until it is told to stop."""

import typer

from plaudit.cli.doors import start
from plaudit.cli.stopping import until_stopped
from plaudit.foundation.settings import Settings


def serve() -> None:
    """Run web server, gateways and worker, and the servers that no URL is set for, until Ctrl-C or SIGTERM."""
    until_stopped(_serve(start()))


async def _serve(settings: Settings) -> None:
    # All of these wait until it is known that the server is wanted: --help must be quick.
    from plaudit.cli.programs import running_programs, with_urls  # noqa: PLC0415
    from plaudit.foundation.embedded import running_servers  # noqa: PLC0415
    from plaudit.foundation.migrations import migrate  # noqa: PLC0415

    async with running_servers(settings) as servers:
        await migrate(servers.database_url)
        async with running_programs(with_urls(settings, servers)) as web:
            typer.echo(f"Plaudit runs at {web.url}", err=False)
            await web.until_it_ends()
