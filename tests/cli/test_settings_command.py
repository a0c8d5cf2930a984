import json
from pathlib import Path

from plaudit.foundation.settings import setting_metas
from tests.cli.running import run


def test_settings_shows_each_value_and_where_it_came_from_with_passwords_masked(tmp_path: Path):
    (tmp_path / "plaudit.toml").write_text('log_level = "debug"\n')

    ended = run("settings", cwd=tmp_path, PLAUDIT_DATABASE_URL="postgresql://ada:hunter2@db/plaudit")

    rows = {line.split()[0]: line.split(maxsplit=1)[1].strip() for line in ended.stdout.splitlines()[1:]}
    assert ended.returncode == 0
    assert rows.keys() == setting_metas().keys()
    assert rows["database_url"].split() == ["postgresql://ada:***@db/plaudit", "environment"]
    assert rows["log_level"].split() == ["debug", "plaudit.toml"]
    assert rows["port"].split() == ["8000", "default"]
    assert "hunter2" not in ended.stdout


def test_a_long_value_is_neither_cut_nor_folded_in_a_pipe(tmp_path: Path):
    long = "/" + "x" * 300

    ended = run("settings", cwd=tmp_path, PLAUDIT_DATA_DIR=long)

    assert long in ended.stdout


def test_settings_as_json_is_one_object_for_programs(tmp_path: Path):
    ended = run("settings", "--json", cwd=tmp_path, PLAUDIT_PORT="9000", PLAUDIT_NATS_URL="nats://hunter2@nats:4222")

    shown = json.loads(ended.stdout)
    assert shown["port"] == {"value": 9000, "origin": "environment", "variable": "PLAUDIT_PORT"}
    assert shown["nats_url"]["value"] == "nats://***@nats:4222"
    assert shown["database_url"] == {"value": None, "origin": "default", "variable": "PLAUDIT_DATABASE_URL"}


def test_the_page_about_settings_is_printed_even_when_the_settings_are_wrong(tmp_path: Path):
    ended = run("settings", "--markdown", cwd=tmp_path, PLAUDIT_PORT="eighty")

    assert ended.returncode == 0
    assert ended.stdout.startswith("# Settings\n")
