from datetime import datetime, timedelta

import pytest

from plaudit.foundation.database import Database
from plaudit.foundation.errors import CannotUnseal
from plaudit.foundation.sealing import Seal
from plaudit.people import Hasher, actions, jobs, passwords, second_factor
from plaudit.people.actions import SignIn
from plaudit.people.attempts import WINDOW
from plaudit.people.codes import new_secret
from plaudit.people.errors import WrongCredentials
from plaudit.people.rules import IDLE, RESET_VALID
from plaudit.providers import Mailbox
from tests.people.conftest import CALLER, CHEAP, NOW, PASSWORD, Join

A_MOMENT = timedelta(seconds=1)


async def count(db: Database) -> tuple[int, int, int]:
    """Sessions, codes of letters, and counted attempts."""
    async with db.transaction() as tx:
        return (
            await tx.value(int, "select count(*) from people.sessions"),
            await tx.value(int, "select count(*) from people.password_resets"),
            await tx.value(int, "select count(*) from people.attempts"),
        )


async def try_wrongly(db: Database, hasher: Hasher, *, now: datetime) -> None:
    wrong = SignIn(email="ada@example.org", password="not this one")
    with pytest.raises(WrongCredentials):
        await actions.sign_in(db, hasher, wrong, caller=CALLER, now=now)


async def test_what_still_counts_stays(db: Database, hasher: Hasher, join: Join):
    await join("ada")
    await passwords.ask_for_reset(db, Mailbox(), "ada@example.org", now=NOW)
    before = await count(db)

    removed = await jobs.run_round(db, now=NOW + A_MOMENT)

    assert removed == 0
    assert await count(db) == before


async def test_codes_attempts_and_sessions_go_when_each_is_over(db: Database, hasher: Hasher, join: Join):
    await join("ada")
    await passwords.ask_for_reset(db, Mailbox(), "ada@example.org", now=NOW)
    await try_wrongly(db, hasher, now=NOW)

    after_the_attempts = await jobs.run_round(db, now=NOW + 2 * WINDOW)
    after_the_code = await jobs.run_round(db, now=NOW + RESET_VALID)
    just_before = await jobs.run_round(db, now=NOW + IDLE - A_MOMENT)
    after_the_session = await jobs.run_round(db, now=NOW + IDLE)

    # Counted were the account, its address, and the letter's recipient.
    assert (after_the_attempts, after_the_code, just_before, after_the_session) == (3, 1, 0, 1)
    assert await count(db) == (0, 0, 0)


async def test_a_round_takes_no_more_than_it_may_and_the_next_goes_on(db: Database, join: Join):
    for number in range(5):
        await join(f"fan_{number}")

    rounds = [await jobs.run_round(db, now=NOW + IDLE, at_once=2) for _ in range(4)]

    assert rounds == [2, 2, 1, 0]


async def test_a_session_that_is_used_stays_while_its_neighbour_goes(db: Database, hasher: Hasher, join: Join):
    await join("ada")
    later = NOW + IDLE / 2
    again = SignIn(email="ada@example.org", password=PASSWORD)
    signed_in = await actions.sign_in(db, hasher, again, caller=CALLER, now=later)

    removed = await jobs.run_round(db, now=NOW + IDLE)

    left = await actions.list_sessions(db, signed_in.person.id, now=NOW + IDLE)
    # The first session, and the window of the address.
    assert removed == 1 + 1
    assert [session.id for session in left] == [signed_in.session.id]


async def test_the_secret_of_a_second_factor_is_nowhere_in_the_database(db: Database, hasher: Hasher, join: Join):
    ada = await join("ada")

    begun = await second_factor.begin(db, hasher, ada.person.id, PASSWORD, now=NOW)

    async with db.transaction() as tx:
        stored = await tx.value(bytes, "select sealed_secret from people.second_factors")
    assert begun.secret.encode() not in stored
    assert hasher.unseal(stored, ada.person.id) == begun.secret


async def test_a_second_factor_that_was_copied_to_somebody_else_signs_nobody_in(hasher: Hasher, join: Join):
    ada, bob = await join("ada"), await join("bob")

    sealed = hasher.seal(new_secret(), ada.person.id)

    with pytest.raises(CannotUnseal):
        hasher.unseal(sealed, bob.person.id)
    with pytest.raises(CannotUnseal):
        Hasher(CHEAP, seal=Seal(b"some other installation's key ...", purpose="second factor")).unseal(
            sealed, ada.person.id
        )
