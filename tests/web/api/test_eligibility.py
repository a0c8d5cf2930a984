"""Who may receive gifts, and what operators set for it, over HTTP."""

import pytest

from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from tests.web.api.conftest import NOW, Arrive, Someone


@pytest.fixture
async def olga(arrive: Arrive, settings: Settings) -> Someone:
    olga = await arrive("olga")
    async with Database.open(settings.database_url or "") as db:
        await add_operator(db, Hasher(), olga.email, now=NOW)
    return olga


async def missing(someone: Someone) -> list[str]:
    answer = (await someone.ask("GET /v1/eligibility")).json()
    found = [each["kind"] for each in answer["requirements"] if not each["is_met"]]
    assert answer["may_receive"] == (not found)
    return found


async def test_a_fan_sees_everything_that_it_takes_and_what_to_do(arrive: Arrive):
    ada = await arrive("ada")

    answer = (await ada.ask("GET /v1/eligibility")).json()

    assert [each["kind"] for each in answer["requirements"]] == [
        "is_creator",
        "is_verified",
        "least_age",
        "least_followers",
        "region_open",
        "no_open_violation",
    ]
    assert answer["requirements"][3] == {
        "kind": "least_followers",
        "is_met": False,
        "needed": 1000,
        "now": 0,
        "what_to_do": "1,000 more people must follow you.",
        "upcoming": [],
    }
    assert not answer["may_receive"]


async def test_step_by_step_somebody_may_receive_until_something_is_held_against_them(arrive: Arrive, olga: Someone):
    ada = await arrive("ada")
    steps = [await missing(ada)]

    await ada.ask("POST /v1/creator/apply", {})
    steps.append(await missing(ada))
    await olga.ask("POST /v1/operator/creators/ada/verify")
    steps.append(await missing(ada))
    rule = await olga.ask("POST /v1/operator/requirements", {"kind": "least_followers", "value": 0})
    steps.append(await missing(ada))
    held = {"id": str(new_id()), "reason": "Spam."}
    opened = await olga.ask("POST /v1/operator/people/ada/violations", held)
    steps.append(await missing(ada))
    closed = [await olga.ask(f"POST /v1/operator/violations/{held['id']}/close", {}) for _ in range(2)]
    steps.append(await missing(ada))

    assert steps == [
        ["is_creator", "is_verified", "least_followers"],
        ["is_verified", "least_followers"],
        ["least_followers"],
        [],
        ["no_open_violation"],
        [],
    ]
    assert (rule.status_code, rule.json()["holds_from"], rule.json()["region"]) == (201, "2026-03-01", "")
    assert (opened.status_code, opened.json()["closed_at"]) == (201, None)
    assert closed[0].json() == closed[1].json() != opened.json()
    listed = (await olga.ask("GET /v1/operator/people/ada/violations")).json()
    assert listed == {"items": [closed[0].json()], "next": None}
    acts = [act["act"] for act in (await olga.ask("GET /v1/operator/acts")).json()["items"]]
    assert acts == [
        "violations_seen",
        "violation_closed",
        "violation_opened",
        "requirement_set",
        "creator_verified",
    ]


async def test_a_rule_of_a_later_day_is_shown_as_coming(arrive: Arrive, olga: Someone):
    ada = await arrive("ada")

    await olga.ask(
        "POST /v1/operator/requirements",
        {"kind": "region_open", "region": "us", "value": 0, "holds_from": "2026-04-01"},
    )

    answer = (await ada.ask("GET /v1/eligibility")).json()
    region = answer["requirements"][4]
    assert (region["is_met"], region["upcoming"]) == (
        True,
        [{"holds_from": "2026-04-01", "needed": 1, "is_met": False}],
    )
    listed = (await olga.ask("GET /v1/operator/requirements")).json()["items"]
    assert ("region_open", "US", 0) in [(rule["kind"], rule["region"], rule["value"]) for rule in listed]


@pytest.mark.parametrize(
    ("rule", "code", "field"),
    [
        ({"kind": "least_age", "value": 16, "holds_from": "2026-02-28"}, "rule_in_the_past", "holds_from"),
        ({"kind": "least_age", "value": 200}, "invalid_request", "value"),
        ({"kind": "least_age", "value": 18, "region": "EU"}, "invalid_request", "region"),
        ({"kind": "is_nice", "value": 1}, "invalid_request", "kind"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_by_its_field(
    olga: Someone, rule: dict[str, object], code: str, field: str
):
    answer = await olga.ask("POST /v1/operator/requirements", rule)

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, code, field)


async def test_what_is_not_there_is_not_held_or_closed(olga: Someone):
    nobody = await olga.ask("POST /v1/operator/people/nobody_there/violations", {"reason": "Spam."})
    nothing = await olga.ask(f"POST /v1/operator/violations/{new_id()}/close", {})
    no_reason = await olga.ask("POST /v1/operator/people/olga/violations", {"reason": " "})

    assert (nobody.status_code, nobody.json()["code"]) == (404, "no_such_person")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "no_such_violation")
    assert (no_reason.status_code, no_reason.json()["field"]) == (422, "reason")
