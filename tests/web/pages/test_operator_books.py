"""The console's page of the books: health, the newest seal, and cases that are closed with a note."""

from datetime import timedelta

from plaudit.audit import reconciliation
from plaudit.audit.seals import seal_new
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.providers import Sandbox
from tests.ledger.tampering import tamper
from tests.web.api.conftest import NOW
from tests.web.pages.conftest import Browser, Visit
from tests.web.pages.operating import acts_of, olga

__all__ = ["olga"]


async def make_case(settings: Settings, visit: Visit) -> None:
    """The provider reports another amount than was paid."""
    await (await visit("ada")).buy(100)
    async with Database.open(settings.database_url or "") as db:
        await tamper(db, "update sandbox.checkouts set amount_minor = 4711")
        await reconciliation.run_round(db, {"sandbox": Sandbox(db)}, now=NOW + timedelta(days=1))
        await seal_new(db, now=NOW)


async def test_the_page_stands_on_its_own_with_nothing_in_it(olga: Browser):
    page = (await olga.open("/operator/books")).text
    closed = (await olga.open("/operator/books?state=closed")).text

    assert "Everything agrees" in page
    assert "Nothing is sealed yet." in page
    assert "No case was closed yet" in closed


async def test_a_case_is_closed_on_the_page_with_a_note(olga: Browser, visit: Visit, settings: Settings):
    await make_case(settings, visit)

    page = (await olga.open("/operator/books")).text
    empty = await olga.send("/operator/books/cases/1/close", note=" ")
    sent = await olga.send("/operator/books/cases/1/close", note="The <bank> rounded.")
    again = await olga.send("/operator/books/cases/1/close", note="Once more.")
    closed = (await olga.open("/operator/books?state=closed")).text

    assert "Another amount" in page
    assert "$47.11" in page
    assert "1 open case." in page
    assert (empty.status_code, "Say what was found out" in empty.text) == (422, True)
    assert (sent.status_code, sent.headers["location"]) == (303, "/operator/books?done=case_closed")
    assert (again.status_code, "This case was closed before." in again.text) == (409, True)
    assert "The &lt;bank&gt; rounded." in closed
    assert "Everything agrees" in (await olga.open("/operator/books")).text
    assert "case_closed" in await acts_of(olga)
