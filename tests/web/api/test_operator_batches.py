"""Batches, banks' files and the wallet's sandbox, over HTTP."""

import asyncio
import hashlib

import httpx
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from plaudit.providers.sandbox_wallet import WalletSandbox
from plaudit.providers.wallet import Wallet
from tests.payouts.batching import SEPA_ACCOUNT, seed_waiting
from tests.providers.bank_answers import Entry, camt053
from tests.providers.test_wallet import an_instruction, body
from tests.web.api.conftest import NOW, Arrive, Someone

HOUSE = {"rail": "sepa", "name": SEPA_ACCOUNT.name, "iban": SEPA_ACCOUNT.iban, "bic": SEPA_ACCOUNT.bic}


@pytest.fixture
async def olga(arrive: Arrive, settings: Settings, clock: MovableClock) -> Someone:
    olga = await arrive("olga")
    async with Database.open(settings.database_url or "") as db:
        await add_operator(db, Hasher(), olga.email, now=NOW)
    return olga


def a_wish(**different: object) -> dict[str, object]:
    return {"id": str(new_id()), "rail": "sepa", "currency": "EUR", **different}


async def test_from_approved_payouts_to_the_banks_word(olga: Someone, settings: Settings, client: httpx.AsyncClient):
    await seed_waiting(settings, NOW)
    await olga.ask("POST /v1/operator/house-accounts", HOUSE)
    wish = a_wish()

    made = await olga.ask("POST /v1/operator/payout-batches", wish)
    again = await olga.ask("POST /v1/operator/payout-batches", wish)
    file = await olga.ask(f"GET /v1/operator/payout-batches/{wish['id']}/file")
    sent = await olga.ask(f"POST /v1/operator/payout-batches/{wish['id']}/sent")
    items = (await olga.ask(f"GET /v1/operator/payout-batches/{wish['id']}/items?limit=1")).json()
    more = (await olga.ask(f"GET /v1/operator/payout-batches/{wish['id']}/items?after={items['next']}")).json()

    assert (made.status_code, again.status_code) == (201, 201)
    assert made.json()["batch"]["items"] == 2
    assert made.json() == again.json()
    assert hashlib.sha256(file.content).hexdigest() == made.json()["batch"]["sha256"]
    assert file.headers["content-disposition"].startswith('attachment; filename="sepa-2026')
    assert file.headers["cache-control"] == "no-store"
    assert sent.json()["state"] == "sent"
    both = [*items["items"], *more["items"]]
    assert len({item["end_to_end_id"] for item in both}) == 2

    statement = camt053(
        *(
            Entry(f"{each['amount']['amount_minor'] / 100:.2f}", [each["end_to_end_id"]], reference=str(number))
            for number, each in enumerate(both)
        )
    )
    uploaded = await upload(client, olga, statement)
    batch = (await olga.ask(f"GET /v1/operator/payout-batches/{wish['id']}")).json()
    totals = (await olga.ask("GET /v1/operator/payout-batches/totals?since=2026-03-01&until=2026-03-31")).json()

    assert (uploaded["lines"], uploaded["waiting"], uploaded["to_look_at"]) == (2, 0, 0)
    assert batch["state"] == "done"
    assert sum(each["booked_minor"] for each in totals["items"]) == batch["total"]["amount_minor"]
    assert totals["items"][0]["open_minor"] == 0
    assert (await olga.ask("GET /v1/operator/bank-lines")).json()["items"] == []
    assert len((await olga.ask("GET /v1/operator/bank-files")).json()["items"]) == 1


async def upload(client: httpx.AsyncClient, olga: Someone, content: bytes, rail: str = "sepa") -> dict[str, int]:
    answer = await client.post(
        f"/v1/operator/bank-files?rail={rail}&name=statement.xml",
        content=content,
        headers={"authorization": f"Bearer {olga.token}", "content-type": "application/octet-stream"},
    )
    return answer.json()


async def test_what_is_wrong_is_told_in_plain_words(olga: Someone, client: httpx.AsyncClient):
    nothing = await olga.ask("POST /v1/operator/payout-batches", a_wish(rail="wallet", currency="USD"))
    unset = await olga.ask("POST /v1/operator/payout-batches", a_wish())
    odd = await olga.ask("POST /v1/operator/house-accounts", {**HOUSE, "iban": "DE89370400440532013001"})
    unread = await upload(client, olga, b"<x>")
    span = await olga.ask("GET /v1/operator/payout-batches/totals?since=2020-01-01")
    currency = await olga.ask("POST /v1/operator/payout-batches", a_wish(currency="XXX"))

    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_pay")
    assert (unset.status_code, unset.json()["code"]) == (409, "house_account_missing")
    assert (odd.status_code, odd.json()["field"]) == (422, "iban")
    assert unread["code"] == "status_file_unreadable"
    assert (span.status_code, span.json()["field"]) == (422, "since")
    assert currency.status_code == 404


async def test_a_file_that_is_too_large_is_not_even_read(olga: Someone, client: httpx.AsyncClient):
    answer = await upload(client, olga, b" " * (32 * 1024 * 1024 + 1))

    assert answer["status"] == 413


async def test_a_batch_that_never_left_is_given_back_and_one_that_did_is_not(olga: Someone, settings: Settings):
    await seed_waiting(settings, NOW)
    await olga.ask("POST /v1/operator/house-accounts", HOUSE)
    wish = a_wish()
    made = await olga.ask("POST /v1/operator/payout-batches", wish)

    given_back = await olga.ask(f"POST /v1/operator/payout-batches/{wish['id']}/discard")
    file = await olga.ask(f"GET /v1/operator/payout-batches/{wish['id']}/file")

    assert made.json()["batch"]["may_be_discarded"] is True
    assert given_back.json()["state"] == "discarded"
    assert (file.status_code, file.json()["code"]) == (409, "batch_is_over")


async def test_the_wallets_sandbox_speaks_the_api_over_http(client: httpx.AsyncClient, settings: Settings):
    async with Database.open(settings.database_url or "") as db:
        keys = await WalletSandbox(db).keys()

    async def find_keys():
        return keys

    own = httpx.AsyncClient(transport=client._transport, base_url="http://plaudit.test/sandbox/payouts")  # pyright: ignore[reportPrivateUsage] - the same app
    async with own:
        wallet = Wallet(own, find_keys, house_name="Plaudit")
        id = await wallet.submit(body(an_instruction()))
        again = await wallet.submit(body(an_instruction()))
        report = await wallet.poll(id)

    assert id == again
    assert [each.end_to_end_id for each in report.outcomes] == [an_instruction().end_to_end_id]


async def test_whoever_hangs_up_on_a_silent_provider_finds_the_batch_taken(
    client: httpx.AsyncClient, settings: Settings
):
    async with Database.open(settings.database_url or "") as db:
        keys = await WalletSandbox(db).keys()

    async def find_keys():
        return keys

    own = httpx.AsyncClient(transport=client._transport, base_url="http://plaudit.test/sandbox/payouts")  # pyright: ignore[reportPrivateUsage] - the same app
    async with own:
        wallet = Wallet(own, find_keys, house_name="Plaudit")
        silent = asyncio.create_task(wallet.submit(body(an_instruction(to="timeout@example.org"))))
        async with Database.open(settings.database_url or "") as db:
            while await count_taken(db) == 0:
                await asyncio.sleep(0.05)
        silent.cancel()
        await asyncio.gather(silent, return_exceptions=True)

        id = await wallet.submit(body(an_instruction(to="timeout@example.org")))

    assert len(id) == 13


async def count_taken(db: Database) -> int:
    async with db.transaction() as tx:
        return await tx.value(int, "select count(*) from sandbox.payout_batches")
