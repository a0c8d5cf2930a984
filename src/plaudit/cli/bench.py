"""`plaudit bench`: how quick it is here, beside an alternative in the same run."""

import os
import platform
import sys
from typing import Annotated, Any

import msgspec
import typer

from plaudit.cli.doors import start

bench = typer.Typer(no_args_is_help=True, help="Measure how quick it is here, beside an alternative in the same run.")


@bench.command("ledger")
def bench_the_ledger(
    *,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long each figure is measured.")] = 5.0,
    preload: Annotated[
        str, typer.Option(metavar="COUNT", help="Put so many transfers into the tables first, for example 10_000_000.")
    ] = "0",
    seed: Annotated[int, typer.Option(help="Where the stream of gifts begins.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Gifts a second through the ledger, beside one database transaction a gift.

    Both run on a fresh embedded PostgreSQL in the data directory, with fsync and synchronous_commit on, driver and
    server on this machine's cores: 10,000 funded fans, 100 creators with Zipf 1.1 popularity.
    """
    import uvloop  # noqa: PLC0415 - --help must be quick

    from plaudit.bench.ledger import LedgerFigures, LedgerPlan, bench_ledger  # noqa: PLC0415

    plan = LedgerPlan(seconds=seconds, preload=_count(preload), seed=seed)
    settings = start()

    async def run() -> LedgerFigures:
        with _progress() as say:
            return await bench_ledger(settings, plan, say)

    found = uvloop.run(run())
    if as_json:
        print(msgspec.json.encode(_ledger_object(found)).decode())
    else:
        _show_ledger(found)


def _count(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = -1
    if count < 0:
        raise typer.BadParameter(f"{text!r} is not a whole number such as 10_000_000.", param_hint="--preload")
    return count


class _progress:  # noqa: N801 - read as a function: `with _progress() as say`
    """One line on stderr that says what is being done."""

    def __enter__(self) -> Any:
        from rich.console import Console  # noqa: PLC0415

        self._status = Console(stderr=True).status("starting PostgreSQL")
        self._status.start()
        return self._status.update

    def __exit__(self, *_: object) -> None:
        self._status.stop()


def _ledger_object(found: Any) -> dict[str, Any]:
    return {
        **found.figures,
        "times_naive_256": found.ratio(256),
        "times_naive_1024": found.ratio(1024),
        "preloaded": found.preloaded,
        "process_mb": {"before": found.process_mb_before, "after": found.process_mb_after},
        "machine": _machine(),
    }


def _machine() -> dict[str, Any]:
    return {"system": platform.platform(), "cores": len(os.sched_getaffinity(0)), "python": sys.version.split()[0]}


def _show_ledger(found: Any) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(title="Gifts through the ledger, each durable", title_justify="left")
    for name in ("", "gifts/s", "p50 ms", "p99 ms", "times naive_64"):
        table.add_column(name, justify="left" if not name else "right")
    for name, figure in found.figures.items():
        times = figure.per_s / found.figures["naive_64"].per_s
        table.add_row(name, f"{figure.per_s:,.0f}", f"{figure.p50_ms:.2f}", f"{figure.p99_ms:.2f}", f"{times:.1f}")
    console = Console()
    console.print(table)
    machine = _machine()
    console.print(
        f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}; {found.preloaded:,} transfers "
        f"preloaded; memory of the process {found.process_mb_before} MB before, {found.process_mb_after} MB after."
    )
