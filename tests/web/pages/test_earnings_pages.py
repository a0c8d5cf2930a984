"""The studio's money and the console's rates, without a browser."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plaudit.earnings import settlement
from plaudit.earnings.settling import Settling
from plaudit.earnings.waterfall import Flow
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.ledger import PostgresLedger
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from plaudit.web.pages.earnings import make_bar
from plaudit.web.pages.wording import exact_money_text, exact_text
from tests.web.api.conftest import NOW
from tests.web.pages.conftest import Browser, Visit
from tests.web.pages.operating import acts_of, olga

__all__ = ["olga"]


@pytest.fixture
async def iris(visit: Visit, clock: MovableClock) -> Browser:
    """A creator."""
    iris = await visit("iris")
    await iris.send("/profile/apply", about="I paint.")
    # Who somebody is is remembered for some seconds.
    clock.move(timedelta(seconds=6))
    return iris


@pytest.fixture
def settle(settings: Settings, clock: MovableClock) -> Any:
    """What the worker does, once."""

    async def run() -> None:
        async with (
            Database.open(settings.database_url or "") as db,
            PostgresLedger.open(db, clock=clock) as ledger,
        ):
            await settlement.run_round(Settling(db=db, ledger=ledger), now=clock.now())

    return run


async def give(fan: Browser, gift: str = "rosa", **more: object) -> None:
    where = {} if "live_id" in more else {"to": "iris"}
    answer = await fan.ask("POST /v1/gifts", {"id": str(new_id()), "gift": gift, **where, **more})
    assert answer.status_code == 201, answer.text


async def page_of(browser: Browser, path: str) -> str:
    answer = await browser.open(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_who_is_no_creator_is_led_to_the_invitation(visit: Visit):
    ada = await visit("ada")

    for path in ("", "/statements", "/statements/2026-03", "/calculator"):
        answer = await ada.open(f"/studio/earnings{path}")
        assert answer.headers["location"] == "/studio"


async def test_before_the_first_gift_the_page_says_what_will_be_there(iris: Browser):
    page, months = await page_of(iris, "/studio/earnings"), await page_of(iris, "/studio/earnings/statements")

    assert '<p class="vault-sum">$0.00</p>' in page
    assert "The first one is on its way" in page
    assert "Everything is settled." in page
    assert "No month yet" in months
    assert 'href="/studio/earnings" aria-current="page"' in page


@pytest.mark.usefixtures("everyone_may_receive")
async def test_money_is_an_estimate_then_pending_then_there(
    iris: Browser, visit: Visit, settle: Any, clock: MovableClock
):
    ada = await visit("ada")
    await ada.buy(600)
    await give(ada, quantity=10, message="<i>Bravo</i>")
    live_id = str(new_id())
    await iris.open("/studio")
    await iris.ask("POST /v1/lives", {"id": live_id, "title": "Painting"})
    await give(ada, "doughnut", live_id=live_id, visibility="anonymous")

    fresh = await page_of(iris, "/studio/earnings")
    await settle()
    settled = await page_of(iris, "/studio/earnings")
    clock.move(timedelta(days=7))
    await settle()
    there = await page_of(iris, "/studio/earnings")

    assert "2 gifts that aren't settled yet" in fresh
    assert fresh.count("Not settled yet: this is an estimate") == 2
    assert "Not settled yet" not in settled
    assert "$1.08" in settled
    assert re.search(r"<dt>Pending</dt><dd>\$1\.08", settled)
    assert '<p class="vault-sum">$1.08</p>' in there
    assert re.search(r"<dt>Pending</dt><dd>\$0\.00", there)
    for name in ("Your share", "The house", "Payment provider", "Tax", "The fan paid"):
        assert settled.count(name) >= 2
    # 100 coins of 600 for 999 cents, to the last digit.
    assert "$0.8325" in settled
    assert "Somebody" in settled
    assert 'style="' not in settled


@pytest.mark.usefixtures("everyone_may_receive")
async def test_a_month_stands_there_with_its_hash(iris: Browser, visit: Visit, settle: Any, clock: MovableClock):
    ada = await visit("ada")
    await ada.buy(600)
    await give(ada)
    await settle()
    running = await page_of(iris, "/studio/earnings/statements/2026-03")
    clock.move(datetime(2026, 4, 2, tzinfo=UTC) - NOW)
    await settle()
    await iris.send("/sign-in", email="iris@example.org", password="correct horse battery")

    final = await page_of(iris, "/studio/earnings/statements/2026-03")
    months = await page_of(iris, "/studio/earnings/statements")
    missing = await iris.open("/studio/earnings/statements/2020-01")

    assert "Not final yet" in running
    assert "SHA-256" in final
    assert re.search(r"<code>SHA-256 [0-9a-f]{64}</code>", final)
    assert "Gifts that were settled" in final
    assert 'href="/u/ada"' in final
    assert 'href="/v1/earnings/statements/2026-03/pdf"' in months
    assert missing.status_code == 404


async def test_the_calculator_reckons_and_says_what_it_cant(iris: Browser):
    thousand = await page_of(iris, "/studio/earnings/calculator")
    goal = await page_of(iris, "/studio/earnings/calculator?gift=rose&goal=100&currency=EUR")
    wrong = await iris.open("/studio/earnings/calculator?coins=many")
    other = await iris.open("/studio/earnings/calculator?gift=nothing")

    assert "1,000 coins bring you" in thousand
    assert "$9.95" in thousand
    assert "1 coin brings you" in goal
    assert "10,583" in goal
    assert (wrong.status_code, other.status_code) == (422, 409)
    assert "This is a whole number." in wrong.text
    assert 'value="many"' in wrong.text


async def test_it_takes_two_operators_to_set_a_rate(
    olga: Browser, visit: Visit, settings: Settings, clock: MovableClock, iris: Browser
):
    otto = await visit("otto")
    async with Database.open(settings.database_url or "") as db:
        await add_operator(db, Hasher(), "otto@example.org", now=NOW)
    clock.move(timedelta(seconds=6))
    await olga.open("/operator/rates")
    rate = {"tier": "standard", "share": "60", "valid_from": "2026-05-01T00:00", "reason": "More for creators."}
    proposal_id = olga.hidden["id"]

    made = [await olga.send("/operator/rates", id=proposal_id, **rate) for _ in range(2)]
    own = await page_of(olga, "/operator/rates?done=proposed")
    alone = await olga.send(f"/operator/rates/{proposal_id}/approve")
    theirs = await page_of(otto, "/operator/rates")
    without_reason = await otto.send(f"/operator/rates/{proposal_id}/refuse", reason="")
    approved = await otto.send(f"/operator/rates/{proposal_id}/approve", reason="Agreed.")
    late = await otto.send(f"/operator/rates/{proposal_id}/refuse", reason="No.")
    listed = await page_of(otto, "/operator/rates")
    clock.move(timedelta(seconds=6))
    seen = await page_of(iris, "/studio/earnings")

    assert [answer.headers["location"] for answer in made] == ["/operator/rates?done=proposed"] * 2
    assert "Take it back" in own
    assert f'formaction="/operator/rates/{proposal_id}/approve"' not in own
    assert (alone.status_code, "Somebody else has to approve" in alone.text) == (409, True)
    assert f'formaction="/operator/rates/{proposal_id}/approve"' in theirs
    assert re.search(r"50%.*60%", theirs, re.DOTALL)
    assert (without_reason.status_code, "Say why" in without_reason.text) == (422, True)
    assert approved.headers["location"] == "/operator/rates?done=approved"
    assert late.status_code == 409
    assert "Waiting for a second person" not in listed
    assert "Agreed." in listed
    assert "from May 1, 2026" in seen
    assert "<s>50%</s> <b>60%</b>" in seen
    assert (await acts_of(olga))[:2] == ["rate_approved", "rate_proposed"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"share": "101"}, "A share is from nothing to all"),
        ({"share": "", "per_coin": "0.005"}, "A price per coin counts in one currency"),
        ({"share": "", "per_coin": "0.0000001", "currency": "USD"}, "more decimal places"),
        ({"share": ""}, "one of the two"),
        ({"share": "5", "per_coin": "1", "currency": "USD"}, "one of the two"),
        ({"valid_from": ""}, "Say from when"),
        ({"valid_from": "2020-01-01T00:00"}, "ahead of time"),
        ({"reason": ""}, "Say why"),
    ],
)
async def test_what_is_no_rate_is_told_beside_the_form(olga: Browser, fields: dict[str, str], told: str):
    await olga.open("/operator/rates")
    rate = {"tier": "standard", "share": "60", "valid_from": "2026-05-01T00:00", "reason": "Why not."}

    answer = await olga.send("/operator/rates", **{"id": olga.hidden["id"], **rate, **fields})

    assert answer.status_code == 422
    assert told in answer.text
    assert "Waiting for a second person" not in answer.text


@pytest.mark.parametrize(
    ("micros", "currency", "language", "text", "parts"),
    [
        (12_345_678, "USD", "en", "$12.345678", ("12.34", "5678")),
        (12_340_000, "USD", "en", "$12.34", ("12.34", "")),
        (-5, "USD", "de", "-0,000005\xa0$", ("−0,00", "0005")),
        (1_234_567_800, "EUR", "de", "1.234,5678\xa0€", ("1.234,56", "7800")),
        (15_000, "JPY", "en", "¥1.5", ("1", ".5000")),
    ],
)
def test_an_exact_amount_is_written_to_its_last_digit(
    micros: int, currency: str, language: str, text: str, parts: tuple[str, str]
):
    assert exact_money_text(micros, currency, language) == text
    assert exact_text(micros, currency, language) == parts


def test_a_bar_is_as_long_as_what_was_paid_and_nothing_in_it_is_below_zero():
    plain = make_bar(Flow(paid=1_000, tax=70, fee=31, platform=399, share=500), "USD")
    promised = make_bar(Flow(paid=100, tax=0, fee=10, platform=-410, share=500), "USD")
    free = make_bar(Flow(), "USD")

    assert sum(part.width for part in plain.segments) == sum(part.width for part in promised.segments) == 1_000
    assert [part.start for part in plain.segments] == [0, 500, 899, 930]
    assert (plain.added, promised.added) == (0, 410)
    assert all(part.width >= 0 for bar in (plain, promised, free) for part in bar.segments)
