"""The database goes away in the middle of a storm of gifts."""

from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.rooms import RoomLog
from tests.rooms.conftest import House
from tests.rooms.test_log import a_gift
from tests.waiting import until


class Outage:
    """From inside, a database that lets nobody in is one that isn't there."""

    def __init__(self, postgres: EmbeddedPostgres, database_url: str) -> None:
        self._url = postgres.url
        self._name = urlsplit(database_url).path.removeprefix("/")

    def begin(self) -> None:
        self._allow(SQL("alter database {} allow_connections false"))
        with psycopg.connect(self._url, autocommit=True) as admin:
            admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (self._name,))

    def end(self) -> None:
        self._allow(SQL("alter database {} allow_connections true"))

    def _allow(self, statement: SQL) -> None:
        with psycopg.connect(self._url, autocommit=True) as admin:
            admin.execute(statement.format(Identifier(self._name)))


async def test_gifts_wait_for_the_database_and_are_told_once_when_it_is_back(
    house: House, postgres: EmbeddedPostgres, database_url: str
):
    live = await house.live("iris")
    outage = Outage(postgres, database_url)
    first, second = [a_gift(live) for _ in range(300)], [a_gift(live) for _ in range(300)]

    for gift in first:
        house.rooms.log.take(gift)
    outage.begin()
    for gift in second:
        house.rooms.log.take(gift)
    outage.end()

    await until(lambda: house.rooms.log.waiting == 0)
    told = await house.told(live, "gift_sent")
    assert [event["id"] for event in told] == [str(gift.id) for gift in first + second]


async def test_closing_does_not_wait_for_ever_for_a_database_that_is_away(
    house: House, postgres: EmbeddedPostgres, database_url: str
):
    live = await house.live("iris")
    outage = Outage(postgres, database_url)
    log = RoomLog(house.db, house.rooms.line, closing_seconds=0.2)

    async with log:
        outage.begin()
        log.take(a_gift(live))
    outage.end()

    assert log.waiting == 1
    assert await house.told(live, "gift_sent") == []


async def test_more_than_can_be_held_is_left_to_the_relay(house: House):
    live = await house.live("iris")

    async with RoomLog(house.db, house.rooms.line, most_waiting=10) as log:
        for _ in range(15):
            log.take(a_gift(live))

    assert len(await house.told(live, "gift_sent")) == 10
