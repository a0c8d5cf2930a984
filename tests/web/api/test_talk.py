"""Chat, likes and moderation over HTTP."""

from typing import Any

import httpx
import pytest

from plaudit.foundation.ids import new_id
from tests.waiting import until
from tests.web.api.conftest import Arrive, Someone, ask


@pytest.fixture
async def star(arrive: Arrive) -> Someone:
    star = await arrive("star")
    await star.ask("POST /v1/creator/apply", {})
    return star


@pytest.fixture
async def live(star: Someone) -> str:
    """The path of a live that is on."""
    started = await star.ask("POST /v1/lives", {"id": str(new_id()), "title": "Painting"})
    assert started.status_code == 201, started.text
    return f"/v1/lives/{started.json()['id']}"


async def texts_of(client: httpx.AsyncClient, live: str) -> list[str]:
    chat: dict[str, Any] = (await ask(client, f"GET {live}/chat")).json()
    assert chat["next"] is None
    return [line["text"] for line in chat["items"]]


async def test_a_line_is_said_once_and_seen_by_strangers_too(client: httpx.AsyncClient, arrive: Arrive, live: str):
    ada = await arrive("ada")
    line = {"id": str(new_id()), "text": " Hello! "}

    first, second = await ada.ask(f"POST {live}/chat", line), await ada.ask(f"POST {live}/chat", line)
    without_an_id = await ada.ask(f"POST {live}/chat", {"text": "And?"})

    assert first.status_code == second.status_code == without_an_id.status_code == 201
    assert first.json() == second.json()
    assert first.json() == {
        "type": "chat",
        "id": line["id"],
        "at": "2026-03-01T12:00:00Z",
        "from": {"handle": "ada", "name": "ada", "picture_url": None},
        "text": "Hello!",
    }
    assert (await ask(client, f"GET {live}/chat")).json()["items"][0] == first.json()
    assert sorted(await texts_of(client, live)) == ["And?", "Hello!"]


async def test_each_refusal_of_chat_has_its_code(arrive: Arrive, star: Someone, live: str):
    ada, bob, cyd = await arrive("ada"), await arrive("bob"), await arrive("cyd")
    said = (await ada.ask(f"POST {live}/chat", {"text": "Hello"})).json()
    await star.ask("PUT /v1/people/bob/block")
    await star.ask(f"PUT {live}/mutes/cyd", {"minutes": 5})
    await star.ask("PUT /v1/creator/blocked-words/Darn")

    reused = await ada.ask(f"POST {live}/chat", {"id": said["id"], "text": "Other"})
    blocked = await bob.ask(f"POST {live}/chat", {"text": "Hello"})
    muted = await cyd.ask(f"POST {live}/chat", {"text": "Hello"})
    word = await ada.ask(f"POST {live}/chat", {"text": "d-a-r-n"})
    empty = await ada.ask(f"POST {live}/chat", {"text": " "})
    nowhere = await ada.ask(f"POST /v1/lives/{new_id()}/chat", {"text": "Hello"})
    await star.ask(f"POST {live}/end", {})
    ended = await ada.ask(f"POST {live}/chat", {"text": "Hello"})

    found = [(answer.status_code, answer.json()["code"]) for answer in (reused, blocked, muted, word, empty)]
    assert found == [
        (409, "id_reused"),
        (403, "sender_blocked"),
        (403, "muted"),
        (422, "word_not_allowed"),
        (422, "invalid_request"),
    ]
    assert word.json()["field"] == empty.json()["field"] == "text"
    assert (nowhere.json()["code"], ended.json()["code"]) == ("live_not_found", "live_has_ended")


async def test_who_writes_too_fast_is_told_how_long_to_wait(arrive: Arrive, live: str):
    ada = await arrive("ada")
    for number in range(5):
        await ada.ask(f"POST {live}/chat", {"text": str(number)})

    refused = await ada.ask(f"POST {live}/chat", {"text": "more"})

    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, "chat_too_fast", "5")


async def test_a_removed_line_is_gone_and_an_event_of_the_live(
    client: httpx.AsyncClient, arrive: Arrive, star: Someone, live: str
):
    ada = await arrive("ada")
    said = (await ada.ask(f"POST {live}/chat", {"text": "Hello"})).json()

    by_fan = await ada.ask(f"DELETE {live}/chat/{said['id']}")
    by_creator = [await star.ask(f"DELETE {live}/chat/{said['id']}") for _ in range(2)]
    of_nothing = await star.ask(f"DELETE {live}/chat/{new_id()}")

    assert (by_fan.status_code, by_fan.json()["code"]) == (403, "not_a_moderator")
    assert [answer.status_code for answer in by_creator] == [204, 204]
    assert (of_nothing.status_code, of_nothing.json()["code"]) == (404, "no_such_line")
    assert await texts_of(client, live) == []
    events = (await ask(client, f"GET {live}/events")).json()["events"]
    assert [(event["seq"], event["type"], event.get("id")) for event in events[1:]] == [(2, "chat_removed", said["id"])]


async def test_a_moderator_mutes_and_removes_until_dismissed(arrive: Arrive, star: Someone, live: str):
    ada, bob = await arrive("ada"), await arrive("bob")
    said = (await bob.ask(f"POST {live}/chat", {"text": "Hello"})).json()
    await star.ask("PUT /v1/creator/moderators/ada")

    muted = await ada.ask(f"PUT {live}/mutes/bob", {})
    removed = await ada.ask(f"DELETE {live}/chat/{said['id']}")
    listed = (await ada.ask(f"GET {live}/mutes")).json()
    moderators = (await star.ask("GET /v1/creator/moderators")).json()
    against_the_creator = await ada.ask(f"PUT {live}/mutes/star", {})
    await ada.ask(f"DELETE {live}/mutes/bob")
    again = await bob.ask(f"POST {live}/chat", {"text": "Sorry."})
    await star.ask("DELETE /v1/creator/moderators/ada")
    dismissed = await ada.ask(f"PUT {live}/mutes/bob", {})

    assert (muted.status_code, removed.status_code, again.status_code) == (204, 204, 201)
    assert [(each["handle"], each["until"]) for each in listed["items"]] == [("bob", None)]
    assert [each["handle"] for each in moderators["items"]] == ["ada"]
    assert against_the_creator.json()["code"] == "cannot_mute_creator"
    assert dismissed.json()["code"] == "not_a_moderator"


async def test_the_muted_come_in_pages(arrive: Arrive, star: Someone, live: str):
    for number in range(3):
        await arrive(f"fan_{number}")
        await star.ask(f"PUT {live}/mutes/fan_{number}", {"minutes": 1})

    first = (await star.ask(f"GET {live}/mutes?limit=2")).json()
    second = (await star.ask(f"GET {live}/mutes?limit=2&after={first['next']}")).json()

    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)
    assert {each["handle"] for each in first["items"] + second["items"]} == {"fan_0", "fan_1", "fan_2"}
    assert first["items"][0]["until"] == "2026-03-01T12:01:00Z"


async def test_blocked_words_are_listed_as_they_are_looked_for_and_go_again(star: Someone):
    await star.ask("PUT /v1/creator/blocked-words/Stra%C3%9Fe")
    await star.ask("PUT /v1/creator/blocked-words/darn!")

    listed = (await star.ask("GET /v1/creator/blocked-words")).json()["items"]
    await star.ask("DELETE /v1/creator/blocked-words/DARN")
    nonsense = await star.ask("PUT /v1/creator/blocked-words/!!!")

    assert [each["word"] for each in listed] == ["darn", "strasse"]
    assert [each["word"] for each in (await star.ask("GET /v1/creator/blocked-words")).json()["items"]] == ["strasse"]
    assert (nonsense.status_code, nonsense.json()["field"]) == (422, "word")


async def test_likes_add_up_on_the_live_within_a_moment(client: httpx.AsyncClient, arrive: Arrive, live: str):
    ada, bob = await arrive("ada"), await arrive("bob")

    answers = [await someone.ask(f"POST {live}/likes", {"count": 30}) for someone in (ada, bob)]
    refused = await ada.ask(f"POST {live}/likes", {"count": 51})

    assert [answer.status_code for answer in answers] == [204, 204]
    assert (refused.status_code, refused.json()["field"]) == (422, "count")

    async def are_counted() -> bool:
        return (await ask(client, f"GET {live}")).json()["likes"] == 60

    await until(are_counted)


async def test_a_session_for_some_scopes_says_nothing_in_its_persons_name(
    client: httpx.AsyncClient, arrive: Arrive, live: str
):
    ada = await arrive("ada")
    limited = {"email": ada.email, "password": "correct horse battery", "scopes": ["read", "spend"]}
    token = (await ask(client, "POST /v1/sign-in", limited)).json()["token"]

    answer = await ask(client, f"POST {live}/chat", {"text": "Hello"}, token=token)

    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
