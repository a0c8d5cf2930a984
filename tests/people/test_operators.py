from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import psycopg
import pytest

from plaudit.foundation.database import Database
from plaudit.foundation.errors import Invalid
from plaudit.people import following, operators, profiles, queries
from plaudit.people.errors import NeverApplied, NoSuchPerson
from plaudit.people.model import Act, Place
from tests.people.conftest import NOW, Join

LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def operator_id(db: Database, join: Join) -> UUID:
    person = (await join("olga")).person
    async with db.transaction() as tx:
        await queries.make_operator(tx, person.id, now=NOW)
    return person.id


async def acts_of(db: Database) -> list[Act]:
    return await operators.list_acts(db, after=None, limit=100)


async def test_a_verified_creator_stays_so_since_the_first_time(db: Database, join: Join, operator_id: UUID):
    ada = (await join("ada")).person
    await profiles.apply_as_creator(db, ada.id, "I sing.", now=NOW)

    first = await operators.verify_creator(db, operator_id, "Ada", now=NOW)
    again = await operators.verify_creator(db, operator_id, "ada", now=LATER)

    assert (first.verified_at, first.birth_verified_at, first.about) == (NOW, NOW, "I sing.")
    assert again == first
    newest, oldest = await acts_of(db)
    assert (oldest.operator, oldest.at, oldest.act, oldest.subject) == ("olga", NOW, "creator_verified", "ada")
    assert (newest.at, newest.detail) == (LATER, {"person": str(ada.id), "named": False})


async def test_a_verification_can_be_withdrawn_and_leaves_the_birth_date_verified(
    db: Database, join: Join, operator_id: UUID
):
    ada = (await join("ada")).person
    await profiles.apply_as_creator(db, ada.id, "", now=NOW)
    await operators.verify_creator(db, operator_id, "ada", now=NOW)

    withdrawn = await operators.withdraw_verification(db, operator_id, "ada", now=LATER)

    assert (withdrawn.verified_at, withdrawn.birth_verified_at) == (None, NOW)
    assert [act.act for act in await acts_of(db)] == ["verification_withdrawn", "creator_verified"]


async def test_without_a_birth_date_only_the_creator_is_verified(db: Database, join: Join, operator_id: UUID):
    ada = (await join("ada")).person
    await profiles.apply_as_creator(db, ada.id, "", now=NOW)
    async with db.transaction() as tx:
        await tx.execute("update people.people set birth_on = null where id = %(id)s", {"id": ada.id})

    verified = await operators.verify_creator(db, operator_id, "ada", now=NOW)

    assert (verified.verified_at, verified.birth_verified_at) == (NOW, None)


@pytest.mark.parametrize("act", [operators.verify_creator, operators.withdraw_verification])
async def test_who_never_applied_is_no_creator_and_what_is_refused_leaves_no_act(
    db: Database, join: Join, operator_id: UUID, act: Callable[..., Awaitable[object]]
):
    await join("ada")

    with pytest.raises(NeverApplied):
        await act(db, operator_id, "ada", now=NOW)
    with pytest.raises(NoSuchPerson):
        await act(db, operator_id, "nobody", now=NOW)

    assert await acts_of(db) == []


async def test_creators_are_listed_in_pages_by_whether_they_are_verified(db: Database, join: Join, operator_id: UUID):
    for number, handle in enumerate(("ada", "bob", "cleo")):
        person = (await join(handle)).person
        await profiles.apply_as_creator(db, person.id, "", now=NOW + timedelta(minutes=number))
    await operators.verify_creator(db, operator_id, "bob", now=LATER)

    async def handles(verified: bool | None, after: Place | None = None, limit: int = 10) -> list[str]:
        found = await operators.list_creators(db, verified=verified, after=after, limit=limit)
        return [creator.handle for creator in found]

    assert await handles(None) == ["cleo", "bob", "ada"]
    assert await handles(True) == ["bob"]
    assert await handles(False) == ["cleo", "ada"]
    (cleo,) = await operators.list_creators(db, verified=None, after=None, limit=1)
    assert await handles(None, Place(since=cleo.applied_at, id=cleo.id), 1) == ["bob"]


async def test_people_are_found_by_how_their_handle_or_address_begins(db: Database, join: Join, operator_id: UUID):
    for handle in ("ada", "ada_l", "adxl", "bob"):
        await join(handle)

    async def handles(beginning: str, after: str | None = None) -> list[str]:
        found = await operators.search_people(db, operator_id, beginning, after=after, limit=10, now=NOW)
        return [person.handle for person in found]

    assert await handles("ad") == ["ada", "ada_l", "adxl"]
    assert await handles("ADA_") == ["ada_l"]
    assert await handles("bob@exa") == ["bob"]
    assert await handles("a%l") == []
    assert await handles("\\") == []
    assert await handles("ad", after="ada") == ["ada_l", "adxl"]
    assert {act.act for act in await acts_of(db)} == {"people_searched"}
    for beginning, after in (("a\0", None), ("\ud800", None), ("a", "\0")):
        with pytest.raises(Invalid):
            await handles(beginning, after)


async def test_a_person_is_seen_with_roles_followers_and_open_sessions(db: Database, join: Join, operator_id: UUID):
    ada, bob = (await join("ada")).person, (await join("bob")).person
    await following.follow(db, bob.id, "ada", now=NOW)
    await profiles.apply_as_creator(db, ada.id, "", now=NOW)

    seen = await operators.see_person(db, operator_id, "ada", act="person_seen", now=NOW)
    much_later = await operators.see_person(db, operator_id, "ada", act="person_seen", now=NOW + timedelta(days=365))

    assert (seen.email, seen.followers, seen.following, seen.sessions) == ("ada@example.org", 1, 0, 1)
    assert (seen.roles, much_later.sessions) == (("fan", "creator"), 0)
    with pytest.raises(NoSuchPerson):
        await operators.see_person(db, operator_id, "nobody", act="person_seen", now=NOW)
    assert len(await acts_of(db)) == 2


async def test_acts_come_in_pages_and_stay_as_they_are(db: Database, operator_id: UUID, database_url: str):
    for subject in ("one", "two", "three"):
        async with db.transaction() as tx:
            await operators.note_act(tx, operator_id, "tried_out", subject, {"of": 3}, now=NOW)

    first = await operators.list_acts(db, after=None, limit=2)
    rest = await operators.list_acts(db, after=first[-1].id, limit=2)

    assert [act.subject for act in (*first, *rest)] == ["three", "two", "one"]
    with psycopg.connect(database_url, autocommit=True) as admin:
        for change in (b"update people.operator_acts set act = 'none'", b"delete from people.operator_acts"):
            with pytest.raises(psycopg.IntegrityError, match="never changed"):
                admin.execute(change)


def test_a_change_holds_from_now_or_later_and_never_from_the_past():
    elsewhere = (NOW + timedelta(hours=1)).astimezone(timezone(timedelta(hours=9)))

    assert operators.take_start(None, now=NOW) == NOW
    assert operators.take_start(NOW, now=NOW) == NOW
    assert operators.take_start(elsewhere, now=NOW) == NOW + timedelta(hours=1)
    assert operators.take_start(elsewhere, now=NOW).tzinfo is UTC
    for wrong in (
        NOW - timedelta(microseconds=1),
        NOW + timedelta(days=4_000),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
    ):
        with pytest.raises(Invalid) as refused:
            operators.take_start(wrong, now=NOW)
        assert refused.value.field == "valid_from"
