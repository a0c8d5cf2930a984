import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plaudit.foundation.errors import BadSetting
from plaudit.foundation.secret_key import FILE, find_secret_key
from plaudit.foundation.settings import Settings, load_settings, masked


def test_the_key_that_is_set_is_the_key_and_nothing_is_kept(tmp_path: Path):
    settings = Settings(data_dir=tmp_path / "none", secret_key="a secret of the tests, long enough")

    assert find_secret_key(settings) == "a secret of the tests, long enough"
    assert not (tmp_path / "none").exists()


def test_without_one_a_random_key_is_made_once_and_kept_for_its_owner_only(tmp_path: Path):
    settings = Settings(data_dir=tmp_path / "data")

    first, again = find_secret_key(settings), find_secret_key(settings)
    other = find_secret_key(Settings(data_dir=tmp_path / "other"))

    assert first == again != other
    assert len(first) >= 43
    assert (tmp_path / "data" / FILE).stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path / "data") == [FILE]


def test_programs_that_start_at_the_same_moment_get_the_same_key(tmp_path: Path):
    settings = Settings(data_dir=tmp_path / "data")

    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(find_secret_key, [settings] * 16))

    assert len(keys) == 1
    assert os.listdir(tmp_path / "data") == [FILE]


def test_a_key_that_can_not_be_kept_stops_the_start_and_says_what_to_do(tmp_path: Path):
    (tmp_path / "data").write_text("not a directory")

    with pytest.raises(BadSetting, match="PLAUDIT_DATA_DIR .*PLAUDIT_SECRET_KEY"):
        find_secret_key(Settings(data_dir=tmp_path / "data"))


def test_a_key_is_never_shown_and_a_short_one_is_refused_without_showing_it():
    assert masked("secret_key", "a secret of the tests, long enough") == "***"
    assert "long enough" not in repr(Settings(secret_key="a secret of the tests, long enough"))
    with pytest.raises(BadSetting, match="PLAUDIT_SECRET_KEY is ill-formed: .*32 characters"):
        load_settings({"PLAUDIT_SECRET_KEY": "short"})
