import httpx
import msgspec

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.settings import Settings
from tests.web.api.conftest import Arrive, Someone, a_wish, ask, open_client
from tests.web.api.test_coins import pay, top_up


async def checkout_page(client: httpx.AsyncClient, someone: Someone) -> str:
    bought = await top_up(someone, coins=1_500)
    return (await client.get(bought["checkout_url"])).text


async def test_a_receipt_tells_who_sold_what_for_how_much(client: httpx.AsyncClient, arrive: Arrive):
    ada = await arrive("ada")
    bought = await top_up(ada, pack="pack_600")
    await pay(client, bought, "success")

    receipt = (await ada.ask(f"GET /v1/top-ups/{bought['id']}/receipt")).json()

    assert receipt["lines"] == [
        {"description": "600 coins", "coins": 600, "price": {"amount_minor": 999, "currency": "USD"}}
    ]
    assert receipt["tax"] == {"name": "Sales tax", "rate_bps": 825, "amount_minor": 82, "currency": "USD"}
    assert (receipt["price"]["amount_minor"], receipt["total"]["amount_minor"]) == (999, 1081)
    assert (receipt["seller"], receipt["id"], receipt["provider"]) == ("Plaudit", bought["id"], "sandbox")
    assert receipt["asked_at"] == receipt["paid_at"] == receipt["settled_at"] == "2026-03-01T12:00:00Z"


async def test_every_receipt_has_a_higher_number_than_the_one_before(client: httpx.AsyncClient, arrive: Arrive):
    ada = await arrive("ada")
    numbers: list[int] = []

    for _ in range(3):
        bought = await top_up(ada)
        await pay(client, bought, "success")
        asked_twice = [await ada.ask(f"GET /v1/top-ups/{bought['id']}/receipt") for _ in range(2)]
        assert asked_twice[0].json() == asked_twice[1].json()
        numbers.append(asked_twice[0].json()["number"])

    assert numbers == sorted(set(numbers))


async def test_what_is_not_paid_has_no_receipt_and_what_is_another_s_is_not_there(
    client: httpx.AsyncClient, arrive: Arrive
):
    ada, bob = await arrive("ada"), await arrive("bob")
    bought = await top_up(ada)

    unpaid = await ada.ask(f"GET /v1/top-ups/{bought['id']}/receipt")
    await pay(client, bought, "success")
    of_another = await bob.ask(f"GET /v1/top-ups/{bought['id']}/receipt")

    assert (unpaid.status_code, unpaid.json()["code"]) == (409, "no_receipt_yet")
    assert (of_another.status_code, of_another.json()["code"]) == (404, "no_such_top_up")


async def test_the_house_has_the_name_that_its_operator_chose(settings: Settings, clock: MovableClock):
    named = msgspec.structs.replace(settings, house_name="Applaus GmbH")

    async with open_client(named, clock) as client:
        ada = Someone(client, (await ask(client, "POST /v1/sign-up", a_wish("ada"))).json())
        bought = await top_up(ada)
        await pay(client, bought, "success")
        receipt = (await ada.ask(f"GET /v1/top-ups/{bought['id']}/receipt")).json()

    assert receipt["seller"] == "Applaus GmbH"


async def test_the_checkout_names_the_tax_where_there_is_one_and_nothing_where_there_is_none(
    client: httpx.AsyncClient, arrive: Arrive
):
    american, japanese = await arrive("ada"), await arrive("jun")
    await japanese.ask("PATCH /v1/me", {"region": "JP", "currency": "JPY"})

    with_tax, without = await checkout_page(client, american), await checkout_page(client, japanese)

    assert "1,500 coins, Sales tax included" in with_tax
    assert "1,500 coins" in without
    assert "included" not in without
