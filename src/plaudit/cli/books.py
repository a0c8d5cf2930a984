"""`plaudit books`: seals to keep elsewhere, and the books as other programs read them."""

import asyncio
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from plaudit.cli.doors import any_database, start
from plaudit.foundation.settings import Settings

if TYPE_CHECKING:
    from plaudit.audit import Seal
    from plaudit.audit.export_rules import ExportWish

# A statement sums one table: this is for a very large one on a very slow disk.
_STATEMENT_TIMEOUT_MS = 600_000

books = typer.Typer(no_args_is_help=True, help="Seals to keep elsewhere, and the books as other programs read them.")


@books.command("seal")
def seal_books(
    *,
    only_print: Annotated[
        bool, typer.Option("--print", help="Print nothing but the newest seal, for keeping elsewhere.")
    ] = False,
) -> None:
    """Seal every transfer that no seal covers yet, and tell the newest seal.

    Keep that line where nobody who runs this server can change it: on paper, in a mail, with your accountant.
    `plaudit check --seals --anchor NUMBER:HASH` finds whatever was rewritten since, seals and all.
    """
    newest, made = asyncio.run(_seal(start()))
    if only_print:
        typer.echo(newest.text if newest else "")
    elif newest is None:
        typer.echo("There is nothing to seal yet.")
    else:
        new = f"{made:,} new seal{'' if made == 1 else 's'}"
        typer.echo(f"{new}. The newest covers everything up to transfer {newest.last_timestamp:,}: {newest.text}")


async def _seal(settings: Settings) -> "tuple[Seal | None, int]":
    from plaudit.audit.seals import find_newest_seal, seal_new  # noqa: PLC0415 - --help must be quick
    from plaudit.foundation.clock import SystemClock  # noqa: PLC0415
    from plaudit.foundation.database import Database  # noqa: PLC0415
    from plaudit.foundation.migrations import migrate  # noqa: PLC0415

    async with any_database(settings) as url:
        await migrate(url)
        async with Database.open(url, application_name="plaudit books", pool_size=1) as db:
            made = 0
            while new := await seal_new(db, now=SystemClock().now()):
                made += new
            return await find_newest_seal(db), made


@books.command("export")
def export(
    *,
    into: Annotated[str, typer.Option("--format", help="beancount or hledger.")],
    first_on: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day (UTC).")],
    last_on: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day (UTC), included.")],
    output: Annotated[Path | None, typer.Option(help="The file to write; without it, the standard output.")] = None,
    group: Annotated[
        str, typer.Option(help="What becomes one entry: `day` (all of a day of one code) or `chain` (posted together).")
    ] = "day",
    per_person: Annotated[
        bool, typer.Option("--per-person", help="An account for each person, instead of one for all of a kind.")
    ] = False,
) -> None:
    """Write the books as a journal with opening balances, every transfer, and what each account must come to.

    `bean-check FILE` or `hledger check --strict -f FILE` proves that it all adds up. The whole chart of accounts is in
    it; coins are a commodity of their own, and money has four decimal places more than usual, so nothing is rounded.
    """
    import msgspec  # noqa: PLC0415 - --help must be quick

    from plaudit.audit.export_rules import ExportWish, Format, Group  # noqa: PLC0415

    try:
        wish = ExportWish(
            format=msgspec.convert(into, Format),
            first_on=first_on.date(),
            last_on=last_on.date(),
            group=msgspec.convert(group, Group),
            per_person=per_person,
        )
    except msgspec.ValidationError:
        raise typer.BadParameter("--format is beancount or hledger, --group is day or chain.") from None
    settings = start()
    with _opened(output) as file:
        transfers = asyncio.run(_export(settings, wish, file))
    if output:
        typer.echo(f"{transfers:,} transfers from {wish.first_on} to {wish.last_on} written to {output}.")


@contextmanager
def _opened(output: Path | None) -> Generator[TextIO]:
    """Where to write. A file takes its name when it is whole."""
    if output is None:
        yield sys.stdout
        return
    part = output.with_name(f"{output.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            yield file
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


async def _export(settings: Settings, wish: "ExportWish", file: TextIO) -> int:
    from plaudit.audit.export import export_books  # noqa: PLC0415 - --help must be quick
    from plaudit.foundation.database import Database  # noqa: PLC0415

    async with any_database(settings) as url:
        open_database = Database.open(
            url, application_name="plaudit books", pool_size=1, statement_timeout_ms=_STATEMENT_TIMEOUT_MS
        )
        async with open_database as db:
            return await export_books(db, wish, file.write)
