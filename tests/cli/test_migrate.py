from pathlib import Path

from tests.cli.running import run


def test_migrate_brings_an_empty_database_up_to_date_and_check_tells_whether_it_is(
    empty_database_url: str, tmp_path: Path
):
    before = run("migrate", "--check", cwd=tmp_path, PLAUDIT_DATABASE_URL=empty_database_url)
    first = run("migrate", cwd=tmp_path, PLAUDIT_DATABASE_URL=empty_database_url)
    second = run("migrate", cwd=tmp_path, PLAUDIT_DATABASE_URL=empty_database_url)
    after = run("migrate", "--check", cwd=tmp_path, PLAUDIT_DATABASE_URL=empty_database_url)

    assert (before.returncode, first.returncode, second.returncode, after.returncode) == (1, 0, 0, 0)
    pending, applied = before.stdout.splitlines(), first.stdout.splitlines()
    assert pending[0].startswith("pending: 0001_")
    assert [line.removeprefix("applied: ") for line in applied] == [line.removeprefix("pending: ") for line in pending]
    assert second.stdout == after.stdout == "The schema is up to date.\n"


def test_migrate_without_a_url_works_on_the_embedded_database_alone(tmp_path: Path):
    ended = run("migrate", cwd=tmp_path)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("applied: 0001_")
    assert not (tmp_path / "plaudit-data" / "nats.conf").exists()


def test_a_database_that_is_not_there_is_said_in_one_sentence_without_its_password(tmp_path: Path):
    ended = run("migrate", cwd=tmp_path, PLAUDIT_DATABASE_URL="postgresql://ada:hunter2@127.0.0.1:1/plaudit")

    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "hunter2" not in ended.stderr
