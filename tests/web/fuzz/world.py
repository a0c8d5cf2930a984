"""Some life in the database before it is explored: people, what lies between them, what they bought and gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from plaudit.foundation.clock import SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.people import Hasher, Scope
from plaudit.people.operators import add_operator
from tests.web.api.conftest import PASSWORD, Someone, a_wish, ask

_PEOPLE = {
    "fan": "ada_fan",
    "other_fan": "ben_other",
    "creator": "nova_sings",
    "other_creator": "mira_mends",
    "operator": "olga_runs_it",
    "troll": "tom_trolls",
}
_CREATORS = ("creator", "other_creator")

Answer = dict[str, Any]


@dataclass(frozen=True)
class World:
    """The people, and words that mean something here: by the name of the field or parameter that takes them."""

    people: Mapping[str, Someone]
    words: Mapping[str, list[Any]]


async def make_world(client: httpx.AsyncClient, db: Database) -> World:
    """Two creators are live; a fan follows them, bought coins, chats, and gave a gift; one has blocked a troll."""
    people = {name: await _arrive(client, handle) for name, handle in _PEOPLE.items()}
    await add_operator(db, Hasher(), people["operator"].email, now=SystemClock().now())
    lives = [await _go_live(people, name) for name in _CREATORS]
    await _ask(people["creator"], f"PUT /v1/people/{_PEOPLE['troll']}/block")
    paid = [await _buy(client, people[name], pays=True) for name in ("fan", "other_fan", "operator")]
    waiting = [await _buy(client, people["fan"], pays=False) for _ in range(3)]
    words = _words(people, [*paid, *waiting])
    return World(people, {**words, **await _spend_an_evening(people, lives)})


def sound_bodies(world: World) -> dict[str, list[Answer]]:
    """By operation, bodies that are right as a whole: chance puts words together rightly, but not often."""
    live, someone = world.words["live_id"][0], world.people["other_creator"].handle
    return {
        "POST /v1/gifts": [
            {"id": str(new_id()), "gift": "rose", "live_id": live, "quantity": 2, "message": "Encore!"},
            {"id": str(new_id()), "gift": "confetti", "to": someone, "visibility": "anonymous"},
            {"id": str(new_id()), "gift": "universe", "live_id": live},
        ],
        "POST /v1/messages": [{"id": str(new_id()), "to": someone, "text": "Hello"}],
        "POST /v1/top-ups": [{"id": str(new_id()), "provider": "sandbox", "coins": 123}],
        "POST /v1/sign-up": [a_wish(f"new_{new_id().hex[-12:]}")],
    }


async def _ask(someone: Someone, line: str, body: object = None) -> Answer:
    answer = await someone.ask(line, body)
    assert answer.is_success, f"{line}: {answer.text}"
    return answer.json() if answer.content else {}


async def _arrive(client: httpx.AsyncClient, handle: str) -> Someone:
    answer = await ask(client, "POST /v1/sign-up", a_wish(handle))
    assert answer.status_code == 201, answer.text
    return Someone(client, answer.json())


async def _go_live(people: Mapping[str, Someone], name: str) -> Answer:
    creator, operator = people[name], people["operator"]
    await _ask(creator, "POST /v1/creator/apply", {"about": "I sing."})
    await _ask(people["fan"], f"PUT /v1/people/{creator.handle}/follow")
    await _ask(operator, f"POST /v1/operator/creators/{creator.handle}/verify", {})
    await _ask(operator, "POST /v1/operator/requirements", {"kind": "least_followers", "value": 1})
    return await _ask(creator, "POST /v1/lives", {"id": str(new_id()), "title": "Songs by candlelight"})


async def _buy(client: httpx.AsyncClient, fan: Someone, *, pays: bool) -> Answer:
    wish = {"id": str(new_id()), "pack": "pack_12500", "provider": "sandbox"}
    asked = await _ask(fan, "POST /v1/top-ups", wish)
    if pays:
        paid = await client.post(f"{asked['checkout_url']}/pay", json={"card": "success"})
        assert paid.status_code == 200, paid.text
    return asked


async def _spend_an_evening(people: Mapping[str, Someone], lives: list[Answer]) -> dict[str, list[Any]]:
    fan, creator, other = people["fan"], people["creator"], people["other_creator"]
    live = lives[0]["id"]
    line = await _ask(fan, f"POST /v1/lives/{live}/chat", {"text": "Bravo!"})
    sung = await _ask(fan, "POST /v1/gifts", {"id": str(new_id()), "live_id": live, "gift": "rose", "quantity": 3})
    written = await _ask(fan, "POST /v1/gifts", {"id": str(new_id()), "to": other.handle, "gift": "confetti"})
    await _ask(fan, "POST /v1/messages", {"id": str(new_id()), "to": other.handle, "text": "Mine is broken too."})
    await _ask(creator, f"PUT /v1/creator/moderators/{people['other_fan'].handle}")
    held = await _ask(
        people["operator"], f"POST /v1/operator/people/{people['troll'].handle}/violations", {"reason": "Spam."}
    )
    return {
        "live_id": [live["id"] for live in lives],
        "line_id": [line["id"]],
        "gift_id": [sung["id"], written["id"]],
        "violation_id": [held["id"]],
    }


def _words(people: Mapping[str, Someone], top_ups: list[Answer]) -> dict[str, list[Any]]:
    ids = [top_up["id"] for top_up in top_ups]
    handles = [someone.handle for someone in people.values()]
    return {
        "handle": handles,
        "to": handles,
        "email": [someone.email for someone in people.values()],
        "password": [PASSWORD],
        "new_password": [PASSWORD],
        "region": ["US", "DE", "JP"],
        "currency": ["USD", "EUR", "JPY"],
        "birth_on": ["1990-05-17", "2004-02-29"],
        "picture_url": ["https://example.org/me.png"],
        "cover_url": ["https://example.org/cover.png"],
        "scopes": [str(scope) for scope in Scope],
        "provider": ["sandbox"],
        "pack": ["pack_100", "pack_600"],
        "coins": [1, 70, 100_000],
        "gift": ["rose", "confetti", "doughnut", "universe"],
        "quantity": [1, 3],
        "top_up_id": ids,
        "checkout_id": [top_up["checkout_url"].rsplit("/", 1)[1] for top_up in top_ups],
    }
