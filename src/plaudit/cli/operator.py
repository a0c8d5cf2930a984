"""`plaudit operator`: who runs the house."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from plaudit.cli.doors import any_database, start
from plaudit.foundation.settings import Settings

if TYPE_CHECKING:
    from plaudit.people.operators import MadeOperator

operator = typer.Typer(no_args_is_help=True, help="Who runs the house.")


@operator.callback()
def operators() -> None:
    """Who runs the house."""


@operator.command("add")
def add(
    email: Annotated[str, typer.Argument(help="The e-mail address of the person.")],
    *,
    handle: Annotated[str | None, typer.Option(help="The handle of a new person; made up when left out.")] = None,
    region: Annotated[str, typer.Option(help="The region of a new person, as ISO 3166-1 has it.")] = "US",
) -> None:
    """Make somebody an operator. Whoever has no account gets one, with a password that is shown this one time.

    It may run beside `plaudit serve`, and holds within seconds.
    """
    typer.echo(_sentence(asyncio.run(_add(start(), email, handle, region))))


async def _add(settings: Settings, email: str, handle: str | None, region: str) -> "MadeOperator":
    from plaudit.foundation.clock import SystemClock  # noqa: PLC0415 - --help must be quick
    from plaudit.foundation.database import Database  # noqa: PLC0415
    from plaudit.foundation.migrations import migrate  # noqa: PLC0415
    from plaudit.people import Hasher  # noqa: PLC0415
    from plaudit.people.operators import add_operator  # noqa: PLC0415

    async with any_database(settings) as url:
        await migrate(url)
        async with Database.open(url, application_name="plaudit operator", pool_size=1) as db:
            now = SystemClock().now()
            return await add_operator(db, Hasher(), email, handle=handle, region=region, now=now)


def _sentence(made: "MadeOperator") -> str:
    if made.was_operator:
        return f"{made.email} ({made.handle}) is an operator already."
    if made.password is None:
        return f"{made.email} ({made.handle}) is an operator now."
    return f"{made.email} ({made.handle}) is an operator now, with a new account. Its password: {made.password}"
