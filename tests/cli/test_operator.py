from pathlib import Path

import psycopg

from tests.cli.running import run


def test_an_operator_is_made_with_a_password_and_named_as_one_ever_after(database_url: str, tmp_path: Path):
    made = run(
        "operator", "add", "Olga@example.org", "--handle", "olga", cwd=tmp_path, PLAUDIT_DATABASE_URL=database_url
    )
    again = run("operator", "add", "olga@example.org", cwd=tmp_path, PLAUDIT_DATABASE_URL=database_url)

    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith("olga@example.org (olga) is an operator now, with a new account. Its password: ")
    assert again.stdout == "olga@example.org (olga) is an operator already.\n"
    with psycopg.connect(database_url) as admin:
        assert admin.execute("select count(*) from people.people where operator_since is not null").fetchone() == (1,)


def test_what_is_no_address_is_refused_in_one_sentence(database_url: str, tmp_path: Path):
    ended = run("operator", "add", "olga", cwd=tmp_path, PLAUDIT_DATABASE_URL=database_url)

    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert "e-mail address" in ended.stderr
