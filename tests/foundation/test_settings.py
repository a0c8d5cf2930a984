from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit.foundation.errors import BadSetting
from plaudit.foundation.settings import (
    Settings,
    as_environ,
    load_settings,
    own_environ,
    read_settings,
    setting_metas,
    variable_of,
)
from plaudit.foundation.settings_meta import right_of
from plaudit.foundation.settings_text import settings_page

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_with_nothing_set_every_setting_has_its_default():
    loaded = read_settings({})

    assert loaded.values == Settings()
    assert set(loaded.origins.values()) == {"default"}


def test_the_environment_comes_before_the_file_and_the_file_before_the_default(tmp_path: Path):
    file = tmp_path / "my.toml"
    file.write_text('port = 9000\nhost = "0.0.0.0"\n')

    loaded = read_settings({"PLAUDIT_PORT": "9001"}, file)

    assert (loaded.values.port, loaded.origins["port"]) == (9001, "environment")
    assert (loaded.values.host, loaded.origins["host"]) == ("0.0.0.0", str(file))
    assert loaded.origins["log_level"] == "default"


def test_a_file_in_the_working_directory_is_found_by_itself():
    Path("plaudit.toml").write_text("port = 9000\n")

    loaded = read_settings({})

    assert (loaded.values.port, loaded.origins["port"]) == (9000, "plaudit.toml")


def test_the_file_that_the_environment_names_is_read_instead_of_the_one_in_the_working_directory(tmp_path: Path):
    Path("plaudit.toml").write_text("port = 9000\n")
    (tmp_path / "other.toml").write_text("port = 9001\n")

    assert load_settings({"PLAUDIT_CONFIG": str(tmp_path / "other.toml")}).port == 9001


def test_a_named_file_that_is_not_there_stops_the_start():
    with pytest.raises(BadSetting, match=r"missing\.toml can't be read \(No such file or directory\).*PLAUDIT_CONFIG"):
        load_settings({"PLAUDIT_CONFIG": "missing.toml"})


@pytest.mark.parametrize("content", [b"port = ", b"port = 1\nport = 2", b"\xff"])
def test_a_file_that_is_not_toml_stops_the_start_with_its_name(content: bytes):
    Path("plaudit.toml").write_bytes(content)

    with pytest.raises(BadSetting, match=r"plaudit\.toml is not valid TOML"):
        load_settings({})


@pytest.mark.parametrize(
    ("variable", "suggestion"),
    [
        ("PLAUDIT_PROT", "PLAUDIT_PORT"),
        ("PLAUDIT_port", "PLAUDIT_PORT"),
        ("PLAUDIT_DATABASE_URI", "PLAUDIT_DATABASE_URL"),
        ("PLAUDIT_CONFG", "PLAUDIT_CONFIG"),
    ],
)
def test_an_unknown_variable_stops_the_start_with_the_nearest_name_that_there_is(variable: str, suggestion: str):
    with pytest.raises(BadSetting, match=rf"no setting {variable}; did you mean {suggestion}\?"):
        load_settings({variable: "1"})


def test_an_unknown_variable_that_resembles_nothing_is_not_guessed_at():
    with pytest.raises(BadSetting, match=r"no setting PLAUDIT_ZZZZ\. ") as refused:
        load_settings({"PLAUDIT_ZZZZ": "1"})

    assert "did you mean" not in str(refused.value)


def test_an_unknown_key_in_the_file_stops_the_start_with_its_name_and_the_files():
    Path("plaudit.toml").write_text("potr = 9000\n")

    with pytest.raises(BadSetting, match=r"no setting potr in plaudit\.toml; did you mean port\?"):
        load_settings({})


@pytest.mark.parametrize(
    ("variable", "text", "right"),
    [
        ("PLAUDIT_PORT", "eighty", "'eighty': it must be a whole number from 0 to 65535"),
        ("PLAUDIT_PORT", "65536", "'65536': it must be a whole number from 0 to 65535"),
        ("PLAUDIT_PORT", "-1", "'-1': it must be a whole number from 0"),
        ("PLAUDIT_PORT", "80.5", "'80.5': it must be a whole number"),
        ("PLAUDIT_LOG_LEVEL", "LOUD", "'LOUD': it must be one of debug, info, warning, error"),
        ("PLAUDIT_DATABASE_URL", "mysql://a/b", "ill-formed: it must be a URL such as postgresql://"),
        ("PLAUDIT_NATS_URL", "localhost:4222", "ill-formed: it must be a URL such as nats://"),
    ],
)
def test_an_ill_formed_variable_stops_the_start_with_its_name_and_what_would_be_right(
    variable: str, text: str, right: str
):
    with pytest.raises(BadSetting, match=f"{variable} is {right}"):
        load_settings({variable: text})


@pytest.mark.parametrize("line", ['port = "9000"', "port = true", "port = 80.0", "port = [80]", "port = 2026-01-01"])
def test_a_value_of_another_type_in_the_file_stops_the_start_with_its_name(line: str):
    Path("plaudit.toml").write_text(line)

    with pytest.raises(BadSetting, match=r"port in plaudit\.toml is .*: it must be a whole number from 0 to 65535"):
        load_settings({})


@pytest.mark.parametrize("line", ["data_dir = 3", 'data_dir = ""'])
def test_a_path_in_the_file_must_be_text_that_is_not_empty(line: str):
    Path("plaudit.toml").write_text(line)

    with pytest.raises(BadSetting, match=r"data_dir in plaudit\.toml is .*: it must be a path to a directory"):
        load_settings({})


def test_a_variable_that_is_empty_counts_as_not_set():
    assert load_settings({"PLAUDIT_PORT": "", "PLAUDIT_DATABASE_URL": "", "PLAUDIT_CONFIG": ""}) == Settings()


def test_the_variables_of_the_tests_and_of_other_programs_are_left_alone():
    assert load_settings({"PLAUDIT_SOAK": "1", "PATH": "/bin", "PORT": "x"}) == Settings()


def test_a_path_may_begin_with_the_home_directory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/ada")

    assert load_settings({"PLAUDIT_DATA_DIR": "~/plaudit"}).data_dir == Path("/home/ada/plaudit")


def test_an_ill_formed_secret_is_not_repeated_in_the_error():
    with pytest.raises(BadSetting) as refused:
        load_settings({"PLAUDIT_DATABASE_URL": "postgres:/ada:hunter2@db/plaudit"})

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ada:hunter2@db/plaudit", "postgresql://ada:***@db/plaudit"),
        ("postgresql://ada:hunt/er@2@db:5432/plaudit", "postgresql://ada:***@db:5432/plaudit"),
        ("postgresql://ada@db/plaudit?password=hunter2&sslmode=require", "ada@db/plaudit?password=***&sslmode=require"),
        ("postgresql:///plaudit?host=/run/postgres", "postgresql:///plaudit?host=/run/postgres"),
    ],
)
def test_the_password_of_a_url_is_masked_wherever_settings_are_shown(url: str, shown: str):
    assert shown in repr(load_settings({"PLAUDIT_DATABASE_URL": url}))


def test_the_passwords_and_tokens_of_several_nats_servers_are_masked():
    settings = load_settings({"PLAUDIT_NATS_URL": "nats://ada:hunter2@a:4222,nats://t0ken@b:4222"})

    assert "nats://ada:***@a:4222,nats://***@b:4222" in repr(settings)


@given(
    st.builds(
        Settings,
        database_url=st.none() | st.just("postgresql://ada:hunter2@db/plaudit"),
        nats_url=st.none() | st.just("nats://a:1,nats://b:2"),
        data_dir=st.sampled_from([Path("/var/lib/plaudit"), Path("here")]),
        port=st.integers(0, 65_535),
        host=st.sampled_from(["127.0.0.1", "::1"]),
        log_level=st.sampled_from(["debug", "info", "warning", "error"]),
        log_format=st.sampled_from(["auto", "console", "json"]),
        database_pool_size=st.integers(1, 1_000),
    )
)
def test_a_program_that_is_given_the_settings_by_environment_reads_the_same(settings: Settings):
    assert load_settings(as_environ(settings)) == settings


def test_an_environment_without_our_variables_keeps_all_others():
    assert own_environ({"PATH": "/bin", "PLAUDIT_PORT": "1"}) == {"PATH": "/bin"}


def test_every_setting_is_documented_with_what_is_right_for_it():
    for name, meta in setting_metas().items():
        assert meta.description, name
        assert meta.description.endswith("."), name
        assert right_of(meta), name


def test_the_page_about_settings_is_up_to_date():
    page = (REPOSITORY / "docs" / "settings.md").read_text()

    assert page == settings_page(), "make it anew: plaudit settings --markdown > docs/settings.md"
    assert all(variable_of(name) in page for name in setting_metas())
