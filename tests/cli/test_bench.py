import json
from pathlib import Path

from tests.cli.running import run

NAMES = ["naive_1", "naive_64", "ledger_1", "ledger_16", "ledger_64", "ledger_256", "ledger_1024"]


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
