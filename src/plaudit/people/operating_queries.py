"""SQL of what operators do and see."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.people.model import Act, CreatorFile, PersonFile, Place


class _Kind(Struct, frozen=True):
    act: str


async def add_act(tx: Transaction, operator_id: UUID, act: str, subject: str, detail: object, *, now: datetime) -> None:
    """One more line of what operators did; `detail` becomes a JSON object."""
    await tx.execute(
        """
        insert into people.operator_acts (operator_id, at, act, subject, detail)
        values (%(operator_id)s, %(now)s, %(act)s, %(subject)s, %(detail)s::jsonb)
        """,
        {
            "operator_id": operator_id,
            "now": now,
            "act": act,
            "subject": subject,
            "detail": msgspec.json.encode(detail).decode(),
        },
    )


async def list_acts(
    tx: Transaction, *, act: str | None, operator: str | None, after: int | None, limit: int
) -> list[Act]:
    """The newest first."""
    return await tx.all(
        Act,
        """
        select a.id, p.handle as operator, a.at, a.act, a.subject, a.detail
        from people.operator_acts a join people.people p on p.id = a.operator_id
        where (%(after)s::bigint is null or a.id < %(after)s)
            and (%(act)s::text is null or a.act = %(act)s)
            and (%(operator)s::text is null or p.handle = %(operator)s)
        order by a.id desc limit %(limit)s
        """,
        {"after": after, "act": act, "operator": operator, "limit": limit},
    )


async def list_kinds_of_acts(tx: Transaction) -> list[str]:
    """In the order of the alphabet."""
    rows = await tx.all(_Kind, "select distinct act from people.operator_acts order by act")
    return [row.act for row in rows]


async def verify_creator(tx: Transaction, person_id: UUID, legal_name: str | None, *, now: datetime) -> bool:
    """Whether this person applied: then they are verified, since now or since before, and so is their birth date."""
    applied = await tx.execute(
        """
        update people.creators set verified_at = coalesce(verified_at, %(now)s),
            legal_name = coalesce(%(legal_name)s, legal_name)
        where person_id = %(id)s
        """,
        {"id": person_id, "legal_name": legal_name, "now": now},
    )
    if applied:
        await tx.execute(
            """
            update people.people set birth_verified_at = %(now)s
            where id = %(id)s and birth_on is not null and birth_verified_at is null
            """,
            {"id": person_id, "now": now},
        )
    return applied == 1


async def withdraw_verification(tx: Transaction, person_id: UUID) -> bool:
    """Whether this person applied: then they aren't verified any more. A verified birth date stays verified."""
    return (
        await tx.execute("update people.creators set verified_at = null where person_id = %(id)s", {"id": person_id})
        == 1
    )


async def get_creator(tx: Transaction, person_id: UUID) -> CreatorFile:
    """Of somebody who applied."""
    return await tx.one(
        CreatorFile,
        """
        select p.id, handle, display_name, region, birth_on, birth_verified_at, about, applied_at, verified_at,
            legal_name,
            (select count(*) from people.follows where followed_id = p.id) as followers
        from people.creators c join people.people p on p.id = c.person_id
        where p.id = %(id)s
        """,
        {"id": person_id},
    )


async def list_creators(
    tx: Transaction, *, verified: bool | None, after: Place | None, limit: int
) -> list[CreatorFile]:
    """Who applied, the newest first: all, only the verified, or only those who wait for it."""
    return await tx.all(
        CreatorFile,
        """
        select p.id, handle, display_name, region, birth_on, birth_verified_at, about, applied_at, verified_at,
            legal_name,
            (select count(*) from people.follows where followed_id = p.id) as followers
        from people.creators c join people.people p on p.id = c.person_id
        where (%(verified)s::boolean is null or (verified_at is not null) = %(verified)s)
            and (%(since)s::timestamptz is null or (applied_at, person_id) < (%(since)s, %(id)s::uuid))
        order by applied_at desc, person_id desc limit %(limit)s
        """,
        {
            "verified": verified,
            "since": after.since if after else None,
            "id": after.id if after else None,
            "limit": limit,
        },
    )


async def list_people(
    tx: Transaction, beginning: str, *, now: datetime, after: str | None, limit: int
) -> list[PersonFile]:
    """Whose handle or e-mail address begins like this, in the order of their handles."""
    escaped = beginning.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return await tx.all(
        PersonFile,
        """
        select p.id, email, handle, display_name, region, currency, birth_on, birth_verified_at, joined_at,
            operator_since, applied_at, verified_at, legal_name,
            (select count(*) from people.follows where followed_id = p.id) as followers,
            (select count(*) from people.follows where follower_id = p.id) as following,
            (select count(*) from people.sessions
                where person_id = p.id and idle_until > %(now)s and expires_at > %(now)s) as sessions
        from people.people p left join people.creators c on c.person_id = p.id
        where (handle like %(pattern)s or email like %(pattern)s)
            and (%(after)s::text is null or handle > %(after)s)
        order by handle limit %(limit)s
        """,
        {"pattern": f"{escaped}%", "now": now, "after": after, "limit": limit},
    )


async def get_file(tx: Transaction, person_id: UUID, *, now: datetime) -> PersonFile:
    """A person who is there."""
    return await tx.one(
        PersonFile,
        """
        select p.id, email, handle, display_name, region, currency, birth_on, birth_verified_at, joined_at,
            operator_since, applied_at, verified_at, legal_name,
            (select count(*) from people.follows where followed_id = p.id) as followers,
            (select count(*) from people.follows where follower_id = p.id) as following,
            (select count(*) from people.sessions
                where person_id = p.id and idle_until > %(now)s and expires_at > %(now)s) as sessions
        from people.people p left join people.creators c on c.person_id = p.id
        where p.id = %(id)s
        """,
        {"id": person_id, "now": now},
    )
