"""Messages between two people over HTTP."""

import pytest

from plaudit.foundation.ids import new_id
from tests.web.api.conftest import Arrive, Someone


@pytest.fixture
async def ada(arrive: Arrive) -> Someone:
    return await arrive("ada")


@pytest.fixture
async def bob(arrive: Arrive) -> Someone:
    return await arrive("bob")


async def write(sender: Someone, to: str, text: str) -> None:
    answer = await sender.ask("POST /v1/messages", {"id": str(new_id()), "to": to, "text": text})
    assert answer.status_code == 201, answer.text


async def test_a_message_is_written_once_and_stands_in_both_lists(ada: Someone, bob: Someone):
    wish = {"id": str(new_id()), "to": "BOB", "text": "Hello,\nBob."}

    first, second = await ada.ask("POST /v1/messages", wish), await ada.ask("POST /v1/messages", wish)

    assert (first.status_code, first.json()) == (201, second.json())
    message = first.json()
    assert message == {
        "id": wish["id"],
        "number": 1,
        "at": "2026-03-01T12:00:00Z",
        "sender": "ada",
        "text": "Hello,\nBob.",
        "gift": None,
    }
    (of_bob,) = (await bob.ask("GET /v1/threads")).json()["items"]
    (of_ada,) = (await ada.ask("GET /v1/threads")).json()["items"]
    assert of_bob["other"] == {"handle": "ada", "name": "ada", "picture_url": None}
    assert (of_bob["last"], of_bob["unread"], of_ada["last"], of_ada["unread"]) == (message, 1, message, 0)


async def test_what_was_read_is_no_longer_unread_and_the_other_sees_it(ada: Someone, bob: Someone):
    for text in ("one", "two", "three"):
        await write(ada, "bob", text)

    read = await bob.ask("PUT /v1/threads/ada/read", {"number": 2})
    beyond = await bob.ask("PUT /v1/threads/ada/read", {"number": 4})

    assert read.status_code == 204
    assert (beyond.status_code, beyond.json()["field"]) == (422, "number")
    (listed,) = (await bob.ask("GET /v1/threads")).json()["items"]
    seen = (await ada.ask("GET /v1/threads/bob")).json()
    assert listed["unread"] == 1
    assert (seen["last_number"], seen["read_number"], seen["read_by_other"]) == (3, 0, 2)


async def test_a_thread_and_the_list_of_threads_come_in_pages(ada: Someone, bob: Someone, arrive: Arrive):
    for number in range(5):
        await write(ada, "bob", str(number))
    for handle in ("cyd", "dan"):
        await write(await arrive(handle), "bob", "Hello")

    first = (await bob.ask("GET /v1/threads/ada?limit=3")).json()
    second = (await bob.ask(f"GET /v1/threads/ada?limit=3&after={first['next']}")).json()
    threads = (await bob.ask("GET /v1/threads?limit=2")).json()
    rest = (await bob.ask(f"GET /v1/threads?limit=2&after={threads['next']}")).json()

    assert [message["text"] for message in first["items"] + second["items"]] == ["4", "3", "2", "1", "0"]
    assert second["next"] is rest["next"] is None
    handles = [thread["other"]["handle"] for thread in threads["items"] + rest["items"]]
    assert sorted(handles) == ["ada", "cyd", "dan"]


async def test_each_refusal_of_a_message_has_its_code(ada: Someone, bob: Someone, arrive: Arrive):
    await arrive("cyd")
    wish = {"id": str(new_id()), "to": "bob", "text": "Hello"}
    await ada.ask("POST /v1/messages", wish)
    await ada.ask("PUT /v1/people/cyd/block")

    reused = await ada.ask("POST /v1/messages", {**wish, "text": "Other"})
    blocked = await ada.ask("POST /v1/messages", {"id": str(new_id()), "to": "cyd", "text": "Hello"})
    themselves = await ada.ask("POST /v1/messages", {"id": str(new_id()), "to": "ada", "text": "Hello"})
    nobody = await ada.ask("GET /v1/threads/nobody_there")
    empty = await ada.ask("POST /v1/messages", {"id": str(new_id()), "to": "bob", "text": "\n"})

    answers = (reused, blocked, themselves, nobody, empty)
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (409, "id_reused"),
        (403, "sender_blocked"),
        (422, "not_yourself"),
        (404, "no_such_person"),
        (422, "invalid_request"),
    ]


async def test_a_thread_that_never_began_is_empty(ada: Someone, bob: Someone):
    answer = (await ada.ask("GET /v1/threads/bob")).json()

    assert (answer["other"]["handle"], answer["last_number"], answer["items"], answer["next"]) == ("bob", 0, [], None)
    assert (await ada.ask("GET /v1/threads")).json() == {"items": [], "next": None}


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=0"])
async def test_a_page_that_cannot_be_is_refused(ada: Someone, bob: Someone, query: str):
    assert (await ada.ask(f"GET /v1/threads/bob?{query}")).status_code == 422
