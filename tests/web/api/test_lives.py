import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.secret_key import find_secret_key
from plaudit.foundation.settings import Settings
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from plaudit.providers import nats_line
from plaudit.rooms.tokens import read_token
from tests.waiting import until
from tests.web.api.conftest import NOW, Arrive, Someone, ask


async def a_creator(arrive: Arrive, handle: str) -> Someone:
    creator = await arrive(handle)
    await creator.ask("POST /v1/creator/apply", {})
    return creator


async def go_live(creator: Someone, **wish: object) -> dict[str, Any]:
    answer = await creator.ask("POST /v1/lives", {"id": str(new_id()), "title": "Painting", **wish})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_live_is_shown_with_what_a_viewer_needs(client: httpx.AsyncClient, arrive: Arrive, settings: Settings):
    iris = await a_creator(arrive, "iris")
    playback = {"kind": "hls", "url": "https://video.example.org/iris.m3u8"}

    started = await go_live(iris, title="  Painting ", cover_url="https://img.example.org/c.png", playback=playback)
    seen = (await ask(client, f"GET /v1/lives/{started['id']}")).json()

    watch = seen.pop("watch")
    assert seen == {
        "id": started["id"],
        "title": "Painting",
        "cover_url": "https://img.example.org/c.png",
        "playback": playback,
        "creator": {"handle": "iris", "name": "iris", "picture_url": None},
        "started_at": "2026-03-01T12:00:00Z",
        "ended_at": None,
        "end_reason": None,
        "likes": 0,
        "viewers": 0,
        "seq": 1,
    }
    assert watch["url"] == f"ws://plaudit.test:{settings.gateway_port}/rooms/{started['id']}"
    ticket = read_token(find_secret_key(settings).encode(), watch["token"], UUID(started["id"]), NOW)
    assert (ticket.person_id, watch["expires_at"]) == (None, "2026-03-01T12:10:00Z")


async def test_the_same_live_is_started_once_and_a_creator_has_one_at_a_time(arrive: Arrive):
    iris, olaf = await a_creator(arrive, "iris"), await a_creator(arrive, "olaf")
    wish = {"id": str(new_id()), "title": "Painting"}

    answers = await asyncio.gather(*(iris.ask("POST /v1/lives", wish) for _ in range(4)))
    await iris.ask(f"PATCH /v1/lives/{wish['id']}", {"title": "Drawing"})
    again = await iris.ask("POST /v1/lives", wish)
    other = await iris.ask("POST /v1/lives", {**wish, "title": "Singing"})
    somebody_elses = await olaf.ask("POST /v1/lives", wish)
    second = await iris.ask("POST /v1/lives", {"id": str(new_id()), "title": "Singing"})

    assert [answer.status_code for answer in answers] == [201] * 4
    assert (again.status_code, again.json()["title"]) == (201, "Drawing")
    for refused, code in ((other, "id_reused"), (somebody_elses, "id_reused"), (second, "live_is_on")):
        assert (refused.status_code, refused.json()["code"]) == (409, code)


@pytest.mark.parametrize(
    ("field", "wish"),
    [
        ("title", {"title": " "}),
        ("title", {"title": "a" * 101}),
        ("title", {"title": "two\nlines"}),
        ("cover_url", {"cover_url": "http://img.example.org/c.png"}),
        ("cover_url", {"cover_url": "javascript:alert(1)"}),
        ("cover_url", {"cover_url": "https://[half"}),
        ("playback.url", {"playback": {"kind": "hls", "url": "https://me:secret@example.org/"}}),
        ("playback.url", {"playback": {"kind": "hls", "url": "https://example.org/" + "a" * 500}}),
        ("playback.kind", {"playback": {"kind": "rtmp", "url": "https://example.org/"}}),
    ],
)
async def test_what_is_wrong_with_a_wish_is_named(arrive: Arrive, field: str, wish: dict[str, object]):
    iris = await a_creator(arrive, "iris")

    answer = await iris.ask("POST /v1/lives", {"id": str(new_id()), "title": "Painting", **wish})

    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_stream_may_come_from_the_creators_own_machine(arrive: Arrive):
    playback = {"kind": "whep", "url": "http://localhost:8889/me/whep"}

    started = await go_live(await a_creator(arrive, "iris"), playback=playback)

    assert started["playback"] == playback


async def test_a_live_changes_while_it_is_on_and_only_by_its_creator(arrive: Arrive):
    iris, olaf = await a_creator(arrive, "iris"), await a_creator(arrive, "olaf")
    cover = "https://img.example.org/c.png"
    live = await go_live(iris, cover_url=cover)
    path = f"/v1/lives/{live['id']}"

    by_another = await olaf.ask(f"PATCH {path}", {"title": "Mine now"})
    changed = (await iris.ask(f"PATCH {path}", {"title": "Drawing"})).json()
    unchanged = (await iris.ask(f"PATCH {path}", {"title": "Drawing"})).json()
    bare = (await iris.ask(f"PATCH {path}", {"cover_url": None})).json()
    await iris.ask(f"POST {path}/end")
    too_late = await iris.ask(f"PATCH {path}", {"title": "Again"})

    assert (by_another.status_code, by_another.json()["code"]) == (403, "not_your_live")
    assert (changed["title"], changed["cover_url"], changed["seq"]) == ("Drawing", cover, 2)
    assert unchanged["seq"] == 2
    assert (bare["title"], bare["cover_url"], bare["seq"]) == ("Drawing", None, 3)
    assert (too_late.status_code, too_late.json()["code"]) == (409, "live_has_ended")


async def test_an_ended_live_is_on_no_list_and_a_new_one_may_begin(client: httpx.AsyncClient, arrive: Arrive):
    iris = await a_creator(arrive, "iris")
    first = await go_live(iris)

    ended = (await iris.ask(f"POST /v1/lives/{first['id']}/end")).json()
    again = (await iris.ask(f"POST /v1/lives/{first['id']}/end")).json()
    second = await go_live(iris)

    assert (ended["ended_at"], ended["end_reason"]) == ("2026-03-01T12:00:00Z", "The creator ended this live.")
    assert (again["ended_at"], again["seq"]) == (ended["ended_at"], 2)
    assert [live["id"] for live in (await ask(client, "GET /v1/lives")).json()["items"]] == [second["id"]]
    assert (await ask(client, f"GET /v1/lives/{first['id']}")).json()["ended_at"] is not None


async def test_what_is_on_comes_in_pages_the_newest_first(
    client: httpx.AsyncClient, arrive: Arrive, clock: MovableClock
):
    lives: list[str] = []
    for handle in ("iris", "olaf", "paul", "rosa", "vera"):
        lives.append((await go_live(await a_creator(arrive, handle)))["id"])
        clock.move(timedelta(seconds=handle > "olaf"))

    found: list[str] = []
    after, pages = "", 0
    while after is not None:
        page = (await ask(client, f"GET /v1/lives?limit=2{after and f'&after={after}'}")).json()
        found += [live["id"] for live in page["items"]]
        after, pages = page["next"], pages + 1

    assert (found, pages) == (lives[::-1], 3)
    assert (await ask(client, "GET /v1/lives?after=nonsense")).json()["code"] == "invalid_request"


async def test_what_happened_is_asked_for_by_number_and_asking_goes_on(client: httpx.AsyncClient, arrive: Arrive):
    iris = await a_creator(arrive, "iris")
    live = await go_live(iris)
    path = f"/v1/lives/{live['id']}"
    for title in ("Drawing", "Singing"):
        await iris.ask(f"PATCH {path}", {"title": title})

    first = (await ask(client, f"GET {path}/events?limit=2")).json()
    rest = (await ask(client, f"GET {path}/events?after={first['next']}")).json()
    nothing = (await ask(client, f"GET {path}/events?after={rest['next']}")).json()

    assert [(event["seq"], event["type"]) for event in first["events"]] == [(1, "live_started"), (2, "live_changed")]
    assert [(event["seq"], event["live"]["title"]) for event in rest["events"]] == [(3, "Singing")]
    assert nothing == {"events": [], "next": 3}


@pytest.mark.parametrize("path", ["", "/events", "/leaderboard"])
async def test_a_live_that_there_is_not_is_not_found(client: httpx.AsyncClient, path: str):
    answer = await ask(client, f"GET /v1/lives/{new_id()}{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "live_not_found")


@pytest.mark.parametrize("span", ["live", "week", "all"])
async def test_nobody_leads_before_the_first_gift(client: httpx.AsyncClient, arrive: Arrive, span: str):
    live = await go_live(await a_creator(arrive, "iris"))

    board = (await ask(client, f"GET /v1/lives/{live['id']}/leaderboard?span={span}")).json()

    assert board == {"items": [], "next": None}


async def test_an_operator_ends_any_live_for_a_reason_that_everyone_sees(
    client: httpx.AsyncClient, arrive: Arrive, settings: Settings
):
    live = await go_live(await a_creator(arrive, "iris"))
    operator = await arrive("ottilie")
    async with Database.open(settings.database_url or "") as db:
        await add_operator(db, Hasher(), operator.email, now=NOW)

    without = await operator.ask(f"POST /v1/operator/lives/{live['id']}/end", {"reason": ""})
    await operator.ask(f"POST /v1/operator/lives/{live['id']}/end", {"reason": "Somebody else's stream."})

    assert (without.status_code, without.json()["field"]) == (422, "reason")
    events = (await ask(client, f"GET /v1/lives/{live['id']}/events")).json()["events"]
    assert (events[-1]["type"], events[-1]["reason"]) == ("live_ended", "Somebody else's stream.")
    acts = (await operator.ask("GET /v1/operator/acts")).json()["items"]
    assert (acts[0]["act"], acts[0]["subject"]) == ("live_ended", live["id"])


async def test_a_list_tells_how_many_watch(client: httpx.AsyncClient, arrive: Arrive, settings: Settings):
    live = await go_live(await a_creator(arrive, "iris"))

    async def viewers() -> int:
        return (await ask(client, "GET /v1/lives")).json()["items"][0]["viewers"]

    async with nats_line(settings.nats_url or "", name="test") as line:
        for gateway, count in (("one", 3), ("other", 4)):
            line.publish("plaudit.presence", msgspec.json.encode({"from": gateway, "viewers": {live["id"]: count}}))

        async def is_seven() -> bool:
            return await viewers() == 7

        await until(is_seven)
