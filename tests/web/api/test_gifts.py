import asyncio
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from plaudit.web.api.gift_shapes import CannotAffordProblem, CatalogueAnswer
from tests.waiting import until
from tests.web.api.conftest import NOW, Arrive, Someone
from tests.web.api.test_coins import pay, top_up
from tests.web.api.test_lives import a_creator, go_live


class Stage:
    """A creator who is live, a fan, an operator, and somebody else."""

    def __init__(self, client: httpx.AsyncClient, people: dict[str, Someone], live_id: str) -> None:
        self.client = client
        self.ada, self.iris, self.boss, self.eve = (people[name] for name in ("ada", "iris", "boss", "eve"))
        self.live_id = live_id

    async def buy(self, pack: str = "pack_600") -> None:
        """The fan pays, and has the coins."""
        before = await self.coins()
        await pay(self.client, await top_up(self.ada, pack=pack), "success")

        async def came() -> bool:
            return await self.coins() > before

        await until(came)

    async def coins(self) -> int:
        return (await self.ada.ask("GET /v1/wallet")).json()["coins"]

    async def send(self, gift: str = "rosa", **more: object) -> httpx.Response:
        where = {} if "to" in more else {"live_id": self.live_id}
        return await self.ada.ask("POST /v1/gifts", {"id": str(new_id()), "gift": gift, **where, **more})

    async def offered(self, query: str = "") -> dict[str, dict[str, Any]]:
        answer = (await self.ada.ask(f"GET /v1/gifts/catalogue{query}")).json()
        return {gift["id"]: gift for gift in answer["items"]}


@pytest.fixture
async def stage(client: httpx.AsyncClient, arrive: Arrive, settings: Settings) -> Stage:
    people = {name: await arrive(name) for name in ("ada", "boss", "eve")}
    people["iris"] = await a_creator(arrive, "iris")
    async with Database.open(settings.database_url or "") as db:
        await add_operator(db, Hasher(), people["boss"].email, now=NOW)
        async with db.transaction() as tx:
            await tx.execute("update rooms.requirements set value = 0 where kind = 'least_followers'")
    verified = await people["boss"].ask("POST /v1/operator/creators/iris/verify", {})
    assert verified.status_code == 200, verified.text
    return Stage(client, people, (await go_live(people["iris"]))["id"])


async def test_a_gift_in_a_live_tells_the_wallet_and_what_the_creator_gets(stage: Stage):
    await stage.buy()

    answer = await stage.send("rosa", quantity=2, message="  <b>Bravo</b> ", combo_id=str(new_id()))

    sent = answer.json()
    assert answer.status_code == 201
    assert (sent["gift"], sent["name"], sent["quantity"], sent["coins"]) == ("rosa", "Rosa", 2, 20)
    assert sent["wallet"] == {"coins": 580}
    assert sent["creator_share"] == {"amount_minor": 16, "currency": "USD", "estimate": True, "others": []}
    assert (sent["from"]["handle"], sent["to"]["handle"]) == ("ada", "iris")
    assert (sent["message"], sent["visibility"], sent["live_id"]) == ("<b>Bravo</b>", "public", stage.live_id)
    assert await stage.coins() == 580


async def test_the_same_gift_again_is_the_same_also_at_once_and_after_the_live(stage: Stage):
    await stage.buy()
    id = str(new_id())

    answers = await asyncio.gather(*(stage.send(id=id) for _ in range(10)))
    await stage.iris.ask(f"POST /v1/lives/{stage.live_id}/end", {})
    later = await stage.send(id=id)
    another = await stage.send()

    assert [answer.status_code for answer in answers] == [201] * 10
    assert all(answer.json() == later.json() for answer in answers)
    assert (another.status_code, another.json()["code"]) == (409, "live_has_ended")
    assert await stage.coins() == 590


async def test_an_id_that_was_used_for_something_else_is_refused_by_its_field(stage: Stage):
    await stage.buy()
    id = str(new_id())
    await stage.send(id=id)

    answer = await stage.send(id=id, quantity=2)

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (409, "id_reused", "quantity")


async def test_too_few_coins_are_told_with_the_cheapest_top_up_that_helps(stage: Stage):
    await stage.buy("pack_100")

    answer = await stage.send("sunglasses")

    assert (answer.status_code, answer.json()["code"]) == (402, "cannot_afford")
    problem = msgspec.json.decode(answer.content, type=CannotAffordProblem)
    assert problem.top_up is not None
    assert (problem.missing_coins, problem.top_up.coins, problem.top_up.pack) == (99, 99, None)
    assert (problem.top_up.price.amount_minor, problem.top_up.total.amount_minor) == (198, 214)
    assert problem.detail == "99 coins are missing."


@pytest.mark.parametrize(
    ("wish", "status", "code", "field"),
    [
        ({"gift": "no_such_gift"}, 409, "gift_not_available", "gift"),
        ({"quantity": 0}, 422, "quantity_out_of_range", "quantity"),
        ({"quantity": 1_000}, 422, "quantity_out_of_range", "quantity"),
        ({"gift": "universe", "quantity": 11}, 422, "quantity_out_of_range", "quantity"),
        ({"quantity": 10**30}, 422, "quantity_out_of_range", "quantity"),
        ({"message": "x" * 201}, 422, "invalid_request", "message"),
        ({"message": "a\0b"}, 422, "invalid_request", "message"),
        ({"visibility": "secret"}, 422, "invalid_request", "visibility"),
        ({"live_id": str(new_id())}, 404, "live_not_found", None),
        ({"to": "nobody_at_all"}, 404, "no_such_person", None),
        ({"to": "ada"}, 409, "cannot_gift_yourself", None),
        ({"to": "eve"}, 403, "creator_may_not_receive", None),
    ],
)
async def test_what_is_refused_is_named(stage: Stage, wish: dict[str, Any], status: int, code: str, field: str | None):
    await stage.buy()

    answer = await stage.send(**wish)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json().get("field") == field
    assert await stage.coins() == 600


async def test_a_blocked_fan_and_a_creator_in_their_own_live_are_refused(stage: Stage):
    await stage.buy()
    await stage.iris.ask("PUT /v1/people/ada/block")

    blocked = await stage.send()
    own = await stage.iris.ask("POST /v1/gifts", {"id": str(new_id()), "gift": "rose", "live_id": stage.live_id})

    assert (blocked.status_code, blocked.json()["code"]) == (403, "sender_blocked")
    assert (own.status_code, own.json()["code"]) == (409, "cannot_gift_yourself")


async def test_a_gift_goes_to_a_person_too(stage: Stage):
    await stage.buy()

    sent = (await stage.send(to="iris")).json()

    assert (sent["live_id"], sent["to"]["handle"], sent["wallet"]["coins"]) == (None, "iris", 590)


async def test_a_gift_is_seen_by_whom_it_concerns_and_the_wallet_by_its_owner(stage: Stage):
    await stage.buy()
    sent = (await stage.send(visibility="anonymous")).json()
    line = f"GET /v1/gifts/{sent['id']}"

    by_ada, by_iris, by_boss, by_eve = [
        await someone.ask(line) for someone in (stage.ada, stage.iris, stage.boss, stage.eve)
    ]

    assert by_ada.json() == sent
    assert by_iris.json() == {**sent, "wallet": None, "from": None}
    assert by_boss.json() == {**sent, "wallet": None}
    assert (by_eve.status_code, by_eve.json()["code"]) == (404, "no_such_gift")


async def test_the_catalogue_tells_price_worth_and_share_before_anything_is_sent(stage: Stage):
    everything = await stage.offered()

    rosa = everything["rosa"]
    assert len(everything) >= 28
    assert (rosa["name"], rosa["tier"], rosa["art"], rosa["price_coins"]) == ("Rosa", "small", "rosa", 10)
    assert (rosa["worth"], rosa["most_at_once"]) == ({"amount_minor": 20, "currency": "USD"}, 999)
    assert rosa["creator_share"] == {"amount_minor": 9, "currency": "USD", "estimate": True, "others": []}
    assert everything["universe"]["most_at_once"] == 10


async def test_the_catalogue_counts_with_what_was_paid_for_the_coins_at_hand(stage: Stage):
    await stage.buy("pack_12500")

    for query in ("", f"?live_id={stage.live_id}", "?to=iris"):
        offered = await stage.offered(query)
        assert (offered["galaxy"]["worth"]["amount_minor"], offered["galaxy"]["creator_share"]["amount_minor"]) == (
            800,
            399,
        )

    sent = (await stage.send("galaxy")).json()
    assert sent["creator_share"]["amount_minor"] == 399


@pytest.mark.parametrize(
    ("query", "status"), [("?to=nobody_at_all", 404), (f"?live_id={new_id()}", 404), ("?live_id=x", 422)]
)
async def test_a_catalogue_for_nobody_is_refused(stage: Stage, query: str, status: int):
    assert (await stage.ada.ask(f"GET /v1/gifts/catalogue{query}")).status_code == status


async def test_a_catalogue_is_for_a_live_or_for_a_person(stage: Stage):
    answer = await stage.ada.ask(f"GET /v1/gifts/catalogue?live_id={stage.live_id}&to=iris")

    assert (answer.status_code, answer.json()["field"]) == (422, "live_id")


async def test_an_operator_adds_prices_and_retires_a_gift_and_fans_have_it_at_once(stage: Stage, clock: MovableClock):
    await stage.buy()
    lily = {"id": "lily", "name": "Lily", "tier": "small", "price_coins": 7, "regions": ["us"]}

    added = await stage.boss.ask("POST /v1/operator/gifts", lily)
    tomorrow = (NOW + timedelta(days=1)).isoformat()
    priced = await stage.boss.ask("POST /v1/operator/gifts/lily/prices", {"price_coins": 9, "valid_from": tomorrow})
    today = (await stage.send("lily")).json()
    clock.move(timedelta(days=1))
    after = (await stage.send("lily")).json()
    retired = await stage.boss.ask("POST /v1/operator/gifts/lily/retire", {})
    gone = await stage.send("lily")

    assert (added.status_code, priced.status_code, retired.status_code) == (201, 201, 200)
    assert (added.json()["regions"], added.json()["art"]) == (["US"], "lily")
    assert [price["price_coins"] for price in priced.json()["prices"]] == [9, 7]
    assert (today["coins"], after["coins"]) == (7, 9)
    assert (gone.status_code, gone.json()["code"]) == (409, "gift_not_available")
    assert "lily" not in await stage.offered()
    listed = (await stage.boss.ask("GET /v1/operator/gifts")).json()["items"]
    assert listed[-1] == retired.json()


async def test_an_operator_brings_the_art_of_a_gift_along(stage: Stage, client: httpx.AsyncClient):
    lily = {"id": "lily", "name": "Lily", "tier": "small", "price_coins": 7}
    drawn = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle r="4" fill="pink"/></svg>'

    running = await stage.boss.ask("POST /v1/operator/gifts", {**lily, "svg": drawn.replace("circle", "script")})
    both = await stage.boss.ask("POST /v1/operator/gifts", {**lily, "art": "rose", "svg": drawn})
    added = await stage.boss.ask("POST /v1/operator/gifts", {**lily, "svg": drawn})
    shown = await client.get(f"/art/{added.json()['art']}.svg")

    assert [(answer.status_code, answer.json()["field"]) for answer in (running, both)] == [(422, "svg"), (422, "svg")]
    assert added.status_code == 201, added.text
    assert shown.headers["content-type"] == "image/svg+xml"
    assert 'fill="pink"' in shown.text


async def test_what_an_operator_gets_wrong_is_said(stage: Stage):
    lily = {"id": "lily", "name": "Lily", "tier": "small", "price_coins": 7}
    await stage.boss.ask("POST /v1/operator/gifts", lily)
    ask = stage.boss.ask

    answers = [
        await ask("POST /v1/operator/gifts", lily),
        await ask("POST /v1/operator/gifts", {**lily, "id": "Lily!"}),
        await ask("POST /v1/operator/gifts/lily/prices", {"price_coins": 0}),
        await ask("POST /v1/operator/gifts/lily/prices", {"price_coins": 7, "valid_from": "2020-01-01T00:00:00Z"}),
        await ask("POST /v1/operator/gifts/lily/prices", {"price_coins": 8}),
        await ask("POST /v1/operator/gifts/tulip/prices", {"price_coins": 8}),
        await ask("POST /v1/operator/gifts/tulip/retire", {}),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (409, "gift_exists"),
        (422, "invalid_request"),
        (422, "invalid_request"),
        (422, "invalid_request"),
        (409, "price_exists"),
        (404, "no_such_catalogue_gift"),
        (404, "no_such_catalogue_gift"),
    ]


async def test_the_description_tells_what_cannot_afford_carries(stage: Stage):
    described = (await stage.ada.ask("GET /v1/openapi.json")).json()

    refused = described["paths"]["/v1/gifts"]["post"]["responses"]["402"]["content"]["application/problem+json"]
    name = refused["schema"]["$ref"].rsplit("/", 1)[1]
    shape = described["components"]["schemas"][name]
    assert {"code", "detail", "missing_coins", "top_up"} <= shape["properties"].keys()
    assert (
        msgspec.json.decode((await stage.ada.ask("GET /v1/gifts/catalogue")).content, type=CatalogueAnswer).level == 1
    )
