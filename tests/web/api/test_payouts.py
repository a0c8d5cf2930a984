"""/v1/payout-methods, /v1/payouts, /v1/tax-form and the operators' calls, by HTTP; details never come back."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from pyotp.totp import TOTP

from plaudit.foundation.clock import MovableClock, SystemClock
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.ledger import PostgresLedger, Transfer
from plaudit.ledger.chart import AccountCode, TransferCode, make_account
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from plaudit.providers import Mailbox
from tests.web.api.conftest import PASSWORD, Arrive, Someone

IBAN = "DE89 3704 0044 0532 0130 00"
SEPA = {"kind": "sepa", "holder_name": "LOVELACE ADA", "iban": IBAN}


class Studio:
    """A verified creator with a second factor and a hundred dollars, an operator, and the clock."""

    def __init__(self, ada: Someone, olga: Someone, totp: TOTP, clock: MovableClock, settings: Settings) -> None:
        self.ada = ada
        self.olga = olga
        self._totp = totp
        self.clock = clock
        self._settings = settings

    def code(self) -> str:
        self.clock.move(timedelta(seconds=30))
        return self._totp.at(self.clock.now())

    async def letter_code(self) -> str:
        async with Database.open(self._settings.database_url or "") as db, db.transaction() as tx:
            letters = await Mailbox().list_letters(tx, self.ada.email)
        return next(found[0] for letter in letters if (found := re.search(r"\b\d{6}\b", letter.body)))

    async def add_method(self, details: dict[str, object] | None = None, **more: object) -> dict[str, Any]:
        body = {"id": str(new_id()), "details": details or SEPA, "code": self.code(), **more}
        answer = await self.ada.ask("POST /v1/payout-methods", body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def usable_method(self, details: dict[str, object] | None = None, **more: object) -> dict[str, Any]:
        method = await self.add_method(details, **more)
        verified = await self.ada.ask(
            f"POST /v1/payout-methods/{method['id']}/verify", {"code": await self.letter_code()}
        )
        self.clock.move(timedelta(hours=48))
        return verified.json()

    async def withdraw(self, method: dict[str, Any], amount: object, **more: object) -> httpx.Response:
        return await self.ada.ask(
            "POST /v1/payouts", {"id": str(new_id()), "method": method["id"], "amount": amount, **more}
        )


@pytest.fixture
async def studio(client: httpx.AsyncClient, arrive: Arrive, settings: Settings, clock: MovableClock) -> Studio:
    ada, olga = await arrive("ada"), await arrive("olga")
    async with (
        Database.open(settings.database_url or "") as db,
        PostgresLedger.open(db, clock=clock) as ledger,
    ):
        await add_operator(db, Hasher(), olga.email, now=SystemClock().now())
        asset = get_currency("USD").asset
        accounts = [
            make_account(AccountCode.COIN_FLOAT, asset),
            make_account(AccountCode.PROVIDER_CLEARING, asset, "sandbox"),
            make_account(AccountCode.CREATOR_AVAILABLE, asset, UUID((await ada.ask("GET /v1/me")).json()["id"])),
        ]
        coin_float, clearing, available = (account.id for account in accounts)
        await ledger.open_accounts(accounts)
        await ledger.post(
            [
                Transfer(new_id(), clearing, coin_float, 100_000_000, TransferCode.TOP_UP),
                Transfer(new_id(), coin_float, available, 100_000_000, TransferCode.RELEASE),
            ]
        )
    clock.move(timedelta(seconds=10))
    await ada.ask("POST /v1/creator/apply", {"about": "I sing."})
    verified = await olga.ask("POST /v1/operator/creators/ada/verify", {"legal_name": "Ada  Lovelace"})
    assert verified.json()["legal_name"] == "Ada Lovelace"
    begun = (await ada.ask("POST /v1/me/second-factor", {"password": PASSWORD})).json()
    studio = Studio(ada, olga, TOTP(begun["secret"]), clock, settings)
    await ada.ask("POST /v1/me/second-factor/confirm", {"code": studio.code()})
    return studio


async def test_from_a_method_to_an_approved_payout(studio: Studio):
    assert (await studio.olga.ask("POST /v1/operator/exchange-rates", a_rate())).status_code == 201
    method = await studio.usable_method()
    asked = f"method={method['id']}&amount_minor=6000&currency=USD"

    quote = (await studio.ada.ask(f"GET /v1/payouts/quote?{asked}")).json()
    made = await studio.withdraw(
        method,
        {"amount_minor": 6000, "currency": "USD"},
        shown_minor=quote["paid"]["amount_minor"],
    )
    payout = made.json()
    waiting = (await studio.olga.ask("GET /v1/operator/payouts?state=requested")).json()["items"]
    approved = (await studio.olga.ask(f"POST /v1/operator/payouts/{payout['id']}/approve")).json()

    assert quote["paid"] == {"amount_minor": 5400, "currency": "EUR"}
    assert (quote["fee"]["amount_minor"], quote["spread_micros"], quote["spread_bps"]) == (30, 597_000, 100)
    assert (quote["available_micros"], quote["needs_code"], quote["why"]) == (100_000_000, False, "first_use")
    assert made.status_code == 201
    assert (payout["state"], payout["paid"], [step["state"] for step in payout["steps"]]) == (
        "requested",
        quote["paid"],
        ["requested"],
    )
    assert [(each["id"], each["waits_for"], each["legal_name"]) for each in waiting] == [
        (payout["id"], "first_use", "Ada Lovelace")
    ]
    assert (approved["state"], approved["waits_for"], approved["approvals"]) == ("approved", "batch", 1)
    everything = str([(await studio.ada.ask(f"GET /v1/{place}")).text for place in ("payout-methods", "payouts")])
    seen = (await studio.olga.ask(f"GET /v1/operator/payouts/{payout['id']}")).text
    for detail in ("0532013000", "37040044"):
        assert detail not in everything + seen + quote["why"] + str(waiting)


async def test_all_is_everything_and_a_payout_is_cancelled(studio: Studio):
    method = await studio.usable_method({"kind": "wallet", "holder_name": "Ada Lovelace", "email": "ada@example.org"})

    made = (await studio.withdraw(method, "all")).json()
    none_left = await studio.withdraw(method, {"amount_minor": 1000, "currency": "USD"})
    cancelled = (await studio.ada.ask(f"POST /v1/payouts/{made['id']}/cancel")).json()
    listed = (await studio.ada.ask("GET /v1/payouts")).json()

    assert made["amount"] == {"amount_minor": 10_000, "currency": "USD"}
    assert (none_left.status_code, none_left.json()["code"]) == (409, "not_enough_available")
    assert none_left.json()["available_micros"] == 0
    assert cancelled["state"] == "cancelled"
    assert [each["state"] for each in listed["items"]] == ["cancelled"]


async def test_refusals_have_their_codes(studio: Studio):
    fresh = await studio.add_method()
    no_code = await studio.ada.ask("POST /v1/payout-methods", {"id": str(new_id()), "details": SEPA})
    wrong_name = await studio.ada.ask(
        "POST /v1/payout-methods", {"id": str(new_id()), "details": {**SEPA, "holder_name": "Eve"}, "code": "123456"}
    )
    unverified = await studio.withdraw(fresh, {"amount_minor": 1000, "currency": "USD"})
    wrong_iban = await studio.ada.ask("POST /v1/payout-methods/check", {"details": {**SEPA, "iban": "DE00 1234"}})
    right_iban = await studio.ada.ask("POST /v1/payout-methods/check", {"details": SEPA})
    wrong_code = await studio.ada.ask(f"POST /v1/payout-methods/{fresh['id']}/verify", {"code": "x"})
    odd_amount = await studio.ada.ask(f"GET /v1/payouts/quote?method={fresh['id']}&amount_minor=1.5")

    assert (no_code.status_code, no_code.json()["code"]) == (401, "second_factor_needed")
    assert (wrong_name.status_code, wrong_name.json()["field"]) == (422, "holder_name")
    assert (unverified.status_code, unverified.json()["code"]) == (409, "method_not_verified")
    assert (wrong_iban.status_code, wrong_iban.json()["field"]) == (422, "iban")
    assert right_iban.json() == {"shown": "DE•• 3000", "currency": "EUR", "bank": "Commerzbank"}
    assert (wrong_code.status_code, wrong_code.json()["code"]) == (422, "wrong_method_code")
    assert (odd_amount.status_code, odd_amount.json()["code"]) == (422, "invalid_request")


async def test_a_tax_form_is_signed_and_shown_in_part(studio: Studio):
    wrong = {"id": str(new_id()), "name": "Ada Lovelace", "residence": "DE", "address": "Am Markt 1", "tax_id": "12"}
    right = {**wrong, "tax_id": "36 574 261 809", "birth_on": "1990-05-17"}

    before = (await studio.ada.ask("GET /v1/tax-form")).json()
    refused = await studio.ada.ask("POST /v1/tax-form", wrong)
    signed = await studio.ada.ask("POST /v1/tax-form", right)
    again = await studio.ada.ask("POST /v1/tax-form", right)
    after = (await studio.ada.ask("GET /v1/tax-form")).json()

    assert (before["needed"], before["signed"]) == ("w9", None)
    assert (refused.status_code, refused.json()["field"]) == (422, "tax_id")
    assert signed.json() == again.json() == after["signed"]
    assert (after["signed"]["form"], after["signed"]["tax_id"]) == ("dac7", "•••• 1809")


async def test_operators_set_what_holds_for_payouts_and_every_act_is_written_down(studio: Studio):
    listed = (await studio.olga.ask("GET /v1/operator/payout-rules")).json()
    dollars = next(each for each in listed["items"] if each["currency"] == "USD")
    changed = {**dollars, "minimum_minor": 2_000, "valid_from": None}

    set_rules = await studio.olga.ask("POST /v1/operator/payout-rules", changed)
    set_fee = await studio.olga.ask(
        "POST /v1/operator/payout-fees", {"rail": "wallet", "currency": "USD", "fee_minor": 50}
    )
    withheld = {"form": "w9", "has_id": False, "rate_bps": 2_800}
    set_withholding = await studio.olga.ask("POST /v1/operator/withholdings", withheld)
    first = await studio.olga.ask("POST /v1/operator/exchange-rates", a_rate())
    second = await studio.olga.ask("POST /v1/operator/exchange-rates", a_rate(denominator=9))
    wrong = await studio.olga.ask("POST /v1/operator/payout-rules", {**changed, "spread_bps": 1_001})

    assert [answer.status_code for answer in (set_rules, set_fee, set_withholding, first)] == [201] * 4
    assert (second.status_code, second.json()["code"]) == (409, "exchange_rate_exists")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "spread_bps")
    acts = [act["act"] for act in (await studio.olga.ask("GET /v1/operator/acts")).json()["items"]]
    assert acts[:4] == ["exchange_rate_set", "withholding_set", "payout_fee_set", "payout_rules_set"]
    method = await studio.usable_method({"kind": "wallet", "holder_name": "Ada Lovelace", "email": "ada@example.org"})
    small = await studio.withdraw(method, {"amount_minor": 1_999, "currency": "USD"})
    assert (small.status_code, small.json()["code"]) == (422, "below_minimum")


async def test_verifying_without_a_body_leaves_the_name_as_it_was(studio: Studio):
    answer = await studio.olga.ask("POST /v1/operator/creators/ada/verify")

    assert (answer.status_code, answer.json()["legal_name"]) == (200, "Ada Lovelace")


def a_rate(**different: object) -> dict[str, object]:
    return {"base": "USD", "quote": "EUR", "numerator": 9137, "denominator": 10_000, "source": "ECB", **different}
