"""The outermost door of every command: how settings come in, and how an error goes out."""

import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
import typer
from typer._click import Context  # Typer's own copy of Click has no public name
from typer.core import TyperGroup

from plaudit.foundation.errors import DataDirectoryInUse, PlauditError
from plaudit.foundation.logs import configure_logs
from plaudit.foundation.masks import mask_text
from plaudit.foundation.settings import Settings, load_settings


class OneSentenceErrors(TyperGroup):
    """Ends a command that meets what can truly go wrong with one sentence on stderr and exit code 1.

    An accident in the program keeps its traceback, since whoever reports it needs it. Usage errors end with 2 and
    Ctrl-C with 130, as Typer does by itself.
    """

    def invoke(self, ctx: Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except PlauditError as error:
            if ctx.params.get("debug"):
                raise
            typer.secho(f"plaudit: {mask_text(error.detail)}", err=True, fg=typer.colors.RED)
            raise typer.Exit(1) from None


def start() -> Settings:
    """The settings of this run, with the logs set up as they say; raises BadSetting."""
    settings = load_settings(os.environ)
    configure_logs(level=settings.log_level, form=settings.log_format)
    return settings


@asynccontextmanager
async def running_database(settings: Settings) -> AsyncGenerator[str]:
    """The URL of the database, for a command that needs nothing else; an embedded one runs as long as the block."""
    from plaudit.foundation.embedded import running_servers  # noqa: PLC0415 - --help must be quick

    # With any NATS URL at all, none is started.
    only_database = msgspec.structs.replace(settings, nats_url=settings.nats_url or "nats://not-needed")
    async with running_servers(only_database) as servers:
        yield servers.database_url


@asynccontextmanager
async def any_database(settings: Settings) -> AsyncGenerator[str]:
    """The URL of the database; when a Plaudit already runs on the data directory, of the one that it runs."""
    from plaudit.foundation.embedded import EmbeddedPostgres  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        try:
            url = await stack.enter_async_context(running_database(settings))
        except DataDirectoryInUse:
            url = EmbeddedPostgres(settings.data_dir).url
        yield url
