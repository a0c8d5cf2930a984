"""What history is written with: the product's packages in this process, on a clock that stands where it is put."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from msgspec import Struct

from plaudit.coins import Buyer, Till
from plaudit.demo.cast import LOGINS, PLAYED, Member
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import derive_id
from plaudit.gifts import Sender
from plaudit.ledger import Ledger, PostgresLedger
from plaudit.people import Person, Session, Visitor, rules
from plaudit.people.regions import CURRENCY_BY_REGION
from plaudit.people.sessions import make_visitor
from plaudit.providers import MemoryLine, Sandbox
from plaudit.providers.sandbox import NAME
from plaudit.rooms import Rooms

PROGRAM = "The demo's own crowd"
"""What stands in the list of sessions for those that the demo opens."""


class House(Struct, frozen=True, kw_only=True):
    """Everything that history needs; `begun_at` is when the world began."""

    db: Database
    ledger: Ledger
    rooms: Rooms
    sandbox: Sandbox
    clock: MovableClock
    begun_at: datetime

    @property
    def now(self) -> datetime:
        """Where the clock stands."""
        return self.clock.now()

    @property
    def till(self) -> Till:
        """What top-ups are taken with."""
        return Till(db=self.db, ledger=self.ledger, providers={NAME: self.sandbox})

    def move_to(self, at: timedelta) -> None:
        """Put the clock so long after the beginning."""
        self.clock.move(self.begun_at + at - self.now)


@asynccontextmanager
async def open_house(db: Database, begun_at: datetime) -> AsyncGenerator[House]:
    """A house for as long as the block runs. Nobody else may write to the ledger then: its time only goes forward."""
    clock = MovableClock(begun_at)
    async with (
        PostgresLedger.open(db, clock=clock, deadline_seconds=30) as ledger,
        Rooms.open(db, ledger, MemoryLine(), clock) as rooms,
    ):
        yield House(db=db, ledger=ledger, rooms=rooms, sandbox=Sandbox(db), clock=clock, begun_at=begun_at)


def email_of(member: Member) -> str:
    """Those whom a visitor plays sign in with an address that says so."""
    return next((LOGINS[word].email for word, played in PLAYED.items() if played == member), member.email)


def person_of(member: Member, joined_at: datetime, *, is_creator: bool = False) -> Person:
    """The member as the people package knows them."""
    return Person(
        id=member.id,
        email=email_of(member),
        handle=member.handle,
        display_name=member.name,
        picture_url=None,
        region=member.region,
        currency=CURRENCY_BY_REGION[member.region],
        birth_on=member.born_on,
        birth_verified_at=None,
        joined_at=joined_at,
        is_creator=is_creator,
    )


def session_of(member: Member, now: datetime) -> Session:
    """The one session that the demo has of this member; its id is always the same."""
    return Session(
        id=derive_id(member.id, "session"),
        person_id=member.id,
        scopes=None,
        user_agent=PROGRAM,
        first_seen_at=now,
        last_seen_at=now,
        idle_until=now + rules.IDLE,
        expires_at=now + rules.ABSOLUTE,
    )


def visitor_of(member: Member, now: datetime, *, is_creator: bool = False) -> Visitor:
    """The member as whoever asks for something."""
    return make_visitor(person_of(member, now, is_creator=is_creator), session_of(member, now))


def buyer_of(member: Member) -> Buyer:
    """The member at the till."""
    return Buyer(person_id=member.id, region=member.region, currency=CURRENCY_BY_REGION[member.region])


def sender_of(member: Member) -> Sender:
    """The member as whoever gives."""
    return Sender(
        person_id=member.id,
        handle=member.handle,
        name=member.name,
        picture_url=None,
        region=member.region,
        currency=CURRENCY_BY_REGION[member.region],
    )
