from datetime import timedelta
from typing import Any

import httpx
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.ids import new_id
from tests.waiting import until
from tests.web.api.conftest import Arrive, Someone, ask


async def top_up(someone: Someone, /, **wish: object) -> dict[str, Any]:
    wish = {"id": str(new_id()), "provider": "sandbox", **(wish or {"pack": "pack_100"})}
    answer = await someone.ask("POST /v1/top-ups", wish)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def pay(client: httpx.AsyncClient, bought: dict[str, Any], card: str) -> httpx.Response:
    path = str(bought["checkout_url"]).removeprefix("http://plaudit.test")
    return await ask(client, f"POST {path}/pay", {"card": card})


async def stands(someone: Someone, bought: dict[str, Any]) -> str:
    return (await someone.ask(f"GET /v1/top-ups/{bought['id']}")).json()["status"]


async def test_packs_tell_price_tax_saving_and_the_price_of_an_exact_amount(arrive: Arrive):
    ada = await arrive("ada")

    offer = (await ada.ask("GET /v1/packs?coins=88")).json()

    assert [(pack["coins"], pack["price"]["amount_minor"]) for pack in offer["items"]] == [
        (100, 199),
        (270, 499),
        (600, 999),
        (1350, 1999),
        (3900, 4999),
        (12500, 9999),
    ]
    tax = {"name": "Sales tax", "rate_bps": 825, "amount_minor": 16, "currency": "USD"}
    assert offer["items"][0]["tax"] == tax
    assert offer["items"][0]["total"] == {"amount_minor": 215, "currency": "USD"}
    assert offer["items"][5]["saving_bps"] == 5980
    assert offer["exact"]["quote"]["price"]["amount_minor"] == 176


async def test_a_fan_from_germany_pays_euros_and_their_tax_and_one_from_japan_dollars_without(arrive: Arrive):
    ada = await arrive("ada")

    await ada.ask("PATCH /v1/me", {"region": "DE", "currency": "EUR"})
    german = (await ada.ask("GET /v1/packs")).json()["items"][0]
    await ada.ask("PATCH /v1/me", {"region": "JP", "currency": "JPY"})
    japanese = (await ada.ask("GET /v1/packs")).json()["items"][0]

    assert (german["price"], german["tax"]["amount_minor"]) == ({"amount_minor": 189, "currency": "EUR"}, 36)
    assert (japanese["price"], japanese["tax"]["amount_minor"]) == ({"amount_minor": 199, "currency": "USD"}, 0)
    bought = await top_up(ada, pack="pack_100")
    assert bought["price"]["currency"] == "USD"


async def test_coins_are_in_the_wallet_as_soon_as_they_are_paid(client: httpx.AsyncClient, arrive: Arrive):
    ada = await arrive("ada")
    bought = await top_up(ada, pack="pack_600")

    paid = await pay(client, bought, "success")

    assert (bought["status"], bought["price"]["amount_minor"], bought["tax"]["amount_minor"]) == ("pending", 999, 82)
    assert (paid.status_code, paid.json()["state"]) == (200, "paid")
    assert await stands(ada, bought) == "settled"
    assert (await ada.ask("GET /v1/wallet")).json() == {"coins": 600, "worth": {"amount_minor": 999, "currency": "USD"}}


@pytest.mark.parametrize(("card", "status"), [("declined", "failed"), ("timeout", "expired")])
async def test_a_card_that_fails_brings_no_coins(client: httpx.AsyncClient, arrive: Arrive, card: str, status: str):
    ada = await arrive("ada")
    bought = await top_up(ada)

    await pay(client, bought, card)
    again = await pay(client, bought, "success")

    assert await stands(ada, bought) == status
    assert (again.status_code, again.json()["code"]) == (409, "checkout_closed")
    assert (await ada.ask("GET /v1/wallet")).json()["coins"] == 0


async def test_a_bank_that_asks_is_answered_and_a_pending_payment_settles_later(
    client: httpx.AsyncClient, arrive: Arrive, clock: MovableClock
):
    ada = await arrive("ada")
    asked, slow = await top_up(ada), await top_up(ada, coins=40)

    await pay(client, asked, "confirm")
    before = await stands(ada, asked)
    path = asked["checkout_url"].removeprefix("http://plaudit.test")
    await ask(client, f"POST {path}/confirm", {"approved": True})
    await pay(client, slow, "pending")
    pending = await stands(ada, slow)
    assert (before, await stands(ada, asked), pending) == ("pending", "settled", "pending")

    async def is_settled() -> bool:
        return await stands(ada, slow) == "settled"

    clock.move(timedelta(seconds=6))
    await until(is_settled)
    assert (await ada.ask("GET /v1/wallet")).json()["coins"] == 140


async def test_the_same_id_is_the_same_top_up_and_never_another(arrive: Arrive):
    ada, bob = await arrive("ada"), await arrive("bob")
    wish = {"id": str(new_id()), "provider": "sandbox", "pack": "pack_100"}

    first, second = await ada.ask("POST /v1/top-ups", wish), await ada.ask("POST /v1/top-ups", wish)
    other = await ada.ask("POST /v1/top-ups", {**wish, "pack": "pack_270"})
    somebody = await bob.ask("POST /v1/top-ups", wish)

    assert first.json() == second.json()
    assert (other.status_code, other.json()["code"]) == (somebody.status_code, somebody.json()["code"])
    assert (other.status_code, other.json()["code"]) == (409, "id_reused")
    hidden = await bob.ask(f"GET /v1/top-ups/{wish['id']}")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "no_such_top_up")


@pytest.mark.parametrize(
    ("wish", "code", "field"),
    [
        ({"pack": "pack_1"}, "pack_not_offered", "pack"),
        ({}, "invalid_request", "pack"),
        ({"pack": "pack_100", "coins": 5}, "invalid_request", "pack"),
        ({"coins": 0}, "invalid_request", "coins"),
        ({"coins": 10**30}, "invalid_request", "coins"),
        ({"pack": "pack_100", "provider": "bank"}, "invalid_request", "provider"),
    ],
)
async def test_what_cannot_be_bought_is_said_by_its_field(
    arrive: Arrive, wish: dict[str, object], code: str, field: str
):
    ada = await arrive("ada")

    answer = await ada.ask("POST /v1/top-ups", {"id": str(new_id()), "provider": "sandbox", **wish})

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, code, field)


async def test_movements_come_in_pages_with_their_reason_and_worth(client: httpx.AsyncClient, arrive: Arrive):
    ada = await arrive("ada")
    for coins in (100, 200, 300):
        await pay(client, await top_up(ada, coins=coins), "success")

    first = (await ada.ask("GET /v1/wallet/movements?limit=2")).json()
    second = (await ada.ask(f"GET /v1/wallet/movements?limit=2&after={first['next']}")).json()

    found = [*first["items"], *second["items"]]
    assert [(each["coins"], each["coins_after"]) for each in found] == [(300, 600), (200, 300), (100, 100)]
    assert [each["worth"]["amount_minor"] for each in found] == [555, 398, 199]
    assert found[0]["reason"] == "You bought 300 coins."
    assert second["next"] is None


@pytest.mark.parametrize("after", ["x", "-1", "9" * 50, "%C2%B2"])
async def test_a_page_after_nothing_of_ours_is_refused(arrive: Arrive, after: str):
    ada = await arrive("ada")

    answer = await ada.ask(f"GET /v1/wallet/movements?after={after}")

    assert (answer.status_code, answer.json()["field"]) == (422, "after")


async def test_the_hosted_page_shows_the_amount_and_takes_a_choice_without_script(
    client: httpx.AsyncClient, arrive: Arrive
):
    ada = await arrive("ada")
    bought = await top_up(ada)
    path = bought["checkout_url"].removeprefix("http://plaudit.test")

    page = await client.get(path)
    asked = await client.post(f"{path}/choose", data={"choice": "confirm"}, follow_redirects=True)
    done = await client.post(f"{path}/choose", data={"choice": "approve"}, follow_redirects=True)

    assert "2.15 USD" in page.text
    assert "<script" not in page.text
    assert "is it you?" in asked.text
    assert 'data-state="paid"' in done.text
    assert await stands(ada, bought) == "settled"


async def test_a_webhook_without_the_providers_signature_is_turned_away(client: httpx.AsyncClient):
    forged = await ask(client, "POST /v1/webhooks/sandbox", {"id": "evt_1"})
    unknown = await ask(client, "POST /v1/webhooks/nobody", {"id": "evt_1"})

    assert (forged.status_code, forged.json()["code"]) == (401, "webhook_not_genuine")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_provider")
