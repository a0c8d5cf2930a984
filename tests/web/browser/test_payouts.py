"""A creator says where the money goes, withdraws, and sees every step; operators look at what waits."""

import re
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import psycopg
from playwright.async_api import Page, expect
from pyotp.totp import TOTP

from plaudit.foundation.clock import SystemClock
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.envelopes import SettingsKeys, Vault
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import MICROS_PER_MINOR
from plaudit.ledger import PostgresLedger, Transfer
from plaudit.ledger.chart import AccountCode, TransferCode, make_account
from plaudit.payouts import PayDesk, steps
from plaudit.people import Hasher
from plaudit.providers import Mailbox
from tests.story.house import House
from tests.web.api.conftest import PASSWORD, Someone, ask
from tests.web.browser.browsing import DESK, PHONE, find_barriers
from tests.web.browser.conftest import OpenBrowser

NAME = "Ada Lovelace"


class Payee:
    """A verified creator with a second factor and money, and what a bank would do."""

    def __init__(self, house: House, someone: Someone, totp: TOTP) -> None:
        self.house = house
        self.someone = someone
        self._totp = totp
        self._codes = 0

    def code(self) -> str:
        """Codes of one step before, of now and of one step after are taken, each once."""
        self._codes += 1
        return self._totp.at(int(desk_now().timestamp()) + (self._codes - 2) * 30)

    @asynccontextmanager
    async def desk(self) -> AsyncGenerator[PayDesk]:
        """The payouts of the product, beside it."""
        async with (
            Database.open(self.house.product.database_url) as db,
            PostgresLedger.open(db, clock=SystemClock()) as ledger,
        ):
            yield PayDesk(
                db=db, ledger=ledger, vault=Vault(SettingsKeys(b"opens nothing")), hasher=Hasher(), mail=Mailbox()
            )

    async def fund(self, minor: int) -> None:
        """So many cents become available, as settled gifts bring them."""
        person_id = UUID((await self.someone.ask("GET /v1/me")).json()["id"])
        asset = get_currency("USD").asset
        accounts = [
            make_account(AccountCode.PROVIDER_CLEARING, asset, "sandbox"),
            make_account(AccountCode.COIN_FLOAT, asset),
            make_account(AccountCode.CREATOR_AVAILABLE, asset, person_id),
        ]
        clearing, coin_float, available = (account.id for account in accounts)
        amount = minor * MICROS_PER_MINOR
        async with self.desk() as desk:
            await desk.ledger.open_accounts(accounts)
            await desk.ledger.post(
                [
                    Transfer(new_id(), clearing, coin_float, amount, TransferCode.TOP_UP),
                    Transfer(new_id(), coin_float, available, amount, TransferCode.RELEASE),
                ]
            )

    async def letter_code(self) -> str:
        """The six digits of the newest letter that has some."""
        async with self.desk() as desk, desk.db.transaction() as tx:
            letters = await Mailbox().list_letters(tx, self.someone.email)
        return next(found[0] for letter in letters if (found := re.search(r"\b\d{6}\b", letter.body)))

    async def wait_48_hours(self) -> None:
        """As if the methods had been added two days ago."""
        async with await psycopg.AsyncConnection.connect(self.house.product.database_url, autocommit=True) as line:
            await line.execute(
                """
                update payouts.methods set created_at = created_at - interval '2 days',
                    usable_from = usable_from - interval '2 days'
                where person_id = (select id from people.people where handle = %s)
                """,
                [self.someone.handle],
            )

    async def payout_id(self) -> UUID:
        """The newest payout."""
        return UUID((await self.house.ask(self.someone, "GET /v1/payouts"))["items"][0]["id"])

    async def add_method(self, page: Page) -> None:
        """Fill in the sheet as somebody with an American account does, and the code of the letter."""
        await page.goto("/studio/payouts")
        await page.get_by_role("button", name="Add a payout method").first.click()
        sheet = page.get_by_role("dialog", name="Add a payout method")
        await sheet.get_by_role("radio", name="Bank in the US").check()
        await sheet.get_by_label("Routing number").fill("021000021")
        await sheet.get_by_label("Account number").fill("123456789")
        await expect(sheet.get_by_role("status")).to_contain_text("•••• 6789 · USD")
        await sheet.get_by_label("Code from your authenticator app").fill(self.code())
        await sheet.get_by_role("button", name="Add it").dblclick()
        mailed = page.get_by_role("dialog", name="Check your mail")
        await mailed.get_by_label("Code from the letter").fill(await self.letter_code())
        await mailed.get_by_role("button", name="Verify").click()
        await expect(page.get_by_text("The method is verified.")).to_be_visible()

    async def withdraw(self, page: Page, amount: str, arrives: str, *, code: str | None = None) -> None:
        """Fill in the sheet, look at what arrives, and click twice."""
        await page.goto("/studio/payouts")
        await page.get_by_role("button", name="Withdraw", exact=True).click()
        sheet = page.get_by_role("dialog", name="Withdraw")
        await sheet.get_by_label("Amount").fill(amount)
        await expect(sheet.locator("[data-paid]")).to_have_text(arrives)
        if code is not None:
            await sheet.get_by_label("Code from your authenticator app").fill(code)
        await sheet.get_by_role("button", name=f"Withdraw {arrives}").dblclick()
        await expect(page.get_by_text("It is asked for.")).to_be_visible()


async def a_payee(house: House, name: str, *, cents: int) -> Payee:
    someone = await house.arrive(name)
    await house.ask(someone, "POST /v1/creator/apply", {"about": "I sing."})
    await house.ask(house.operator, f"POST /v1/operator/creators/{someone.handle}/verify", {"legal_name": NAME})
    begun = await house.ask(someone, "POST /v1/me/second-factor", {"password": PASSWORD})
    payee = Payee(house, someone, TOTP(begun["secret"]))
    await house.ask(someone, "POST /v1/me/second-factor/confirm", {"code": payee.code()})
    await payee.fund(cents)
    return payee


async def another_operator(house: House) -> Someone:
    name = f"otto_{secrets.token_hex(3)}"
    said = house.product.run("operator", "add", f"{name}@example.org", "--handle", name)
    login = {"email": f"{name}@example.org", "password": said.split("Its password: ")[1].strip()}
    answer = await ask(house.client, "POST /v1/sign-in", login)
    return Someone(house.client, answer.json())


async def test_a_creator_adds_a_method_withdraws_and_sees_it_paid_and_then_returned(
    house: House, open_browser: OpenBrowser
):
    ada = await a_payee(house, "ada", cents=10_000)
    page = (await open_browser(PHONE, ada.someone)).page
    console = (await open_browser(DESK, house.operator)).page

    await ada.add_method(page)
    method = page.locator(".methods li")
    await expect(method).to_contain_text("•••• 6789")
    await expect(method).to_contain_text("Can be used from")
    assert "123456789" not in await page.content()
    await ada.wait_48_hours()
    await ada.withdraw(page, "60", "$59.75")
    first = page.locator(".payout").first
    await expect(first).to_contain_text("Somebody looks at the first payout to a new account.")
    assert len((await house.ask(ada.someone, "GET /v1/payouts"))["items"]) == 1
    await expect(page.locator(".vault-sum")).to_have_text("$40.00")

    await console.goto("/operator/payouts")
    await console.locator("tr", has_text=ada.someone.handle).get_by_role("link").first.click()
    await expect(console.get_by_text("The first payout to this account.")).to_be_visible()
    await console.get_by_role("button", name="Approve").dblclick()
    await expect(console.get_by_text("You said yes.")).to_be_visible()

    payout_id = await ada.payout_id()
    async with ada.desk() as desk:
        await steps.submit(desk, payout_id, batch_id=new_id(), now=desk_now())
        await steps.mark_paid(desk, payout_id, reference="0210000210000001", at=desk_now())
        await page.reload()
        await expect(first.locator(".badge")).to_have_text("Paid")
        await steps.mark_returned(desk, payout_id, reason="account_closed", at=desk_now())
    await page.reload()
    await expect(first.locator(".badge")).to_have_text("Came back")
    await expect(first).to_contain_text("Your bank sent it back: the account is closed.")
    await expect(first).to_contain_text("less the fee of $0.25")
    await expect(page.locator(".vault-sum")).to_have_text("$99.75")


async def test_two_operators_in_two_browsers_approve_a_large_payout(house: House, open_browser: OpenBrowser):
    ada = await a_payee(house, "rich", cents=700_000)
    page = (await open_browser(DESK, ada.someone)).page
    one = (await open_browser(DESK, house.operator)).page
    two = (await open_browser(DESK, await another_operator(house))).page
    await ada.add_method(page)
    await ada.wait_48_hours()

    await page.goto("/studio/payouts/tax")
    await page.get_by_label("Address").fill("1 Main Street, Springfield")
    await page.get_by_label("Tax number").fill("123-45-6789")
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Sign", exact=True).dblclick()
    await expect(page.get_by_text("Your tax form is signed.")).to_be_visible()
    await ada.withdraw(page, "6000", "$5,999.75", code=ada.code())
    payout_id = await ada.payout_id()

    for console in (one, two):
        await console.goto(f"/operator/payouts/{payout_id}")
        await console.get_by_role("button", name="Approve").click()
        await expect(console.get_by_text("You said yes.")).to_be_visible()
    await expect(one.get_by_role("button", name="Approve")).to_be_disabled()
    await expect(two.get_by_text("The next batch takes it.")).to_be_visible()

    await page.reload()
    await expect(page.locator(".payout .badge").first).to_have_text("Approved")


async def test_a_payout_can_be_cancelled_and_a_method_removed(house: House, open_browser: OpenBrowser):
    ada = await a_payee(house, "undo", cents=10_000)
    page = (await open_browser(PHONE, ada.someone)).page
    await ada.add_method(page)
    await ada.wait_48_hours()
    await ada.withdraw(page, "60", "$59.75")

    await page.get_by_role("button", name="Cancel this payout").click()
    await page.get_by_role("button", name="Cancel it", exact=True).click()
    await expect(page.get_by_text("It is cancelled.")).to_be_visible()
    await expect(page.locator(".vault-sum")).to_have_text("$100.00")
    await page.get_by_role("button", name="Remove •••• 6789").click()
    await page.get_by_role("button", name="Remove", exact=True).click()

    await expect(page.get_by_text("The method is removed.")).to_be_visible()
    await expect(page.locator(".methods")).to_have_count(0)


async def test_nothing_on_these_pages_keeps_people_out(house: House, open_browser: OpenBrowser):
    ada = await a_payee(house, "reached", cents=10_000)
    page = (await open_browser(DESK, ada.someone)).page
    console = (await open_browser(DESK, house.operator)).page

    await page.goto("/studio/payouts")
    assert await find_barriers(page) == []
    await page.get_by_role("button", name="Add a payout method").first.click()
    assert await find_barriers(page) == []
    await ada.add_method(page)
    await ada.wait_48_hours()
    await ada.withdraw(page, "60", "$59.75")
    assert await find_barriers(page) == []
    await page.get_by_role("button", name="Withdraw", exact=True).click()
    await page.get_by_role("dialog", name="Withdraw").get_by_label("Amount").fill("20")
    await expect(page.locator("[data-paid]")).to_have_text("$19.75")
    assert await find_barriers(page) == []
    await page.goto("/studio/payouts/tax")
    assert await find_barriers(page) == []
    for path in (f"/operator/payouts/{await ada.payout_id()}", "/operator/payouts", "/operator/creators?state=all"):
        await console.goto(path)
        assert await find_barriers(console) == []


def desk_now() -> datetime:
    return SystemClock().now()
