"""/v1/earnings: what one has, where each gift's money went, months to keep, and what coins would bring."""

import csv
import hashlib
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from plaudit.audit import seals
from plaudit.earnings import settlement
from plaudit.earnings.settling import Settling
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.ledger import PostgresLedger
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from tests.web.api.conftest import NOW, PASSWORD, Someone, ask
from tests.web.api.test_gifts import Stage, stage

__all__ = ["stage"]

MINOR = 10_000


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


async def asked(stage: Stage, path: str) -> Any:
    answer = await stage.iris.ask(f"GET /v1/earnings{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def adds_up(money: dict[str, Any]) -> bool:
    names = ("tax", "provider_fee", "platform", "share")
    return money["paid"]["micros"] == sum(money[name]["micros"] for name in names)


async def test_a_gift_is_an_estimate_first_and_then_settled_to_the_last_micro(stage: Stage, settle: Any):
    await stage.buy()
    await stage.send("rosa", quantity=2, message="Bravo", visibility="anonymous")
    await stage.send("doughnut")

    before, had = await asked(stage, "/gifts?limit=1"), await asked(stage, "")
    await settle()
    after = await asked(stage, "/gifts?limit=1")
    older = await asked(stage, f"/gifts?after={after['next']}")
    has = await asked(stage, "")

    assert [gift["estimate"] for gift in (*before["items"], *after["items"], *older["items"])] == [True, False, False]
    assert (had["unsettled"]["gifts"], had["unsettled"]["coins"], had["unsettled"]["estimate"]) == (2, 50, True)
    (doughnut,) = after["items"]
    assert (doughnut["gift"], doughnut["coins"], doughnut["from"]["handle"]) == ("doughnut", 30, "ada")
    (rosa,) = older["items"]
    assert (rosa["from"], rosa["message"], older["next"]) == (None, "Bravo", None)
    # 999 cents for 600 coins, half of it the creator's; tax of 8.25 % on top, 9 to 10 % of it cost by the card.
    (part,) = rosa["parts"]
    assert (part["coins"], part["bought_as"], part["pack"], part["share_bps"]) == (20, "pack", "pack_600", 5_000)
    assert part["money"]["share"] == {"micros": 166_500, "amount_minor": 16, "currency": "USD"}
    assert all(adds_up(money) for gift in (rosa, doughnut) for money in gift["money"])
    assert (has["coins_received"], has["coins_settled"], has["unsettled"]["gifts"]) == (50, 50, 0)
    (balance,) = has["balances"]
    assert (balance["available"]["micros"], balance["pending"]["micros"]) == (0, 416_250)
    assert [each["amount"]["micros"] for each in balance["coming"]] == [416_250]
    assert has["rates"][-1]["now"]["share_bps"] == 5_000


async def test_after_its_days_the_money_is_there(stage: Stage, settle: Any, clock: MovableClock):
    await stage.buy()
    await stage.send("rosa")
    await settle()
    clock.move(timedelta(days=7))
    await settle()

    (balance,) = (await asked(stage, ""))["balances"]
    (gift,) = (await asked(stage, "/gifts"))["items"]

    assert (balance["available"]["amount_minor"], balance["pending"]["micros"], balance["coming"]) == (8, 0, [])
    assert datetime.fromisoformat(gift["parts"][0]["available_at"]) <= clock.now()


async def test_a_statement_bears_the_seal_that_covers_it(
    stage: Stage, settle: Any, clock: MovableClock, settings: Settings
):
    await stage.buy()
    await stage.send("rosa")
    await settle()
    clock.move(datetime(2026, 4, 2, tzinfo=UTC) - NOW)
    await settle()
    login = {"email": stage.iris.email, "password": PASSWORD}
    stage.iris = Someone(stage.client, (await ask(stage.client, "POST /v1/sign-in", login)).json())
    before = await asked(stage, "/statements/2026-03")

    async with Database.open(settings.database_url or "") as db:
        await seals.seal_new(db, now=clock.now())
        newest = await seals.find_newest_seal(db)
    after = await asked(stage, "/statements/2026-03")
    sheet = await stage.iris.ask("GET /v1/earnings/statements/2026-03/csv")
    paper = await stage.iris.ask("GET /v1/earnings/statements/2026-03/pdf")

    assert newest is not None
    assert (before["seal"], after["seal"]) == (None, newest.text)
    assert f"seal {newest.text}" in sheet.text
    assert newest.text in "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
    assert {**before, "seal": None} == {**after, "seal": None}


async def test_one_gift_is_told_to_its_creator_and_to_nobody_else(stage: Stage):
    await stage.buy()
    sent = (await stage.send("rosa")).json()
    await stage.eve.ask("POST /v1/creator/apply", {})

    own = await asked(stage, f"/gifts/{sent['id']}")
    foreign = await stage.eve.ask(f"GET /v1/earnings/gifts/{sent['id']}")
    nothing = await stage.iris.ask(f"GET /v1/earnings/gifts/{new_id()}")

    assert own["id"] == sent["id"]
    assert [(each.status_code, each.json()["code"]) for each in (foreign, nothing)] == [(404, "no_such_gift")] * 2


async def test_a_month_that_is_over_is_the_same_in_json_csv_and_pdf(stage: Stage, settle: Any, clock: MovableClock):
    await stage.buy()
    await stage.send("rosa", quantity=3)
    await settle()
    running = await asked(stage, "/statements/2026-03")
    clock.move(datetime(2026, 4, 2, tzinfo=UTC) - NOW)
    await settle()
    login = {"email": stage.iris.email, "password": PASSWORD}
    stage.iris = Someone(stage.client, (await ask(stage.client, "POST /v1/sign-in", login)).json())

    told = await asked(stage, "/statements/2026-03")
    sheet = await stage.iris.ask("GET /v1/earnings/statements/2026-03/csv")
    paper = await stage.iris.ask("GET /v1/earnings/statements/2026-03/pdf")
    again = await stage.iris.ask("GET /v1/earnings/statements/2026-03/pdf")

    assert (running["is_final"], running["sha256"], told["is_final"]) == (False, None, True)
    assert hashlib.sha256(told["content"].encode()).hexdigest() == told["sha256"]
    assert (await asked(stage, "/statements"))["items"] == [
        {"month": "2026-04", "sha256": None},
        {"month": "2026-03", "sha256": told["sha256"]},
    ]
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="plaudit-2026-03.csv"' in sheet.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    settled = [row for row in rows if row["name"] == "settlement"]
    assert [(row["currency"], row["total"]) for row in settled] == [("USD", "0.249750")]
    assert any(row["name"] == f"sha256 {told['sha256']}" for row in rows)
    assert paper.content == again.content
    pages = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
    for said in (told["sha256"], "March 2026", "@iris", "Gifts that were settled", "0.249750"):
        assert said in pages, said


async def test_the_paper_speaks_the_language_of_whoever_asks(stage: Stage, settle: Any):
    await stage.buy()
    await stage.send("rosa")
    await settle()

    paper = await stage.iris.ask("GET /v1/earnings/statements/2026-03/pdf", **{"accept-language": "de-AT"})

    said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
    assert "März 2026" in said
    assert "Noch nicht endgültig" in said


@pytest.mark.parametrize("month", ["2025-01", "2026-3", "never", "2026-13"])
@pytest.mark.parametrize("form", ["", "/csv", "/pdf"])
async def test_there_is_nothing_to_state_of_other_months(stage: Stage, month: str, form: str):
    answer = await stage.iris.ask(f"GET /v1/earnings/statements/{month}{form}")

    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_statement")


async def test_the_calculator_tells_pack_by_pack_what_coins_bring(stage: Stage):
    thousand, gift = await asked(stage, "/calculator"), await asked(stage, "/calculator?gift=galaxy")
    goal = await asked(stage, "/calculator?gift=rosa&goal_minor=10000&currency=EUR")

    assert thousand["coins"] == gift["coins"] == 1_000
    assert thousand["items"] == gift["items"]
    by_pack = {(each["currency"], each["channel"], each["pack"]): each for each in thousand["items"]}
    small, large = by_pack["USD", "web", "pack_100"], by_pack["USD", "web", "pack_12500"]
    assert (small["paid"]["amount_minor"], small["share"]["amount_minor"]) == (1_990, 995)
    assert (large["share"]["amount_minor"], large["rate"]["share_bps"]) == (399, 5_000)
    for each in goal["items"]:
        assert (each["goal"] is None) == (each["currency"] != "EUR")
    reached = next(each["goal"] for each in goal["items"] if each["pack"] == "pack_100" and each["currency"] == "EUR")
    # 189 cents for 100 coins, half of it: 10,582 coins bring 99.99 and one more brings 100.
    assert reached == {"coins": 10_583, "gifts": 1_059}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("coins=0", 422),
        ("coins=x", 422),
        ("coins=10&gift=rose", 422),
        ("gift=nothing", 409),
        ("goal_minor=0", 422),
        ("goal_minor=5&currency=QQQ", 422),
    ],
)
async def test_what_cant_be_reckoned_with_is_refused(stage: Stage, query: str, status: int):
    answer = await stage.iris.ask(f"GET /v1/earnings/calculator?{query}")

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_operators_see_it_too_and_leave_an_act(stage: Stage, settle: Any):
    await stage.buy()
    await stage.send("rosa")
    await settle()

    seen = await stage.boss.ask("GET /v1/operator/people/iris/earnings")
    month = await stage.boss.ask("GET /v1/operator/people/iris/statements/2026-03")
    acts = (await stage.boss.ask("GET /v1/operator/acts?limit=2")).json()["items"]

    assert seen.json() == await asked(stage, "")
    assert month.json() == await asked(stage, "/statements/2026-03")
    assert [act["act"] for act in acts] == ["statement_seen", "earnings_seen"]


async def test_two_operators_set_a_rate_and_creators_see_it_coming(
    stage: Stage, settings: Settings, clock: MovableClock
):
    async with Database.open(settings.database_url or "") as db:
        await add_operator(db, Hasher(), stage.eve.email, now=NOW)
    later = (NOW + timedelta(days=30)).isoformat()
    wish = {"id": str(new_id()), "share_bps": 6_000, "valid_from": later, "reason": "More for creators."}
    path = f"/v1/operator/rates/proposals/{wish['id']}"

    made = await stage.boss.ask("POST /v1/operator/rates/proposals", wish)
    alone = await stage.boss.ask(f"POST {path}/approve", {})
    before = await asked(stage, "")
    waiting = (await stage.eve.ask("GET /v1/operator/rates/proposals")).json()["items"]
    approved = await stage.eve.ask(f"POST {path}/approve", {"reason": "Agreed."})
    again = await stage.boss.ask(f"POST {path}/refuse", {"reason": "No."})
    # Rates are remembered for some seconds.
    clock.move(timedelta(seconds=6))
    after = await asked(stage, "")

    assert (made.status_code, made.json()["state"], made.json()["old"]["share_bps"]) == (201, "waiting", 5_000)
    assert (alone.status_code, alone.json()["code"]) == (409, "own_proposal")
    assert [each["id"] for each in waiting] == [wish["id"]]
    assert (approved.json()["state"], approved.json()["decided_by"]) == ("approved", "eve")
    assert (again.status_code, again.json()["code"]) == (409, "proposal_decided")
    assert all(line["coming"] == [] for line in before["rates"])
    for line in after["rates"]:
        assert (line["now"]["share_bps"], [each["share_bps"] for each in line["coming"]]) == (5_000, [6_000])
    decided = (await stage.boss.ask("GET /v1/operator/rates/proposals?state=decided")).json()["items"]
    assert [each["state"] for each in decided] == ["approved"]
