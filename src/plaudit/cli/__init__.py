"""The command line. One file a command; it is registered here, and its heavy imports wait until it runs.

So a new command is a file with one function, and one line below.
"""

from importlib.metadata import version
from typing import Annotated

import typer

from plaudit.cli import bench, books, check, demo, keys, migrate, operator, payouts, serve, settings
from plaudit.cli.doors import OneSentenceErrors

app = typer.Typer(
    name="plaudit",
    cls=OneSentenceErrors,
    no_args_is_help=True,
    add_completion=False,
    # Typer's own tracebacks show local variables, and a local variable may hold a password.
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("migrate")(migrate.migrate_schema)
app.command("check")(check.check_books)
app.add_typer(books.books, name="books")
app.add_typer(bench.bench, name="bench")
app.add_typer(operator.operator, name="operator")
app.add_typer(payouts.payouts, name="payouts")
app.add_typer(keys.keys, name="keys")
app.command("settings")(settings.show_settings)


def _say_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it with the option's value
    if wanted:
        typer.echo(f"plaudit {version('plaudit')}")
        raise typer.Exit


@app.callback()
def plaudit(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and end.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Virtual coins, live gifts and creator payouts.

    Settings come from PLAUDIT_* variables and plaudit.toml; `plaudit settings` shows them.
    """
    # `debug` is read by OneSentenceErrors, which stands around every command.
    del debug


def main() -> None:
    """The entry point of the `plaudit` command."""
    app()
