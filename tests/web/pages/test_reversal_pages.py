import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.providers import Sandbox, SandboxSettings
from plaudit.providers.sandbox_rules import RefundAnswer
from tests.waiting import until
from tests.web.api.test_reversals import grow_old
from tests.web.pages.conftest import Browser, Visit
from tests.web.pages.operating import a_creator, olga

__all__ = ["olga"]


@pytest.fixture
async def ada(visit: Visit) -> Browser:
    return await visit("ada")


async def checkout_of(settings: Settings) -> str:
    async with Database.open(settings.database_url or "") as db, db.transaction() as tx:
        return await tx.value(str, "select checkout_id from coins.top_ups")


async def answer_refunds(settings: Settings, answer: RefundAnswer) -> None:
    async with Database.open(settings.database_url or "") as db:
        await Sandbox(db).change_settings(SandboxSettings(refunds=answer))


async def test_the_wallet_offers_the_exact_refund_and_a_confirmed_one_goes_back(ada: Browser):
    purchase = await ada.buy()

    wallet = (await ada.open("/wallet")).text
    asked = (await ada.open(f"{purchase}/refund")).text
    sent = await ada.send("/refunds", **ada.hidden)
    done = (await ada.open(sent.headers["location"])).text

    assert "Refund $2.15" in wallet
    assert f'href="{purchase}/refund"' in wallet
    for shown in ("Get $2.15 back?", "You bought 100 coins for $2.15", "100 of them", "$1.99", "$0.16"):
        assert shown in asked
    assert "Refunded" in done
    wallet = (await ada.open("/wallet")).text
    assert "Refunded: $2.15" in wallet
    assert "On their way back for a refund" in wallet
    assert "100 coins given back on" in (await ada.open(f"{purchase}/receipt")).text


async def test_sent_twice_it_is_one_refund(ada: Browser, settings: Settings):
    purchase = await ada.buy()
    await ada.open(f"{purchase}/refund")

    for _ in range(2):
        assert (await ada.send("/refunds", **ada.hidden)).status_code == 303

    async with Database.open(settings.database_url or "") as db, db.transaction() as tx:
        assert await tx.value(int, "select count(*) from reversals.refunds") == 1


@pytest.mark.parametrize(
    ("answer", "shown"),
    [(RefundAnswer.PENDING, "Your refund is on its way"), (RefundAnswer.FAILED, "Your coins stayed yours")],
)
async def test_a_refund_that_waits_or_failed_says_so(
    ada: Browser, settings: Settings, answer: RefundAnswer, shown: str
):
    purchase = await ada.buy()
    await answer_refunds(settings, answer)
    await ada.open(f"{purchase}/refund")

    sent = await ada.send("/refunds", **ada.hidden)

    assert shown in (await ada.open(sent.headers["location"])).text


async def test_what_cant_be_refunded_any_more_says_why(ada: Browser, settings: Settings):
    purchase = await ada.buy()
    await grow_old(settings)

    page = (await ada.open(f"{purchase}/refund")).text

    assert "The days in which these coins could be given back are over." in page.replace("&#39;", "'")
    assert "/refund" not in (await ada.open("/wallet")).text


async def test_the_checkout_page_plays_the_bank(ada: Browser, olga: Browser, settings: Settings):
    await ada.buy()
    page = f"/sandbox/checkouts/{await checkout_of(settings)}"

    assert "Dispute this payment" in (await ada.open(page)).text
    await ada.send(f"{page}/choose", choice="dispute")
    await until(lambda: stands(ada, "Disputed"))
    assert "You are the bank now" in (await ada.open(page)).text
    await ada.send(f"{page}/choose", choice="lost")
    await until(lambda: stands(ada, "Given back by the bank"))

    assert "the money is back" in (await ada.open(page)).text
    assert "Gone with a payment" in (await ada.open("/wallet")).text
    listed = (await olga.open("/operator/disputes?state=lost")).text
    assert "fraudulent" in listed
    link = listed.split('href="/operator/disputes/')[1].split('"')[0]
    assert "Disputes open" in (await olga.open(f"/operator/disputes/{link}")).text
    assert (await ada.open(f"/operator/disputes/{link}")).status_code == 403


async def stands(browser: Browser, word: str) -> bool:
    return word in (await browser.open("/wallet")).text


async def test_operators_follow_a_refund_from_the_wish_to_the_books(ada: Browser, olga: Browser):
    purchase = await ada.buy()
    await ada.open(f"{purchase}/refund")
    await ada.send("/refunds", **ada.hidden)

    listed = (await olga.open("/operator/refunds")).text
    link = listed.split('href="/operator/refunds/')[1].split('"')[0]
    page = (await olga.open(f"/operator/refunds/{link}")).text

    for shown in ("$2.15", "@ada", "Sent to the provider", "Refunds under way", "Coin float"):
        assert shown in page
    assert (await ada.open(f"/operator/refunds/{link}")).status_code == 403


async def test_empty_pages_say_what_will_stand_there(olga: Browser, visit: Visit, clock: MovableClock):
    iris = await a_creator(visit, clock)

    assert "Nothing was taken back" in (await iris.open("/studio/taken-back")).text.replace("&#39;", "'")
    assert "None here" in (await olga.open("/operator/refunds")).text
    assert "None here" in (await olga.open("/operator/disputes")).text
