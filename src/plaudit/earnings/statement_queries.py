"""SQL of statements."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Transaction


class StoredStatement(Struct, frozen=True, kw_only=True):
    """A statement as it was made once, for good."""

    person_id: UUID
    month: date
    content: bytes
    sha256: bytes
    made_at: datetime


class DayRow(Struct, frozen=True, kw_only=True):
    """Gifts of one day in one currency."""

    currency: str
    day: date
    gifts: int
    coins: int
    value: int
    share: int


class FanRow(Struct, frozen=True, kw_only=True):
    """Gifts of one fan in one currency; None is all who gave anonymously."""

    currency: str
    fan: UUID | None
    gifts: int
    coins: int
    share: int


async def add_statement(tx: Transaction, statement: StoredStatement) -> None:
    """The first one stays: a second for the same month changes nothing."""
    await tx.execute(
        """
        insert into earnings.statements (person_id, month, content, sha256, made_at)
        values (%(person_id)s, %(month)s, %(content)s, %(sha256)s, %(made_at)s)
        on conflict (person_id, month) do nothing
        """,
        {
            "person_id": statement.person_id,
            "month": statement.month,
            "content": statement.content,
            "sha256": statement.sha256,
            "made_at": statement.made_at,
        },
    )


async def find_statement(tx: Transaction, person_id: UUID, month: date) -> StoredStatement | None:
    """The statement, if it was made."""
    return await tx.find(
        StoredStatement,
        """
        select person_id, month, content, sha256, made_at from earnings.statements
        where person_id = %(person_id)s and month = %(month)s
        """,
        {"person_id": person_id, "month": month},
    )


async def list_statements(tx: Transaction, *, after: tuple[UUID, date] | None, limit: int) -> list[StoredStatement]:
    """Everybody's, by person and month; `after` is the last one of the page before."""
    person_id, month = after or (UUID(int=0), date.min)
    return await tx.all(
        StoredStatement,
        """
        select person_id, month, content, sha256, made_at from earnings.statements
        where (person_id, month) > (%(person_id)s, %(month)s)
        order by person_id, month limit %(limit)s
        """,
        {"person_id": person_id, "month": month, "limit": limit},
    )


async def list_stored_months(tx: Transaction, person_id: UUID) -> dict[date, bytes]:
    """The hashes of one person's statements, by month."""
    found = await tx.all(
        StoredStatement,
        """
        select person_id, month, ''::bytea as content, sha256, made_at from earnings.statements
        where person_id = %(person_id)s
        """,
        {"person_id": person_id},
    )
    return {each.month: each.sha256 for each in found}


async def sum_by_day(tx: Transaction, person_id: UUID, runs: Sequence[int]) -> list[DayRow]:
    """The slices of these runs, by currency and by the day (UTC) of the gift."""
    return await tx.all(
        DayRow,
        """
        select s.currency, (t.at at time zone 'UTC')::date as day, count(distinct s.gift_id) as gifts,
            sum(s.coins)::bigint as coins, sum(s.value_micros)::bigint as value, sum(s.share_micros)::bigint as share
        from unnest(%(runs)s::bigint[]) as of_month (id)
            join earnings.runs r on r.id = of_month.id
            join earnings.slices s
                on s.creator_id = %(person_id)s and s.timestamp between r.first_timestamp and r.last_timestamp
            join ledger.transfers t on t.timestamp = s.timestamp
        group by 1, 2 order by 1, 2
        """,
        {"person_id": person_id, "runs": list(runs)},
    )


async def sum_by_fan(tx: Transaction, person_id: UUID, runs: Sequence[int]) -> list[FanRow]:
    """The slices of these runs, by currency and by fan, those who gave most coins first."""
    return await tx.all(
        FanRow,
        """
        select s.currency, case when g.is_anonymous then null else s.fan_id end as fan,
            count(distinct s.gift_id) as gifts, sum(s.coins)::bigint as coins, sum(s.share_micros)::bigint as share
        from unnest(%(runs)s::bigint[]) as of_month (id)
            join earnings.runs r on r.id = of_month.id
            join earnings.slices s
                on s.creator_id = %(person_id)s and s.timestamp between r.first_timestamp and r.last_timestamp
            left join gifts.sendings g on g.id = s.gift_id
        group by 1, 2 order by 1, 4 desc, 2
        """,
        {"person_id": person_id, "runs": list(runs)},
    )


async def is_settled_up_to(tx: Transaction, timestamp: int) -> bool:
    """Whether the fold has passed this transfer, and has posted everything that it made of those up to it."""
    return await tx.value(
        bool,
        """
        select (select c.timestamp from earnings.cursor c) >= %(timestamp)s and not exists (
            select from earnings.runs where posted_at is null and first_timestamp <= %(timestamp)s)
        """,
        {"timestamp": timestamp},
    )
