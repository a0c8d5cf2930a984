"""`plaudit keys rotate` and `plaudit payouts tax`, as an operator runs them."""

from pathlib import Path

import msgspec
import pytest

from plaudit.foundation.database import Database
from plaudit.foundation.envelopes import SettingsKeys, Vault
from plaudit.payouts import SepaDetails, rotation
from tests.cli.running import run
from tests.payouts.conftest import NAME, open_house

OLD, NEW = "the seal key of before and long enough", "the seal key from now on and long enough"


async def seal_something(database_url: str) -> None:
    async with open_house(database_url) as house:
        desk = msgspec.structs.replace(house.desk, vault=Vault(SettingsKeys(OLD.encode())))
        house.desk = desk
        ada = await house.creator()
        await house.add_method(ada, SepaDetails(holder_name=NAME, iban="DE89370400440532013000"))
        await house.sign_tax_form(ada)


async def test_everything_is_brought_under_the_new_key_and_opens_with_it_alone(database_url: str, tmp_path: Path):
    await seal_something(database_url)
    keys = {"PLAUDIT_DATABASE_URL": database_url, "PLAUDIT_SEAL_KEY": NEW, "PLAUDIT_OLDER_SEAL_KEYS": OLD}

    first = run("keys", "rotate", cwd=tmp_path, **keys)
    again = run("keys", "rotate", cwd=tmp_path, **keys)

    assert (first.returncode, first.stdout) == (0, "2 envelopes were brought under the present key.\n")
    assert again.stdout == "All is under the present key.\n"
    async with Database.open(database_url) as db:
        assert await rotation.count_left(db, Vault(SettingsKeys(NEW.encode()))) == 0


async def test_a_key_that_nobody_named_is_missed_in_one_sentence(database_url: str, tmp_path: Path):
    await seal_something(database_url)

    ended = run("keys", "rotate", cwd=tmp_path, PLAUDIT_DATABASE_URL=database_url, PLAUDIT_SEAL_KEY=NEW)

    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert "PLAUDIT_SEAL_KEY" in ended.stderr
    assert OLD not in ended.stderr + ended.stdout


@pytest.mark.parametrize("form", ["1099k", "dac7"])
def test_the_year_s_totals_are_printed_as_csv(database_url: str, tmp_path: Path, form: str):
    told = run("payouts", "tax", "--year", "2026", "--format", form, cwd=tmp_path, PLAUDIT_DATABASE_URL=database_url)

    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("handle,")
    assert len(told.stdout.splitlines()) == 1


def test_another_format_is_refused(database_url: str, tmp_path: Path):
    told = run("payouts", "tax", "--year", "2026", "--format", "xml", cwd=tmp_path, PLAUDIT_DATABASE_URL=database_url)

    assert told.returncode == 2
    assert "1099k or dac7" in told.stderr
