import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from plaudit.foundation.database import Database
from plaudit.foundation.errors import IdReused
from plaudit.foundation.ids import new_id
from plaudit.people import Role, Visitor, following
from plaudit.rooms import chat, moderation
from plaudit.rooms.errors import LiveHasEnded, LiveNotFound, SenderBlocked
from plaudit.rooms.events import list_events
from plaudit.rooms.moderation import MuteWish
from plaudit.rooms.talk import Talk
from plaudit.rooms.talk_errors import ChatTooFast, IsMuted, NoSuchLine, NotAModerator, WordNotAllowed
from plaudit.rooms.talk_model import ChatLine, ChatWish
from tests.rooms.talk.conftest import NOW, GoLive, Heard, Join, acts_of, end_live


async def say(talk: Talk, live_id: UUID, visitor: Visitor, text: str, *, after_seconds: float = 0) -> ChatLine:
    wish = ChatWish(id=new_id(), text=text)
    return await chat.post_chat(talk, live_id, wish, visitor, now=NOW + timedelta(seconds=after_seconds))


async def test_what_is_said_is_heard_by_the_room_and_kept_for_whoever_joins(
    talk: Talk, join: Join, go_live: GoLive, heard: Heard
):
    star, ada = await join("star", Role.CREATOR), await join("ada")
    here, elsewhere = await go_live(star), await go_live(ada)

    said = await say(talk, here, ada, "  Hello! ")
    await say(talk, here, star, "Hello, Ada.", after_seconds=1)

    assert [line.text for line in await chat.get_chat(talk.db, here)] == ["Hello!", "Hello, Ada."]
    assert (await heard.of(here))[0] == {
        "type": "chat",
        "id": str(said.id),
        "at": "2026-03-01T12:00:00Z",
        "from": {"handle": "ada", "name": "Ada", "picture_url": None},
        "text": "Hello!",
    }
    assert (await heard.of(elsewhere), await chat.get_chat(talk.db, elsewhere)) == ([], [])


async def test_the_last_fifty_lines_are_listed_the_oldest_of_them_first(talk: Talk, join: Join, go_live: GoLive):
    star, fans = await join("star", Role.CREATOR), [await join(f"fan_{number}") for number in range(11)]
    live_id = await go_live(star)
    for number in range(55):
        await say(talk, live_id, fans[number // 5], str(number), after_seconds=number / 100)

    listed = await chat.get_chat(talk.db, live_id)

    assert [line.text for line in listed] == [str(number) for number in range(5, 55)]


async def test_the_same_id_is_the_same_line_and_is_heard_once(talk: Talk, join: Join, go_live: GoLive, heard: Heard):
    star, ada, bob = await join("star", Role.CREATOR), await join("ada"), await join("bob")
    live_id, wish = await go_live(star), ChatWish(id=new_id(), text="Hello!")

    first = await chat.post_chat(talk, live_id, wish, ada, now=NOW)
    await moderation.mute(talk.db, live_id, MuteWish(handle="ada"), star, now=NOW)
    await end_live(talk.db, live_id)
    second = await chat.post_chat(talk, live_id, wish, ada, now=NOW + timedelta(seconds=9))

    assert first == second
    assert len(await heard.of(live_id)) == 1
    for visitor, text in ((ada, "Another"), (bob, "Hello!")):
        with pytest.raises(IdReused):
            await chat.post_chat(talk, live_id, ChatWish(id=wish.id, text=text), visitor, now=NOW)


async def test_the_same_line_sent_twice_at_once_is_one_line(talk: Talk, join: Join, go_live: GoLive, heard: Heard):
    star, ada = await join("star", Role.CREATOR), await join("ada")
    live_id, wish = await go_live(star), ChatWish(id=new_id(), text="Hello!")

    answers = await asyncio.gather(*(chat.post_chat(talk, live_id, wish, ada, now=NOW) for _ in range(4)))

    assert answers == [answers[0]] * 4
    assert len(await chat.get_chat(talk.db, live_id)) == len(await heard.of(live_id)) == 1


async def test_nobody_talks_where_nothing_is_on(talk: Talk, join: Join, go_live: GoLive):
    star = await join("star", Role.CREATOR)
    live_id = await go_live(star)
    await end_live(talk.db, live_id)

    with pytest.raises(LiveHasEnded):
        await say(talk, live_id, star, "Hello?")
    with pytest.raises(LiveNotFound):
        await say(talk, new_id(), star, "Hello?")
    with pytest.raises(LiveNotFound):
        await chat.get_chat(talk.db, new_id())


async def test_who_was_blocked_by_the_creator_or_is_muted_is_refused(talk: Talk, join: Join, go_live: GoLive):
    star, ada, bob = await join("star", Role.CREATOR), await join("ada"), await join("bob")
    live_id = await go_live(star)
    await following.block(talk.db, star.person_id, "ada", now=NOW)
    await moderation.mute(talk.db, live_id, MuteWish(handle="bob", minutes=2), star, now=NOW)

    with pytest.raises(SenderBlocked):
        await say(talk, live_id, ada, "Hello")
    with pytest.raises(IsMuted):
        await say(talk, live_id, bob, "Hello", after_seconds=119)
    said = await say(talk, live_id, bob, "Sorry.", after_seconds=120)

    assert await chat.get_chat(talk.db, live_id) == [said]


async def test_a_blocked_word_keeps_a_line_out_of_this_creators_rooms_only(talk: Talk, join: Join, go_live: GoLive):
    star, moon = await join("star", Role.CREATOR), await join("moon", Role.CREATOR)
    of_star, of_moon = await go_live(star), await go_live(moon)
    await moderation.block_word(talk.db, star.person_id, "Darn!", now=NOW)

    with pytest.raises(WordNotAllowed):
        await say(talk, of_star, moon, "d.a.r.n it")

    assert (await say(talk, of_star, moon, "darning")).text == "darning"
    assert (await say(talk, of_moon, star, "darn it")).text == "darn it"


async def test_five_lines_in_five_seconds_and_then_one_waits(talk: Talk, join: Join, go_live: GoLive):
    star, ada = await join("star", Role.CREATOR), await join("ada")
    live_id = await go_live(star)
    for number in range(5):
        await say(talk, live_id, ada, str(number), after_seconds=number / 2)

    with pytest.raises(ChatTooFast) as refused:
        await say(talk, live_id, ada, "more", after_seconds=3)

    assert refused.value.retry_after_seconds == 2
    assert (await say(talk, live_id, ada, "more", after_seconds=5)).text == "more"
    assert (await say(talk, live_id, star, "Slow down.", after_seconds=3)).text == "Slow down."


async def test_a_removed_line_is_gone_and_the_room_is_told_by_sequence_once(
    db: Database, talk: Talk, join: Join, go_live: GoLive, heard: Heard
):
    star, ada, operator = await join("star", Role.CREATOR), await join("ada"), await join("boss", Role.OPERATOR)
    live_id = await go_live(star)
    first, second, third = [await say(talk, live_id, ada, text) for text in ("one", "two", "three")]

    await chat.remove_line(talk, live_id, first.id, star, now=NOW)
    await chat.remove_line(talk, live_id, first.id, star, now=NOW)
    await chat.remove_line(talk, live_id, second.id, operator, now=NOW)

    assert await chat.get_chat(db, live_id) == [third]
    told = [told for told in await heard.of(live_id) if told["type"] == "chat_removed"]
    assert [(each["seq"], each["id"]) for each in told] == [(1, str(first.id)), (2, str(second.id))]
    assert [event.type for event in await list_events(db, live_id, after=0, limit=10)] == ["chat_removed"] * 2
    assert await acts_of(db) == ["chat_removed"]


async def test_only_moderators_remove_and_only_what_is_there(talk: Talk, join: Join, go_live: GoLive):
    star, ada, moon = await join("star", Role.CREATOR), await join("ada"), await join("moon", Role.CREATOR)
    live_id, elsewhere = await go_live(star), await go_live(moon)
    line = await say(talk, live_id, ada, "Hello")

    for visitor in (ada, moon):
        with pytest.raises(NotAModerator):
            await chat.remove_line(talk, live_id, line.id, visitor, now=NOW)
    with pytest.raises(NoSuchLine):
        await chat.remove_line(talk, elsewhere, line.id, moon, now=NOW)
    with pytest.raises(NoSuchLine):
        await chat.remove_line(talk, live_id, new_id(), star, now=NOW)

    await moderation.add_moderator(talk.db, star.person_id, "ada", now=NOW)
    await chat.remove_line(talk, live_id, line.id, ada, now=NOW)
    assert await chat.get_chat(talk.db, live_id) == []
