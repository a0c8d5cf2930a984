"""`plaudit bench`: how quick it is here, beside an alternative in the same run."""

import asyncio
import os
import platform
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from plaudit.cli.doors import start

Found = TypeVar("Found")

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
    from plaudit.bench.ledger import LedgerPlan, bench_ledger  # noqa: PLC0415 - --help must be quick

    plan = LedgerPlan(seconds=seconds, preload=_count(preload, "--preload"), seed=seed)
    settings = start()
    found = _measured(lambda say: bench_ledger(settings, plan, say))
    if as_json:
        print(msgspec.json.encode(_ledger_object(found)).decode())
    else:
        _show_ledger(found)


@bench.command("http")
def bench_http_api(
    *,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long each figure is measured.")] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Gifts a second through the API, beside GET /v1/me and a bare answer of the same server.

    `plaudit serve` runs in a directory of its own, with embedded PostgreSQL and NATS; 256 fans are signed in, and their
    gifts are checked, durable and sent to the rooms. Afterwards wallets, ledger and feeds must agree with the answers.
    """
    from plaudit.bench.over_http import bench_http  # noqa: PLC0415

    settings = start()
    found = _measured(lambda say: bench_http(settings, seconds, say))
    if as_json:
        print(msgspec.json.encode(_http_object(found)).decode())
    else:
        _show_http(found)
    _end_with(found.problems)


@bench.command("fanout")
def bench_fan_out(
    *,
    viewers: Annotated[int, typer.Option(min=1, help="How many watch one room.")] = 2_000,
    rate: Annotated[float, typer.Option(min=0.1, help="Gifts a second in that room.")] = 20.0,
    seconds: Annotated[float, typer.Option(min=0.5, help="How long each figure is measured.")] = 10.0,
    further: Annotated[
        bool, typer.Option("--all", help="Also 2,000 viewers at 200 gifts/s, and 5,000 at 20 and at 200.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """How long until the last viewer of a room has a gift, beside a plain Litestar WebSocket room at the same rate.

    `plaudit serve` runs in a directory of its own; the viewers are another program on this machine. Nothing may be lost
    or doubled.
    """
    from plaudit.bench.fanout import FanoutPlan, bench_fanout  # noqa: PLC0415
    from plaudit.bench.watching import Point  # noqa: PLC0415

    plan = FanoutPlan(point=Point(viewers=viewers, per_s=rate, seconds=seconds), further=further)
    settings = start()
    found = _measured(lambda say: bench_fanout(settings, plan, say))
    if as_json:
        print(msgspec.json.encode(_fanout_object(found)).decode())
    else:
        _show_fanout(found)
    _end_with(found.problems)


@bench.command("settle")
def bench_the_settlement(
    *,
    gifts: Annotated[str, typer.Option(metavar="COUNT", help="How many are settled.")] = "200_000",
    fans: Annotated[int, typer.Option(min=1, help="How many give.")] = 10_000,
    creators: Annotated[int, typer.Option(min=1, help="How many receive, of whom a few are very popular.")] = 1_000,
    lots: Annotated[int, typer.Option(min=1, help="How many lots each fan has bought.")] = 20,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long the alternative runs, and the load.")] = 5.0,
    deep: Annotated[bool, typer.Option("--deep", help="Tell what a gift costs early and late in the history.")] = False,
    load: Annotated[bool, typer.Option(help="Also look how far it is behind while the API takes gifts.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Gifts settled a second, from the ledger's feed to creators' money, beside one gift after the other.

    Slices and legs, everything committed, on a fresh embedded PostgreSQL in the data directory. Afterwards the slices
    are made again from the first transfer and compared, and the ledger is checked.
    """
    from plaudit.bench.settle import SettlePlan, bench_settle  # noqa: PLC0415

    plan = SettlePlan(
        gifts=_count(gifts, "--gifts"),
        fans=fans,
        creators=creators,
        lots=lots,
        seconds=seconds,
        deep=deep,
        under_load=load,
    )
    settings = start()
    found = _measured(lambda say: bench_settle(settings, plan, say))
    if as_json:
        print(msgspec.json.encode(_settle_object(found)).decode())
    else:
        _show_settle(found)
    _end_with(found.problems)


def _measured(bench: Callable[[Callable[[str], None]], Awaitable[Found]]) -> Found:
    """What was found. SIGTERM ends it as Ctrl-C does, so that no program of the run is left behind."""
    import uvloop  # noqa: PLC0415

    async def run() -> Found:
        measuring = asyncio.current_task()
        assert measuring is not None, "this runs in a task"
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)
        with _progress() as say:
            return await bench(say)

    try:
        return uvloop.run(run())
    except asyncio.CancelledError:
        raise typer.Exit(128 + signal.SIGTERM) from None


def _end_with(problems: Sequence[str]) -> None:
    for problem in problems:
        typer.secho(f"plaudit: {problem}", err=True, fg=typer.colors.RED)
    if problems:
        raise typer.Exit(1)


def _count(text: str, option: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = -1
    if count < 0:
        raise typer.BadParameter(f"{text!r} is not a whole number such as 10_000_000.", param_hint=option)
    return count


class _progress:  # noqa: N801 - read as a function: `with _progress() as say`
    """One line on stderr that says what is being done."""

    def __enter__(self) -> Any:
        from rich.console import Console  # noqa: PLC0415

        self._status = Console(stderr=True).status("starting")
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


def _http_object(found: Any) -> dict[str, Any]:
    return {
        **found.figures,
        "gifts_per_static": found.gifts_per_static,
        "generator": {"ceiling": found.generator_ceiling, "cpu_share": found.generator_cpu_share},
        "cpu_us_per_request": found.cpu_us_per_request,
        "refused": found.refused,
        "agreement": found.agreement,
        "machine": _machine(),
    }


def _show_http(found: Any) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(title="Through the API, signed in; every gift durable", title_justify="left")
    for name in ("", "per s", "p50 ms", "p99 ms", "static", "web µs", "sql µs", "load"):
        table.add_column(name, justify="left" if not name else "right", no_wrap=True)
    static = found.figures["static_256"].per_s
    for name, figure in found.figures.items():
        cpu = found.cpu_us_per_request[name]
        numbers = (
            f"{figure.per_s:,.0f}",
            f"{figure.p50_ms:.1f}",
            f"{figure.p99_ms:.1f}",
            f"{figure.per_s / static:.2f}",
        )
        shares = (f"{cpu['web']:.0f}", f"{cpu['postgres']:.0f}", f"{found.generator_cpu_share[name]:.0%}")
        table.add_row(name, *numbers, *shares)
    console = Console()
    console.print(table)
    console.print(
        "web, sql: processor time of web server and PostgreSQL for one request; load: the generator's share of a core; "
        f"alone it reaches {found.generator_ceiling.per_s:,.0f} requests/s. {_machine_in_words()}\n"
        f"{found.agreement.answered:,} gifts answered, {found.agreement.spent:,} spent, {found.agreement.received:,} "
        f"received, {found.agreement.in_feeds:,} in the feeds."
    )


def _fanout_object(found: Any) -> dict[str, Any]:
    whole = msgspec.structs.asdict(found.figure)
    return {**whole, "alternative": found.alternative, **found.further, "machine": _machine()}


def _show_fanout(found: Any) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(title="From a gift to the last viewer of its room", title_justify="left")
    for name in ("", "viewers", "gifts/s", "p50 ms", "p99 ms", "lost", "doubled", "told/s", "CPU µs", "KB"):
        table.add_column(name, justify="left" if not name else "right", no_wrap=True)
    rows = [("Plaudit", found.figure), ("Litestar", found.alternative)]
    for label, figure in [*rows, *(("Plaudit", figure) for figure in found.further.values())]:
        times = (f"{figure.p50_ms:.1f}", f"{figure.p99_ms:.1f}", f"{figure.lost:,}", f"{figure.doubled:,}")
        cost = (f"{figure.deliveries_per_s:,}", f"{figure.cpu_us_per_delivery:.2f}", f"{figure.kb_per_viewer:.0f}")
        table.add_row(label, f"{figure.viewers:,}", f"{figure.events_per_s:,.0f}", *times, *cost)
    console = Console()
    console.print(table)
    console.print(
        "told/s: events times viewers; CPU: of the gateway for one event at one viewer; KB: its memory for one viewer. "
        f"The viewers took {found.figure.viewers_cpu_share:.0%} of a core. {_machine_in_words()}"
    )


def _machine_in_words() -> str:
    machine = _machine()
    return f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}."


def _settle_object(found: Any) -> dict[str, Any]:
    whole = msgspec.structs.asdict(found)
    return {**whole, "times_gift_by_gift": found.times_gift_by_gift, "machine": _machine()}


def _show_settle(found: Any) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(title="Gifts settled, slices and money, everything committed", title_justify="left")
    for name in ("", "gifts/s", "times one by one"):
        table.add_column(name, justify="left" if not name else "right")
    table.add_row("settlement", f"{found.per_s:,.0f}", f"{found.times_gift_by_gift:,.1f}")
    table.add_row("one by one", f"{found.gift_by_gift_per_s:,.0f}", "1.0")
    console = Console()
    console.print(table)
    console.print(
        f"{found.gifts:,} gifts in {found.seconds:.2f} s; {found.slices:,} slices, {found.legs:,} legs. "
        f"{_machine_in_words()}"
    )
    for depth in found.depths if len(found.depths) > 1 else ():
        console.print(f"after {depth.settled_before:,} gifts: {depth.us} µs a gift")
    if lag := found.lag:
        console.print(
            f"Under load, {lag.gifts_per_s:,.0f} gifts/s through the API: at most {lag.most_behind:,} transfers "
            f"behind, {lag.behind_at_end:,} at the end, caught up {lag.caught_up_seconds} s later."
        )
