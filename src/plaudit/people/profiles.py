"""What people see of each other, what they change about themselves, and what they become."""

from datetime import datetime
from uuid import UUID

from msgspec import UNSET

from plaudit.foundation.database import Database, Transaction
from plaudit.people import queries, rules
from plaudit.people.errors import NoSuchPerson
from plaudit.people.model import Application, Change, Person, Profile


async def get_person(db: Database, person_id: UUID) -> Person:
    """The person as they see themselves. Raises NoSuchPerson."""
    async with db.transaction() as tx:
        return await queries.get_person(tx, person_id)


async def get_profile(tx: Transaction, handle: str) -> Profile:
    """The person as everyone sees them. Raises NoSuchPerson."""
    profile = await tx.find(
        Profile,
        """
        select p.id, handle, display_name, picture_url, joined_at, c.person_id is not null as is_creator,
            (select count(*) from people.follows where followed_id = p.id) as followers,
            (select count(*) from people.follows where follower_id = p.id) as following
        from people.people p left join people.creators c on c.person_id = p.id
        where p.handle = %(handle)s
        """,
        {"handle": rules.take_known_handle(handle)},
    )
    if profile is None:
        raise NoSuchPerson
    return profile


async def change_profile(db: Database, person_id: UUID, change: Change, *, now: datetime) -> Person:
    """The person after the change; `Sessions.forget` them afterwards.

    Raises Invalid naming the field, TooYoung, or BirthDateVerified.
    """
    today = now.date()
    async with db.transaction() as tx:
        person = await queries.lock_person(tx, person_id)
        region = person.region if change.region is UNSET else rules.take_region(change.region)
        minimum_age = await queries.get_minimum_age(tx, region, today=today)
        changed = rules.change_person(person, change, today=today, minimum_age=minimum_age)
        await queries.store_person(tx, changed)
    return changed


async def apply_as_creator(db: Database, person_id: UUID, about: str, *, now: datetime) -> Application:
    """Record the wish to be a creator; asked again, it gives the first one. `Sessions.forget` the person afterwards.

    Who applied may start lives; who may receive gifts is decided elsewhere. Raises Invalid.
    """
    application = Application(person_id=person_id, about=rules.take_about(about), applied_at=now)
    async with db.transaction() as tx:
        return await queries.add_application(tx, application)
