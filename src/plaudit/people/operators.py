"""Operators: made only from the machine that Plaudit runs on; what they do, and whose things they see, is written down.

Every call of an operator that changes something, or looks into what is a person's own, leaves an act in the same
transaction (`note_act`).
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import Invalid
from plaudit.people import actions, operating_queries, queries, rules
from plaudit.people.errors import NeverApplied
from plaudit.people.hashing import Hasher
from plaudit.people.model import Act, CreatorFile, PersonFile, Place, Wish

# A change planned for a later decade is a slip of the hand.
_FURTHEST = timedelta(days=3653)


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


async def note_act(
    tx: Transaction, operator_id: UUID, act: str, subject: str, detail: Mapping[str, object], *, now: datetime
) -> None:
    """Write down what an operator did, in the transaction in which it is done.

    `act` is a stable word like `pack_set` (a-z and _, 3 to 40 letters), `subject` what it was about: a handle, an id.
    `detail` holds what msgspec can write as JSON. It is never changed or deleted, so no secret belongs into it.
    """
    await operating_queries.add_act(tx, operator_id, act, subject, detail, now=now)


async def list_acts(
    db: Database, *, act: str | None = None, operator: str | None = None, after: int | None, limit: int
) -> list[Act]:
    """What operators did, the newest first; `after` is the id of the last one on the page before.

    `act` and `operator` (a handle) leave only such acts, and only theirs.
    """
    async with db.transaction() as tx:
        return await operating_queries.list_acts(tx, act=act, operator=operator, after=after, limit=limit)


async def list_kinds_of_acts(db: Database) -> list[str]:
    """Every word that ever stood for an act, in the order of the alphabet."""
    async with db.transaction() as tx:
        return await operating_queries.list_kinds_of_acts(tx)


def take_start(valid_from: datetime | None, *, now: datetime) -> datetime:
    """The instant from which a change holds, in UTC: now unless another was named.

    Raises Invalid when it is in the past, for what held then was promised, or more than ten years away.
    """
    if valid_from is None:
        return now
    if valid_from < now:
        raise Invalid("A change holds from now on or from later, never from the past.", field="valid_from")
    if valid_from > now + _FURTHEST:
        raise Invalid("A change can't be planned more than ten years ahead.", field="valid_from")
    return valid_from.astimezone(UTC)


async def verify_creator(
    db: Database, operator_id: UUID, handle: str, *, legal_name: str | None = None, now: datetime
) -> CreatorFile:
    """From now on this creator counts as verified, and their birth date as well when they told one.

    `legal_name` is what their papers say: money goes to accounts of this name only. None leaves what is known of it.
    Who was verified before stays so since then. Raises NoSuchPerson, NeverApplied or Invalid.
    """
    name = None if legal_name is None else rules.take_legal_name(legal_name)
    async with db.transaction() as tx:
        person_id = await queries.get_id_by_handle(tx, rules.take_known_handle(handle))
        if not await operating_queries.verify_creator(tx, person_id, name, now=now):
            raise NeverApplied
        # Acts are kept for ever: they tell that there was a name, and not which.
        detail = {"person": person_id, "named": name is not None}
        await note_act(tx, operator_id, "creator_verified", handle.lower(), detail, now=now)
        return await operating_queries.get_creator(tx, person_id)


async def withdraw_verification(db: Database, operator_id: UUID, handle: str, *, now: datetime) -> CreatorFile:
    """From now on this creator doesn't count as verified. A verified birth date stays verified.

    Raises NoSuchPerson or NeverApplied.
    """
    async with db.transaction() as tx:
        person_id = await queries.get_id_by_handle(tx, rules.take_known_handle(handle))
        if not await operating_queries.withdraw_verification(tx, person_id):
            raise NeverApplied
        await note_act(tx, operator_id, "verification_withdrawn", handle.lower(), {"person": person_id}, now=now)
        return await operating_queries.get_creator(tx, person_id)


async def list_creators(db: Database, *, verified: bool | None, after: Place | None, limit: int) -> list[CreatorFile]:
    """Who applied, the newest first: all (None), only the verified, or only those who wait for it."""
    async with db.transaction() as tx:
        return await operating_queries.list_creators(tx, verified=verified, after=after, limit=limit)


async def search_people(
    db: Database, operator_id: UUID, beginning: str, *, after: str | None, limit: int, now: datetime
) -> list[PersonFile]:
    """Whose handle or e-mail address begins like this, in the order of their handles. Raises Invalid.

    `after` is the last handle on the page before.
    """
    if not rules.is_storable(beginning):
        raise Invalid("Nobody's name begins like this.", field="query")
    if after is not None and not rules.is_storable(after):
        raise Invalid("This isn't the `next` of a page.", field="after")
    wanted = rules.normal_email(beginning)
    async with db.transaction() as tx:
        await note_act(tx, operator_id, "people_searched", wanted, {"after": after}, now=now)
        return await operating_queries.list_people(tx, wanted, now=now, after=after, limit=limit)


async def see_person(db: Database, operator_id: UUID, handle: str, *, act: str, now: datetime) -> PersonFile:
    """All that we know of a person; `act` says what of theirs the operator looks at. Raises NoSuchPerson."""
    async with db.transaction() as tx:
        person_id = await queries.get_id_by_handle(tx, rules.take_known_handle(handle))
        await note_act(tx, operator_id, act, handle.lower(), {"person": person_id}, now=now)
        return await operating_queries.get_file(tx, person_id, now=now)
