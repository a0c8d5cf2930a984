import json
import signal
import subprocess
from pathlib import Path

import psutil

from tests.cli.running import COMMAND, environ, run
from tests.waiting import is_gone, until

NAMES = ["naive_1", "naive_64", "ledger_1", "ledger_16", "ledger_64", "ledger_256", "ledger_1024"]
NO_DIFFERENCE = {"wallets_that_differ": 0}
FANOUT_KEYS = {"viewers", "events_per_s", "p50_ms", "p99_ms", "lost", "doubled", "cpu_us_per_delivery", "kb_per_viewer"}


def test_the_ledgers_bench_prints_one_object_with_every_figure(tmp_path: Path):
    ended = run("bench", "ledger", "--json", "--seconds", "0.2", "--preload", "2_000", cwd=tmp_path)

    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    for name in [*NAMES, "empty_256", "empty_1024"]:
        assert set(found[name]) == {"per_s", "p50_ms", "p99_ms"}
        assert found[name]["per_s"] > 0
        assert 0 < found[name]["p50_ms"] <= found[name]["p99_ms"]
    assert found["preloaded"] == 2_000


def test_the_bench_leaves_nothing_behind(tmp_path: Path):
    run("bench", "ledger", "--json", "--seconds", "0.1", cwd=tmp_path)

    assert list((tmp_path / "plaudit-data").iterdir()) == []


def test_a_preload_that_is_no_number_is_a_usage_error(tmp_path: Path):
    ended = run("bench", "ledger", "--preload", "lots", cwd=tmp_path)

    assert ended.returncode == 2
    assert "'lots' is not a whole number" in ended.stderr


def test_the_apis_bench_prints_every_figure_and_no_gift_is_lost_or_doubled(tmp_path: Path):
    ended = run("bench", "http", "--json", "--seconds", "0.5", cwd=tmp_path)

    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    for name in ["static_256", "me_256", "gifts_64", "gifts_256", "gifts_half_rate"]:
        assert set(found[name]) == {"per_s", "p50_ms", "p99_ms"}
        assert found[name]["per_s"] > 0
        assert 0 < found[name]["p50_ms"] <= found[name]["p99_ms"]
    assert found["refused"] == {}
    gifts = found["agreement"]
    assert gifts["answered"] > 0
    assert gifts == {**dict.fromkeys(["answered", "spent", "received", "in_feeds"], gifts["answered"]), **NO_DIFFERENCE}
    assert list((tmp_path / "plaudit-data").iterdir()) == []


def test_the_fanouts_bench_prints_every_figure_and_no_event_is_lost_or_doubled(tmp_path: Path):
    ended = run("bench", "fanout", "--json", "--seconds", "1", "--viewers", "20", "--rate", "10", cwd=tmp_path)

    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    for figure in [found, found["alternative"]]:
        assert set(figure) >= FANOUT_KEYS
        assert (figure["lost"], figure["doubled"], figure["out_of_order"], figure["dropped"]) == (0, 0, 0, 0)
        assert (figure["viewers"], figure["events_per_s"]) == (20, 10)
        assert 0 < figure["p50_ms"] <= figure["p99_ms"]
    assert list((tmp_path / "plaudit-data").iterdir()) == []


def test_the_settlements_bench_prints_every_figure_and_the_slices_are_the_same_again(tmp_path: Path):
    small = ("--gifts", "3_000", "--fans", "50", "--creators", "10", "--lots", "4", "--seconds", "0.5")
    ended = run("bench", "settle", "--json", *small, cwd=tmp_path)

    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert (found["gifts"], found["problems"]) == (3_000, [])
    assert min(found["per_s"], found["gift_by_gift_per_s"], found["times_gift_by_gift"], found["legs"]) > 0
    assert found["lag"]["gifts_per_s"] > 0
    assert found["lag"]["most_behind"] >= found["lag"]["behind_at_end"] >= 0
    assert list((tmp_path / "plaudit-data").iterdir()) == []


def test_more_viewers_than_there_are_file_descriptors_is_one_sentence(tmp_path: Path):
    ended = run("bench", "fanout", "--viewers", "2_000_000_000", cwd=tmp_path)

    assert ended.returncode == 1
    assert "2,000,000,000 connections need 2,000,000,500 file descriptors" in ended.stderr
    assert not (tmp_path / "plaudit-data").exists()


async def test_a_bench_that_is_told_to_stop_leaves_no_program_behind(tmp_path: Path):
    bench = subprocess.Popen([*COMMAND, "bench", "http"], cwd=tmp_path, env=environ(), stderr=subprocess.DEVNULL)
    try:
        seen: dict[int, psutil.Process] = {}

        def is_serving() -> bool:
            seen.update((each.pid, each) for each in psutil.Process(bench.pid).children(recursive=True))
            return any("plaudit.web" in each.cmdline() for each in seen.values() if not is_gone(each))

        await until(is_serving, seconds=60)
        bench.send_signal(signal.SIGTERM)

        assert bench.wait(30) == 128 + signal.SIGTERM
        assert [each for each in seen.values() if not is_gone(each)] == []
        assert list((tmp_path / "plaudit-data").iterdir()) == []
    finally:
        bench.kill()
        bench.wait()
