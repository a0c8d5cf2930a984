"""What operators give, and what they keep back, over HTTP."""

from datetime import timedelta
from uuid import uuid4

import pytest

from plaudit.foundation.database import Database
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


async def test_an_operator_gives_coins_once_and_it_is_written_down(arrive: Arrive, olga: Someone):
    ada = await arrive("ada")
    body = {"id": str(uuid4()), "coins": 30, "reason": "Sorry for the trouble."}

    first = await olga.ask("POST /v1/operator/people/ada/grants", body)
    again = await olga.ask("POST /v1/operator/people/ada/grants", body)
    other = await olga.ask("POST /v1/operator/people/ada/grants", {**body, "coins": 31})

    assert (first.status_code, first.json()) == (
        201,
        {**body, "made_at": "2026-03-01T12:00:00Z", "posted_at": "2026-03-01T12:00:00Z"},
    )
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (409, "id_reused")
    assert (await ada.ask("GET /v1/wallet")).json()["coins"] == 30
    movements = (await ada.ask("GET /v1/wallet/movements")).json()["items"]
    assert [(each["kind"], each["reason"]) for each in movements] == [("promotion", "You were given 30 coins.")]
    listed = (await olga.ask("GET /v1/operator/people/ada/grants")).json()
    assert listed == {"items": [first.json()], "next": None}
    acts = [act["act"] for act in (await olga.ask("GET /v1/operator/acts")).json()["items"]]
    assert acts == ["grants_seen", "coins_granted"]


async def test_only_what_is_available_can_be_kept_back(arrive: Arrive, olga: Someone):
    await arrive("ada")
    until = (NOW + timedelta(days=30)).isoformat()
    body = {"id": str(uuid4()), "amount_minor": 500, "currency": "usd", "reason": "Looked into.", "until": until}

    refused = await olga.ask("POST /v1/operator/people/ada/reserves", body)
    wrong = await olga.ask("POST /v1/operator/people/ada/reserves", {**body, "until": NOW.isoformat()})
    unknown = await olga.ask(f"POST /v1/operator/reserves/{uuid4()}/free", {})

    assert (refused.status_code, refused.json()["code"]) == (409, "not_so_much_available")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "until")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_reserve")
    (reserve,) = (await olga.ask("GET /v1/operator/people/ada/reserves")).json()["items"]
    assert (reserve["amount_minor"], reserve["currency"], reserve["reason"]) == (500, "USD", "Looked into.")
