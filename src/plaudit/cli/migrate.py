"""`plaudit migrate`: bring the database to the schema of this version."""

import asyncio
from typing import Annotated

import typer

from plaudit.cli.doors import running_database, start
from plaudit.foundation.settings import Settings


def migrate_schema(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit with 1 and the list when something is pending.")
    ] = False,
) -> None:
    """Bring the database to the schema of this version."""
    settings = start()
    if not check:
        _say(asyncio.run(_migrate(settings)), none="The schema is up to date.", some="applied")
        return
    pending = asyncio.run(_list_pending(settings))
    _say(pending, none="The schema is up to date.", some="pending")
    if pending:
        raise typer.Exit(1)


def _say(names: list[str], *, none: str, some: str) -> None:
    typer.echo("\n".join(f"{some}: {name}" for name in names) if names else none)


async def _migrate(settings: Settings) -> list[str]:
    from plaudit.foundation.migrations import migrate  # noqa: PLC0415 - --help must be quick

    async with running_database(settings) as database_url:
        return [migration.name for migration in await migrate(database_url)]


async def _list_pending(settings: Settings) -> list[str]:
    from plaudit.foundation.migrations import pending_migrations  # noqa: PLC0415

    async with running_database(settings) as database_url:
        return [migration.name for migration in await pending_migrations(database_url)]
