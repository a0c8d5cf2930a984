"""Who gets which page: every page of the app, tried by everyone. A new page must be listed here."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from litestar.routes import HTTPRoute
from msgspec.structs import replace

from plaudit.coins.chains import fan_account
from plaudit.foundation.clock import MovableClock, SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from plaudit.web.app import make_app
from tests.web.api.test_access import ACCESS as ACCESS_OF_API
from tests.web.api.test_access import a_gift
from tests.web.pages.conftest import Browser, Visit

EVERYONE = ["stranger", "fan", "other_fan", "creator", "operator"]
SIGNED_IN = ["fan", "other_fan", "creator", "operator"]
ONLY_THE_FAN = ["fan"]
ONLY_THE_CREATOR = ["creator"]
ONLY_OPERATORS = ["operator"]

# Who is let in. What is left out in curly brackets is the fan's: their handle, one of their sessions.
ACCESS: dict[str, list[str]] = {
    "GET /": EVERYONE,
    "GET /static/{release}/{path}": EVERYONE,
    "GET /sentences/{language}": EVERYONE,
    "GET /live/{live_id}": EVERYONE,
    "GET /sign-in": EVERYONE,
    "POST /sign-in": EVERYONE,
    "GET /sign-up": EVERYONE,
    "POST /sign-up": EVERYONE,
    "POST /sign-out": SIGNED_IN,
    "POST /look": EVERYONE,
    "GET /forgot": EVERYONE,
    "POST /forgot": EVERYONE,
    "GET /reset": EVERYONE,
    "POST /reset": EVERYONE,
    "GET /mailbox": EVERYONE,
    "GET /wallet": SIGNED_IN,
    "GET /wallet/movements": SIGNED_IN,
    "POST /top-ups": SIGNED_IN,
    "GET /top-ups/{top_up_id}": ONLY_THE_FAN,
    "GET /top-ups/{top_up_id}/receipt": ONLY_THE_FAN,
    "GET /top-ups/{top_up_id}/refund": ONLY_THE_FAN,
    "POST /refunds": SIGNED_IN,
    "GET /studio/taken-back": ONLY_THE_CREATOR,
    "GET /operator/refunds": ONLY_OPERATORS,
    # There are none here: tests/web/pages/test_reversal_pages.py tells who may see one.
    "GET /operator/refunds/{refund_id}": [],
    "GET /operator/disputes": ONLY_OPERATORS,
    "GET /operator/disputes/{dispute_id}": [],
    "GET /profile": SIGNED_IN,
    "POST /profile": SIGNED_IN,
    "POST /profile/apply": SIGNED_IN,
    "POST /profile/password": SIGNED_IN,
    "POST /profile/second-factor": SIGNED_IN,
    "POST /profile/second-factor/confirm": SIGNED_IN,
    "POST /profile/second-factor/remove": SIGNED_IN,
    "POST /profile/sessions/{session_id}/end": ONLY_THE_FAN,
    "POST /profile/blocks/{handle}/end": SIGNED_IN,
    "GET /u/{handle}": EVERYONE,
    "GET /messages": SIGNED_IN,
    "GET /messages/{handle}": SIGNED_IN,
    "GET /messages/{handle}/newer": SIGNED_IN,
    "GET /news": SIGNED_IN,
    "POST /messages/{handle}": SIGNED_IN,
    # For those who aren't creators it is an invitation.
    "GET /studio": SIGNED_IN,
    "POST /studio/live": ONLY_THE_CREATOR,
    "GET /studio/lives/{live_id}": ONLY_THE_CREATOR,
    "POST /studio/lives/{live_id}/end": ONLY_THE_CREATOR,
    "GET /studio/gifts": ONLY_THE_CREATOR,
    "GET /studio/earnings": ONLY_THE_CREATOR,
    "GET /studio/earnings/calculator": ONLY_THE_CREATOR,
    "GET /studio/earnings/statements": ONLY_THE_CREATOR,
    "GET /studio/earnings/statements/{month}": ONLY_THE_CREATOR,
    "GET /studio/payouts": ONLY_THE_CREATOR,
    "GET /studio/payouts/tax": ONLY_THE_CREATOR,
    "POST /studio/payouts/tax": ONLY_THE_CREATOR,
    "GET /studio/overlays": ONLY_THE_CREATOR,
    # For whoever has an overlay's secret, and the name of an uploaded picture: nobody here.
    "GET /overlay/{secret}": [],
    "GET /art/{file}": [],
    # In the demo everyone's; here there is none.
    "POST /tour": [],
    "GET /operator": ONLY_OPERATORS,
    "GET /operator/batches": ONLY_OPERATORS,
    "POST /operator/batches": ONLY_OPERATORS,
    # There are none here: tests/web/pages/test_batch_pages.py.
    "GET /operator/batches/{batch_id}": [],
    "GET /operator/batches/{batch_id}/file": [],
    "POST /operator/batches/{batch_id}/{act}": [],
    "GET /operator/bank": ONLY_OPERATORS,
    "POST /operator/bank": ONLY_OPERATORS,
    "GET /operator/house-accounts": ONLY_OPERATORS,
    "POST /operator/house-accounts": ONLY_OPERATORS,
    "GET /operator/acts": ONLY_OPERATORS,
    "GET /operator/books": ONLY_OPERATORS,
    "POST /operator/books/cases/{case_id}/close": ONLY_OPERATORS,
    "GET /operator/catalogue": ONLY_OPERATORS,
    "POST /operator/catalogue": ONLY_OPERATORS,
    "GET /operator/catalogue/new": ONLY_OPERATORS,
    "GET /operator/catalogue/{gift_id}": ONLY_OPERATORS,
    "POST /operator/catalogue/{gift_id}/prices": ONLY_OPERATORS,
    "POST /operator/catalogue/{gift_id}/retire": ONLY_OPERATORS,
    "GET /operator/creators": ONLY_OPERATORS,
    "POST /operator/creators/{handle}/verify": ONLY_OPERATORS,
    "POST /operator/demo": ONLY_OPERATORS,
    "GET /operator/exact-amounts": ONLY_OPERATORS,
    "POST /operator/exact-amounts": ONLY_OPERATORS,
    "GET /operator/gifts": ONLY_OPERATORS,
    "GET /operator/gifts/{gift_id}": ONLY_OPERATORS,
    "GET /operator/ledger": ONLY_OPERATORS,
    "GET /operator/ledger/accounts": ONLY_OPERATORS,
    "GET /operator/ledger/{account_id}": ONLY_OPERATORS,
    "GET /operator/lives": ONLY_OPERATORS,
    "POST /operator/lives/{live_id}/end": ONLY_OPERATORS,
    "GET /operator/packs": ONLY_OPERATORS,
    "POST /operator/packs": ONLY_OPERATORS,
    "GET /operator/people": ONLY_OPERATORS,
    "GET /operator/people/{handle}": ONLY_OPERATORS,
    "GET /operator/people/{handle}/movements": ONLY_OPERATORS,
    "POST /operator/people/{handle}/verify": ONLY_OPERATORS,
    "POST /operator/people/{handle}/violations": ONLY_OPERATORS,
    "POST /operator/people/{handle}/withdraw": ONLY_OPERATORS,
    "GET /operator/rates": ONLY_OPERATORS,
    "POST /operator/rates": ONLY_OPERATORS,
    "POST /operator/rates/{proposal_id}/approve": ONLY_OPERATORS,
    "POST /operator/rates/{proposal_id}/refuse": ONLY_OPERATORS,
    "GET /operator/requirements": ONLY_OPERATORS,
    "POST /operator/requirements": ONLY_OPERATORS,
    "GET /operator/taxes": ONLY_OPERATORS,
    "POST /operator/taxes": ONLY_OPERATORS,
    "GET /operator/payouts": ONLY_OPERATORS,
    # Nobody here has a payout: tests/web/browser/test_payouts.py.
    "GET /operator/payouts/{payout_id}": [],
    "POST /operator/payouts/{payout_id}/approve": [],
    "POST /operator/payouts/{payout_id}/hold": [],
    "POST /operator/payouts/{payout_id}/cancel": [],
    "POST /operator/payouts/{payout_id}/return": [],
    "GET /operator/top-ups": ONLY_OPERATORS,
    "GET /operator/top-ups/{top_up_id}": ONLY_OPERATORS,
    "POST /operator/violations/{violation_id}/close": ONLY_OPERATORS,
}


def pages_of_the_app() -> Iterator[str]:
    app = make_app(Settings(database_url="postgresql://nowhere/", nats_url="nats://nowhere"))
    for route in app.routes:
        assert isinstance(route, HTTPRoute), f"{route.path} isn't HTTP: say here who may use it"
        lines = {f"{method} {route.path_format}" for method in route.methods - {"OPTIONS"}}
        yield from lines - ACCESS_OF_API.keys()


def test_every_page_is_listed_here():
    assert sorted(pages_of_the_app()) == sorted(ACCESS)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, show_mailbox="yes")


@pytest.fixture
async def people(visit: Visit, settings: Settings, clock: MovableClock) -> dict[str, Browser]:
    people = {name: await visit(name) for name in ("fan", "other_fan", "the_creator", "the_operator")}
    await people["the_creator"].send("/profile/apply", about="I paint.")
    async with Database.open(settings.database_url or "") as db:
        await add_operator(db, Hasher(), "the_operator@example.org", now=SystemClock().now())
    # Who somebody is is remembered for some seconds.
    clock.move(timedelta(seconds=6))
    return {name.removeprefix("the_"): browser for name, browser in people.items()} | {"stranger": await visit()}


async def make_world(people: dict[str, Browser]) -> dict[str, str]:
    """What a page may be about, by the names in curly brackets; most of it is the fan's."""
    fan, creator, operator = people["fan"], people["creator"], people["operator"]
    ids = {"live_id": str(uuid4()), "violation_id": str(uuid4())}
    await creator.ask("POST /v1/lives", {"id": ids["live_id"], "title": "Painting"})
    held = {"id": ids["violation_id"], "reason": "Spam."}
    await operator.ask("POST /v1/operator/people/other_fan/violations", held)
    ids["proposal_id"] = str(uuid4())
    proposal = {"id": ids["proposal_id"], "share_bps": 1, "valid_from": "2027-01-01T00:00:00Z", "reason": "More."}
    await operator.ask("POST /v1/operator/rates/proposals", proposal)
    ids["account_id"] = str(fan_account(UUID((await fan.ask("GET /v1/me")).json()["id"])))
    ids["session_id"] = (await fan.ask("GET /v1/sessions")).json()["items"][0]["id"]
    named = {
        "handle": "fan",
        "release": "now",
        "case_id": "1",
        "path": "mark.svg",
        "language": "en",
        "secret": "none",
        "file": "no.svg",
        "refund_id": str(uuid4()),
        "batch_id": str(uuid4()),
        "act": "sent",
        "dispute_id": str(uuid4()),
        "payout_id": str(uuid4()),
        "month": "2026-03",
    }
    return {**ids, **named, "gift_id": "rose"}


async def add_what_was_bought(people: dict[str, Browser], settings: Settings, world: dict[str, str]) -> None:
    """A top-up of the fan's, a gift, and a live that is over."""
    world["top_up_id"] = (await people["fan"].buy()).removeprefix("/top-ups/")
    world["sent_id"] = str(await a_gift(settings, people["fan"], people["creator"]))  # pyright: ignore[reportArgumentType] - a Browser asks as Someone does
    await people["creator"].ask(f"POST /v1/lives/{world['live_id']}/end", {})


async def who_gets_in(people: dict[str, Browser], line: str, path: str) -> set[str]:
    """The fan comes last: some forms end their session."""
    answers = {
        name: await (people[name].open(path) if line.startswith("GET") else people[name].send(path))
        for name in reversed(EVERYONE)
    }
    assert all(answer.status_code < 500 for answer in answers.values()), line
    if ACCESS[line] and "stranger" not in ACCESS[line]:
        assert answers["stranger"].headers["location"].startswith("/sign-in?next"), line
    return {name for name, answer in answers.items() if not is_kept_out(answer, line)}


def is_kept_out(answer: httpx.Response, line: str) -> bool:
    led = answer.headers.get("location", "")
    is_led_away = led.startswith("/sign-in?next") or (led == "/studio" and "/studio/" in line)
    return is_led_away or answer.status_code in (403, 404)


async def test_only_the_rightful_see_a_page(people: dict[str, Browser], settings: Settings):
    world = await make_world(people)
    await add_what_was_bought(people, settings, world)
    lines = [line for line in ACCESS if line.startswith("GET")]

    found: dict[str, set[str]] = {}
    for line in lines:
        about = {**world, "gift_id": world["sent_id"]} if line == "GET /operator/gifts/{gift_id}" else world
        found[line] = await who_gets_in(people, line, line.removeprefix("GET ").format(**about))

    assert found == {line: set(ACCESS[line]) for line in lines}


@pytest.mark.parametrize("line", [line for line in ACCESS if line.startswith("POST")])
async def test_only_the_rightful_send_a_form(people: dict[str, Browser], line: str):
    world = await make_world(people)

    found = await who_gets_in(people, line, line.removeprefix("POST ").format(**world))

    assert found == set(ACCESS[line])
