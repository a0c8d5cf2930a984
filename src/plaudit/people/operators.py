"""Making operators: only from the machine that Plaudit runs on, never over the network."""

import secrets
from datetime import datetime

from msgspec import Struct

from plaudit.foundation.database import Database
from plaudit.people import actions, queries, rules
from plaudit.people.hashing import Hasher
from plaudit.people.model import Wish


class MadeOperator(Struct, frozen=True, kw_only=True):
    """What came of it. `password` is there only for an account that was made just now: show it once."""

    email: str
    handle: str
    password: str | None
    was_operator: bool


async def add_operator(
    db: Database, hasher: Hasher, email: str, *, handle: str | None = None, region: str = "US", now: datetime
) -> MadeOperator:
    """Make the person with this address an operator; without one, make the person, who has no birth date yet.

    `handle` and `region` are for a new person; a handle of None is made up. Raises Invalid or HandleTaken.
    """
    email = rules.take_email(email)
    promoted = await _promote(db, email, now=now)
    if promoted is not None:
        return promoted
    password = secrets.token_urlsafe(18)
    chosen = handle or f"operator_{secrets.token_hex(4)}"
    wish = Wish(email=email, password=password, handle=chosen, birth_on=None, region=region)
    wish = rules.take_wish(wish, today=now.date(), minimum_age=0)
    hashed = await hasher.hash(password)
    async with db.transaction() as tx:
        person = await actions.add_person(tx, wish, hashed, now=now)
        await queries.make_operator(tx, person.id, now=now)
    return MadeOperator(email=email, handle=person.handle, password=password, was_operator=False)


async def _promote(db: Database, email: str, *, now: datetime) -> MadeOperator | None:
    async with db.transaction() as tx:
        person_id = await queries.find_id_by_email(tx, email)
        if person_id is None:
            return None
        person = await queries.get_person(tx, person_id)
        became = await queries.make_operator(tx, person_id, now=now)
    return MadeOperator(email=email, handle=person.handle, password=None, was_operator=not became)
