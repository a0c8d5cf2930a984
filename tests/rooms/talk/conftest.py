"""People, lives and a room's line, on real PostgreSQL."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.people import Person, Role, Visitor, queries
from plaudit.people.profiles import apply_as_creator
from plaudit.people.rules import scopes_of
from plaudit.providers import MemoryLine
from plaudit.rooms.known import Known
from plaudit.rooms.log import RoomLog
from plaudit.rooms.talk import Talk

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

Join = Callable[..., Awaitable[Visitor]]
GoLive = Callable[[Visitor], Awaitable[UUID]]


@pytest.fixture
async def db(database_url: str) -> AsyncGenerator[Database]:
    async with Database.open(database_url) as db:
        yield db


class Heard:
    """What went out on the line, by the room it went to."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []

    def hear(self, subject: str, payload: bytes) -> None:
        objects: Sequence[dict[str, Any]] = msgspec.json.decode(payload)
        self.told += [(subject, each) for each in objects]

    async def of(self, live_id: UUID) -> list[dict[str, Any]]:
        """What this room was told until now."""
        await asyncio.sleep(0)
        return [told for subject, told in self.told if subject == f"plaudit.room.{live_id}"]


@pytest.fixture
def line() -> MemoryLine:
    return MemoryLine()


@pytest.fixture
async def heard(line: MemoryLine) -> Heard:
    heard = Heard()
    await line.subscribe("plaudit.room.*", heard.hear)
    return heard


@pytest.fixture
def known(db: Database) -> Known:
    return Known(db, MovableClock(NOW))


@pytest.fixture
async def talk(db: Database, line: MemoryLine, known: Known) -> AsyncGenerator[Talk]:
    async with RoomLog(db, line) as log, Talk.open(db, line, log, known) as talk:
        yield talk


@pytest.fixture
def join(db: Database) -> Join:
    """Somebody who signed up, with a session that may do all that they may."""

    async def sign_up(handle: str, *roles: Role, region: str = "US", birth_on: date | None = None) -> Visitor:
        person = Person(
            id=new_id(),
            email=f"{handle}@example.org",
            handle=handle,
            display_name=handle.capitalize(),
            picture_url=None,
            region=region,
            currency="USD",
            birth_on=birth_on,
            birth_verified_at=None,
            joined_at=NOW,
        )
        async with db.transaction() as tx:
            await queries.add_person(tx, person)
            if Role.OPERATOR in roles:
                await queries.make_operator(tx, person.id, now=NOW)
        if Role.CREATOR in roles:
            await apply_as_creator(db, person.id, "", now=NOW)
        return visit_of(person, roles)

    return sign_up


def visit_of(person: Person, roles: Sequence[Role]) -> Visitor:
    person = msgspec.structs.replace(person, is_creator=Role.CREATOR in roles, is_operator=Role.OPERATOR in roles)
    return Visitor(
        person_id=person.id,
        handle=person.handle,
        name=person.display_name,
        picture_url=person.picture_url,
        region=person.region,
        currency=person.currency,
        session_id=new_id(),
        scopes=scopes_of(person),
        is_limited=False,
        is_creator=person.is_creator,
        is_operator=person.is_operator,
    )


@pytest.fixture
def go_live(db: Database) -> GoLive:
    """A live of this creator's, which is on."""

    async def start(creator: Visitor) -> UUID:
        live_id = new_id()
        async with db.transaction() as tx:
            await tx.execute(
                """
                insert into rooms.lives (id, creator_id, title, started_at)
                values (%(id)s, %(creator)s, 'Painting', %(now)s)
                """,
                {"id": live_id, "creator": creator.person_id, "now": NOW},
            )
        return live_id

    return start


async def end_live(db: Database, live_id: UUID) -> None:
    async with db.transaction() as tx:
        await tx.execute(
            "update rooms.lives set ended_at = %(now)s, end_reason = 'ended' where id = %(id)s",
            {"id": live_id, "now": NOW},
        )


async def acts_of(db: Database) -> list[str]:
    """What operators did, the first act first."""
    async with db.transaction() as tx:
        return await tx.value(list[str], "select array(select act from people.operator_acts order by id)")
