"""Rooms on real PostgreSQL: creators who may receive, fans with coins, and a ledger whose books close afterwards."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from plaudit import gifts
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import COIN
from plaudit.ledger import Posted, PostgresLedger, Transfer
from plaudit.ledger.chart import AccountCode, TransferCode, make_account
from plaudit.people import Person, Scope, Visitor, queries
from plaudit.people.profiles import apply_as_creator
from plaudit.providers import MemoryLine
from plaudit.rooms import Live, LiveWish, Rooms, events, leaderboard, lives, sending
from plaudit.rooms.model import Leader, Span
from tests.ledger.closing import assert_books_close

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class House:
    """Rooms, and the people in them."""

    def __init__(self, rooms: Rooms, clock: MovableClock) -> None:
        self.rooms = rooms
        self.db = rooms.db
        self.clock = clock
        self.heard: list[dict[str, Any]] = []
        self.creators: dict[str, Visitor] = {}

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def hear(self, subject: str, payload: bytes) -> None:
        self.heard += [{"subject": subject, **told} for told in msgspec.json.decode(payload)]

    async def join(self, handle: str, *, is_creator: bool = False) -> Visitor:
        person = Person(
            id=new_id(),
            email=f"{handle}@example.org",
            handle=handle,
            display_name=handle.capitalize(),
            picture_url=None,
            region="US",
            currency="USD",
            birth_on=date(1990, 5, 17),
            birth_verified_at=None,
            joined_at=NOW,
        )
        async with self.db.transaction() as tx:
            await queries.add_person(tx, person)
        if is_creator:
            await self._may_receive(person.id)
        return visitor_of(person, is_creator=is_creator)

    async def _may_receive(self, person_id: UUID) -> None:
        await apply_as_creator(self.db, person_id, "", now=NOW)
        async with self.db.transaction() as tx:
            await tx.execute(
                "update people.creators set verified_at = %(now)s where person_id = %(id)s",
                {"id": person_id, "now": NOW},
            )

    async def live(self, handle: str) -> Live:
        """A live of a creator, who joins with the first one."""
        if handle not in self.creators:
            self.creators[handle] = await self.join(handle, is_creator=True)
        wish = LiveWish(id=new_id(), title="Painting")
        return await lives.start_live(self.rooms, wish, self.creators[handle], now=self.now)

    async def end(self, live: Live) -> None:
        await lives.end_live(self.rooms, live.id, by=live.creator_id, now=self.now)

    async def fan(self, handle: str, *, coins: int = 1_000) -> gifts.Sender:
        visitor = await self.join(handle)
        issued = make_account(AccountCode.COINS_ISSUED, COIN)
        wallet = make_account(AccountCode.FAN_COINS, COIN, visitor.person_id)
        await self.rooms.ledger.open_accounts((issued, wallet))
        if coins:
            funding = Transfer(new_id(), issued.id, wallet.id, coins, TransferCode.TOP_UP)
            assert isinstance(await self.rooms.ledger.post((funding,)), Posted)
        return gifts.Sender(
            person_id=visitor.person_id,
            handle=visitor.handle,
            name=visitor.name,
            picture_url=None,
            region="US",
            currency="USD",
        )

    async def send(
        self, fan: gifts.Sender, live: Live | None, wish: gifts.Wish | None = None, *, to: str | None = None
    ) -> gifts.Sent:
        return await sending.send_gift(
            self.rooms, wish or a_wish(), fan, live_id=live.id if live else None, to=to, now=self.now
        )

    async def told(self, live: Live, kind: str | None = None) -> list[dict[str, Any]]:
        """What happened in the live, as it is stored."""
        await self.rooms.log.until_idle()
        found: list[dict[str, Any]] = []
        while page := await events.list_events(self.db, live.id, after=len(found)):
            found += [msgspec.json.decode(event.body) for event in page]
        assert [event["seq"] for event in found] == list(range(1, len(found) + 1))
        return [event for event in found if kind in (None, event["type"])]

    async def leaders(self, live: Live, span: Span = Span.LIVE) -> list[Leader]:
        await self.rooms.log.until_idle()
        return await leaderboard.get_leaderboard(self.db, live.id, span, limit=100, now=self.now)


def visitor_of(person: Person, *, is_creator: bool = False) -> Visitor:
    return Visitor(
        person_id=person.id,
        handle=person.handle,
        name=person.display_name,
        picture_url=person.picture_url,
        region=person.region,
        currency=person.currency,
        session_id=new_id(),
        scopes=frozenset(Scope),
        is_limited=False,
        is_creator=is_creator,
        is_operator=False,
    )


def a_wish(gift: str = "rose", **more: object) -> gifts.Wish:
    wish: dict[str, object] = {"id": new_id(), "gift": gift, **more}
    return gifts.Wish(**wish)  # pyright: ignore[reportArgumentType] - whatever a test wishes


@asynccontextmanager
async def open_house(database_url: str, clock: MovableClock, line: MemoryLine) -> AsyncGenerator[House]:
    """Another one on the same database is another process's worth."""
    async with (
        Database.open(database_url) as db,
        PostgresLedger.open(db, clock=clock) as ledger,
        Rooms.open(db, ledger, line, clock) as rooms,
    ):
        house = House(rooms, clock)
        async with db.transaction() as tx:
            # Most of what happens in rooms is the same with a crowd of followers and without.
            await tx.execute("update rooms.requirements set value = 0 where kind = 'least_followers'")
        await line.subscribe("plaudit.room.*", house.hear)
        yield house
        await assert_books_close(ledger)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


@pytest.fixture
def line() -> MemoryLine:
    return MemoryLine()


@pytest.fixture
async def house(database_url: str, clock: MovableClock, line: MemoryLine) -> AsyncIterator[House]:
    async with open_house(database_url, clock, line) as house:
        yield house
