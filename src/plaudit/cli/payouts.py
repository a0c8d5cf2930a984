"""`plaudit payouts`: what the books say about payouts, for files outside of the house."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from plaudit.cli.doors import any_database, start
from plaudit.foundation.settings import Settings

if TYPE_CHECKING:
    from plaudit.payouts.tax_reports import Shape

payouts = typer.Typer(no_args_is_help=True, help="What creators were paid.")


@payouts.callback()
def what_was_paid() -> None:
    """What creators were paid."""


@payouts.command("tax")
def tax(
    year: Annotated[int, typer.Option(help="The calendar year (UTC).", min=2020, max=2200)],
    form: Annotated[str, typer.Option("--format", help="In which shape: 1099k or dac7.")] = "1099k",
) -> None:
    """Print the year's totals of each creator as CSV. It holds tax ids in full: keep it where only few may read."""
    if form not in ("1099k", "dac7"):
        raise typer.BadParameter("The format is 1099k or dac7.", param_hint="--format")
    # The lines end as CSV's do, so nothing of the terminal's is added.
    typer.echo(asyncio.run(_make(start(), year, form)), nl=False)


async def _make(settings: Settings, year: int, form: "Shape") -> str:
    from plaudit.foundation.database import Database  # noqa: PLC0415 - --help must be quick
    from plaudit.foundation.envelopes import open_vault  # noqa: PLC0415
    from plaudit.foundation.migrations import migrate  # noqa: PLC0415
    from plaudit.payouts.tax_reports import make_report  # noqa: PLC0415

    async with any_database(settings) as url:
        await migrate(url)
        async with Database.open(url, application_name="plaudit payouts", pool_size=1) as db:
            return await make_report(db, open_vault(settings), year, form)
