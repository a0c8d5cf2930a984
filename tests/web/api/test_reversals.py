"""Refunds and disputes over HTTP, with the sandbox's webhooks coming through the front door."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from plaudit.foundation.clock import MovableClock, SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from tests.waiting import until
from tests.web.api.conftest import Arrive, Someone, ask
from tests.web.api.test_coins import pay, stands, top_up


async def bought(client: httpx.AsyncClient, someone: Someone, coins: int = 100) -> dict[str, Any]:
    """A purchase whose coins are there."""
    purchase = await top_up(someone, coins=coins)
    await pay(client, purchase, "success")

    async def came() -> bool:
        return await stands(someone, purchase) == "settled"

    await until(came)
    return purchase


async def grow_old(settings: Settings) -> None:
    """All that was bought came fifteen days ago. (Sessions don't last as long as refunds are possible.)"""
    async with Database.open(settings.database_url or "") as db, db.transaction() as tx:
        await tx.execute("update coins.top_ups set settled_at = settled_at - interval '15 days'")


async def give_back(someone: Someone, purchase: dict[str, Any]) -> httpx.Response:
    return await someone.ask("POST /v1/refunds", {"id": str(new_id()), "top_up_id": purchase["id"]})


@pytest.fixture
async def olga(arrive: Arrive, settings: Settings, clock: MovableClock) -> Someone:
    olga = await arrive("olga")
    async with Database.open(settings.database_url or "") as db:
        await add_operator(db, Hasher(), olga.email, now=SystemClock().now())
    clock.move(timedelta(seconds=6))
    return olga


async def test_a_fan_gives_unspent_coins_back_and_sees_it_everywhere(client: httpx.AsyncClient, arrive: Arrive):
    ada = await arrive("ada")
    purchase = await bought(client, ada)

    (possible,) = (await ada.ask("GET /v1/refunds/possible")).json()["items"]
    answer = await give_back(ada, purchase)

    assert (possible["coins"], possible["amount"]["amount_minor"], possible["tax"]["amount_minor"]) == (100, 215, 16)
    refund = answer.json()
    assert (answer.status_code, refund["state"], refund["coins"]) == (201, "refunded", 100)
    assert refund["amount"] == {"amount_minor": 215, "currency": "USD"}
    assert (await ada.ask(f"GET /v1/refunds/{refund['id']}")).json() == refund
    assert (await ada.ask("GET /v1/refunds")).json() == {"items": [refund], "next": None}
    assert (await ada.ask("GET /v1/refunds/possible")).json()["items"] == []
    assert (await ada.ask("GET /v1/wallet")).json()["coins"] == 0
    moved = (await ada.ask("GET /v1/wallet/movements")).json()["items"]
    assert [(each["kind"], each["coins"]) for each in moved] == [("refunded", 0), ("refund", -100), ("top_up", 100)]
    assert moved[1]["reason"] == "On their way back for a refund: 100 coins."
    assert [each["worth"]["amount_minor"] for each in moved] == [199, 199, 199]
    (line,) = (await ada.ask(f"GET /v1/top-ups/{purchase['id']}/receipt")).json()["refunds"]
    assert (line["coins"], line["amount"]["amount_minor"]) == (100, 215)


async def test_what_cant_be_refunded_says_why(client: httpx.AsyncClient, arrive: Arrive, settings: Settings):
    ada, bob = await arrive("ada"), await arrive("bob")
    purchase, unpaid = await bought(client, ada), await top_up(ada, coins=5)

    stranger = await give_back(bob, purchase)
    too_early = await give_back(ada, unpaid)
    await give_back(ada, purchase)
    twice = await give_back(ada, purchase)
    other = await bought(client, ada)
    await grow_old(settings)
    too_late = await give_back(ada, other)

    assert [answer.json()["code"] for answer in (stranger, too_early, twice, too_late)] == [
        "no_such_top_up",
        "not_bought_yet",
        "nothing_left_to_refund",
        "refund_too_late",
    ]


async def test_a_disputed_payment_holds_the_coins_and_a_won_one_gives_them_back(
    client: httpx.AsyncClient, arrive: Arrive, olga: Someone
):
    ada = await arrive("ada")
    purchase = await bought(client, ada)
    checkout_id = purchase["checkout_url"][-36:]

    disputed = await ask(client, f"POST /sandbox/payments/{checkout_id}/dispute", {"reason": "not_received"})
    await until(lambda: has_coins(ada, 0))
    refused = await give_back(ada, purchase)
    (seen,) = (await olga.ask("GET /v1/operator/disputes?state=opened")).json()["items"]
    closed = await ask(client, f"POST /sandbox/disputes/{disputed.json()['id']}/close", {"outcome": "won"})
    await until(lambda: has_coins(ada, 100))

    assert (disputed.json()["amount_minor"], refused.json()["code"]) == (215, "top_up_disputed")
    assert (seen["handle"], seen["reason"], seen["coins"]) == ("ada", "not_received", 100)
    assert closed.json()["state"] == "won"
    whole = (await olga.ask(f"GET /v1/operator/disputes/{seen['id']}")).json()
    assert (whole["state"], len(whole["legs"]), len(whole["holds"])) == ("won", 5, 1)
    again = await ask(client, f"POST /sandbox/disputes/{disputed.json()['id']}/close", {"outcome": "lost"})
    assert (again.status_code, again.json()["code"]) == (409, "cannot_dispute")


async def has_coins(someone: Someone, coins: int) -> bool:
    return (await someone.ask("GET /v1/wallet")).json()["coins"] == coins


async def test_operators_see_every_refund_with_its_legs(client: httpx.AsyncClient, arrive: Arrive, olga: Someone):
    ada = await arrive("ada")
    refund = (await give_back(ada, await bought(client, ada))).json()

    (listed,) = (await olga.ask("GET /v1/operator/refunds?state=refunded")).json()["items"]
    seen = (await olga.ask(f"GET /v1/operator/refunds/{refund['id']}")).json()

    assert (listed["id"], listed["handle"]) == (refund["id"], "ada")
    assert [leg["kind"] for leg in seen["legs"]] == ["hold", "hold", "post", "post", "transfer", "transfer"]
    assert (await ada.ask(f"GET /v1/operator/refunds/{refund['id']}")).status_code == 403
    acts = [act["act"] for act in (await olga.ask("GET /v1/operator/acts")).json()["items"]]
    assert acts[:2] == ["refund_seen", "refunds_seen"]


async def test_coins_that_were_refunded_are_not_counted_for_a_level(client: httpx.AsyncClient, arrive: Arrive):
    ada = await arrive("ada")
    await give_back(ada, await bought(client, ada, 50_000))

    assert (await ada.ask("GET /v1/gifts/catalogue")).json()["level"] == 1
