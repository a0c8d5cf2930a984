"""What operators see and set over HTTP."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from plaudit.coins.chains import fan_account
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from tests.web.api.conftest import NOW, PASSWORD, Arrive, Someone, ask

TOMORROW = NOW + timedelta(days=1)
PACK = {"currency": "USD", "channel": "web", "id": "pack_100", "coins": 100, "price_minor": 249}
TAX = {"region": "US", "name": "Sales tax", "rate_bps": 1_000}
EXACT = {"currency": "USD", "channel": "web", "minimum_minor": 90, "least_coins": 5, "most_coins": 500}


@pytest.fixture
async def olga(arrive: Arrive, settings: Settings) -> Someone:
    olga = await arrive("olga")
    async with Database.open(settings.database_url or "") as db:
        await add_operator(db, Hasher(), olga.email, now=NOW)
    return olga


async def acts_of(olga: Someone) -> list[str]:
    return [act["act"] for act in (await olga.ask("GET /v1/operator/acts")).json()["items"]]


async def buy(client: httpx.AsyncClient, someone: Someone, coins: int = 100) -> str:
    wish = {"id": str(uuid4()), "provider": "sandbox", "coins": coins}
    bought = (await someone.ask("POST /v1/top-ups", wish)).json()
    path = str(bought["checkout_url"]).removeprefix("http://plaudit.test")
    await ask(client, f"POST {path}/pay", {"card": "success"})
    return bought["id"]


async def test_who_applied_waits_until_an_operator_verifies_them(arrive: Arrive, olga: Someone):
    ada = await arrive("ada")
    await ada.ask("POST /v1/creator/apply", {"about": "I sing."})

    waiting = (await olga.ask("GET /v1/operator/creators?state=applied")).json()
    verified = (await olga.ask("POST /v1/operator/creators/ada/verify")).json()
    after = (await olga.ask("GET /v1/operator/creators?state=verified")).json()
    me = (await ada.ask("GET /v1/me")).json()
    withdrawn = await olga.ask("DELETE /v1/operator/creators/ada/verify")

    assert [(each["handle"], each["about"], each["verified_at"]) for each in waiting["items"]] == [
        ("ada", "I sing.", None)
    ]
    assert after == {"items": [verified], "next": None}
    assert verified["verified_at"] == "2026-03-01T12:00:00Z"
    assert me["birth_is_verified"]
    assert (withdrawn.status_code, withdrawn.json()["verified_at"]) == (200, None)
    assert (await olga.ask("GET /v1/operator/creators?state=verified")).json()["items"] == []
    assert await acts_of(olga) == ["verification_withdrawn", "creator_verified"]


async def test_who_never_applied_cannot_be_verified(arrive: Arrive, olga: Someone):
    await arrive("ada")

    refused = await olga.ask("POST /v1/operator/creators/ada/verify")
    nobody = await olga.ask("POST /v1/operator/creators/nobody/verify")

    assert (refused.status_code, refused.json()["code"]) == (409, "never_applied")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "no_such_person")


async def test_lists_for_operators_come_in_pages(client: httpx.AsyncClient, arrive: Arrive, olga: Someone):
    for handle in ("ada_1", "ada_2", "ada_3"):
        someone = await arrive(handle)
        await someone.ask("POST /v1/creator/apply", {})
        await buy(client, someone)

    async def pages(path: str) -> list[list[str]]:
        """The handles of each page of one, until there is no next one."""
        found: list[list[str]] = []
        after = ""
        while True:
            page = (await olga.ask(f"GET /v1/operator/{path}limit=2{after}")).json()
            found.append([str(item["handle"]) for item in page["items"]])
            if page["next"] is None:
                return found
            after = f"&after={page['next']}"

    assert await pages("people?query=ada&") == [["ada_1", "ada_2"], ["ada_3"]]
    for path in ("creators?", "top-ups?", "top-ups?status=settled&"):
        first, second = await pages(path)
        assert sorted([*first, *second]) == ["ada_1", "ada_2", "ada_3"]
    assert await pages("top-ups?status=failed&") == [[]]
    acts = (await olga.ask("GET /v1/operator/acts?limit=2")).json()
    rest = (await olga.ask(f"GET /v1/operator/acts?limit=100&after={acts['next']}")).json()
    numbers = [act["id"] for act in (*acts["items"], *rest["items"])]
    assert numbers == sorted(numbers, reverse=True)
    assert (len(set(numbers)), rest["next"]) == (7, None)


async def test_an_operator_sees_a_person_their_coins_and_the_books_behind_them(
    client: httpx.AsyncClient, arrive: Arrive, olga: Someone
):
    ada = await arrive("ada")
    top_up_id = await buy(client, ada, coins=100)
    await buy(client, ada, coins=7)

    person = (await olga.ask("GET /v1/operator/people/ada")).json()
    movements = (await olga.ask("GET /v1/operator/people/ada/movements?limit=1")).json()
    account = (await olga.ask(f"GET /v1/operator/accounts/{person['wallet']['account']}")).json()
    transfers = (await olga.ask(f"GET /v1/operator/accounts/{account['id']}/transfers?limit=1")).json()
    before = (await olga.ask(f"GET /v1/operator/accounts/{account['id']}/transfers?after={transfers['next']}")).json()
    top_up = (await olga.ask(f"GET /v1/operator/top-ups/{top_up_id}")).json()

    assert (person["email"], person["roles"], person["sessions"]) == ("ada@example.org", ["fan"], 1)
    assert (person["wallet"]["coins"], person["wallet"]["received_coins"]) == (107, 0)
    assert movements["items"][0]["coins"] == 7
    assert (account["asset"], account["kind"], account["owner"]) == ("COIN", "fan_coins", "ada")
    assert (account["credits_posted"], account["is_closed"]) == (107, False)
    (newest,), (oldest,) = transfers["items"], before["items"]
    assert (newest["amount"], newest["why"], newest["kind"], newest["credits_posted"]) == (7, "top_up", "transfer", 107)
    assert (oldest["amount"], oldest["reference"], before["next"]) == (100, top_up_id, None)
    assert (top_up["handle"], top_up["status"], top_up["fee"]["currency"]) == ("ada", "settled", "USD")
    assert await acts_of(olga) == [
        "top_up_seen",
        "transfers_seen",
        "transfers_seen",
        "account_seen",
        "movements_seen",
        "person_seen",
    ]


async def test_an_account_of_money_names_its_currency(client: httpx.AsyncClient, arrive: Arrive, olga: Someone):
    await buy(client, await arrive("ada"))
    nowhere = await olga.ask(f"GET /v1/operator/accounts/{fan_account(uuid4())}")
    wallet = (await olga.ask("GET /v1/operator/people/ada")).json()["wallet"]["account"]
    transfers = (await olga.ask(f"GET /v1/operator/accounts/{wallet}/transfers")).json()

    issued = (await olga.ask(f"GET /v1/operator/accounts/{transfers['items'][0]['debit_account']}")).json()

    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "no_such_account")
    assert (issued["kind"], issued["owner"], issued["debits_posted"]) == ("coins_issued", None, 100)


async def test_a_price_for_tomorrow_is_asked_tomorrow_and_not_before(
    arrive: Arrive, olga: Someone, clock: MovableClock
):
    ada = await arrive("ada")
    set_now = await olga.ask("POST /v1/operator/packs", {**PACK, "valid_from": TOMORROW.isoformat()})

    async def price() -> int:
        return (await ada.ask("GET /v1/packs")).json()["items"][0]["price"]["amount_minor"]

    clock.move(timedelta(days=1, microseconds=-1))
    before = await price()
    clock.move(timedelta(microseconds=1))

    assert (before, await price()) == (199, 249)
    assert (set_now.status_code, set_now.json()["valid_from"]) == (201, "2026-03-02T12:00:00Z")


@pytest.mark.parametrize(("path", "body"), [("packs", PACK), ("taxes", TAX), ("exact-amounts", EXACT)])
async def test_what_is_set_holds_at_once_when_no_instant_is_named_and_never_from_the_past(
    olga: Someone, path: str, body: dict[str, object]
):
    done = await olga.ask(f"POST /v1/operator/{path}", body)
    past = await olga.ask(f"POST /v1/operator/{path}", {**body, "valid_from": "2026-03-01T11:59:59Z"})
    without_zone = await olga.ask(f"POST /v1/operator/{path}", {**body, "valid_from": "2027-03-01T12:00:00"})
    far = await olga.ask(f"POST /v1/operator/{path}", {**body, "valid_from": "9999-12-31T23:59:59-12:00"})
    listed = (await olga.ask(f"GET /v1/operator/{path}")).json()

    assert (done.status_code, done.json()["valid_from"]) == (201, "2026-03-01T12:00:00Z")
    assert done.json() in listed["items"]
    for refused in (past, without_zone, far):
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert past.json()["field"] == "valid_from"
    assert len(await acts_of(olga)) == 1


async def test_the_rates_say_what_creators_get(olga: Someone):
    rates = (await olga.ask("GET /v1/operator/rates")).json()

    assert rates["items"] == [
        {
            "region": "",
            "currency": "",
            "tier": "standard",
            "share_bps": 5_000,
            "micros_per_coin": None,
            "valid_from": "2020-01-01T00:00:00Z",
        }
    ]


async def test_an_operators_session_for_reading_is_none_for_operating(client: httpx.AsyncClient, olga: Someone):
    async def status(*scopes: str) -> int:
        wish = {"email": olga.email, "password": PASSWORD, "scopes": scopes}
        token = (await ask(client, "POST /v1/sign-in", wish)).json()["token"]
        return (await ask(client, "GET /v1/operator/acts", token=token)).status_code

    assert (await status("read", "spend"), await status("operate")) == (403, 200)
