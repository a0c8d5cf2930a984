"""`plaudit keys`: what secrets at rest are sealed with."""

import asyncio

import typer

from plaudit.cli.doors import any_database, start
from plaudit.foundation.settings import Settings

keys = typer.Typer(no_args_is_help=True, help="What secrets at rest are sealed with.")


@keys.callback()
def keys_of_the_house() -> None:
    """What secrets at rest are sealed with."""


@keys.command("rotate")
def rotate() -> None:
    """Bring bank details and tax forms under the present seal key; the ones before are needed until then.

    It may run beside `plaudit serve`, and again when it was interrupted: what is done stays done.
    """
    done = asyncio.run(_rotate(start()))
    typer.echo(f"{done} envelopes were brought under the present key." if done else "All is under the present key.")


async def _rotate(settings: Settings) -> int:
    from plaudit.foundation.database import Database  # noqa: PLC0415 - --help must be quick
    from plaudit.foundation.envelopes import open_vault  # noqa: PLC0415
    from plaudit.foundation.migrations import migrate  # noqa: PLC0415
    from plaudit.payouts import rotation  # noqa: PLC0415

    async with any_database(settings) as url:
        await migrate(url)
        async with Database.open(url, application_name="plaudit keys", pool_size=1) as db:
            return await rotation.rotate(db, open_vault(settings))
