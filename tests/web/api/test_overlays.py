"""Overlays, and what a creator received: over HTTP, and what gateway and streams do with an overlay's tokens."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.secret_key import find_secret_key
from plaudit.foundation.settings import Settings
from plaudit.gateway import running_gateway
from plaudit.providers import MemoryLine
from plaudit.rooms import wire
from plaudit.rooms.tokens import CHANNEL, OVERLAY, Ticket, read_token
from plaudit.rooms.watching import watching
from plaudit.web.api.streams import Streams
from tests.waiting import until
from tests.web.api.conftest import NOW, Arrive, Someone, ask
from tests.web.api.test_gifts import Stage, stage
from tests.web.api.test_lives import a_creator, go_live

__all__ = ["stage"]


async def make(creator: Someone, name: str = "Main scene") -> dict[str, Any]:
    answer = await creator.ask("POST /v1/overlays", {"name": name})
    assert answer.status_code == 201, answer.text
    return answer.json()


def secret_of(overlay: dict[str, Any]) -> str:
    return str(overlay["path"]).removeprefix("/overlay/")


async def test_an_overlay_is_told_its_path_once_and_listed_without_it(arrive: Arrive):
    iris = await a_creator(arrive, "iris")

    made = await make(iris)
    listed = (await iris.ask("GET /v1/overlays")).json()

    assert made["path"].startswith("/overlay/plaudit_")
    assert listed == {
        "items": [
            {
                "id": made["id"],
                "name": "Main scene",
                "made_at": "2026-03-01T12:00:00Z",
                "seen_at": None,
                "connections": 0,
            }
        ],
        "next": None,
    }


async def test_a_secret_opens_the_live_that_is_on_and_its_own_channel(
    client: httpx.AsyncClient, arrive: Arrive, settings: Settings
):
    iris = await a_creator(arrive, "iris")
    overlay = await make(iris)
    before = await ask(client, "GET /v1/overlays/watch", token=secret_of(overlay))
    live = await go_live(iris)

    after = (await ask(client, "GET /v1/overlays/watch", token=secret_of(overlay))).json()
    (listed,) = (await iris.ask("GET /v1/overlays")).json()["items"]

    key = find_secret_key(settings).encode()
    assert (before.status_code, before.json()["live"]) == (200, None)
    assert (after["live"]["id"], after["live"]["seq"], after["live"]["coins"]) == (live["id"], 1, 0)
    assert read_token(key, after["live"]["watch"]["token"], UUID(live["id"]), NOW).kind == OVERLAY
    assert read_token(key, after["channel"]["token"], UUID(overlay["id"]), NOW).kind == CHANNEL
    assert after["channel"]["url"].endswith(f"/rooms/{overlay['id']}")
    assert listed["seen_at"] == "2026-03-01T12:00:00Z"


async def test_a_revoked_overlay_opens_nothing(client: httpx.AsyncClient, arrive: Arrive):
    iris = await a_creator(arrive, "iris")
    overlay = await make(iris)

    revoked = await iris.ask(f"DELETE /v1/overlays/{overlay['id']}")
    again = await iris.ask(f"DELETE /v1/overlays/{overlay['id']}")
    watching = await ask(client, "GET /v1/overlays/watch", token=secret_of(overlay))
    trying = await iris.ask(f"POST /v1/overlays/{overlay['id']}/test", {})

    assert (revoked.status_code, again.status_code, trying.status_code) == (204, 404, 404)
    assert (watching.status_code, watching.json()["code"]) == (401, "overlay_not_valid")


async def test_a_name_that_is_none_and_a_gift_that_is_none_are_refused(arrive: Arrive):
    iris = await a_creator(arrive, "iris")
    overlay = await make(iris)

    nameless = await iris.ask("POST /v1/overlays", {"name": "  "})
    unknown = await iris.ask(f"POST /v1/overlays/{overlay['id']}/test", {"gift": "no_such_gift"})

    assert (nameless.status_code, nameless.json()["field"]) == (422, "name")
    assert unknown.json()["code"] == "gift_not_available"


async def read(connection: Any, heard: list[dict[str, Any]]) -> None:
    try:
        async for whole in connection:
            heard += msgspec.json.decode(whole)
    except ConnectionClosed:
        pass


async def test_a_test_reaches_the_screens_of_its_overlay_and_counts_nobody_as_a_viewer(
    client: httpx.AsyncClient, arrive: Arrive, settings: Settings, clock: MovableClock
):
    iris = await a_creator(arrive, "iris")
    live = await go_live(iris)
    overlay, other = await make(iris, "Main"), await make(iris, "Other")
    async with running_gateway(msgspec.structs.replace(settings, gateway_port=0), clock) as gateway:
        heard: dict[str, list[dict[str, Any]]] = {}
        readers: list[asyncio.Task[None]] = []
        connections: list[Any] = []
        for name, room, token in await rooms_of(client, [overlay, other]):
            connection = await connect(f"ws://127.0.0.1:{gateway.port}/rooms/{room}?token={token}", compression=None)
            connections.append(connection)
            readers.append(asyncio.create_task(read(connection, heard.setdefault(name, []))))

        await until(lambda: all(heard.values()))
        await until(lambda: is_connected(iris, overlay["id"]))
        sent = await iris.ask(f"POST /v1/overlays/{overlay['id']}/test", {"gift": "corgi"})
        await until(lambda: any(each["type"] == "test_alert" for each in heard["Main channel"]))
        watched = (await ask(client, f"GET /v1/lives/{live['id']}")).json()["viewers"]
        clock.move(timedelta(minutes=11))
        # A token of an overlay ends with its connection: a revoked one doesn't come back.
        await asyncio.wait_for(asyncio.gather(*readers), 20)

    assert sent.json()["connections"] == 1
    assert watched == 0
    assert [each["gift"]["id"] for each in heard["Main channel"] if each["type"] == "test_alert"] == ["corgi"]
    others = [each["type"] for name, told in heard.items() if name != "Main channel" for each in told]
    assert "test_alert" not in others
    assert {connection.close_reason for connection in connections} == {"token_expired"}


async def is_connected(creator: Someone, overlay_id: str) -> bool:
    items = (await creator.ask("GET /v1/overlays")).json()["items"]
    return any(each["id"] == overlay_id and each["connections"] for each in items)


async def rooms_of(client: httpx.AsyncClient, overlays: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for overlay in overlays:
        scene = (await ask(client, "GET /v1/overlays/watch", token=secret_of(overlay))).json()
        found.append((f"{overlay['name']} channel", overlay["id"], scene["channel"]["token"]))
        found.append((f"{overlay['name']} live", scene["live"]["id"], scene["live"]["watch"]["token"]))
    return found


async def test_a_stream_of_an_overlay_ends_with_its_token(arrive: Arrive, settings: Settings, clock: MovableClock):
    live_id = UUID((await go_live(await a_creator(arrive, "iris")))["id"])
    ticket = Ticket(kind=OVERLAY, live_id=live_id, person_id=None, expires_at=NOW + timedelta(minutes=10))
    line = MemoryLine()
    async with Database.open(settings.database_url or "") as db, watching(db, line) as watched:
        pieces = await Streams(watched, clock, per_address=0).open(ticket, None, "127.0.0.1")
        began = [await anext(pieces), await anext(pieces)]
        (feed,) = watched.feeds
        viewers = feed.viewers
        clock.move(timedelta(minutes=10))
        line.publish(wire.subject_of(live_id), b'[{"type":"likes","total":1}]')
        rest = [piece async for piece in pieces]

    assert b'"type":"state"' in began[1]
    assert viewers == 0
    assert len(rest) <= 2


async def test_a_creator_sees_what_came_with_their_share_for_ever(stage: Stage):
    await stage.buy()
    combo = str(new_id())
    for _ in range(3):
        await stage.send("rose", combo_id=combo)
    await stage.send("rosa", quantity=2, message="Bravo")
    await stage.send("rosa", visibility="anonymous")
    await stage.ada.ask("POST /v1/gifts", {"id": str(new_id()), "gift": "heart", "to": "iris"})
    await stage.iris.ask(f"POST /v1/lives/{stage.live_id}/end", {})

    ever = (await stage.iris.ask("GET /v1/gifts/received?limit=4")).json()
    older = (await stage.iris.ask(f"GET /v1/gifts/received?limit=4&after={ever['next']}")).json()
    in_live = (await stage.iris.ask(f"GET /v1/gifts/received?live_id={stage.live_id}")).json()

    assert [each["gift"] for each in ever["items"] + older["items"]] == ["heart", "rosa", "rosa", *["rose"] * 3]
    assert older["next"] is None
    assert [each["from"] and each["from"]["handle"] for each in ever["items"]] == ["ada", None, "ada", "ada"]
    assert (ever["items"][2]["message"], ever["items"][2]["creator_share"]["amount_minor"]) == ("Bravo", 16)
    total = ever["total"]
    assert (total["gifts"], total["coins"], total["fans"], total["is_whole"]) == (6, 34, 2, True)
    # Three roses are worth a cent and more, though each alone is worth less than one.
    assert sum(each["creator_share"]["amount_minor"] for each in older["items"]) < 2
    assert (
        total["creator_share"]["amount_minor"]
        == sum(micros for each in ever["items"] + older["items"] for micros in each["share_micros"].values()) // 10_000
    )
    assert [(each["from"] and each["from"]["handle"], each["coins"]) for each in total["top"]] == [
        ("ada", 24),
        (None, 10),
    ]
    assert (in_live["total"]["gifts"], in_live["total"]["coins"]) == (5, 33)
    assert len(in_live["items"]) == 5


async def test_what_was_given_in_somebody_elses_live_is_not_told(stage: Stage, arrive: Arrive):
    olaf = await a_creator(arrive, "olaf")

    answer = await olaf.ask(f"GET /v1/gifts/received?live_id={stage.live_id}")
    missing = await olaf.ask(f"GET /v1/gifts/received?live_id={new_id()}")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_live")
    assert missing.status_code == 404
