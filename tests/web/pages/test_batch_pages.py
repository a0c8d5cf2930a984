"""The console's pages of batches and banks, as an operator's browser uses them."""

import re

import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.settings import Settings
from tests.payouts.batching import SEPA_ACCOUNT, seed_waiting
from tests.providers.bank_answers import Entry, camt053
from tests.web.api.conftest import NOW
from tests.web.pages.conftest import SITE, Browser
from tests.web.pages.operating import olga

__all__ = ["olga"]


@pytest.fixture
async def payer(olga: Browser, settings: Settings) -> Browser:
    """An operator with an account of the house, before payouts that wait."""
    await seed_waiting(settings, NOW)
    await olga.open("/operator/house-accounts")
    await olga.send(
        "/operator/house-accounts",
        rail="sepa",
        name=SEPA_ACCOUNT.name,
        iban=SEPA_ACCOUNT.iban or "",
        bic=SEPA_ACCOUNT.bic or "",
    )
    return olga


async def make(payer: Browser, **fields: str) -> str:
    await payer.open("/operator/batches")
    made = await payer.send("/operator/batches", **{"id": payer.hidden["id"], "rail": "sepa", **fields})
    return made.headers["location"]


async def upload(payer: Browser, content: bytes, rail: str = "sepa") -> str:
    page = await payer.client.post(
        "/operator/bank",
        data={"csrf": payer.word, "rail": rail},
        files={"file": ("statement.xml", content, "text/xml")},
        headers={"origin": SITE, "accept": "text/html"},
        follow_redirects=True,
    )
    return page.text


async def test_an_operator_makes_a_batch_and_takes_it_to_the_bank(payer: Browser):
    place = await make(payer)
    path = place.split("?")[0]
    page = (await payer.open(place)).text
    file = await payer.client.get(f"{path}/file")
    sent = await payer.send(f"{path}/sent")
    names = re.findall(r"<EndToEndId>(\w+)</EndToEndId>", file.text)
    amounts = re.findall(r'<InstdAmt Ccy="EUR">([\d.]+)<', file.text)
    statement = camt053(
        *(Entry(a, [n], reference=n) for a, n in zip(amounts, names, strict=True)),
        Entry("5.00", ["ODD"], reference="X"),
    )
    bank = await upload(payer, statement)
    done = (await payer.open(path)).text

    assert "The batch is written." in page
    assert "2 payments" in page
    assert "Give it back" in page
    assert sent.headers["location"] == f"{path}?done=batch_sent"
    assert "The file is taken." in bank
    assert "No payment of ours" in bank
    assert "1 needs a look" in bank
    assert done.count('standing good">Paid') == 2
    assert "Give it back" not in done


async def test_a_second_click_makes_no_second_batch(payer: Browser):
    await payer.open("/operator/batches")
    id = payer.hidden["id"]

    first = await payer.send("/operator/batches", id=id, rail="sepa")
    second = await payer.send("/operator/batches", id=id, rail="sepa")

    assert first.headers["location"] == second.headers["location"]


async def test_a_batch_that_never_left_is_given_back_on_its_page(payer: Browser):
    path = (await make(payer)).split("?")[0]

    await payer.open(path)
    given_back = await payer.send(f"{path}/discard")
    page = (await payer.open(given_back.headers["location"])).text

    assert "Its creators have the money again" in page
    assert "Given back" in page
    assert "Download the file" not in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"pay_on": "2026-03-07"}, "pay on Saturdays"),
        ({"pay_on": "soon"}, "This is a day"),
        ({"rail": "wallet", "currency": "EUR"}, "Nothing waits to be paid that way."),
        ({"rail": "wallet", "currency": "?"}, "There is no currency"),
        ({"rail": "ach"}, "Set the account that pays USD by ACH first."),
        ({"id": "nonsense"}, "an id"),
    ],
)
async def test_a_form_says_what_is_wrong_with_it(payer: Browser, fields: dict[str, str], words: str):
    await payer.open("/operator/batches")

    answer = await payer.send("/operator/batches", **{"id": payer.hidden["id"], "rail": "sepa", **fields})

    assert 400 <= answer.status_code < 500
    assert words in answer.text.replace("&#39;", "'")


async def test_a_file_that_cannot_be_read_is_refused_on_the_page(olga: Browser):
    await olga.open("/operator/bank")

    assert "isn&#39;t XML that can be read" in await upload(olga, b"<x>")
    assert "Choose a file first." in await upload(olga, b"")
    assert "isn&#39;t an ACH file" in await upload(olga, b"hello", "ach")


async def test_an_account_of_the_house_is_judged_on_its_own_form(olga: Browser, clock: MovableClock):
    await olga.open("/operator/house-accounts")

    answer = await olga.send("/operator/house-accounts", rail="ach", name="Inc.", company_id="1", odfi="123456789")

    assert answer.status_code == 422
    assert answer.text.count("data-wrong") == 1
    assert "A routing number has nine digits" in answer.text


async def test_before_anything_was_done_the_pages_say_what_they_are_for(olga: Browser):
    batches = (await olga.open("/operator/batches")).text
    bank = (await olga.open("/operator/bank")).text
    accounts = (await olga.open("/operator/house-accounts")).text

    assert "No batches here" in batches
    assert "Nothing from banks yet" in bank
    assert accounts.count("Not set: no batch can be made so far.") == 2
