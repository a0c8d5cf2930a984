from datetime import timedelta

import msgspec
import pytest

from plaudit.foundation.database import Database
from plaudit.foundation.errors import Invalid
from plaudit.foundation.ids import new_id
from plaudit.people import Role, Scope
from plaudit.people.errors import NoSuchPerson, NotYourself
from plaudit.people.model import Place
from plaudit.rooms import moderation, talk_rules
from plaudit.rooms.errors import LiveNotFound
from plaudit.rooms.moderation import MuteWish
from plaudit.rooms.talk_errors import CannotMuteCreator, NotAModerator, TooManyBlockedWords
from tests.rooms.talk.conftest import NOW, GoLive, Join, acts_of


async def test_the_creator_their_moderators_and_operators_mute_and_unmute(db: Database, join: Join, go_live: GoLive):
    star, ada, operator = await join("star", Role.CREATOR), await join("ada"), await join("boss", Role.OPERATOR)
    live_id = await go_live(star)
    await join("bob")
    await moderation.add_moderator(db, star.person_id, "ada", now=NOW)

    for visitor in (star, ada, operator):
        await moderation.mute(db, live_id, MuteWish(handle="BOB", minutes=5), visitor, now=NOW)
        (muted,) = await moderation.list_mutes(db, live_id, visitor, after=None, limit=10, now=NOW)
        await moderation.unmute(db, live_id, "bob", visitor, now=NOW)
        assert await moderation.list_mutes(db, live_id, visitor, after=None, limit=10, now=NOW) == []
        assert (muted.handle, muted.until) == ("bob", NOW + timedelta(minutes=5))

    assert await acts_of(db) == ["person_muted", "person_unmuted"]


async def test_nobody_else_moderates_nor_an_operator_without_the_scope(db: Database, join: Join, go_live: GoLive):
    star, ada, moon = await join("star", Role.CREATOR), await join("ada"), await join("moon", Role.CREATOR)
    operator = msgspec.structs.replace(await join("boss", Role.OPERATOR), scopes=frozenset({Scope.READ}))
    live_id = await go_live(star)

    for visitor in (ada, moon, operator):
        with pytest.raises(NotAModerator):
            await moderation.mute(db, live_id, MuteWish(handle="ada"), visitor, now=NOW)
        with pytest.raises(NotAModerator):
            await moderation.list_mutes(db, live_id, visitor, after=None, limit=10, now=NOW)
    with pytest.raises(LiveNotFound):
        await moderation.unmute(db, new_id(), "ada", star, now=NOW)


async def test_a_mute_that_is_over_is_not_listed_and_a_new_one_replaces_it(db: Database, join: Join, go_live: GoLive):
    star = await join("star", Role.CREATOR)
    live_id = await go_live(star)
    await join("bob")
    await moderation.mute(db, live_id, MuteWish(handle="bob", minutes=1), star, now=NOW)
    later = NOW + timedelta(minutes=1)

    over = await moderation.list_mutes(db, live_id, star, after=None, limit=10, now=later)
    await moderation.mute(db, live_id, MuteWish(handle="bob"), star, now=later)
    (again,) = await moderation.list_mutes(db, live_id, star, after=None, limit=10, now=later)

    assert over == []
    assert (again.since, again.until) == (later, None)


async def test_the_muted_come_in_pages_the_newest_first(db: Database, join: Join, go_live: GoLive):
    star = await join("star", Role.CREATOR)
    live_id = await go_live(star)
    for number in range(3):
        await join(f"fan_{number}")
        at = NOW + timedelta(seconds=number)
        await moderation.mute(db, live_id, MuteWish(handle=f"fan_{number}"), star, now=at)

    first = await moderation.list_mutes(db, live_id, star, after=None, limit=2, now=NOW)
    place = Place(since=first[-1].since, id=first[-1].id)
    second = await moderation.list_mutes(db, live_id, star, after=place, limit=2, now=NOW)

    assert [muted.handle for muted in (*first, *second)] == ["fan_2", "fan_1", "fan_0"]


async def test_who_cannot_be_muted(db: Database, join: Join, go_live: GoLive):
    star = await join("star", Role.CREATOR)
    live_id = await go_live(star)

    with pytest.raises(CannotMuteCreator):
        await moderation.mute(db, live_id, MuteWish(handle="star"), star, now=NOW)
    with pytest.raises(NoSuchPerson):
        await moderation.mute(db, live_id, MuteWish(handle="nobody_there"), star, now=NOW)
    with pytest.raises(Invalid):
        await moderation.mute(db, live_id, MuteWish(handle="star", minutes=0), star, now=NOW)


async def test_words_are_kept_in_one_form_and_unblocked_in_any(db: Database, join: Join):
    star = await join("star", Role.CREATOR)

    for word in ("Darn", "d-a-r-n", "Straße"):
        await moderation.block_word(db, star.person_id, word, now=NOW)
    blocked = [blocked.word for blocked in await moderation.list_words(db, star.person_id)]
    await moderation.unblock_word(db, star.person_id, "STRASSE")

    assert blocked == ["darn", "strasse"]
    assert [blocked.word for blocked in await moderation.list_words(db, star.person_id)] == ["darn"]


async def test_a_creator_blocks_so_many_words_and_no_more(db: Database, join: Join):
    star = await join("star", Role.CREATOR)
    for number in range(talk_rules.MOST_BLOCKED_WORDS):
        await moderation.block_word(db, star.person_id, f"word{number}", now=NOW)

    with pytest.raises(TooManyBlockedWords):
        await moderation.block_word(db, star.person_id, "another", now=NOW)

    await moderation.block_word(db, star.person_id, "word7", now=NOW)


async def test_moderators_are_appointed_listed_and_dismissed(db: Database, join: Join, go_live: GoLive):
    star, ada = await join("star", Role.CREATOR), await join("ada")
    live_id = await go_live(star)
    for _ in range(2):
        await moderation.add_moderator(db, star.person_id, "ada", now=NOW)

    listed = await moderation.list_moderators(db, star.person_id, after=None, limit=10)
    await moderation.remove_moderator(db, star.person_id, "ada")

    assert [moderator.handle for moderator in listed] == ["ada"]
    assert await moderation.list_moderators(db, star.person_id, after=None, limit=10) == []
    with pytest.raises(NotAModerator):
        await moderation.unmute(db, live_id, "star", ada, now=NOW)
    with pytest.raises(NotYourself):
        await moderation.add_moderator(db, star.person_id, "star", now=NOW)
