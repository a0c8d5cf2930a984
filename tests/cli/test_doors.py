from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.running import run


def test_the_version_is_the_packages():
    assert run("--version").stdout == f"plaudit {version('plaudit')}\n"


def test_help_names_every_command_and_loads_none_of_what_they_need():
    ended = run("--help", PYTHONPROFILEIMPORTTIME="1")

    loaded = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert all(command in ended.stdout for command in ("serve", "migrate", "settings"))
    assert "plaudit.foundation.settings" in loaded
    assert not loaded & {"litestar", "granian", "psycopg", "nats", "prometheus_client"}


def test_plaudit_alone_prints_the_help():
    assert "Usage" in run().stdout


@pytest.mark.parametrize("command", ["serve", "migrate", "settings"])
def test_a_wrong_setting_ends_every_command_with_one_sentence_and_without_a_traceback(command: str, tmp_path: Path):
    ended = run(command, cwd=tmp_path, PLAUDIT_PORT="eighty")

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == "plaudit: PLAUDIT_PORT is 'eighty': it must be a whole number from 0 to 65535.\n"


def test_debug_shows_where_an_error_came_from(tmp_path: Path):
    ended = run("--debug", "settings", cwd=tmp_path, PLAUDIT_PORT="eighty")

    assert ended.returncode == 1
    assert "Traceback" in ended.stderr
    assert "BadSetting: PLAUDIT_PORT is 'eighty'" in ended.stderr


@pytest.mark.parametrize("words", [("settings", "--nope"), ("fly",)])
def test_a_command_line_that_is_not_understood_ends_with_2(words: tuple[str, ...]):
    ended = run(*words)

    assert ended.returncode == 2
    assert "Usage" in ended.stderr
    assert "Traceback" not in ended.stderr
