"""What operators see of the books' health and of cases over HTTP, and the sandbox's report."""

import hmac
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256

import httpx
import pytest

from plaudit.audit import reconciliation
from plaudit.audit.seals import seal_new
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from plaudit.providers import Sandbox
from tests.ledger.tampering import tamper
from tests.web.api.conftest import NOW, Arrive, Someone
from tests.web.api.test_operator import buy

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    async with Database.open(settings.database_url or "") as db:
        yield db


@pytest.fixture
async def olga(arrive: Arrive, db: Database) -> Someone:
    olga = await arrive("olga")
    await add_operator(db, Hasher(), olga.email, now=NOW)
    return olga


@pytest.fixture
async def case_id(client: httpx.AsyncClient, arrive: Arrive, db: Database, olga: Someone) -> int:
    """Of a payment whose amount the provider reports otherwise."""
    await buy(client, await arrive("ada"))
    await tamper(db, "update sandbox.checkouts set amount_minor = amount_minor + 1")
    await reconciliation.run_round(db, {"sandbox": Sandbox(db)}, now=TOMORROW)
    return (await olga.ask("GET /v1/operator/reconciliation/cases")).json()["items"][0]["id"]


async def test_the_health_of_the_books_tells_checks_seals_and_open_cases(db: Database, olga: Someone, case_id: int):
    before = (await olga.ask("GET /v1/operator/books")).json()
    await seal_new(db, now=NOW)

    after = (await olga.ask("GET /v1/operator/books")).json()

    assert (before["seal"], before["unsealed"], before["unfolded"], before["open_cases"]) == (None, 4, 4, 1)
    assert (after["sealed_upto"], after["unsealed"], after["seal"][:2]) == (4, 0, "1:")
    assert (after["ledger_check"], after["book_check"]) == (None, None)


async def test_a_case_is_seen_and_closed_with_a_note(olga: Someone, case_id: int):
    (case,) = (await olga.ask("GET /v1/operator/reconciliation/cases?state=open")).json()["items"]
    line = f"POST /v1/operator/reconciliation/cases/{case_id}/close"

    empty = await olga.ask(line, {"note": ""})
    closed = await olga.ask(line, {"note": "The bank rounded."})
    again = await olga.ask(line, {"note": "Something else."})
    nowhere = await olga.ask("POST /v1/operator/reconciliation/cases/99/close", {"note": "?"})

    assert (case["kind"], case["what"], case["provider"]) == ("different", "payment", "sandbox")
    assert case["theirs"]["amount_minor"] == case["ours"]["amount_minor"] + 1
    assert empty.status_code == 422
    assert (closed.status_code, closed.json()["closed_by"], closed.json()["note"]) == (200, "olga", "The bank rounded.")
    assert (again.status_code, again.json()["code"]) == (409, "case_closed")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "no_such_case")
    assert (await olga.ask("GET /v1/operator/reconciliation/cases?state=open")).json() == {"items": [], "next": None}
    assert (await olga.ask("GET /v1/operator/acts")).json()["items"][0]["act"] == "case_closed"


async def test_the_sandbox_reports_a_day_to_whoever_can_sign_for_it(
    client: httpx.AsyncClient, arrive: Arrive, db: Database
):
    await buy(client, await arrive("ada"))
    async with db.transaction() as tx:
        secret = await tx.value(bytes, "select secret from sandbox.settings")
    path = f"/sandbox/reports/{NOW.date()}"

    unsigned = await client.get(path)
    wrong = await client.get(path, headers={"sandbox-signature": "0" * 64})
    signed = hmac.new(secret, path.encode(), sha256).hexdigest()
    report = await client.get(path, headers={"sandbox-signature": signed})
    of_another_day = await client.get("/sandbox/reports/2026-01-01", headers={"sandbox-signature": signed})

    assert [answer.status_code for answer in (unsigned, wrong, of_another_day)] == [401, 401, 401]
    assert report.headers["content-type"].startswith("text/csv")
    assert report.headers["sandbox-signature"] == hmac.new(secret, report.content, sha256).hexdigest()
    names, line = report.text.splitlines()
    assert names == "what,reference,amount_minor,fee_minor,currency,at"
    assert line.startswith("payment,pay_")
