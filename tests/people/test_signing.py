import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from pyotp.totp import TOTP

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.errors import PlauditError
from plaudit.people import Hasher, Sessions, actions, profiles, second_factor
from plaudit.people.actions import SignIn
from plaudit.people.attempts import ACCOUNT_LIMIT, WINDOW
from plaudit.people.errors import EmailTaken, HandleTaken, NotSignedIn, TooManyAttempts, WrongCode, WrongCredentials
from plaudit.people.hashing import Cost
from plaudit.people.model import Caller, SignedIn
from plaudit.people.sessions import REMEMBERED
from tests.people.conftest import CALLER, NOW, PASSWORD, Join, a_wish
from tests.waiting import until


def as_ada(**more: str) -> SignIn:
    return SignIn(email="ada@example.org", password=more.get("password", PASSWORD), code=more.get("code"))


async def stored_hash(db: Database, person_id: UUID) -> str:
    async with db.transaction() as tx:
        return await tx.value(str, "select hash from people.passwords where person_id = %(id)s", {"id": person_id})


async def test_of_many_who_sign_up_with_one_handle_one_gets_it(db: Database, hasher: Hasher):
    wishes = [a_wish("ada", email=f"ada{number}@example.org") for number in range(6)]

    answers = await asyncio.gather(
        *(actions.sign_up(db, hasher, wish, caller=CALLER, now=NOW) for wish in wishes), return_exceptions=True
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["HandleTaken"] * 5 + ["SignedIn"]


async def test_an_address_that_is_taken_is_said_before_the_handle(db: Database, hasher: Hasher, join: Join):
    await join("ada")

    with pytest.raises(EmailTaken):
        await actions.sign_up(db, hasher, a_wish("ada"), caller=CALLER, now=NOW)
    with pytest.raises(HandleTaken):
        await actions.sign_up(db, hasher, a_wish("ada", email="x@example.org"), caller=CALLER, now=NOW)


async def test_neither_password_nor_token_is_in_the_database(db: Database, join: Join):
    ada = await join("ada")

    async with db.transaction() as tx:
        everything = await tx.value(
            str,
            """
            select concat((select json_agg(p) from people.people p), (select json_agg(w) from people.passwords w),
                (select json_agg(s) from people.sessions s), (select json_agg(a) from people.attempts a))
            """,
        )

    assert str(ada.person.id) in everything
    assert PASSWORD not in everything
    assert ada.token not in everything


async def test_a_password_is_hashed_anew_when_the_cost_has_changed(db: Database, hasher: Hasher, join: Join):
    ada = await join("ada")
    before = await stored_hash(db, ada.person.id)
    dearer = Hasher(Cost(memory_kib=128, rounds=1))

    await actions.sign_in(db, dearer, as_ada(), caller=CALLER, now=NOW)
    after = await stored_hash(db, ada.person.id)
    await actions.sign_in(db, dearer, as_ada(), caller=CALLER, now=NOW)

    assert "m=64," in before
    assert "m=128," in after
    assert await stored_hash(db, ada.person.id) == after


async def test_guesses_at_the_same_moment_are_all_counted(db: Database, hasher: Hasher, join: Join):
    await join("ada")

    answers = await asyncio.gather(
        *(
            actions.sign_in(db, hasher, as_ada(password=f"wrong {number}"), caller=CALLER, now=NOW)
            for number in range(3 * ACCOUNT_LIMIT)
        ),
        return_exceptions=True,
    )

    kinds = [type(answer) for answer in answers]
    assert kinds.count(WrongCredentials) == ACCOUNT_LIMIT
    assert kinds.count(TooManyAttempts) == 2 * ACCOUNT_LIMIT


async def test_signing_in_again_and_again_is_never_too_many(db: Database, hasher: Hasher, join: Join):
    await join("ada")

    for _ in range(2 * ACCOUNT_LIMIT):
        await actions.sign_in(db, hasher, as_ada(), caller=CALLER, now=NOW)


async def test_one_password_tried_on_many_accounts_is_counted_by_the_address(db: Database, hasher: Hasher):
    async def guess(number: int, address: str) -> type[Exception] | None:
        wish = SignIn(email=f"somebody{number}@example.org", password="password1234")
        try:
            await actions.sign_in(db, hasher, wish, caller=Caller(address=address, user_agent=""), now=NOW)
        except PlauditError as error:
            return type(error)
        return None

    same = [await guess(number, "192.0.2.1") for number in range(201)]

    assert same == [WrongCredentials] * 200 + [TooManyAttempts]
    assert await guess(0, "192.0.2.2") is WrongCredentials


async def test_attempts_that_are_long_over_leave_no_trace(db: Database, hasher: Hasher):
    nobody = SignIn(email="nobody@example.org", password=PASSWORD)
    for hours in (0, 1):
        with pytest.raises(WrongCredentials):
            await actions.sign_in(db, hasher, nobody, caller=CALLER, now=NOW + hours * 4 * WINDOW)

    async with db.transaction() as tx:
        assert await tx.value(int, "select count(*) from people.attempts") == 2
        assert await tx.value(int, "select max(count) from people.attempts") == 1


async def with_app(db: Database, hasher: Hasher, ada: SignedIn) -> TOTP:
    begun = await second_factor.begin(db, hasher, ada.person.id, PASSWORD, now=NOW)
    app = TOTP(begun.secret)
    await second_factor.confirm(db, hasher, ada.person.id, app.at(NOW), now=NOW)
    return app


async def test_of_many_who_send_the_same_code_at_once_one_gets_in(db: Database, hasher: Hasher, join: Join):
    app = await with_app(db, hasher, await join("ada"))
    later = NOW + timedelta(minutes=1)

    answers = await asyncio.gather(
        *(actions.sign_in(db, hasher, as_ada(code=app.at(later)), caller=CALLER, now=later) for _ in range(5)),
        return_exceptions=True,
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["SignedIn"] + ["WrongCode"] * 4


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_clock_may_be_one_step_off(db: Database, hasher: Hasher, join: Join, steps: int, right: bool):
    app = await with_app(db, hasher, await join("ada"))
    later = NOW + timedelta(minutes=10)
    code = app.at(later + timedelta(seconds=30 * steps))

    try:
        await actions.sign_in(db, hasher, as_ada(code=code), caller=CALLER, now=later)
    except WrongCode:
        assert not right
    else:
        assert right


async def test_codes_are_not_guessed_in_any_number(db: Database, hasher: Hasher, join: Join):
    await with_app(db, hasher, await join("ada"))

    for _ in range(ACCOUNT_LIMIT):
        with pytest.raises(WrongCode):
            await actions.sign_in(db, hasher, as_ada(code="12345"), caller=CALLER, now=NOW)

    with pytest.raises(TooManyAttempts):
        await actions.sign_in(db, hasher, as_ada(code="12345"), caller=CALLER, now=NOW)


async def test_a_session_that_another_process_ended_is_remembered_for_seconds_only(db: Database, join: Join):
    ada, clock = await join("ada"), MovableClock(NOW)
    here, elsewhere = Sessions(db, clock), Sessions(db, clock)
    await here.get_visitor(ada.token)

    await actions.end_session(db, ada.session.id, of=ada.person.id)
    elsewhere.forget(ada.person.id)

    assert (await here.get_visitor(ada.token)).person_id == ada.person.id
    with pytest.raises(NotSignedIn):
        await elsewhere.get_visitor(ada.token)
    clock.move(REMEMBERED)
    with pytest.raises(NotSignedIn):
        await here.get_visitor(ada.token)


async def test_a_session_in_use_that_another_process_ended_is_noticed_before_it_would_be_asked_for(
    db: Database, join: Join
):
    ada, eve, clock = await join("ada"), await join("eve"), MovableClock(NOW)
    sessions = Sessions(db, clock)
    for token in (ada.token, eve.token):
        await sessions.get_visitor(token)
    await actions.end_session(db, ada.session.id, of=ada.person.id)

    clock.move(REMEMBERED - timedelta(seconds=1))
    before = [sessions.recall(token) is not None for token in (ada.token, eve.token)]
    await until(lambda: sessions.recall(ada.token) is None)
    clock.move(timedelta(seconds=2))

    assert before == [True, True]
    assert sessions.recall(eve.token) is not None


async def test_what_somebody_becomes_their_session_may_use(db: Database, join: Join):
    ada, sessions = await join("ada"), Sessions(db, MovableClock(NOW))
    before = await sessions.get_visitor(ada.token)

    await profiles.apply_as_creator(db, ada.person.id, "", now=NOW)
    sessions.forget(ada.person.id)
    after = await sessions.get_visitor(ada.token)

    assert (before.is_creator, after.is_creator) == (False, True)
    assert {scope.value for scope in after.scopes - before.scopes} == {"create"}
