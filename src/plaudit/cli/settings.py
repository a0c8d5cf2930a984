"""`plaudit settings`: what is in force, and where it came from."""

import json
import os
import sys
from typing import Annotated

import typer

from plaudit.foundation.settings import LoadedSettings, masked, read_settings, setting_metas, variable_of
from plaudit.foundation.settings_text import settings_page


def show_settings(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print what every setting is for, as docs/settings.md has it.")
    ] = False,
) -> None:
    """Print each setting, its value with secrets masked, and where it came from."""
    if markdown:
        typer.echo(settings_page(), nl=False)
    elif as_json:
        typer.echo(json.dumps(_as_json(read_settings(os.environ)), indent=2))
    else:
        _print_table(read_settings(os.environ))


def _shown(loaded: LoadedSettings, name: str) -> object:
    return masked(name, getattr(loaded.values, name))


def _as_json(loaded: LoadedSettings) -> dict[str, dict[str, object]]:
    result: dict[str, dict[str, object]] = {}
    for name in setting_metas():
        value = _shown(loaded, name)
        plain = value if isinstance(value, int | str | None) else str(value)
        result[name] = {"value": plain, "origin": loaded.origins[name], "variable": variable_of(name)}
    return result


def _print_table(loaded: LoadedSettings) -> None:
    from rich.console import Console  # noqa: PLC0415 - only this needs rich, and --help must be quick
    from rich.table import Table  # noqa: PLC0415

    table = Table("setting", "value", "from", box=None, pad_edge=False, header_style="bold")
    for name in setting_metas():
        value = _shown(loaded, name)
        table.add_row(name, "not set" if value is None else str(value), loaded.origins[name])
    # A pipe has no width: let no value be cut or folded there.
    width = None if sys.stdout.isatty() else 10_000
    Console(width=width, markup=False, highlight=False).print(table)
