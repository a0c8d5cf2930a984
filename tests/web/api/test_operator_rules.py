"""What operators set for creators' terms, holds, promotional coins, refunds and disputes, over HTTP."""

from datetime import timedelta

import pytest

from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from tests.web.api.conftest import NOW, Arrive, Someone

TODAY = "2026-03-01T12:00:00Z"
TOMORROW = "2026-03-02T12:00:00Z"
PAST = (NOW - timedelta(seconds=1)).isoformat()

# What is set, and how one tells in the list what it is for.
RULES: dict[str, dict[str, object]] = {
    "risk-tiers": {"risk_tier": "watched", "hold_seconds": 2_592_000},
    "promotional-rates": {"region": "DE", "currency": "EUR", "micros_per_coin": 40},
    "refund-policies": {"days": 30},
    "dispute-policies": {"currency": "USD", "creator_bears_bps": 5_000, "cap_minor": 20_000},
}


@pytest.fixture
async def olga(arrive: Arrive, settings: Settings) -> Someone:
    olga = await arrive("olga")
    async with Database.open(settings.database_url or "") as db:
        await add_operator(db, Hasher(), olga.email, now=NOW)
    return olga


@pytest.mark.parametrize("rules", RULES)
async def test_a_rule_holds_from_now_on_or_from_later_and_it_is_written_down(olga: Someone, rules: str):
    body, line = RULES[rules], f"/v1/operator/{rules}"

    now = await olga.ask(f"POST {line}", body)
    later = await olga.ask(f"POST {line}", {**body, "valid_from": TOMORROW})
    past = await olga.ask(f"POST {line}", {**body, "valid_from": PAST})

    assert (now.status_code, now.json()) == (201, {**body, "valid_from": TODAY})
    assert (later.status_code, later.json()) == (201, {**body, "valid_from": TOMORROW})
    assert (past.status_code, past.json()["field"]) == (422, "valid_from")
    listed = (await olga.ask(f"GET {line}")).json()
    assert [each for each in listed["items"] if body.items() <= each.items()] == [now.json(), later.json()]
    assert listed["next"] is None
    acts = [act["act"] for act in (await olga.ask("GET /v1/operator/acts")).json()["items"]]
    assert acts == [f"{rules.replace('-', '_').replace('policies', 'policy').removesuffix('s')}_set"] * 2


@pytest.mark.parametrize(
    ("rules", "wrong", "field"),
    [
        ("risk-tiers", {"risk_tier": "Very new"}, "risk_tier"),
        ("risk-tiers", {"hold_seconds": -1}, "hold_seconds"),
        ("risk-tiers", {"hold_seconds": 31_622_401}, "hold_seconds"),
        ("promotional-rates", {"region": "QQ"}, "region"),
        ("promotional-rates", {"currency": "XXL"}, "currency"),
        ("promotional-rates", {"micros_per_coin": -1}, "micros_per_coin"),
        ("refund-policies", {"days": -1}, "days"),
        ("refund-policies", {"days": 3_654}, "days"),
        ("dispute-policies", {"currency": "XXL"}, "currency"),
        ("dispute-policies", {"creator_bears_bps": 10_001}, "creator_bears_bps"),
        ("dispute-policies", {"cap_minor": -1}, "cap_minor"),
        ("dispute-policies", {"currency": ""}, "cap_minor"),
    ],
)
async def test_what_is_no_rule_is_refused_by_its_field(olga: Someone, rules: str, wrong: dict[str, object], field: str):
    before = (await olga.ask(f"GET /v1/operator/{rules}")).json()

    refused = await olga.ask(f"POST /v1/operator/{rules}", {**RULES[rules], **wrong})

    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert (await olga.ask(f"GET /v1/operator/{rules}")).json() == before


async def test_only_what_holds_and_will_is_listed(olga: Someone):
    before = (await olga.ask("GET /v1/operator/refund-policies")).json()["items"]
    tiers = (await olga.ask("GET /v1/operator/risk-tiers")).json()["items"]
    for_all = (await olga.ask("GET /v1/operator/dispute-policies")).json()["items"]

    await olga.ask("POST /v1/operator/refund-policies", {"days": 20, "valid_from": TOMORROW})
    await olga.ask("POST /v1/operator/refund-policies", {"days": 21, "valid_from": TOMORROW})
    await olga.ask("POST /v1/operator/refund-policies", {"days": 7})

    assert [each["days"] for each in before] == [14]
    assert {each["risk_tier"]: each["hold_seconds"] // 86_400 for each in tiers} == {
        "new": 14,
        "standard": 7,
        "trusted": 2,
    }
    assert [(each["currency"], each["creator_bears_bps"], each["cap_minor"]) for each in for_all] == [
        ("", 10_000, None)
    ]
    after = (await olga.ask("GET /v1/operator/refund-policies")).json()["items"]
    assert [each["days"] for each in after] == [7, 21]


async def test_an_operator_sets_a_creators_tiers(arrive: Arrive, olga: Someone):
    await arrive("ada")
    line = "/v1/operator/people/ada/terms"

    before = (await olga.ask(f"GET {line}")).json()
    made = await olga.ask(f"POST {line}", {"tier": "gold", "risk_tier": "trusted"})
    wrong = await olga.ask(f"POST {line}", {"tier": "Gold!", "risk_tier": "trusted"})
    unknown = await olga.ask(f"POST {line}", {"tier": "gold", "risk_tier": "unheard_of"})
    nobody = await olga.ask("POST /v1/operator/people/nobody/terms", {"tier": "gold", "risk_tier": "trusted"})

    assert before == {"items": [], "next": None}
    assert (made.status_code, made.json()) == (
        201,
        {"region": "US", "tier": "gold", "risk_tier": "trusted", "valid_from": TODAY},
    )
    assert (wrong.status_code, wrong.json()["field"]) == (422, "tier")
    assert (unknown.status_code, unknown.json()["field"]) == (422, "risk_tier")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "no_such_person")
    first, second = (await olga.ask(f"GET {line}")).json()["items"]
    assert (first, second["tier"], second["risk_tier"]) == (made.json(), "standard", "standard")
    acts = [act["act"] for act in (await olga.ask("GET /v1/operator/acts")).json()["items"]]
    assert acts == ["terms_seen", "terms_set", "terms_seen"]
