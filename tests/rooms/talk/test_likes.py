from datetime import timedelta
from uuid import UUID

import pytest

from plaudit.foundation.database import Database
from plaudit.foundation.errors import Invalid, LockedByAnother
from plaudit.foundation.ids import new_id
from plaudit.people import Role
from plaudit.providers import MemoryLine
from plaudit.rooms.errors import LiveHasEnded, LiveNotFound
from plaudit.rooms.known import Known
from plaudit.rooms.likes import Likes
from plaudit.rooms.live_queries import get_live, lock_live
from plaudit.rooms.talk import Talk
from plaudit.rooms.talk_errors import LikesTooFast
from tests.rooms.talk.conftest import NOW, GoLive, Heard, Join, end_live
from tests.waiting import until


async def likes_of(db: Database, live_id: UUID) -> int:
    async with db.transaction() as tx:
        return (await get_live(tx, live_id)).likes


async def test_likes_of_many_are_stored_together_and_the_room_is_told_the_sum(
    talk: Talk, join: Join, go_live: GoLive, heard: Heard
):
    star, ada, bob = await join("star", Role.CREATOR), await join("ada"), await join("bob")
    live_id, other = await go_live(star), await go_live(ada)

    await talk.likes.like(live_id, ada.person_id, 50, now=NOW)
    await talk.likes.like(live_id, bob.person_id, 3, now=NOW)
    await talk.likes.like(other, bob.person_id, 1, now=NOW)
    await talk.likes.flush()
    await talk.likes.like(live_id, bob.person_id, 7, now=NOW)
    await talk.likes.flush()
    await talk.likes.flush()

    assert await heard.of(live_id) == [{"type": "likes", "total": 53}, {"type": "likes", "total": 60}]
    assert await heard.of(other) == [{"type": "likes", "total": 1}]
    assert (await likes_of(talk.db, live_id), await likes_of(talk.db, other)) == (60, 1)


async def test_likes_are_stored_within_a_moment_without_anyone_asking(talk: Talk, join: Join, go_live: GoLive):
    star = await join("star", Role.CREATOR)
    live_id = await go_live(star)

    await talk.likes.like(live_id, star.person_id, 2, now=NOW)

    async def are_stored() -> bool:
        return await likes_of(talk.db, live_id) == 2

    await until(are_stored)


async def test_what_waits_at_the_end_is_stored(db: Database, join: Join, go_live: GoLive, known: Known):
    star = await join("star", Role.CREATOR)
    live_id = await go_live(star)

    async with Likes(db, MemoryLine(), known) as likes:
        await likes.like(live_id, star.person_id, 9, now=NOW)

    assert await likes_of(db, live_id) == 9


async def test_likes_are_counted_one_by_one_and_for_lives_that_are_on(
    talk: Talk, known: Known, join: Join, go_live: GoLive, heard: Heard
):
    star, ada = await join("star", Role.CREATOR), await join("ada")
    live_id = await go_live(star)
    for count in (0, -1, 51):
        with pytest.raises(Invalid):
            await talk.likes.like(live_id, ada.person_id, count, now=NOW)
    with pytest.raises(LiveNotFound):
        await talk.likes.like(new_id(), ada.person_id, 1, now=NOW)

    await talk.likes.like(live_id, ada.person_id, 1, now=NOW)
    await end_live(talk.db, live_id)
    await talk.likes.flush()
    known.forget(live_id)
    with pytest.raises(LiveHasEnded):
        await talk.likes.like(live_id, ada.person_id, 1, now=NOW)

    assert (await likes_of(talk.db, live_id), await heard.of(live_id)) == (0, [])


async def test_ten_calls_in_five_seconds_and_then_one_waits(talk: Talk, join: Join, go_live: GoLive):
    star, ada = await join("star", Role.CREATOR), await join("ada")
    live_id = await go_live(star)
    for _ in range(10):
        await talk.likes.like(live_id, ada.person_id, 50, now=NOW)

    with pytest.raises(LikesTooFast):
        await talk.likes.like(live_id, ada.person_id, 1, now=NOW)
    await talk.likes.like(live_id, ada.person_id, 1, now=NOW + timedelta(seconds=5))
    await talk.likes.flush()

    assert await likes_of(talk.db, live_id) == 501


async def test_likes_that_could_not_be_stored_wait_and_are_counted_once(
    database_url: str, db: Database, known: Known, join: Join, go_live: GoLive
):
    star = await join("star", Role.CREATOR)
    live_id = await go_live(star)
    async with (
        Database.open(database_url, lock_timeout_ms=100) as impatient,
        Likes(impatient, MemoryLine(), known) as likes,
    ):
        async with db.transaction() as tx:
            await lock_live(tx, live_id)
            await likes.like(live_id, star.person_id, 4, now=NOW)
            with pytest.raises(LockedByAnother):
                await likes.flush()
            await likes.like(live_id, star.person_id, 1, now=NOW)

        await likes.flush()

        assert await likes_of(db, live_id) == 5
