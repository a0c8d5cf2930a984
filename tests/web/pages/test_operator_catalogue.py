"""The operator's catalogue and prices: what is set holds from its instant on; what is wrong stands beside its field."""

import re
from datetime import timedelta

from plaudit.foundation.clock import MovableClock
from tests.gifts.test_svg import MALICIOUS
from tests.web.pages.conftest import Browser, Visit
from tests.web.pages.operating import GIFT, HAT, acts_of, olga, price_of, tray_of, upload

__all__ = ["olga"]


async def test_a_gift_with_its_art_is_in_the_tray_at_once_and_its_picture_is_kept_for_ever(olga: Browser, visit: Visit):
    ada = await visit("ada")

    added = await upload(olga)
    gift = (await tray_of(ada))["top_hat"]
    picture = await ada.client.get(f"/art/{gift['art']}.svg")
    page = await olga.open("/operator/catalogue/top_hat")
    again = await upload(olga)

    assert added.headers["location"] == "/operator/catalogue/top_hat?done=added"
    assert (gift["name"], gift["price_coins"]) == ("Top Hat", 7)
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.headers["content-security-policy"].startswith("default-src 'none';")
    assert "immutable" in picture.headers["cache-control"]
    assert b"<circle" in picture.content
    assert f'src="/art/{gift["art"]}.svg"' in page.text
    assert again.status_code == 409
    assert "already" in again.text


async def test_a_picture_that_could_harm_is_refused_beside_its_field(olga: Browser):
    for harm, art in MALICIOUS.items():
        answer = await upload(olga, art)

        assert answer.status_code == 422, harm
        assert re.search(r'id="art"[^>]*aria-invalid="true"', answer.text), harm
        assert 'value="Top Hat"' in answer.text, harm
    assert "top_hat" not in await tray_of(olga)


WRONG_GIFTS = [
    ("id", "Top Hat"),
    ("name", " "),
    ("price_coins", "0"),
    ("price_coins", "seven"),
    ("tier", "huge"),
    ("regions", "DE, Atlantis"),
    ("least_level", "0"),
    ("offered_from", "2026-02-01T00:00"),
    ("offered_until", "2026-02-01T00:00"),
    ("offered_until", "soon"),
]


async def test_what_is_wrong_with_a_new_gift_stands_beside_its_field(olga: Browser):
    for field, value in WRONG_GIFTS:
        answer = await upload(olga, HAT, **{field: value})

        assert answer.status_code == 422, field
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.text), field
    assert "top_hat" not in await tray_of(olga)


async def test_a_gift_needs_a_picture(olga: Browser):
    answer = await olga.client.post(
        "/operator/catalogue", data={"csrf": olga.word, **GIFT}, files={"art": ("", b"", "application/octet-stream")}
    )

    assert answer.status_code == 422
    assert "Choose a picture." in answer.text


async def test_a_price_from_tomorrow_holds_from_tomorrow(olga: Browser, visit: Visit, clock: MovableClock):
    ada = await visit("ada")

    set_it = await olga.send("/operator/catalogue/rose/prices", price_coins="2", valid_from="2026-03-02T12:00")
    today = await price_of(ada, "rose")
    clock.move(timedelta(days=1))
    tomorrow = await price_of(ada, "rose")
    past = await olga.send("/operator/catalogue/rose/prices", price_coins="3", valid_from="2026-03-01T12:00")

    assert set_it.headers["location"] == "/operator/catalogue/rose?done=priced"
    assert (today, tomorrow) == (1, 2)
    assert past.status_code == 422
    assert 'id="valid_from-wrong"' in past.text
    assert 'value="2026-03-01T12:00"' in past.text


async def test_a_retired_gift_is_in_no_tray(olga: Browser, visit: Visit):
    ada = await visit("ada")

    await olga.send("/operator/catalogue/rose/retire")

    assert "rose" not in await tray_of(ada)
    assert "Retired" in (await olga.open("/operator/catalogue/rose")).text


async def test_packs_taxes_and_exact_amounts_change_from_an_instant_on(olga: Browser, visit: Visit):
    ada = await visit("ada")
    pack = {"id": "pack_100", "coins": "100", "price": "2.49", "currency": "usd", "channel": "web"}
    exact = {"currency": "USD", "channel": "web", "minimum": "0.9", "least_coins": "5", "most_coins": "500"}

    answers = [
        await olga.send("/operator/packs", **pack, region="", is_offered="yes", valid_from=""),
        await olga.send("/operator/taxes", region="us", name="Sales tax", rate="10", valid_from=""),
        await olga.send("/operator/exact-amounts", **exact, valid_from=""),
        await olga.send("/operator/taxes", region="us", name="Sales tax", rate="12.5", valid_from="2026-04-01T00:00"),
    ]
    offer = (await ada.ask("GET /v1/packs")).json()

    assert [answer.status_code for answer in answers] == [303] * 4
    assert (offer["items"][0]["price"]["amount_minor"], offer["items"][0]["tax"]["rate_bps"]) == (249, 1_000)
    assert (offer["exact"]["least_coins"], offer["exact"]["minimum"]["amount_minor"]) == (5, 90)
    taxes = (await olga.open("/operator/taxes")).text
    assert "12.5%" in taxes
    assert "Planned" in taxes


WRONG_CHANGES = [
    ("packs", {"id": "p", "coins": "10", "price": "1.999", "currency": "USD"}, "price"),
    ("packs", {"id": "p", "coins": "10", "price": "0", "currency": "USD"}, "price"),
    ("packs", {"id": "p", "coins": "ten", "price": "1", "currency": "USD"}, "coins"),
    ("packs", {"id": "p", "coins": "10", "price": "1", "currency": "XXX"}, "currency"),
    ("packs", {"id": "p", "coins": "10", "price": "1e400", "currency": "USD"}, "price"),
    ("packs", {"id": "p", "coins": "10", "price": "1", "currency": "USD", "region": "Mars"}, "region"),
    ("packs", {"id": "p", "coins": "10", "price": "1", "valid_from": "2020-01-01T00:00"}, "valid_from"),
    ("taxes", {"region": "US", "name": "T", "rate": "101"}, "rate"),
    ("taxes", {"region": "US", "name": "T", "rate": "NaN"}, "rate"),
    ("taxes", {"region": "US", "name": " ", "rate": "1"}, "name"),
    ("exact-amounts", {"minimum": "0", "least_coins": "1", "most_coins": "5"}, "minimum"),
    ("exact-amounts", {"minimum": "1", "least_coins": "9", "most_coins": "5"}, "least_coins"),
    ("requirements", {"kind": "least_age", "value": "121"}, "value"),
    ("requirements", {"kind": "least_age", "value": "18", "holds_from": "2020-01-01"}, "holds_from"),
    ("requirements", {"kind": "wealth", "value": "1"}, "kind"),
]


async def test_what_cannot_be_set_is_refused_beside_its_field(olga: Browser):
    before = await acts_of(olga)

    for path, fields, wrong in WRONG_CHANGES:
        answer = await olga.send(f"/operator/{path}", **fields)

        assert answer.status_code == 422, (path, fields)
        assert re.search(rf'id="{wrong}"[^>]*aria-invalid="true"', answer.text), (path, fields)
    assert await acts_of(olga) == before


async def test_a_requirement_holds_from_its_day(olga: Browser):
    answer = await olga.send(
        "/operator/requirements", kind="least_followers", value="5", region="de", holds_from="2026-03-05"
    )

    page = (await olga.open("/operator/requirements")).text
    assert answer.headers["location"] == "/operator/requirements?done=set"
    assert "2026-03-05" in page
    assert "Planned" in page
