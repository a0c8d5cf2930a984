"""Who gets in where: every route of the app, tried by everyone. A new route must be listed here."""

from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest
from litestar import Router, get
from litestar.routes import HTTPRoute

from plaudit.coins.chains import fan_account
from plaudit.foundation.clock import MovableClock, SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.gifts import Gifting
from plaudit.ledger import PostgresLedger
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from plaudit.web.api.guards import admit, creators_only, operators_only
from plaudit.web.app import make_app
from plaudit.web.pages import pages_router
from tests.gifts.conftest import Stage, a_wish
from tests.web.api.conftest import NOW, Arrive, Someone, ask, open_client

EVERYONE = ["stranger", "fan", "other_fan", "creator", "operator"]
SIGNED_IN = ["fan", "other_fan", "creator", "operator"]
ONLY_THE_FAN = ["fan"]
ONLY_OPERATORS = ["operator"]
ONLY_THE_CREATOR = ["creator"]
MODERATORS = ["creator", "operator"]

# Who is let in. What is left out in curly brackets is the fan's: their handle, one of their sessions.
ACCESS: dict[str, list[str]] = {
    "GET /health": EVERYONE,
    "GET /ready": EVERYONE,
    "GET /metrics": EVERYONE,
    "GET /v1/docs": EVERYONE,
    "GET /v1/docs/openapi.json": EVERYONE,
    "GET /v1/docs/{path}": [],
    "GET /v1/openapi.json": EVERYONE,
    "POST /v1/sign-up": EVERYONE,
    "POST /v1/sign-in": EVERYONE,
    "POST /v1/sign-out": SIGNED_IN,
    "GET /v1/sessions": SIGNED_IN,
    "DELETE /v1/sessions/{session_id}": ONLY_THE_FAN,
    "GET /v1/me": SIGNED_IN,
    "PATCH /v1/me": SIGNED_IN,
    "GET /v1/me/blocks": SIGNED_IN,
    "POST /v1/me/password": SIGNED_IN,
    "POST /v1/me/second-factor": SIGNED_IN,
    "POST /v1/me/second-factor/confirm": SIGNED_IN,
    "POST /v1/me/second-factor/remove": SIGNED_IN,
    "POST /v1/password-resets": EVERYONE,
    "POST /v1/password-resets/finish": EVERYONE,
    "POST /v1/creator/apply": SIGNED_IN,
    "GET /v1/people/{handle}": EVERYONE,
    "GET /v1/people/{handle}/followers": SIGNED_IN,
    "GET /v1/people/{handle}/following": SIGNED_IN,
    "PUT /v1/people/{handle}/follow": SIGNED_IN,
    "DELETE /v1/people/{handle}/follow": SIGNED_IN,
    "PUT /v1/people/{handle}/block": SIGNED_IN,
    "DELETE /v1/people/{handle}/block": SIGNED_IN,
    "GET /v1/packs": SIGNED_IN,
    "POST /v1/top-ups": SIGNED_IN,
    "GET /v1/top-ups/{top_up_id}": ONLY_THE_FAN,
    "GET /v1/top-ups/{top_up_id}/receipt": ONLY_THE_FAN,
    "GET /v1/wallet": SIGNED_IN,
    "GET /v1/wallet/movements": SIGNED_IN,
    "POST /v1/refunds": SIGNED_IN,
    "GET /v1/refunds": SIGNED_IN,
    "GET /v1/refunds/possible": SIGNED_IN,
    "GET /v1/refunds/{refund_id}": ONLY_THE_FAN,
    "GET /v1/operator/refunds": ONLY_OPERATORS,
    "GET /v1/operator/refunds/{refund_id}": ONLY_OPERATORS,
    "GET /v1/operator/disputes": ONLY_OPERATORS,
    # There is none here: who may see one is told in tests/web/api/test_reversals.py.
    "GET /v1/operator/disputes/{dispute_id}": [],
    "GET /v1/lives": EVERYONE,
    "POST /v1/lives": ONLY_THE_CREATOR,
    "GET /v1/lives/{live_id}": EVERYONE,
    "PATCH /v1/lives/{live_id}": ONLY_THE_CREATOR,
    "POST /v1/lives/{live_id}/end": ONLY_THE_CREATOR,
    "GET /v1/lives/{live_id}/events": EVERYONE,
    "GET /v1/lives/{live_id}/leaderboard": EVERYONE,
    "POST /v1/operator/lives/{live_id}/end": ONLY_OPERATORS,
    "GET /v1/lives/{live_id}/chat": EVERYONE,
    "POST /v1/lives/{live_id}/chat": SIGNED_IN,
    "DELETE /v1/lives/{live_id}/chat/{line_id}": MODERATORS,
    "POST /v1/lives/{live_id}/likes": SIGNED_IN,
    "GET /v1/lives/{live_id}/mutes": MODERATORS,
    "PUT /v1/lives/{live_id}/mutes/{handle}": MODERATORS,
    "DELETE /v1/lives/{live_id}/mutes/{handle}": MODERATORS,
    "GET /v1/creator/blocked-words": ONLY_THE_CREATOR,
    "PUT /v1/creator/blocked-words/{word}": ONLY_THE_CREATOR,
    "DELETE /v1/creator/blocked-words/{word}": ONLY_THE_CREATOR,
    "GET /v1/creator/moderators": ONLY_THE_CREATOR,
    "PUT /v1/creator/moderators/{handle}": ONLY_THE_CREATOR,
    "DELETE /v1/creator/moderators/{handle}": ONLY_THE_CREATOR,
    "POST /v1/messages": SIGNED_IN,
    "GET /v1/threads": SIGNED_IN,
    "GET /v1/threads/{handle}": SIGNED_IN,
    "PUT /v1/threads/{handle}/read": SIGNED_IN,
    "GET /v1/eligibility": SIGNED_IN,
    "GET /v1/operator/requirements": ONLY_OPERATORS,
    "POST /v1/operator/requirements": ONLY_OPERATORS,
    "GET /v1/operator/people/{handle}/violations": ONLY_OPERATORS,
    "POST /v1/operator/people/{handle}/violations": ONLY_OPERATORS,
    "POST /v1/operator/violations/{violation_id}/close": ONLY_OPERATORS,
    "GET /v1/gifts/catalogue": SIGNED_IN,
    "POST /v1/gifts": SIGNED_IN,
    "GET /v1/gifts/received": ONLY_THE_CREATOR,
    "GET /v1/overlays": ONLY_THE_CREATOR,
    "POST /v1/overlays": ONLY_THE_CREATOR,
    "DELETE /v1/overlays/{overlay_id}": ONLY_THE_CREATOR,
    "POST /v1/overlays/{overlay_id}/test": ONLY_THE_CREATOR,
    # For whoever has an overlay's secret: nobody here.
    "GET /v1/overlays/watch": [],
    "GET /v1/gifts/{gift_id}": ["fan", "creator", "operator"],
    "GET /v1/operator/gifts": ONLY_OPERATORS,
    "POST /v1/operator/gifts": ONLY_OPERATORS,
    "POST /v1/operator/gifts/{gift}/prices": ONLY_OPERATORS,
    "POST /v1/operator/gifts/{gift}/retire": ONLY_OPERATORS,
    "GET /v1/operator/creators": ONLY_OPERATORS,
    "POST /v1/operator/creators/{handle}/verify": ONLY_OPERATORS,
    "DELETE /v1/operator/creators/{handle}/verify": ONLY_OPERATORS,
    "GET /v1/operator/people": ONLY_OPERATORS,
    "GET /v1/operator/people/{handle}": ONLY_OPERATORS,
    "GET /v1/operator/people/{handle}/movements": ONLY_OPERATORS,
    "GET /v1/operator/top-ups": ONLY_OPERATORS,
    "GET /v1/operator/top-ups/{top_up_id}": ONLY_OPERATORS,
    "GET /v1/operator/accounts/{account_id}": ONLY_OPERATORS,
    "GET /v1/operator/accounts/{account_id}/transfers": ONLY_OPERATORS,
    "GET /v1/operator/packs": ONLY_OPERATORS,
    "POST /v1/operator/packs": ONLY_OPERATORS,
    "GET /v1/operator/taxes": ONLY_OPERATORS,
    "POST /v1/operator/taxes": ONLY_OPERATORS,
    "GET /v1/operator/exact-amounts": ONLY_OPERATORS,
    "POST /v1/operator/exact-amounts": ONLY_OPERATORS,
    "GET /v1/operator/rates": ONLY_OPERATORS,
    "GET /v1/operator/rates/proposals": ONLY_OPERATORS,
    "POST /v1/operator/rates/proposals": ONLY_OPERATORS,
    "POST /v1/operator/rates/proposals/{proposal_id}/approve": ONLY_OPERATORS,
    "POST /v1/operator/rates/proposals/{proposal_id}/refuse": ONLY_OPERATORS,
    "GET /v1/operator/people/{handle}/earnings": ONLY_OPERATORS,
    "GET /v1/operator/people/{handle}/statements/{month}": ONLY_OPERATORS,
    "GET /v1/earnings": ONLY_THE_CREATOR,
    "GET /v1/earnings/calculator": ONLY_THE_CREATOR,
    "GET /v1/earnings/gifts": ONLY_THE_CREATOR,
    "GET /v1/earnings/gifts/{gift_id}": ONLY_THE_CREATOR,
    "GET /v1/earnings/statements": ONLY_THE_CREATOR,
    "GET /v1/earnings/statements/{month}": ONLY_THE_CREATOR,
    "GET /v1/earnings/statements/{month}/csv": ONLY_THE_CREATOR,
    "GET /v1/earnings/statements/{month}/pdf": ONLY_THE_CREATOR,
    "GET /v1/operator/acts": ONLY_OPERATORS,
    "GET /v1/payout-methods": ONLY_THE_CREATOR,
    "POST /v1/payout-methods": ONLY_THE_CREATOR,
    "POST /v1/payout-methods/check": ONLY_THE_CREATOR,
    "POST /v1/payout-methods/{method_id}/verify": ONLY_THE_CREATOR,
    "POST /v1/payout-methods/{method_id}/code": [],
    "DELETE /v1/payout-methods/{method_id}": [],
    "GET /v1/payouts": ONLY_THE_CREATOR,
    "POST /v1/payouts": ONLY_THE_CREATOR,
    "GET /v1/payouts/quote": ONLY_THE_CREATOR,
    # Nobody here has a payout: tests/web/api/test_payouts.py.
    "GET /v1/payouts/{payout_id}": [],
    "POST /v1/payouts/{payout_id}/cancel": [],
    "GET /v1/tax-form": ONLY_THE_CREATOR,
    "POST /v1/tax-form": ONLY_THE_CREATOR,
    "GET /v1/operator/payouts": ONLY_OPERATORS,
    "GET /v1/operator/payouts/days": ONLY_OPERATORS,
    "GET /v1/operator/payouts/tax": ONLY_OPERATORS,
    "GET /v1/operator/payouts/{payout_id}": [],
    "POST /v1/operator/payouts/{payout_id}/approve": [],
    "POST /v1/operator/payouts/{payout_id}/hold": ONLY_OPERATORS,
    "POST /v1/operator/payouts/{payout_id}/cancel": ONLY_OPERATORS,
    "POST /v1/operator/payouts/{payout_id}/return": ONLY_OPERATORS,
    "GET /v1/operator/payout-batches": ONLY_OPERATORS,
    "POST /v1/operator/payout-batches": ONLY_OPERATORS,
    "GET /v1/operator/payout-batches/totals": ONLY_OPERATORS,
    # There is no such batch: tests/web/api/test_operator_batches.py.
    "GET /v1/operator/payout-batches/{batch_id}": [],
    "GET /v1/operator/payout-batches/{batch_id}/items": [],
    "GET /v1/operator/payout-batches/{batch_id}/file": [],
    "POST /v1/operator/payout-batches/{batch_id}/sent": [],
    "POST /v1/operator/payout-batches/{batch_id}/send-again": [],
    "POST /v1/operator/payout-batches/{batch_id}/discard": [],
    "GET /v1/operator/bank-files": ONLY_OPERATORS,
    "POST /v1/operator/bank-files": ONLY_OPERATORS,
    "GET /v1/operator/bank-lines": ONLY_OPERATORS,
    "GET /v1/operator/house-accounts": ONLY_OPERATORS,
    "POST /v1/operator/house-accounts": ONLY_OPERATORS,
    "GET /v1/operator/payout-rules": ONLY_OPERATORS,
    "POST /v1/operator/payout-rules": ONLY_OPERATORS,
    "POST /v1/operator/payout-fees": ONLY_OPERATORS,
    "POST /v1/operator/withholdings": ONLY_OPERATORS,
    "GET /v1/operator/exchange-rates": ONLY_OPERATORS,
    "POST /v1/operator/exchange-rates": ONLY_OPERATORS,
    "POST /v1/operator/people/{handle}/grants": ONLY_OPERATORS,
    "GET /v1/operator/people/{handle}/grants": ONLY_OPERATORS,
    "POST /v1/operator/people/{handle}/reserves": ONLY_OPERATORS,
    "GET /v1/operator/people/{handle}/reserves": ONLY_OPERATORS,
    "POST /v1/operator/reserves/{reserve_id}/free": [],  # nobody has such a reserve
    "GET /v1/operator/people/{handle}/terms": ONLY_OPERATORS,
    "POST /v1/operator/people/{handle}/terms": ONLY_OPERATORS,
    "GET /v1/operator/risk-tiers": ONLY_OPERATORS,
    "POST /v1/operator/risk-tiers": ONLY_OPERATORS,
    "GET /v1/operator/promotional-rates": ONLY_OPERATORS,
    "POST /v1/operator/promotional-rates": ONLY_OPERATORS,
    "GET /v1/operator/refund-policies": ONLY_OPERATORS,
    "POST /v1/operator/refund-policies": ONLY_OPERATORS,
    "GET /v1/operator/dispute-policies": ONLY_OPERATORS,
    "POST /v1/operator/dispute-policies": ONLY_OPERATORS,
    # For whoever has a token of the live: nobody here.
    "GET /v1/lives/{live_id}/stream": [],
    # For whoever signs as the provider does: nobody here.
    "POST /v1/webhooks/{provider}": [],
    # Whoever has a checkout's address may pay for it.
    "GET /sandbox/checkouts/{checkout_id}": EVERYONE,
    "POST /sandbox/checkouts/{checkout_id}/choose": EVERYONE,
    "POST /sandbox/checkouts/{checkout_id}/pay": EVERYONE,
    "POST /sandbox/checkouts/{checkout_id}/confirm": EVERYONE,
    "POST /sandbox/payments/{checkout_id}/dispute": EVERYONE,
    "POST /sandbox/disputes/{dispute_id}/close": EVERYONE,
    # For whoever has a token of the sandbox's wallets: nobody here.
    "GET /sandbox/payouts/{path}": [],
    "POST /sandbox/payouts/{path}": [],
    # For whoever signs as the house does: nobody here.
    "GET /sandbox/reports/{day}": [],
    "GET /v1/operator/books": ONLY_OPERATORS,
    "GET /v1/operator/reconciliation/cases": ONLY_OPERATORS,
    "POST /v1/operator/reconciliation/cases/{case_id}/close": ONLY_OPERATORS,
}


def routes_of_the_app() -> Iterator[str]:
    app = make_app(Settings(database_url="postgresql://nowhere/", nats_url="nats://nowhere"))
    # Pages have a table of their own, in tests/web/pages/test_access.py.
    pages = {route.path for route in pages_router().routes}
    for route in app.routes:
        if route.path in pages:
            continue
        assert isinstance(route, HTTPRoute), f"{route.path} isn't HTTP: say here who may use it"
        yield from (f"{method} {route.path_format}" for method in route.methods - {"OPTIONS"})


def test_every_route_is_listed_here():
    assert sorted(routes_of_the_app()) == sorted(ACCESS)


@pytest.fixture
async def people(client: httpx.AsyncClient, arrive: Arrive, settings: Settings) -> dict[str, Someone]:
    people = {name: await arrive(name) for name in ("fan", "other_fan", "the_creator", "the_operator")}
    await people["the_creator"].ask("POST /v1/creator/apply", {})
    async with Database.open(settings.database_url or "") as db:
        await add_operator(db, Hasher(), people["the_operator"].email, now=SystemClock().now())
    return {name.removeprefix("the_"): someone for name, someone in people.items()}


@get("/stage", guards=[creators_only])
async def stage() -> None:
    """What only creators may see."""


@get("/office", guards=[operators_only])
async def office() -> None:
    """What only operators may see."""


async def test_what_is_for_creators_or_operators_is_for_nobody_else(
    settings: Settings, clock: MovableClock, people: dict[str, Someone]
):
    routes = [Router("/behind", guards=[admit], route_handlers=[stage, office])]
    tokens = {"stranger": None, **{name: someone.token for name, someone in people.items()}}

    async with open_client(settings, clock, routes) as client:
        on_stage = {name: await ask(client, "GET /behind/stage", token=token) for name, token in tokens.items()}
        in_office = {name: await ask(client, "GET /behind/office", token=token) for name, token in tokens.items()}

    assert [name for name, answer in on_stage.items() if answer.status_code == 200] == ["creator"]
    assert [name for name, answer in in_office.items() if answer.status_code == 200] == ["operator"]
    assert on_stage["stranger"].status_code == in_office["stranger"].status_code == 401
    assert on_stage["fan"].json()["code"] == "creators_only"
    assert in_office["creator"].json()["code"] == "operators_only"


async def a_gift(settings: Settings, sender: Someone, creator: Someone) -> UUID:
    """The id of a gift between the two, which another process took."""
    sender_id, creator_id = [UUID((await someone.ask("GET /v1/me")).json()["id"]) for someone in (sender, creator)]
    async with (
        Database.open(settings.database_url or "") as db,
        PostgresLedger.open(db, clock=MovableClock(NOW)) as ledger,
        Gifting.open(db, ledger) as gifting,
    ):
        stage = Stage(gifting, MovableClock(NOW))
        fan = await stage.fan(coins=5, id=sender_id)
        return (await stage.send(fan, a_wish(), creator=creator_id, direct=True)).sending.id


@pytest.mark.parametrize("line", ACCESS)
async def test_only_the_rightful_get_in(
    client: httpx.AsyncClient, people: dict[str, Someone], settings: Settings, line: str
):
    (session,) = (await people["fan"].ask("GET /v1/sessions")).json()["items"]
    wish = {"id": str(new_id()), "pack": "pack_100", "provider": "sandbox"}
    top_up = (await people["fan"].ask("POST /v1/top-ups", wish)).json()
    await ask(client, f"POST /sandbox/checkouts/{top_up['checkout_url'][-36:]}/pay", {"card": "success"})
    ids = {"session_id": session["id"], "top_up_id": top_up["id"], "checkout_id": top_up["checkout_url"][-36:]}
    ids["account_id"] = str(fan_account(UUID((await people["fan"].ask("GET /v1/me")).json()["id"])))
    ids["live_id"] = str(new_id())
    await people["creator"].ask("POST /v1/lives", {"id": ids["live_id"], "title": "Painting"})
    ids["line_id"], ids["violation_id"], ids["reserve_id"] = str(new_id()), str(new_id()), str(new_id())
    await people["fan"].ask(f"POST /v1/lives/{ids['live_id']}/chat", {"id": ids["line_id"], "text": "Hello!"})
    held = {"id": ids["violation_id"], "reason": "Spam."}
    await people["operator"].ask("POST /v1/operator/people/other_fan/violations", held)
    overlay = await people["creator"].ask("POST /v1/overlays", {"name": "Alerts"})
    ids["overlay_id"] = overlay.json()["id"]
    needs_gift = "{gift_id}" in line or "{month}" in line
    ids["gift_id"] = str(await a_gift(settings, people["fan"], people["creator"])) if needs_gift else ""
    ids["proposal_id"] = str(new_id())
    later = f"{NOW.year + 1}-01-01T00:00:00Z"
    proposal = {"id": ids["proposal_id"], "share_bps": 1, "valid_from": later, "reason": "More."}
    await people["operator"].ask("POST /v1/operator/rates/proposals", proposal)
    ids["method_id"] = ids["payout_id"] = ids["batch_id"] = str(new_id())
    ids["day"], ids["case_id"] = "2026-03-01", "1"
    ids["handle"] = "the_creator" if "{month}" in line else "fan"
    ids["refund_id"], ids["dispute_id"] = str(new_id()), str(new_id())
    if "{refund_id}" in line:
        await people["fan"].ask("POST /v1/refunds", {"id": ids["refund_id"], "top_up_id": top_up["id"]})
    filled = line.format(**ids, gift="rose", month="2026-03", path="nothing", provider="sandbox", word="darn")
    body: dict[str, str] | None = None if line.startswith("GET") else {}

    answers = {"stranger": await ask(client, filled, body)}
    # The fan comes last: some of these end their session.
    answers |= {name: await someone.ask(filled, body) for name, someone in reversed(people.items())}

    assert {name for name, answer in answers.items() if answer.status_code not in (401, 403, 404)} == set(ACCESS[line])
    if "stranger" not in ACCESS[line] and ACCESS[line]:
        assert (answers["stranger"].status_code, answers["stranger"].json()["code"]) == (401, "not_signed_in")
    assert all(answer.status_code < 500 for answer in answers.values())
