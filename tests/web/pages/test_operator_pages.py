"""The operator's console: who gets in, what is seen there, and what is done about people and lives."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.web.demo_pace import read_pace
from tests.web.pages.conftest import Browser, Visit
from tests.web.pages.operating import a_creator, acts_of, olga, price_of, tray_of, upload

__all__ = ["olga"]

EMPTY_PAGES = """
    . /people /people?query=nobody /people/olga /people/olga/movements /creators /creators?state=all /requirements
    /top-ups /top-ups?status=failed /gifts /lives /lives?state=past /catalogue /catalogue?tier=large /catalogue/new
    /catalogue/lion /packs /taxes /exact-amounts /rates /ledger /ledger/accounts?asset=1&code=200 /acts
    /acts?act=person_seen&by=olga
"""


async def test_a_stranger_is_led_to_the_sign_in_and_fans_and_creators_are_refused(visit: Visit, clock: MovableClock):
    stranger, fan, creator = await visit(), await visit("ada"), await a_creator(visit, clock)

    led = await stranger.open("/operator/people?query=a")

    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?next=/operator/people%3Fquery%3Da")
    for somebody in (fan, creator):
        for path in ("/operator", "/operator/people", "/operator/ledger", "/operator/catalogue/new"):
            assert (await somebody.open(path)).status_code == 403
        refused = await somebody.send("/operator/taxes", region="US", name="None", rate="0")
        assert refused.status_code == 403


async def test_every_page_stands_on_its_own_with_nothing_in_it(olga: Browser):
    for path in EMPTY_PAGES.split():
        answer = await olga.open(f"/operator{path.removeprefix('.')}")

        assert answer.status_code == 200, path
        assert "<h1>" in answer.text, path
        assert 'aria-current="page"' in answer.text, path
        assert "style=" not in answer.text, path
        assert not re.search(r"<script(?![^>]* src=)", answer.text), path


async def test_the_overview_tells_todays_figures_and_that_the_books_balance(olga: Browser, visit: Visit):
    ada = await visit("ada")
    await ada.buy(100)

    page = (await olga.open("/operator")).text

    assert re.search(r"Coins bought</span>\s*<span class=\"tile-value\">100<", page)
    assert "Debits = credits in every asset." in page
    assert "gifts a second" not in page


async def test_what_somebody_did_is_seen_from_their_page_down_to_the_books(olga: Browser, visit: Visit):
    ada = await visit("ada")
    top_up = (await ada.buy(100)).rsplit("/", 1)[-1]

    person = (await olga.open("/operator/people/ada")).text
    account = re.search(r'href="(/operator/ledger/[0-9a-f-]{36})"', person)
    assert account
    ledger = (await olga.open(account[1])).text
    purchase = (await olga.open(f"/operator/top-ups/{top_up}")).text
    found = await olga.open("/operator/ledger?account=@ADA")
    nowhere = await olga.open(f"/operator/ledger?account={new_id()}")

    assert "ada@example.org" in person
    assert f'href="/operator/top-ups/{top_up}"' in person
    assert "Fan coins" in ledger
    assert f'href="/operator/top-ups/{top_up}">Top up</a>' in ledger
    assert "Provider clearing" in purchase
    assert "&#34;state&#34;: &#34;paid&#34;" in purchase
    assert found.headers["location"] == "/operator/people/ada#accounts"
    assert "There is no such account" in nowhere.text or nowhere.status_code == 422
    assert {"person_seen", "account_seen", "transfers_seen", "top_up_seen"} <= set(await acts_of(olga))


async def test_a_gift_is_seen_with_both_its_people_even_when_it_was_given_anonymously(
    olga: Browser, visit: Visit, clock: MovableClock, everyone_may_receive: None
):
    iris, live_id, gift_id = await a_creator(visit, clock), str(new_id()), str(new_id())
    await iris.ask("POST /v1/lives", {"id": live_id, "title": "Songs"})
    ada = await visit("ada")
    await ada.buy(100)
    wish = {"id": gift_id, "gift": "rosa", "live_id": live_id, "visibility": "anonymous", "message": "<i>Brava</i>"}
    assert (await ada.ask("POST /v1/gifts", wish)).status_code == 201

    listed = (await olga.open("/operator/gifts")).text
    page = (await olga.open(f"/operator/gifts/{gift_id}")).text

    assert f"/operator/gifts/{gift_id}" in listed
    for text in (listed, page):
        assert "@ada" in text
        assert "@iris" in text
        assert "anonymous" in text
    assert "&lt;i&gt;Brava&lt;/i&gt;" in page
    assert "$0.19" in page


async def test_whoever_applied_is_verified_from_the_queue_and_from_their_page(
    olga: Browser, visit: Visit, clock: MovableClock
):
    iris = await a_creator(visit, clock)

    waiting = (await olga.open("/operator/creators")).text
    verified = await olga.send("/operator/creators/iris/verify")
    after = (await olga.open("/operator/creators")).text
    is_verified = (await iris.ask("GET /v1/eligibility")).json()["requirements"][1]["is_met"]
    withdrawn = await olga.send("/operator/people/iris/withdraw")

    assert "I &lt;b&gt;sing&lt;/b&gt;." in waiting
    assert verified.headers["location"] == "/operator/creators?done=verified"
    assert "Nobody waits" in after
    assert is_verified
    assert withdrawn.headers["location"] == "/operator/people/iris?done=withdrawn"
    assert (await acts_of(olga))[:2] == ["verification_withdrawn", "creator_verified"]


async def test_a_violation_is_opened_once_and_closed(olga: Browser, visit: Visit):
    await visit("ada")
    await olga.open("/operator/people/ada")
    fields = {"id": olga.hidden["id"], "reason": "Spam in three rooms."}

    answers = [await olga.send("/operator/people/ada/violations", **fields) for _ in range(2)]
    page = (await olga.open("/operator/people/ada")).text
    close = re.search(r'action="(/operator/violations/[^"]+/close)"', page)
    assert close
    await olga.send(close[1], handle="ada")
    empty = await olga.send("/operator/people/ada/violations", id=str(new_id()), reason=" ")

    assert [answer.status_code for answer in answers] == [303, 303]
    assert page.count("Spam in three rooms.") == 1
    assert "/close" not in (await olga.open("/operator/people/ada")).text
    assert empty.status_code == 422
    assert 'id="reason-wrong"' in empty.text


async def test_a_live_is_ended_for_a_reason_that_everyone_reads(olga: Browser, visit: Visit, clock: MovableClock):
    iris, live_id = await a_creator(visit, clock), str(new_id())
    await iris.ask("POST /v1/lives", {"id": live_id, "title": "Songs"})

    shown = (await olga.open("/operator/lives")).text
    without = await olga.send(f"/operator/lives/{live_id}/end", reason=" ")
    ended = await olga.send(f"/operator/lives/{live_id}/end", reason="It isn't yours to show.")
    past = (await olga.open("/operator/lives?state=past")).text

    assert "Songs" in shown
    assert without.status_code == 422
    assert ended.headers["location"] == "/operator/lives?done=ended"
    assert "It isn&#39;t yours to show." in past


Change = Callable[[Browser], Awaitable[httpx.Response]]
CHANGES: dict[str, Change] = {
    "verify": lambda olga: olga.send("/operator/people/iris/verify", csrf=""),
    "verify in the queue": lambda olga: olga.send("/operator/creators/iris/verify", csrf=""),
    "withdraw": lambda olga: olga.send("/operator/people/iris/withdraw", csrf=""),
    "a violation": lambda olga: olga.send("/operator/people/iris/violations", csrf="", id=str(new_id()), reason="No."),
    "a closed violation": lambda olga: olga.send(f"/operator/violations/{new_id()}/close", csrf=""),
    "a live": lambda olga: olga.send(f"/operator/lives/{new_id()}/end", csrf="", reason="No."),
    "a gift": lambda olga: upload(olga, csrf=""),
    "a price": lambda olga: olga.send("/operator/catalogue/rose/prices", csrf="", price_coins="9"),
    "retiring": lambda olga: olga.send("/operator/catalogue/rose/retire", csrf=""),
    "a pack": lambda olga: olga.send("/operator/packs", csrf="", id="p", coins="1", price="1"),
    "a tax": lambda olga: olga.send("/operator/taxes", csrf="", region="US", name="T", rate="1"),
    "an exact amount": lambda olga: olga.send(
        "/operator/exact-amounts", csrf="", minimum="1", least_coins="1", most_coins="2"
    ),
    "a requirement": lambda olga: olga.send("/operator/requirements", csrf="", kind="least_age", value="1"),
    "the pace": lambda olga: olga.send("/operator/demo", csrf="", pace="9"),
}


async def test_a_form_that_is_not_ours_changes_nothing(olga: Browser, visit: Visit, clock: MovableClock):
    await a_creator(visit, clock)
    before = await acts_of(olga)

    answers = {name: await change(olga) for name, change in CHANGES.items()}

    assert {name for name, answer in answers.items() if answer.status_code != 403} == set()
    assert await acts_of(olga) == before
    assert await price_of(olga, "rose") == 1
    assert "top_hat" not in await tray_of(olga)


class TestWhileTheDemoRuns:
    @pytest.fixture
    def settings(self, settings: Settings, tmp_path: Path) -> Settings:
        return replace(settings, demo_pace_file=tmp_path / "pace.json")

    async def test_the_pace_of_its_crowd_is_set_here(self, olga: Browser, settings: Settings):
        page = (await olga.open("/operator")).text
        assert settings.demo_pace_file

        answer = await olga.send("/operator/demo", pace="12.5")
        refused = await olga.send("/operator/demo", pace="1000")

        assert "gifts a second" in page
        assert answer.headers["location"] == "/operator?done=paced"
        assert read_pace(settings.demo_pace_file) == 12.5
        assert refused.status_code == 422
        assert (await acts_of(olga))[0] == "demo_pace_set"
