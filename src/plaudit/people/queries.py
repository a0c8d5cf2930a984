"""SQL of people, their passwords and their sessions."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import msgspec

from plaudit.foundation.database import Transaction
from plaudit.foundation.database_errors import name_constraint
from plaudit.people.errors import EmailTaken, HandleTaken, NoSuchPerson
from plaudit.people.model import Application, Credentials, Person, Session, TokenSession

name_constraint("an e-mail address belongs to one person", EmailTaken)
name_constraint("a handle belongs to one person", HandleTaken)


async def add_person(tx: Transaction, person: Person) -> None:
    """Raises EmailTaken or HandleTaken."""
    await tx.execute(
        """
        insert into people.people
            (id, email, handle, display_name, picture_url, region, currency, birth_on, joined_at)
        values (%(id)s, %(email)s, %(handle)s, %(display_name)s, %(picture_url)s, %(region)s, %(currency)s,
            %(birth_on)s, %(joined_at)s)
        """,
        msgspec.structs.asdict(person),
    )


async def find_person(tx: Transaction, person_id: UUID) -> Person | None:
    """The person, a creator and operator or not, or None."""
    return await tx.find(
        Person,
        """
        select p.id, email, handle, display_name, picture_url, region, currency, birth_on, birth_verified_at,
            joined_at, c.person_id is not null as is_creator, operator_since is not null as is_operator
        from people.people p left join people.creators c on c.person_id = p.id
        where p.id = %(id)s
        """,
        {"id": person_id},
    )


async def list_people(tx: Transaction, ids: Collection[UUID]) -> list[Person]:
    """The people with these ids, in no order."""
    return await tx.all(
        Person,
        """
        select p.id, email, handle, display_name, picture_url, region, currency, birth_on, birth_verified_at,
            joined_at, c.person_id is not null as is_creator, operator_since is not null as is_operator
        from people.people p left join people.creators c on c.person_id = p.id
        where p.id = any(%(ids)s)
        """,
        {"ids": list(ids)},
    )


async def get_person(tx: Transaction, person_id: UUID) -> Person:
    """Raises NoSuchPerson."""
    person = await find_person(tx, person_id)
    if person is None:
        raise NoSuchPerson
    return person


async def lock_person(tx: Transaction, person_id: UUID) -> Person:
    """The person as they are, who stays so until `tx` ends. Raises NoSuchPerson."""
    await tx.execute("select 1 from people.people where id = %(id)s for no key update", {"id": person_id})
    return await get_person(tx, person_id)


async def store_person(tx: Transaction, person: Person) -> None:
    """Store what a person may change of themselves."""
    await tx.execute(
        """
        update people.people set display_name = %(display_name)s, picture_url = %(picture_url)s, region = %(region)s,
            currency = %(currency)s, birth_on = %(birth_on)s
        where id = %(id)s
        """,
        msgspec.structs.asdict(person),
    )


async def get_id_by_handle(tx: Transaction, handle: str) -> UUID:
    """Raises NoSuchPerson."""
    found = await tx.find(_Id, "select id from people.people where handle = %(handle)s", {"handle": handle})
    if found is None:
        raise NoSuchPerson
    return found.id


async def find_id_by_email(tx: Transaction, email: str) -> UUID | None:
    """`email` is in its one form: `rules.normal_email`."""
    found = await tx.find(_Id, "select id from people.people where email = %(email)s", {"email": email})
    return found.id if found else None


class _Id(msgspec.Struct, frozen=True):
    id: UUID


async def get_minimum_age(tx: Transaction, region: str, *, today: date) -> int:
    """The years that hold today: the region's own rule, else the one for all regions."""
    return await tx.value(
        int,
        """
        select years from people.minimum_ages
        where region in (%(region)s, '') and holds_from <= %(today)s
        order by region desc, holds_from desc limit 1
        """,
        {"region": region, "today": today},
    )


async def store_password(tx: Transaction, person_id: UUID, hashed: str, *, now: datetime) -> None:
    """Put the hash in the place of the one before."""
    await tx.execute(
        """
        insert into people.passwords (person_id, hash, changed_at) values (%(person_id)s, %(hash)s, %(now)s)
        on conflict (person_id) do update set hash = excluded.hash, changed_at = excluded.changed_at
        """,
        {"person_id": person_id, "hash": hashed, "now": now},
    )


async def replace_hash(tx: Transaction, person_id: UUID, *, old: str, new: str) -> None:
    """The same password at today's cost, unless it was changed meanwhile."""
    await tx.execute(
        "update people.passwords set hash = %(new)s where person_id = %(person_id)s and hash = %(old)s",
        {"person_id": person_id, "old": old, "new": new},
    )


async def find_credentials(tx: Transaction, email: str) -> Credentials | None:
    """What is needed to sign in with this address; a second factor only if it was confirmed."""
    return await tx.find(
        Credentials,
        """
        select p.id as person_id, w.hash, p.email, p.handle, f.sealed_secret, coalesce(f.last_step, 0) as last_step
        from people.people p
        join people.passwords w on w.person_id = p.id
        left join people.second_factors f on f.person_id = p.id and f.confirmed_at is not null
        where p.email = %(email)s
        """,
        {"email": email},
    )


async def is_hash_still(tx: Transaction, person_id: UUID, hashed: str) -> bool:
    """Whether the password is the one that was verified; it stays so until `tx` ends."""
    return (
        await tx.execute(
            "select 1 from people.passwords where person_id = %(person_id)s and hash = %(hash)s for share",
            {"person_id": person_id, "hash": hashed},
        )
        == 1
    )


async def add_session(tx: Transaction, session: Session, token_hash: bytes) -> None:
    """Only the hash of its token is stored."""
    await tx.execute(
        """
        insert into people.sessions
            (id, person_id, token_hash, scopes, user_agent, first_seen_at, last_seen_at, idle_until, expires_at)
        values (%(id)s, %(person_id)s, %(token_hash)s, %(scopes)s, %(user_agent)s, %(first_seen_at)s,
            %(last_seen_at)s, %(idle_until)s, %(expires_at)s)
        """,
        {
            **msgspec.structs.asdict(session),
            "scopes": None if session.scopes is None else [scope.value for scope in session.scopes],
            "token_hash": token_hash,
        },
    )


async def list_sessions_of_tokens(tx: Transaction, token_hashes: Collection[bytes]) -> list[TokenSession]:
    """The sessions of these tokens, over or not, in no order."""
    return await tx.all(
        TokenSession,
        """
        select token_hash, id, person_id, scopes, user_agent, first_seen_at, last_seen_at, idle_until, expires_at
        from people.sessions where token_hash = any(%(token_hashes)s)
        """,
        {"token_hashes": list(token_hashes)},
    )


async def note_seen(tx: Transaction, session_ids: Collection[UUID], *, now: datetime, idle_until: datetime) -> None:
    """The sessions were used: they may rest until `idle_until` again."""
    await tx.execute(
        """
        update people.sessions set last_seen_at = %(now)s, idle_until = %(idle_until)s
        where id in (select id from people.sessions where id = any(%(ids)s) order by id for no key update)
        """,
        {"ids": list(session_ids), "now": now, "idle_until": idle_until},
    )


async def list_sessions(tx: Transaction, person_id: UUID, *, now: datetime) -> list[Session]:
    """The sessions that aren't over, the last seen first."""
    return await tx.all(
        Session,
        """
        select id, person_id, scopes, user_agent, first_seen_at, last_seen_at, idle_until, expires_at
        from people.sessions
        where person_id = %(person_id)s and idle_until > %(now)s and expires_at > %(now)s
        order by last_seen_at desc, id desc
        """,
        {"person_id": person_id, "now": now},
    )


async def delete_session(tx: Transaction, session_id: UUID, *, of: UUID) -> bool:
    """Whether there was such a session of this person."""
    return (
        await tx.execute(
            "delete from people.sessions where id = %(id)s and person_id = %(of)s", {"id": session_id, "of": of}
        )
        == 1
    )


async def delete_sessions(tx: Transaction, person_id: UUID, *, but: UUID | None = None) -> None:
    """End all of a person's sessions, except one."""
    await tx.execute(
        "delete from people.sessions where person_id = %(person_id)s and id is distinct from %(but)s",
        {"person_id": person_id, "but": but},
    )


async def delete_dead_sessions(tx: Transaction, person_id: UUID, *, now: datetime) -> None:
    """Nobody can come in with these any more, and nobody is shown them."""
    await tx.execute(
        """
        delete from people.sessions
        where person_id = %(person_id)s and (idle_until <= %(now)s or expires_at <= %(now)s)
        """,
        {"person_id": person_id, "now": now},
    )


async def add_application(tx: Transaction, application: Application) -> Application:
    """The application; the first one when somebody applies again."""
    await tx.execute(
        """
        insert into people.creators (person_id, about, applied_at) values (%(person_id)s, %(about)s, %(applied_at)s)
        on conflict (person_id) do nothing
        """,
        msgspec.structs.asdict(application),
    )
    return await tx.one(
        Application,
        "select person_id, about, applied_at from people.creators where person_id = %(person_id)s",
        {"person_id": application.person_id},
    )


async def make_operator(tx: Transaction, person_id: UUID, *, now: datetime) -> bool:
    """Whether this person wasn't one before."""
    return (
        await tx.execute(
            "update people.people set operator_since = %(now)s where id = %(id)s and operator_since is null",
            {"id": person_id, "now": now},
        )
        == 1
    )
